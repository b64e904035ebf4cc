import * as Result from "effect/Result"

/** A version of a secret in Google Secret Manager. */
export interface SecretVersion {
  /** The project's id or number. */
  readonly project: string
  readonly secret: string
  /** A number, an alias, or `latest`. */
  readonly version: string
}

/** The same as a declaration has it: without a project it is the VM's. */
export interface DeclaredSecretVersion extends Omit<SecretVersion, "project"> {
  readonly project: string | undefined
}

/** As Secret Manager writes it. */
export const formatSecretVersion = ({ project, secret, version }: SecretVersion): string =>
  `projects/${project}/secrets/${secret}/versions/${version}`

/** The same for people: `db-password`, `projects/P/secrets/S`, with the version where it is not the latest. */
export const describeSecretVersion = ({ project, secret, version }: DeclaredSecretVersion): string => {
  const name = project === undefined ? secret : `projects/${project}/secrets/${secret}`
  return version === latestVersion ? name : `${name} (version ${version})`
}

/** The version that has been added last, even if it is disabled. */
export const latestVersion = "latest"

/** A project's id, of a domain too (`example.com:shop`), or its number. */
export const isProject = (text: string): boolean =>
  /^(?:\d{1,20}|(?:[a-z0-9.-]{1,100}:)?[a-z][a-z0-9-]{2,61}[a-z0-9])$/.test(text)

/**
 * Parses the name of a secret in Secret Manager: `db-password`, or `projects/P/secrets/S`. The failure says what is wrong,
 * without quoting it.
 */
export const parseSecretName = (
  text: string
): Result.Result<Pick<DeclaredSecretVersion, "project" | "secret">, string> => {
  const [, project, named] = /^projects\/([^/]*)\/secrets\/([^/]*)$/.exec(text) ?? []
  if (project !== undefined && !isProject(project)) return Result.fail("its project is not a project's id or number")
  const secret = named ?? text
  return isSecretId(secret)
    ? Result.succeed({ project, secret })
    : Result.fail('it must be 1 to 255 letters, digits, "-" or "_", or projects/PROJECT/secrets/SECRET')
}

const isSecretId = (text: string): boolean => /^[A-Za-z0-9_-]{1,255}$/.test(text)

/** `latest`, a number, or an alias. */
export const isSecretVersionName = (text: string): boolean =>
  /^(?:[1-9]\d{0,18}|[A-Za-z][A-Za-z0-9_-]{0,62})$/.test(text)
