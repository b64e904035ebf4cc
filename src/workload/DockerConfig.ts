import * as Base64 from "effect/encoding/Base64"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { ImageReference } from "./ImageReference.ts"
import type { RegistryCredentials } from "./RegistryCredentials.ts"

/** The credentials of a Docker configuration, each for a registry or a part of one. */
export type DockerConfig = ReadonlyArray<DockerConfigEntry>

/** Credentials, and what they are for. Holds secrets. */
export interface DockerConfigEntry {
  /** `host[:port][/path]`: a label of the host may have wildcards, the path is a prefix. */
  readonly place: string
  readonly credentials: RegistryCredentials
}

/** Both forms that Kubernetes has secrets for: `~/.docker/config.json`, with `auths`, and the older `~/.dockercfg`. */
export type DockerConfigForm = "dockerconfigjson" | "dockercfg"

/**
 * Parses a Docker configuration as kubelet does. The failure says what is wrong in words that follow the secret's name, and
 * quotes nothing. Source: Kubernetes' pkg/credentialprovider/config.go.
 */
export const parseDockerConfig = (text: string, form: DockerConfigForm): Result.Result<DockerConfig, string> =>
  Result.gen(function* () {
    const json = yield* Result.mapError(decodeJson(text), () => "is not JSON")
    const auths = form === "dockercfg" ? json : (yield* Result.mapError(decodeConfig(json), () => needsAuths)).auths
    const entries = yield* Result.mapError(decodeAuths(auths), () => `${needsEntries} under each registry's name`)
    const config: Array<DockerConfigEntry> = []
    for (const [location, entry] of Object.entries(entries)) {
      const place = placeOf(location)
      if (place === undefined) continue
      const { username = "", password = "" } = entry.auth ? yield* basicAuth(entry.auth) : entry
      config.push({ place, credentials: { username, password: Redacted.make(password) } })
    }
    return config
  })

const needsAuths = 'has no mapping "auths" of registries to credentials'
const needsEntries = 'needs "auth", or "username" and "password", as texts'

const decodeJson = Schema.decodeUnknownResult(Schema.fromJsonString(Schema.Json))
const decodeConfig = Schema.decodeUnknownResult(Schema.Struct({ auths: Schema.Record(Schema.String, Schema.Json) }))
const decodeAuths = Schema.decodeUnknownResult(
  Schema.Record(
    Schema.String,
    Schema.Struct({
      username: Schema.optionalKey(Schema.String),
      password: Schema.optionalKey(Schema.String),
      auth: Schema.optionalKey(Schema.String)
    })
  )
)

/** `auth` goes before user and password: the base64 of both, joined by a colon, its padding left out or not. */
const basicAuth = (auth: string) => {
  const padded = auth.trim().replace(/=+$/, "")
  return Base64.decode(padded + "=".repeat((4 - (padded.length % 4)) % 4)).pipe(
    Result.map((bytes) => new TextDecoder().decode(bytes)),
    Result.filterOrFail(
      (pair) => pair.includes(":"),
      () => undefined
    ),
    Result.mapBoth({
      onSuccess: (pair) => {
        const colon = pair.indexOf(":")
        // Docker has been known to end a password with NULs.
        return { username: pair.slice(0, colon), password: pair.slice(colon + 1).replace(/\0+$/, "") }
      },
      onFailure: () => 'has an "auth" that is not the base64 of user:password'
    })
  )
}

/**
 * Without scheme, and without the version of the API that Docker writes behind Docker Hub's:
 * `https://index.docker.io/v1/`.
 */
const placeOf = (location: string): string | undefined => {
  const [, host = "", path = ""] = /^(?:https?:\/\/)?([^/?#]*)([^?#]*)/.exec(location) ?? []
  const effective = /^\/v[12]\//.test(path) ? path.slice(3) : path
  return host === "" ? undefined : `${host}${effective === "/" ? "" : effective}`
}

/**
 * What an image's registry can be shown, what fits best first, as kubelet tries it. Source: Kubernetes'
 * pkg/credentialprovider/keyring.go.
 */
export const credentialsFor = (config: DockerConfig, image: ImageReference): ReadonlyArray<RegistryCredentials> => {
  const inOrder = config.toSorted((one, other) => (one.place < other.place ? 1 : one.place > other.place ? -1 : 0))
  const fitting = inOrder.filter(({ place }) => fits(place, `${image.domain}/${image.path}`))
  const chosen =
    fitting.length === 0 && image.domain === "docker.io"
      ? inOrder.filter(({ place }) => place === "index.docker.io")
      : fitting
  return chosen.map(({ credentials }) => credentials)
}

/** Hosts have to have as many labels and the same port; the path is a prefix, wherever it ends. */
const fits = (place: string, image: string): boolean => {
  const [wanted, asked] = [splitPlace(place), splitPlace(image)]
  return (
    wanted.labels.length === asked.labels.length &&
    wanted.port === asked.port &&
    asked.path.startsWith(wanted.path) &&
    wanted.labels.every((label, index) => fitsLabel(label, asked.labels[index] ?? ""))
  )
}

const splitPlace = (place: string) => {
  const slash = place.indexOf("/")
  const [host, path] = slash === -1 ? [place, ""] : [place.slice(0, slash), place.slice(slash)]
  const [, name = "", port = ""] = /^(.*?)(?::(\d*))?$/.exec(host) ?? []
  return { labels: name.split("."), port, path }
}

/** `*` stands for any part of a label. */
const fitsLabel = (pattern: string, label: string): boolean => {
  // No regular expression: one of many stars would take for ever.
  let [at, from] = [0, 0]
  let star: { readonly at: number; from: number } | undefined
  while (from < label.length) {
    if (pattern[at] === "*") {
      star = { at, from }
      at += 1
    } else if (pattern[at] === label[from]) {
      at += 1
      from += 1
    } else if (star === undefined) {
      return false
    } else {
      star.from += 1
      from = star.from
      at = star.at + 1
    }
  }
  while (pattern[at] === "*") at += 1
  return at === pattern.length
}
