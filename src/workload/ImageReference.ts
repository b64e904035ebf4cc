import * as Result from "effect/Result"

/**
 * An image reference by the grammar of the distribution project:
 * `[domain[:port]/]path[:tag][@digest]`, with Docker Hub's shorthand (`nginx` is `docker.io/library/nginx`).
 *
 * Grammar: https://github.com/distribution/reference (reference.go, normalize.go).
 */
export interface ImageReference {
  /** As written; the container is created with it. */
  readonly text: string
  /** The registry's host, with its port if there is one. `docker.io` by default. */
  readonly domain: string
  /** The repository within the registry, `library/` included for Docker Hub's shorthand. */
  readonly path: string
  /** The tag that was written. */
  readonly tag: string | undefined
  /** The digest that was written, `sha256:…`. */
  readonly digest: string | undefined
}

/** Both names that the engine knows Docker Hub by; the second is the older one. */
const dockerHub = "docker.io"
const dockerIndex = "index.docker.io"

/** The longest name. Older engines include the host in the count, newer ones do not. */
const maximumNameLength = 255

/** The longest text that is parsed: name (255), tag (128) and digest (135) stay well below it. */
const maximumLength = 1024

const label = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
const domain = `(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`
const component = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
const tag = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
const digest = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
const domainPattern = new RegExp(`^${domain}$`)
const componentPattern = new RegExp(`^${component}$`)
const tagPattern = new RegExp(`^${tag}$`)
const digestPattern = new RegExp(`^${digest}$`)

/** The grammar as one expression, which every reference that is parsed fulfils; lengths and what is a host are left out. */
export const imageGrammar = `^(?:${domain}/)?${component}(?:/${component})*(?::${tag})?(?:@${digest})?$`

/** The algorithms that engines know, and how many hexadecimal digits their digests have. */
const digestLengths: ReadonlyMap<string, number> = new Map([
  ["sha256", 64],
  ["sha384", 96],
  ["sha512", 128]
])

/** Parses an image reference. The failure says what is wrong, without quoting it. */
export const parseImageReference = (text: string): Result.Result<ImageReference, string> =>
  Result.gen(function* () {
    if (text === "") return yield* Result.fail("it is empty")
    if (text.length > maximumLength) return yield* Result.fail(`it is longer than ${maximumLength} characters`)
    if (/\s/.test(text)) return yield* Result.fail("it contains white space")
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return yield* Result.fail("it begins like a URL")
    if (/^[a-f0-9]{64}$/.test(text))
      return yield* Result.fail("it is an image's ID, which no registry can be asked for")

    const [domain, remainder] = splitDomain(text)
    const [named, digest] = cut(remainder, "@")
    const [path, tag] = cut(named, ":")
    if (!domainPattern.test(domain)) return yield* Result.fail("the registry's host is not a host name")
    if (/[A-Z]/.test(path)) return yield* Result.fail("the repository's name must be in lower case")
    if (!path.split("/").every((component) => componentPattern.test(component))) {
      return yield* Result.fail(
        "each part of the repository's name must be letters and digits, joined by single '.' or '_', '__' or dashes"
      )
    }
    if (domain.length + 1 + path.length > maximumNameLength) {
      return yield* Result.fail(`the host and the repository's name are longer than ${maximumNameLength} characters`)
    }
    if (tag !== undefined && !tagPattern.test(tag)) {
      return yield* Result.fail(
        "the tag must be 1 to 128 letters, digits, '_', '.' or '-', not beginning with '.' or '-'"
      )
    }
    if (digest !== undefined && !isDigest(digest)) {
      return yield* Result.fail(
        "the digest must be an algorithm and its hexadecimal digits, as in sha256 and 64 of them"
      )
    }
    return { text, domain, path, tag, digest }
  })

/** The reference in full: always with its domain; with tag and digest if they were written. */
export const formatImageReference = ({ domain, path, tag, digest }: ImageReference): string =>
  `${domain}/${path}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`

/**
 * What the engine pulls: a repository, and in it the digest if the reference has one, else the tag, `latest` by
 * default.
 */
export const pulledPart = ({ domain, path, tag, digest }: ImageReference) => ({
  repository: `${domain}/${path}`,
  tagOrDigest: digest ?? tag ?? "latest"
})

/** The same as one text, `domain/path:tag` or `domain/path@digest`. */
export const pullReference = (image: ImageReference): string => {
  const { repository, tagOrDigest } = pulledPart(image)
  return `${repository}${image.digest === undefined ? ":" : "@"}${tagOrDigest}`
}

/** The image with this digest in the reference's repository; `text` stays as declared. */
export const atDigest = (image: ImageReference, digest: string): ImageReference => ({ ...image, digest })

/** An image's repository, `domain/path`, as a policy compares it. Host names ignore case, so the domain is lowered. */
export const repositoryOf = ({ domain, path }: ImageReference): string => `${domain.toLowerCase()}/${path}`

/**
 * Parses a prefix of repositories, by whole components: `domain[/path]`, never without the domain. Gives it as
 * `repositoryOf` writes it. The failure says what is wrong, without quoting it.
 */
export const parseRepositoryPrefix = (text: string): Result.Result<string, string> => {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return Result.fail("it begins like a URL")
  const [domain = "", ...path] = text.replace(/\/$/, "").split("/")
  if (!isDomain(domain) || !domainPattern.test(domain)) return Result.fail("it must begin with the registry's host")
  if (!path.every((component) => componentPattern.test(component))) {
    return Result.fail("what follows the host must be parts of a repository's name, without tag, digest or wildcard")
  }
  const host = domain.toLowerCase()
  return Result.succeed([host === dockerIndex ? dockerHub : host, ...path].join("/"))
}

/**
 * Whether the VM's token may be sent to the image's registry: `gcr.io`, `*.gcr.io` and `*.pkg.dev` are Google's, on port
 * 443 only.
 */
export const isGoogleHosted = ({ domain }: ImageReference): boolean => {
  const host = domain.toLowerCase().replace(/:443$/, "")
  return host === "gcr.io" || host.endsWith(".gcr.io") || host.endsWith(".pkg.dev")
}

/** What was probably meant by a reference that does not parse: without white space or scheme, the path in lower case. */
export const suggestImageReference = (text: string): string | undefined => {
  const bare = text.trim().replace(/^[a-z][a-z0-9+.-]*:\/\//i, "")
  return [bare, lowerCasePath(bare)].find((candidate) => Result.isSuccess(parseImageReference(candidate)))
}

const lowerCasePath = (text: string): string => {
  const end = text.slice(text.lastIndexOf("/") + 1).search(/[:@]/)
  const path = end === -1 ? text.length : text.lastIndexOf("/") + 1 + end
  return text.slice(0, path).toLowerCase() + text.slice(path)
}

/** What precedes the first slash is a host unless it could be part of a repository's name on Docker Hub. */
const splitDomain = (text: string): readonly [domain: string, remainder: string] => {
  const slash = text.indexOf("/")
  if (slash === -1) return [dockerHub, `library/${text}`]
  const first = text.slice(0, slash)
  const rest = text.slice(slash + 1)
  if (!isDomain(first)) return [dockerHub, text]
  if (first !== dockerHub && first !== dockerIndex) return [first, rest]
  return [dockerHub, rest.includes("/") ? rest : `library/${rest}`]
}

/** Whether the engine takes the first part for a host. */
const isDomain = (part: string): boolean => part === "localhost" || /[.:A-Z]/.test(part)

const cut = (text: string, separator: string): readonly [before: string, after: string | undefined] => {
  const index = text.indexOf(separator)
  return index === -1 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)]
}

const isDigest = (digest: string): boolean => {
  if (!digestPattern.test(digest)) return false
  const [algorithm, digits = ""] = cut(digest, ":")
  return digits.length === digestLengths.get(algorithm) && digits === digits.toLowerCase()
}
