import type { ValueSource } from "../../workload/ValueSource.ts"
import { describeSecretVersion } from "../../workload/SecretVersion.ts"
import type { Losses } from "../Losses.ts"

/** Names for what a program is to be given from outside, since only the VM or Secret Manager can tell it. */
export class Asked {
  readonly #names = new Map<string, string>()
  readonly #losses: Losses
  readonly #how: (name: string, command: string) => string

  /** `how`: what the name's value is given by, where this command prints it. */
  constructor(losses: Losses, how: (name: string, command: string) => string) {
    this.#losses = losses
    this.#how = how
  }

  /** The name for a source that is met at a place of the declaration. */
  nameOf(source: ValueSource, path: string): string {
    const key = keyOf(source)
    const name = this.#names.get(key) ?? this.#free(wantedName(source))
    this.#names.set(key, name)
    const { what, command } = tell(source)
    this.#losses.note(path, `${what}: ${this.#how(name, command)}`)
    return name
  }

  #free(wanted: string): string {
    const taken = new Set(this.#names.values())
    let name = wanted
    for (let number = 2; taken.has(name); number += 1) name = `${wanted}_${number}`
    return name
  }
}

const keyOf = (source: ValueSource): string =>
  source._tag === "Secret"
    ? `secret ${source.secret.project ?? ""}/${source.secret.secret}/${source.secret.version}`
    : source._tag === "Field"
      ? source.field
      : `${source.resource} ${source.divisor}`

const wantedName = (source: ValueSource): string =>
  (source._tag === "Secret" ? source.secret.secret : source._tag === "Field" ? source.field : source.resource)
    .replaceAll(/[a-z](?=[A-Z])/g, "$&_")
    .replaceAll(/\W/g, "_")
    .replace(/^(?=\d)/, "_")
    .toUpperCase()

const metadata = (path: string): string =>
  `curl -sH Metadata-Flavor:Google http://metadata.google.internal/computeMetadata/v1/instance/${path}`

const tell = (source: ValueSource): { readonly what: string; readonly command: string } => {
  switch (source._tag) {
    case "Secret": {
      const { project, secret, version } = source.secret
      const of = project === undefined ? "" : ` --project=${project}`
      return {
        what: `The secret ${describeSecretVersion(source.secret)} is in Secret Manager`,
        command: `gcloud secrets versions access ${version} --secret=${secret}${of}`
      }
    }
    case "Capacity":
      return {
        what: "How much the VM has, the declaration does not say",
        command: source.resource === "cpu" ? "nproc" : "free -b"
      }
    case "Field":
      return {
        what: `Only the VM knows its ${source.field}`,
        command: {
          "metadata.name": metadata("name"),
          "metadata.uid": "cat /etc/machine-id",
          "spec.nodeName": metadata("name"),
          "status.hostIP": metadata("network-interfaces/0/ip"),
          "status.podIP": metadata("network-interfaces/0/ip")
        }[source.field]
      }
  }
}
