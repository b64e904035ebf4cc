import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { MetadataProvider } from "../../vm/metadata/MetadataProvider.ts"
import { decodeSecret, refusedSecret } from "../../vm/secrets/secretAnswer.ts"
import { SecretManager } from "../../vm/secrets/SecretManager.ts"
import {
  SecretAccountMissing,
  SecretManagerError,
  SecretManagerRefused,
  SecretManagerUnreachable
} from "../../vm/secrets/SecretManagerError.ts"
import { defaultSecretManagerUrl } from "../../vm/secrets/secretManagerUrl.ts"
import { formatSecretVersion, type SecretVersion } from "../../workload/SecretVersion.ts"
import type { Calls } from "../Calls.ts"
import { SimulatedSecrets } from "./SimulatedSecrets.ts"
import type { VmDescription } from "../VmDescription.ts"

/** Secret Manager as a simulated VM finds it, and how it is changed from outside. */
export interface SimulatedSecretManager {
  readonly manager: SecretManager["Service"]
  readonly secrets: SimulatedSecrets
  readonly setReachable: (isReachable: boolean) => void
}

/** The answers are read by the code that reads Google's. */
export const makeSimulatedSecretManager = (
  description: VmDescription,
  calls: Calls,
  metadata: MetadataProvider["Service"]
): SimulatedSecretManager => {
  const secrets = new SimulatedSecrets(description.project ?? defaultProject, description.secrets)
  let isReachable = description.secretManager ?? true

  const ask = Effect.fnUntraced(function* (asked: SecretVersion) {
    const name = formatSecretVersion(asked)
    if (Option.isNone(yield* metadata.token)) return yield* failed(new SecretAccountMissing({ name }))
    return yield* calls.receive(
      {
        name: "secrets access",
        subject: name,
        latencyMillis: 60,
        failure: () => failed(new SecretManagerRefused({ name, statusCode: 503, status: "UNAVAILABLE" }))
      },
      Effect.suspend(() => {
        if (isReachable) return Effect.succeed(secrets.answer(asked))
        const detail = "connect ETIMEDOUT 142.250.1.95:443"
        return Effect.fail(failed(new SecretManagerUnreachable({ name, url: defaultSecretManagerUrl, detail })))
      })
    )
  })

  return {
    manager: SecretManager.of({
      access: Effect.fn("SecretManager.access")(function* (asked) {
        const first = yield* ask(asked)
        const { statusCode, body } = first.statusCode === 401 ? yield* ask(asked) : first
        const bytes = new TextEncoder().encode(JSON.stringify(body))
        return yield* statusCode === 200
          ? Effect.fromResult(decodeSecret(asked, defaultSecretManagerUrl, bytes))
          : Effect.fail(refusedSecret(asked, statusCode, bytes))
      })
    }),
    secrets,
    setReachable: (next) => {
      isReachable = next
    }
  }
}

/** The VM's project where its description names none. */
export const defaultProject = "project"

const failed = (reason: SecretManagerError["reason"]) => new SecretManagerError({ reason })
