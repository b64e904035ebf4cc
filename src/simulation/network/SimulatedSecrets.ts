import * as Base64 from "effect/encoding/Base64"
import { crc32c } from "../../vm/secrets/crc32c.ts"
import type { SecretVersion } from "../../workload/SecretVersion.ts"
import type { SecretDescription, SecretState } from "../VmDescription.ts"

/** What Secret Manager answers over HTTP. */
export interface SecretAnswer {
  readonly statusCode: number
  /** As JSON. */
  readonly body: unknown
}

/** The secrets of all projects, and how Secret Manager answers a request for one. */
export class SimulatedSecrets {
  private readonly secrets = new Map<string, Secret>()
  private readonly project: string
  /** So many of the next requests are refused as if their token had expired. */
  expiredTokens = 0
  /** So many of the next values arrive damaged. */
  damagedAnswers = 0
  /** So many of the next requests are answered with 503. */
  outages = 0

  /** `project` is the one of secrets that are named without one. */
  constructor(project: string, secrets: ReadonlyArray<SecretDescription> = []) {
    this.project = project
    for (const { name, versions, aliases = {}, accessible = true } of secrets) {
      const secret: Secret = { versions: [], aliases: new Map(Object.entries(aliases)), isAccessible: accessible }
      this.secrets.set(this.keyOf(name), secret)
      for (const version of versions) {
        const { data, state = "ENABLED" } =
          typeof version === "string" || version instanceof Uint8Array ? { data: version } : version
        secret.versions.push({ data: bytesOf(data), state })
      }
    }
  }

  /** Adds a version to a secret, which is made if need be. Gives its number. */
  readonly add = (name: string, data: string | Uint8Array): number => {
    const key = this.keyOf(name)
    const secret: Secret = this.secrets.get(key) ?? { versions: [], aliases: new Map(), isAccessible: true }
    this.secrets.set(key, secret)
    return secret.versions.push({ data: bytesOf(data), state: "ENABLED" })
  }
  readonly remove = (name: string): void => void this.secrets.delete(this.keyOf(name))
  readonly setState = (name: string, version: number, state: SecretState): void => {
    const found = this.find(name).versions[version - 1]
    if (found === undefined) throw new Error(`${name} has no version ${version}`)
    found.state = state
  }
  /** Whether the VM's service account may read it. */
  readonly setAccessible = (name: string, isAccessible: boolean): void => {
    this.find(name).isAccessible = isAccessible
  }

  /** The answer to `projects.secrets.versions.access`. */
  readonly answer = ({ project, secret: id, version }: SecretVersion): SecretAnswer => {
    if (this.expiredTokens > 0) {
      this.expiredTokens -= 1
      return refusal(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
    }
    if (this.outages > 0) {
      this.outages -= 1
      return refusal(503, "UNAVAILABLE", "The service is currently unavailable.")
    }
    const number = projectNumber(project)
    const name = `projects/${number}/secrets/${id}`
    const secret = this.secrets.get(name)
    if (secret === undefined) return refusal(404, "NOT_FOUND", `Secret [${name}] not found or has no versions.`)
    if (!secret.isAccessible) {
      return refusal(
        403,
        "PERMISSION_DENIED",
        `Permission 'secretmanager.versions.access' denied for resource '${name}/versions/${version}' (or it may not exist).`
      )
    }
    const wanted = version === "latest" ? secret.versions.length : (secret.aliases.get(version) ?? Number(version))
    const found = secret.versions[wanted - 1]
    if (found === undefined) return refusal(404, "NOT_FOUND", `Secret Version [${name}/versions/${version}] not found.`)
    if (found.state !== "ENABLED") {
      const words = `Secret Version [${name}/versions/${wanted}] is in ${found.state} state.`
      return refusal(400, "FAILED_PRECONDITION", words)
    }
    const dataCrc32c = `${crc32c(found.data)}`
    const isDamaged = this.damagedAnswers > 0
    if (isDamaged) this.damagedAnswers -= 1
    const data = Base64.encode(isDamaged ? Uint8Array.of(...found.data, 0) : found.data)
    return {
      statusCode: 200,
      body: { name: `${name}/versions/${wanted}`, payload: { ...(data === "" ? {} : { data }), dataCrc32c } }
    }
  }

  private readonly keyOf = (name: string): string => {
    const [, project = this.project, id = name] = /^projects\/([^/]+)\/secrets\/([^/]+)$/.exec(name) ?? []
    return `projects/${projectNumber(project)}/secrets/${id}`
  }
  private readonly find = (name: string): Secret => {
    const found = this.secrets.get(this.keyOf(name))
    if (found === undefined) throw new Error(`there is no secret ${name}`)
    return found
  }
}

interface Secret {
  readonly versions: Array<{ readonly data: Uint8Array; state: SecretState }>
  readonly aliases: ReadonlyMap<string, number>
  isAccessible: boolean
}

const bytesOf = (data: string | Uint8Array): Uint8Array =>
  typeof data === "string" ? new TextEncoder().encode(data) : data

/** A number of its own for each project's id. */
const projectNumber = (project: string): string => {
  if (/^\d+$/.test(project)) return project
  let number = 7
  for (let index = 0; index < project.length; index++) number = (number * 31 + project.charCodeAt(index)) % 1e12
  return `${number}`
}

/** As Google's APIs refuse: the words are for people, `status` is the code. */
const refusal = (code: number, status: string, message: string): SecretAnswer => ({
  statusCode: code,
  body: { error: { code, message, status } }
})
