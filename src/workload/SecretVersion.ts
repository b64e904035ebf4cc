/** A version of a secret in Google Secret Manager. */
export interface SecretVersion {
  /** The project's id or number. */
  readonly project: string
  readonly secret: string
  /** A number, an alias, or `latest`. */
  readonly version: string
}

/** As Secret Manager writes it. */
export const formatSecretVersion = ({ project, secret, version }: SecretVersion): string =>
  `projects/${project}/secrets/${secret}/versions/${version}`

/** A project's id, of a domain too (`example.com:shop`), or its number. */
export const isProject = (text: string): boolean =>
  /^(?:\d{1,20}|(?:[a-z0-9.-]{1,100}:)?[a-z][a-z0-9-]{2,61}[a-z0-9])$/.test(text)
