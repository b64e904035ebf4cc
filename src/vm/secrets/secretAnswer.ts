import * as Base64 from "effect/encoding/Base64"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { formatSecretVersion, type SecretVersion } from "../../workload/SecretVersion.ts"
import type { AccessedSecret } from "./AccessedSecret.ts"
import { crc32c } from "./crc32c.ts"
import {
  SecretAccessDenied,
  SecretCorrupted,
  SecretManagerDisabled,
  SecretManagerError,
  SecretManagerInvalid,
  SecretManagerRefused,
  SecretNotFound,
  SecretVersionDisabled
} from "./SecretManagerError.ts"

/** 64 KiB: what Secret Manager holds (cloud.google.com/secret-manager/quotas). */
export const maximumSecretBytes = 64 * 1024

/**
 * The secret of an answer with status 200. Nothing of it is quoted. An answer without a checksum is refused: the API
 * always sets it, so whatever left it out is not the API.
 */
export const decodeSecret = (
  asked: SecretVersion,
  url: string,
  body: Uint8Array
): Result.Result<AccessedSecret, SecretManagerError> => {
  const name = formatSecretVersion(asked)
  const invalid = (detail: string) =>
    Result.fail(new SecretManagerError({ reason: new SecretManagerInvalid({ name, url, detail }) }))
  const answer = Option.getOrUndefined(decodeAnswer(new TextDecoder().decode(body)))
  if (answer === undefined) return invalid("its JSON is not of the documented shape")
  const version = resolvedVersion(asked, answer.name)
  if (version === undefined) return invalid("it names another secret")
  const { data = "", dataCrc32c } = answer.payload
  const bytes = Result.getOrUndefined(Base64.decode(data))
  if (bytes === undefined) return invalid("its data is not base64")
  if (bytes.length > maximumSecretBytes) return invalid(`its data is longer than ${maximumSecretBytes} bytes`)
  if (`${crc32c(bytes)}` !== `${dataCrc32c}`) {
    return Result.fail(new SecretManagerError({ reason: new SecretCorrupted({ name }) }))
  }
  return Result.succeed({ name: version, data: Redacted.make(bytes, { label: "secret" }) })
}

// In proto3's JSON an empty value is left out, and an int64 is a string.
const decodeAnswer = Schema.decodeUnknownOption(
  Schema.fromJsonString(
    Schema.Struct({
      name: Schema.String,
      payload: Schema.Struct({
        data: Schema.optionalKey(Schema.String),
        dataCrc32c: Schema.Union([Schema.String, Schema.Int])
      })
    })
  )
)

/** The answer's name, if it is of a version of what was asked for. A project's id is answered with its number. */
const resolvedVersion = ({ project, secret, version }: SecretVersion, name: string): string | undefined => {
  const [, ofProject, ofSecret, number] =
    /^projects\/([^/\s]+)\/secrets\/([^/\s]+)\/versions\/([1-9]\d*)$/.exec(name) ?? []
  const isOfProject = isNumber(project) ? ofProject === project : ofProject === project || isNumber(ofProject)
  const isOfVersion = isNumber(version) ? number === version : number !== undefined
  return isOfProject && ofSecret === secret && isOfVersion ? name : undefined
}

const isNumber = (text: string | undefined): boolean => text !== undefined && /^\d+$/.test(text)

/** What an answer with any other status means. Of its body only Google's own words are looked for. */
export const refusedSecret = (asked: SecretVersion, statusCode: number, body: Uint8Array): SecretManagerError =>
  new SecretManagerError({
    reason: refusalReason(
      formatSecretVersion(asked),
      statusCode,
      Option.getOrUndefined(decodeRefusal(new TextDecoder().decode(body)))?.error
    )
  })

const refusalReason = (name: string, statusCode: number, error: typeof Refusal.Type.error | undefined) => {
  // Google's errors are words in capitals; anything else there is somebody else's.
  const status = error?.status !== undefined && /^[A-Z_]{2,40}$/.test(error.status) ? error.status : undefined
  const says = (reason: string) => error?.details?.some((detail) => detail.reason === reason) === true
  if (statusCode === 403 && says("SERVICE_DISABLED")) return new SecretManagerDisabled({ name })
  if (statusCode === 403 && says("ACCESS_TOKEN_SCOPE_INSUFFICIENT")) {
    return new SecretAccessDenied({ name, isScopeMissing: true })
  }
  if (statusCode === 403) return new SecretAccessDenied({ name })
  // A 404 of something else (a proxy, a wrong address) does not say that there is no such secret.
  if (statusCode === 404 && status === "NOT_FOUND") return new SecretNotFound({ name })
  if (statusCode === 400 && status === "FAILED_PRECONDITION") return new SecretVersionDisabled({ name })
  return new SecretManagerRefused({ name, statusCode, ...(status === undefined ? {} : { status }) })
}

/** cloud.google.com/apis/design/errors: `details` has an ErrorInfo, whose `reason` is a constant. */
const Refusal = Schema.Struct({
  error: Schema.Struct({
    status: Schema.optionalKey(Schema.String),
    details: Schema.optionalKey(Schema.Array(Schema.Struct({ reason: Schema.optionalKey(Schema.String) })))
  })
})
const decodeRefusal = Schema.decodeUnknownOption(Schema.fromJsonString(Refusal))
