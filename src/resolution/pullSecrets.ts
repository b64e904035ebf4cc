import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type { DeclarationOrigin } from "../observation/DeclarationOrigin.ts"
import { PullSecretInvalid } from "../observation/RegistryAccess.ts"
import { tell } from "../progress/Progress.ts"
import { type DockerConfig, parseDockerConfig } from "../workload/DockerConfig.ts"
import type { PullSecret } from "../workload/PullSecret.ts"
import { describeSecretVersion } from "../workload/SecretVersion.ts"
import { findSecrets } from "./findSecrets.ts"
import { makeVmFacts } from "./VmFacts.ts"

/**
 * All credentials that a declaration's `imagePullSecrets` have, those of Secret Manager read once, when they are first
 * asked for. As kubelet has it, a secret that cannot be had is a warning: the registry may do without.
 */
export const makePullSecrets = Effect.fnUntraced(function* (
  pullSecrets: ReadonlyArray<PullSecret>,
  origin: DeclarationOrigin
) {
  const facts = yield* makeVmFacts(origin)
  const wanted = pullSecrets.flatMap((one) => (one._tag === "Secret" ? [one.secret] : []))
  const read = Effect.gen(function* () {
    const found = yield* findSecrets(wanted, facts.project, origin)
    const configs: Array<DockerConfig> = []
    for (const one of pullSecrets) {
      if (one._tag === "Config") {
        configs.push(one.config)
        continue
      }
      const secret = describeSecretVersion(one.secret)
      const value = found.get(secret)
      if (value?._tag === "Read") {
        const text = new TextDecoder().decode(Redacted.value(value.data))
        const config = parseDockerConfig(text, "dockerconfigjson")
        if (Result.isFailure(config)) return yield* new PullSecretInvalid({ secret, detail: config.failure })
        configs.push(config.success)
      } else if (value !== undefined) {
        yield* tell({
          _tag: "Warning",
          text: `the secret ${secret} of imagePullSecrets cannot be read, so that images may not be pulled: ${value.error.message}`
        })
      }
    }
    return configs.flat()
  })
  const services = yield* Effect.context<Effect.Services<typeof read>>()
  return yield* Effect.cached(read.pipe(Effect.withSpan("pullSecrets"), Effect.provideContext(services)))
})
