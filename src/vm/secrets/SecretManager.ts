import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { formatSecretVersion, type SecretVersion } from "../../workload/SecretVersion.ts"
import { boundedBody } from "../http/boundedBody.ts"
import { certificateFailure, systemError } from "../http/systemError.ts"
import type { MetadataError } from "../metadata/MetadataError.ts"
import { MetadataProvider } from "../metadata/MetadataProvider.ts"
import type { AccessedSecret } from "./AccessedSecret.ts"
import { decodeSecret, refusedSecret } from "./secretAnswer.ts"
import {
  SecretAccountMissing,
  SecretManagerError,
  SecretManagerInvalid,
  SecretManagerUnreachable,
  SecretManagerUrlInvalid
} from "./SecretManagerError.ts"
import { defaultSecretManagerUrl, parseSecretManagerUrl, secretManagerSetting } from "./secretManagerUrl.ts"

/** Google Secret Manager, as the VM's service account may use it. */
export class SecretManager extends Context.Service<
  SecretManager,
  {
    /** The value of a version, its checksum checked. The token for it is the VM's; nothing is kept. */
    readonly access: (version: SecretVersion) => Effect.Effect<AccessedSecret, SecretManagerError | MetadataError>
  }
>()("slipway/vm/SecretManager") {
  /**
   * Asks at `url`, else at the setting `SLIPWAY_SECRET_MANAGER_URL`, else at Google's own address. The HTTP client must
   * follow no redirects: the token is for that address alone.
   */
  static readonly layer = (url?: string) =>
    Layer.effect(
      SecretManager,
      Effect.gen(function* () {
        const client = yield* HttpClient.HttpClient
        const metadata = yield* MetadataProvider
        const given = url || (yield* Config.String(secretManagerSetting).pipe(Config.withDefault("")))
        const base = yield* Effect.mapError(
          Effect.fromResult(parseSecretManagerUrl(given || defaultSecretManagerUrl)),
          (expected) => new SecretManagerUrlInvalid({ expected })
        )

        const ask = Effect.fnUntraced(function* (asked: SecretVersion) {
          const name = formatSecretVersion(asked)
          const token = yield* metadata.token
          if (Option.isNone(token)) return yield* failed(new SecretAccountMissing({ name }))
          const target = urlOf(base, asked)
          const unreachable = (error: HttpClientError.HttpClientError) =>
            failed(new SecretManagerUnreachable({ name, url: base, detail: unreachableDetail(error) }))
          const request = HttpClientRequest.get(target).pipe(HttpClientRequest.bearerToken(token.value))
          const response = yield* Effect.mapError(client.execute(request), unreachable)
          const body = yield* boundedBody(response, limitBytes, {
            broken: unreachable,
            tooLong: () =>
              failed(
                new SecretManagerInvalid({ name, url: base, detail: `its answer is longer than ${limitBytes} bytes` })
              )
          })
          return { status: response.status, body }
        }, Effect.scoped)

        return SecretManager.of({
          access: Effect.fn("SecretManager.access")(
            function* (asked: SecretVersion) {
              yield* Effect.annotateCurrentSpan({ secret: formatSecretVersion(asked) })
              const first = yield* ask(asked)
              // The token may have expired since metadata gave it: with another 401 it is not that.
              const { status, body } = first.status === 401 ? yield* ask(asked) : first
              return yield* status === 200
                ? Effect.fromResult(decodeSecret(asked, base, body))
                : Effect.fail(refusedSecret(asked, status, body))
            },
            // The token and the service are no part of anybody's trace.
            Effect.provideService(HttpClient.TracerPropagationEnabled, false)
          )
        })
      })
    )
}

/** The base64 of the largest secret has 87,384 bytes; the rest is a margin. */
const limitBytes = 128 * 1024

const urlOf = (base: string, { project, secret, version }: SecretVersion): string => {
  const [P, S, V] = [project, secret, version].map(encodeURIComponent)
  return `${base}/v1/projects/${P}/secrets/${S}/versions/${V}:access`
}

const failed = (reason: SecretManagerError["reason"]) => new SecretManagerError({ reason })

const unreachableDetail = (error: HttpClientError.HttpClientError): string => {
  const certificate = certificateFailure(error)
  return certificate === undefined
    ? (systemError(error)?.message ?? "the connection failed")
    : `its certificate is not trusted (${certificate})`
}
