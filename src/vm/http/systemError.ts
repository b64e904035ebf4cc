import type * as HttpClientError from "effect/http/HttpClientError"

/** An error of the operating system: "connect ECONNREFUSED 127.0.0.1:1". */
export type SystemError = Error & { readonly syscall: unknown }

/**
 * The error of the system that made a request fail, if one did. It alone can be quoted: other causes may quote an
 * answer.
 */
export const systemError = (error: HttpClientError.HttpClientError): SystemError | undefined =>
  causesOf(error).find((cause): cause is SystemError => cause instanceof Error && "syscall" in cause)

/** What is wrong with the server's certificate, in OpenSSL's or Node's word for it: `DEPTH_ZERO_SELF_SIGNED_CERT`. */
export const certificateFailure = (error: HttpClientError.HttpClientError): string | undefined =>
  causesOf(error)
    .map((cause) => (cause instanceof Error && "code" in cause ? cause.code : undefined))
    .find((code): code is string => typeof code === "string" && /^[A-Z_]*(CERT|ISSUER|CRL|CA)(_[A-Z_]*)?$/.test(code))

const causesOf = ({ reason: { cause } }: HttpClientError.HttpClientError): ReadonlyArray<unknown> => [
  cause,
  cause instanceof Error ? cause.cause : undefined
]
