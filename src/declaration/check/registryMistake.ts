import { formatImageReference, type ImageReference } from "../../workload/ImageReference.ts"

export interface RegistryMistake {
  /** Why nothing can be pulled. */
  readonly detail: string
  readonly suggestion: string | undefined
}

const containerRegistries = /^(?:us\.|eu\.|asia\.)?gcr\.io$/

/** Formats of Artifact Registry other than `docker`, as they stand in host names. */
const formats = "apt|generic|go|googet|kfp|maven|npm|python|yum"
const artifactRegistry = new RegExp(`^([a-z0-9-]+?)(?:-(?:${formats}))?\\.pkg\\.dev$`)

/** Web sites and APIs that people take for registries. */
const pages: ReadonlyMap<string, string> = new Map([
  ["hub.docker.com", "the registry of Docker Hub is docker.io"],
  ["github.com", "GitHub's registry is ghcr.io"],
  ["console.cloud.google.com", "Artifact Registry's hosts for images are LOCATION-docker.pkg.dev"],
  ["artifactregistry.googleapis.com", "Artifact Registry's hosts for images are LOCATION-docker.pkg.dev"]
])

/** What is wrong with a well-formed reference that no registry has. */
export const registryMistake = (image: ImageReference): RegistryMistake | undefined => {
  const host = image.domain.toLowerCase()
  const parts = image.path.split("/")
  const page = pages.get(host)
  if (page !== undefined) return { detail: `${host} is a web site; ${page}`, suggestion: suggested(image, host, parts) }
  const isDockerHost = host.endsWith("-docker.pkg.dev")
  const [, location] = artifactRegistry.exec(host) ?? []
  if (!isDockerHost && location !== undefined) {
    return {
      detail: "Artifact Registry's hosts for images are LOCATION-docker.pkg.dev",
      suggestion: formatImageReference({ ...image, domain: `${location}-docker.pkg.dev` })
    }
  }
  if (isDockerHost && parts.length < 3) {
    return { detail: `images at ${host} are named PROJECT/REPOSITORY/IMAGE`, suggestion: undefined }
  }
  return containerRegistries.test(host) && parts.length < 2
    ? { detail: `images at ${host} are named PROJECT/IMAGE`, suggestion: undefined }
    : undefined
}

const suggested = (image: ImageReference, host: string, parts: ReadonlyArray<string>): string | undefined => {
  if (host === "github.com" && parts.length > 1) return formatImageReference({ ...image, domain: "ghcr.io" })
  // Pages of Docker Hub: /r/user/image, and /_/image for its own.
  const [first, ...rest] = parts
  return host === "hub.docker.com" && first === "r" && rest.length === 2
    ? formatImageReference({ ...image, domain: "docker.io", path: rest.join("/") })
    : undefined
}
