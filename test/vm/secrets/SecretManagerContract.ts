import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { SimulatedSecrets } from "../../../src/simulation/network/SimulatedSecrets.ts"
import { SecretManager } from "../../../src/vm/secrets/SecretManager.ts"
import { SecretManagerError } from "../../../src/vm/secrets/SecretManagerError.ts"
import { formatSecretVersion, type SecretVersion } from "../../../src/workload/SecretVersion.ts"

/** A Secret Manager to run the contract on; its secrets are of the project `project`. */
export class SecretsFixture extends Context.Service<
  SecretsFixture,
  {
    readonly secrets: SimulatedSecrets
    readonly setReachable: (isReachable: boolean) => void
    /** The token that metadata gives from now on. */
    readonly setToken: (token: string | null) => void
  }
>()("slipway/test/SecretsFixture") {}

const value = "hunter2-correct-horse"
const password = { project: "project", secret: "db-password", version: "latest" }
const at = (changed: Partial<SecretVersion>): SecretVersion => ({ ...password, ...changed })

const access = (version: SecretVersion) => Effect.flatMap(SecretManager, (secrets) => secrets.access(version))
const textOf = (version: SecretVersion) =>
  Effect.map(access(version), ({ data }) => new TextDecoder().decode(Redacted.value(data)))

/** What a failure says, which never has the value in it. */
const failure = Effect.fnUntraced(function* (version: SecretVersion) {
  const error = yield* Effect.flip(access(version))
  if (!Schema.is(SecretManagerError)(error)) return assert.fail(error.message)
  const shown = JSON.stringify(error) + error.message + String(error) + String(error.advice)
  assert.notInclude(shown, value)
  assert.notInclude(shown, Buffer.from(value).toString("base64").slice(0, 12))
  assert.notMatch(shown, /ya29/)
  if ("name" in error.reason) assert.strictEqual(error.reason.name, formatSecretVersion(version))
  return error
})

/** What live and simulated Secret Managers have in common. */
export const secretManagerContract = <E>(
  title: string,
  layer: Layer.Layer<SecretsFixture | SecretManager, E>,
  { run }: { readonly run: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> }
) => {
  const test = (name: string, body: Effect.Effect<void, unknown, SecretsFixture | SecretManager>) =>
    it.effect(name, () => run(Effect.provide(body, layer)))

  describe(title, () => {
    test(
      "gives the version's value, and the name of the version that stands for it",
      Effect.gen(function* () {
        const { secrets } = yield* SecretsFixture
        secrets.add("db-password", "first")
        secrets.add("db-password", value)
        const { name, data } = yield* access(password)
        assert.match(name, /^projects\/\d+\/secrets\/db-password\/versions\/2$/)
        assert.strictEqual(new TextDecoder().decode(Redacted.value(data)), value)
        assert.notInclude(JSON.stringify(data) + String(data), value)
        assert.strictEqual(yield* textOf(at({ version: "1" })), "first")
        assert.match((yield* access(at({ version: "1" }))).name, /versions\/1$/)
        const [, number = ""] = name.split("/")
        assert.strictEqual(yield* textOf(at({ project: number })), value)
        secrets.add("db-password", "third")
        assert.strictEqual(yield* textOf(password), "third")
      })
    )

    test(
      "gives bytes as they are, up to 64 KiB, and another project's",
      Effect.gen(function* () {
        const { secrets } = yield* SecretsFixture
        const bytes = Uint8Array.from({ length: 64 * 1024 }, (_, index) => (index * 7) % 256)
        secrets.add("keystore", bytes)
        secrets.add("projects/other/secrets/keystore", Uint8Array.of(0xff, 0, 0x0a))
        secrets.add("empty", "")
        const read = (version: Partial<SecretVersion>) =>
          Effect.map(access(at({ secret: "keystore", ...version })), ({ data }) => Redacted.value(data))
        assert.deepStrictEqual(yield* read({}), bytes)
        assert.deepStrictEqual(yield* read({ project: "other" }), Uint8Array.of(0xff, 0, 0x0a))
        assert.deepStrictEqual(yield* read({ secret: "empty" }), new Uint8Array())
        secrets.add("keystore", Uint8Array.from([...bytes, 0]))
        const tooLong = yield* failure(at({ secret: "keystore" }))
        assert.strictEqual(tooLong.reason._tag, "SecretManagerInvalid")
        assert.include(tooLong.message, "65536 bytes")
      })
    )

    test(
      "says what is missing, and what may not be read",
      Effect.gen(function* () {
        const { secrets } = yield* SecretsFixture
        secrets.add("db-password", value)
        const absent = yield* failure(at({ secret: "db-pasword" }))
        assert.strictEqual(absent.reason._tag, "SecretNotFound")
        assert.strictEqual((yield* failure(at({ version: "2" }))).reason._tag, "SecretNotFound")
        assert.strictEqual((yield* failure(at({ version: "prod" }))).reason._tag, "SecretNotFound")
        secrets.setState("db-password", 1, "DISABLED")
        const disabled = yield* failure(password)
        assert.strictEqual(disabled.reason._tag, "SecretVersionDisabled")
        secrets.setState("db-password", 1, "DESTROYED")
        assert.strictEqual((yield* failure(at({ version: "1" }))).reason._tag, "SecretVersionDisabled")
        secrets.setState("db-password", 1, "ENABLED")
        secrets.setAccessible("db-password", false)
        const denied = yield* failure(password)
        assert.strictEqual(denied.reason._tag, "SecretAccessDenied")
        assert.match(denied.advice ?? "", /roles\/secretmanager\.secretAccessor.*service account.*cloud-platform/)
        for (const { isRetryable } of [absent, disabled, denied]) assert.isFalse(isRetryable)
      })
    )

    test(
      "does not take a damaged value, and may be asked again",
      Effect.gen(function* () {
        const { secrets } = yield* SecretsFixture
        secrets.add("db-password", value)
        secrets.damagedAnswers = 1
        const damaged = yield* failure(password)
        assert.strictEqual(damaged.reason._tag, "SecretCorrupted")
        assert.isTrue(damaged.isRetryable)
        assert.strictEqual(yield* textOf(password), value)
        secrets.outages = 1
        const outage = yield* failure(password)
        assert.deepInclude(
          { ...outage.reason },
          { _tag: "SecretManagerRefused", statusCode: 503, status: "UNAVAILABLE" }
        )
        assert.isTrue(outage.isRetryable)
        assert.strictEqual(yield* textOf(password), value)
      })
    )

    test(
      "shows a fresh token to a service that refuses one, once",
      Effect.gen(function* () {
        const { secrets, setToken } = yield* SecretsFixture
        secrets.add("db-password", value)
        secrets.expiredTokens = 1
        assert.strictEqual(yield* textOf(password), value)
        secrets.expiredTokens = 2
        const refused = yield* failure(password)
        assert.deepInclude({ ...refused.reason }, { _tag: "SecretManagerRefused", statusCode: 401 })
        assert.isFalse(refused.isRetryable)
        setToken(null)
        const none = yield* failure(password)
        assert.strictEqual(none.reason._tag, "SecretAccountMissing")
        assert.match(none.advice ?? "", /service account/)
      })
    )

    test(
      "says that nothing answers",
      Effect.gen(function* () {
        const { secrets, setReachable } = yield* SecretsFixture
        secrets.add("db-password", value)
        setReachable(false)
        const away = yield* failure(password)
        assert.strictEqual(away.reason._tag, "SecretManagerUnreachable")
        assert.match(away.message, /connect E[A-Z]+/)
        assert.isTrue(away.isRetryable)
        setReachable(true)
        assert.strictEqual(yield* textOf(password), value)
      })
    )
  })
}
