/**
 * An image reference as the registry's reference grammar has it:
 * `[domain[:port]/]path[:tag][@digest]`, with Docker Hub's shorthand (`nginx` is `docker.io/library/nginx`).
 */
export interface ImageReference {
  /** The reference as it was written; it is what the container is created with. */
  readonly text: string
  /** The registry's host, with its port where one is named. `docker.io` where none is. */
  readonly domain: string
  /** The repository within the registry, `library/` included for Docker Hub's shorthand. */
  readonly path: string
  /** The tag that was written. */
  readonly tag: string | undefined
  /** The digest that was written, `sha256:…`. */
  readonly digest: string | undefined
}
