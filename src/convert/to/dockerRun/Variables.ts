import { formatSecretVersion, type SecretVersion } from "../../../workload/SecretVersion.ts"
import type { ValueSource } from "../../../workload/ValueSource.ts"
import { render, type Text } from "../../known/Text.ts"
import { quote, quoteText } from "./shell.ts"

/** What the script reads of the VM, its metadata and Secret Manager, each once, into a variable of the shell. */
export class Variables {
  readonly #names = new Map<string, string>()
  readonly #lines = new Map<string, string>()
  readonly #sandbox: string | undefined

  /** `sandbox`: the container that holds the Pod's own network; undefined on the host's. */
  constructor(sandbox: string | undefined) {
    this.#sandbox = sandbox
  }

  /** The variable that holds a source's value. */
  of(given: ValueSource): string {
    const source = this.#sandbox === undefined && isPodIp(given) ? hostIp : given
    const key = keyOf(source)
    const known = this.#names.get(key)
    if (known !== undefined) return known
    const wanted = nameOf(source)
    const taken = new Set(this.#names.values())
    let name = wanted
    for (let number = 2; taken.has(name); number += 1) name = `${wanted}_${number}`
    this.#names.set(key, name)
    // An assignment of its own: with "set -e" the script ends where its command fails.
    this.#lines.set(name, `${name}=${this.#read(source)}`)
    return name
  }

  /** A text as a word of the shell. */
  word(text: Text): string {
    return quoteText(text, (source) => this.of(source))
  }

  /** The sources of a text are read, whether it is written now or later. */
  note(text: Text): void {
    render(text, { literal: () => "", source: (source) => this.of(source) })
  }

  /** The assignments, and the function that some of them call. The Pod's address is known once its network is there. */
  lines(when: "before" | "on the network"): ReadonlyArray<string> {
    const lines = [...this.#lines].flatMap(([name, line]) =>
      (name === podIp) === (when === "on the network") ? [line] : []
    )
    return lines.some((line) => line.includes("$(metadata ")) ? [metadataFunction, ...lines] : lines
  }

  #read(source: ValueSource): string {
    switch (source._tag) {
      case "Secret":
        return `$(${readSecret({ ...source.secret, project: source.secret.project ?? "" })}${source.isOptional ? " || true" : ""})`
      case "Capacity":
        return source.resource === "cpu"
          ? `$(( ($(nproc) * 1000 + ${source.divisor - 1}) / ${source.divisor} ))`
          : `$(( ($(awk '/^MemTotal:/ { print $2 }' /proc/meminfo) * 1024 + ${source.divisor - 1}) / ${source.divisor} ))`
      case "Field":
        switch (source.field) {
          case "metadata.name":
          case "spec.nodeName":
            return "$(metadata instance/name)"
          case "metadata.uid":
            return "$(cat /etc/machine-id)"
          case "status.hostIP":
            return "$(metadata instance/network-interfaces/0/ip)"
          case "status.podIP":
            return `$(docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' ${this.#sandbox})`
        }
    }
  }
}

const podIp = "pod_ip"
const hostIp: ValueSource = { _tag: "Field", field: "status.hostIP" }
const isPodIp = (source: ValueSource) => source._tag === "Field" && source.field === "status.podIP"

const metadataFunction =
  "metadata() { curl --fail --silent --show-error --header 'Metadata-Flavor: Google' " +
  '"http://metadata.google.internal/computeMetadata/v1/$1"; }'

/** Prints a secret of Secret Manager; without a project it is that of gcloud's configuration. */
export const readSecret = ({ project, secret, version }: SecretVersion): string =>
  `gcloud secrets versions access ${quote(version)} --secret=${quote(secret)}${project === "" ? "" : ` --project=${quote(project)}`}`

const keyOf = (source: ValueSource): string => {
  switch (source._tag) {
    case "Secret":
      return `${source.isOptional} ${formatSecretVersion({ ...source.secret, project: source.secret.project ?? "" })}`
    case "Capacity":
      return `${source.resource}/${source.divisor}`
    case "Field":
      return source.field === "metadata.name" ? "spec.nodeName" : source.field
  }
}

const nameOf = (source: ValueSource): string => {
  switch (source._tag) {
    case "Secret":
      return `secret_${source.secret.secret.replaceAll(/\W/g, "_")}`
    case "Capacity":
      return source.resource === "cpu" ? "cpus" : "memory"
    case "Field":
      return {
        "metadata.name": "instance",
        "spec.nodeName": "instance",
        "metadata.uid": "machine",
        "status.hostIP": "host_ip",
        "status.podIP": podIp
      }[source.field]
  }
}
