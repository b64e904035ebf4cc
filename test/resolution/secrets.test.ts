import { assert, describe, it } from "@effect/vitest"
import * as Arr from "effect/Array"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { renderError } from "../../src/cli/output/renderError.ts"
import { decodeDeclaration } from "../../src/declaration/Declaration.ts"
import type { DeclarationOrigin } from "../../src/observation/DeclarationOrigin.ts"
import { keepKnownVersions, readKnownVersions } from "../../src/resolution/KnownVersions.ts"
import { resolve } from "../../src/resolution/resolve.ts"
import { runInVirtualTime } from "../../src/simulation/host/VirtualTime.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import type { VmDescription } from "../../src/simulation/VmDescription.ts"
import type { VmServices } from "../../src/vm/VmServices.ts"
import type { DeclaredVariable, DeclaredWorkload } from "../../src/workload/DeclaredWorkload.ts"
import type { DeclaredSecretVersion } from "../../src/workload/SecretVersion.ts"

const value = "hunter2-correct-horse"
const { workload } = Result.getOrThrow(
  decodeDeclaration({ file: "web.yaml", text: "spec: { containers: [{ name: web, image: nginx }] }" })
)

const withEnv = (...env: ReadonlyArray<DeclaredVariable>): DeclaredWorkload => ({
  ...workload,
  containers: Arr.map(workload.containers, (container) => ({ ...container, env }))
})
const from = (name: string, secret: Partial<DeclaredSecretVersion> = {}, isOptional = false): DeclaredVariable => ({
  name,
  from: {
    _tag: "Secret",
    secret: { project: undefined, secret: "db-password", version: "latest", ...secret },
    isOptional
  }
})

const read = (env: ReadonlyArray<DeclaredVariable>, origin: DeclarationOrigin = "metadata") =>
  Effect.map(resolve(withEnv(...env), origin, Effect.void), ({ workload, ...others }) => ({
    env: workload.containers[0].env,
    ...others
  }))

const failure = Effect.fnUntraced(function* (...asked: Parameters<typeof read>) {
  const error = yield* Effect.flip(read(...asked))
  assert.notInclude(renderError(error) + JSON.stringify(error), value)
  return error
})

const asked = Effect.map(SimulatedVm, ({ transcript }) =>
  transcript.flatMap(({ name, subject }) => (name === "secrets access" ? [subject] : []))
)

const secrets = [{ name: "db-password", versions: ["old", value] }]

const test = <E>(
  title: string,
  description: VmDescription,
  body: () => Effect.Effect<void, E, SimulatedVm | VmServices>
) =>
  it.effect(title, () =>
    Effect.suspend(body).pipe(Effect.provide(SimulatedVm.layer({ secrets, ...description })), runInVirtualTime)
  )

const secretOf = (project: string) => new RegExp(`^projects/${project}/secrets/db-password/versions/2$`)

describe("a variable from a secret of Secret Manager", () => {
  test("has its value, and stands in the hash with its version; each version is read once", {}, () =>
    Effect.gen(function* () {
      const { env, versions, unread } = yield* read([
        from("A"),
        from("B"),
        from("OLD", { version: "1" }),
        { name: "URL", template: "postgres://shop:$(A)@db" }
      ])
      assert.deepStrictEqual(
        env.map(({ name, value }) => [name, value]),
        [
          ["A", value],
          ["B", value],
          ["OLD", "old"],
          ["URL", `postgres://shop:${value}@db`]
        ]
      )
      const identity = env[0]?.identity ?? ""
      assert.match(identity, secretOf("\\d+"))
      assert.strictEqual(env[3]?.identity, `postgres://shop:${identity}@db`)
      assert.deepStrictEqual((yield* asked).toSorted(), [
        "projects/project/secrets/db-password/versions/1",
        "projects/project/secrets/db-password/versions/latest"
      ])
      assert.deepStrictEqual([...versions.keys()], ["db-password", "db-password (version 1)"])
      assert.deepStrictEqual(unread, [])
    })
  )

  test("may be of another project; metadata is asked for the VM's only where it is needed", { project: "shop-1" }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.secrets.add("projects/other-1/secrets/db-password", "others")
      const { env } = yield* read([from("A", { project: "other-1" })])
      assert.strictEqual(env[0]?.value, "others")
      assert.isFalse(vm.transcript.some(({ name }) => name === "metadata project"))
      yield* read([from("A")])
      assert.include(yield* asked, "projects/shop-1/secrets/db-password/versions/latest")
    })
  )

  test("is left out where it is optional and there is none; what may not be read is no such case", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { env, versions } = yield* read([
        from("A", { secret: "absent" }, true),
        from("B", { version: "9" }, true),
        { name: "C", value: "c" }
      ])
      assert.deepStrictEqual(env, [{ name: "C", value: "c" }])
      assert.deepStrictEqual([...versions.values()], [null, null])
      vm.secrets.setAccessible("db-password", false)
      const error = yield* failure([from("A", {}, true)])
      assert.strictEqual(error._tag, "SecretsUnavailable")
      assert.match(renderError(error), /may not read projects\/project\/secrets\/db-password.*secretAccessor/s)
    })
  )

  test("that cannot be had is told with all others", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.secrets.add("binary", Uint8Array.of(0xff, 0xfe))
      vm.secrets.add("nul", "a\0b")
      vm.secrets.setAccessible("db-password", false)
      const error = yield* failure([
        from("A", { secret: "absent" }),
        from("B"),
        from("C"),
        from("D", { secret: "binary" }),
        from("E", { secret: "nul" })
      ])
      if (error._tag !== "SecretsUnavailable") return assert.fail(error.message)
      assert.deepStrictEqual(error.message.split("\n").length, 4)
      assert.match(error.message, /has no projects\/project\/secrets\/absent\/versions\/latest/)
      assert.match(error.message, /the secret binary cannot be the value of a variable: it is not a text in UTF-8/)
      assert.match(error.message, /the secret nul .* has a NUL in it/)
    })
  )

  test("is asked for again for a minute, while nothing answers or what arrives is damaged", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.secrets.damagedAnswers = 2
      vm.secrets.outages = 2
      const { env } = yield* read([from("A")])
      assert.strictEqual(env[0]?.value, value)
      assert.strictEqual((yield* asked).length, 5)
      vm.setSecretManager(false)
      const began = yield* Clock.currentTimeMillis
      const error = yield* failure([from("A")])
      if (error._tag !== "SecretsUnavailable") return assert.fail(error.message)
      assert.match(renderError(error), /Secret Manager did not answer at https.*Private Google Access/s)
      const seconds = ((yield* Clock.currentTimeMillis) - began) / 1000
      assert.isTrue(seconds > 50 && seconds < 70, `${seconds} s`)
    })
  )

  test("that never answers is given up", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.setFaults(({ name }) => (name === "secrets access" ? "hang" : undefined))
      const error = yield* failure([from("A")])
      if (error._tag !== "OperationTimeout") return assert.fail(error.message)
      assert.strictEqual(error.setting, "SECRET")
    })
  )

  test("has no value but its version, where the containers came up with that and nothing answers", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const variables = [from("A"), from("B", { secret: "absent" }, true)]
      const { versions, env } = yield* read(variables)
      yield* keepKnownVersions(versions)
      for (const goAway of [() => vm.setSecretManager(false), () => vm.setFaults(metadataIsAway)]) {
        goAway()
        const kept = yield* read(variables, "last good")
        assert.deepStrictEqual(
          kept.env.map(({ name, value, identity }) => ({ name, value, identity })),
          [{ name: "A", value: "", identity: env[0]?.identity }]
        )
        assert.isString(kept.env[0]?.unread)
        assert.deepStrictEqual(kept.versions, versions)
        assert.match(kept.unread.join(), /^the secret db-password could not be asked for: /)
      }
      // What is not known from before, and what is needed but was not there, cannot be had.
      for (const variable of [from("A", { version: "1" }), from("A", { secret: "absent" })]) {
        yield* failure([variable], "last good")
      }
    })
  )

  test("of no service account, or of a refused token, is told with what to do", { token: null }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const none = yield* failure([from("A")])
      assert.match(renderError(none), /the VM has no service account.*roles\/secretmanager.secretAccessor/s)
      vm.setToken("ya29")
      vm.secrets.expiredTokens = 2
      const refused = yield* failure([from("A")])
      assert.match(renderError(refused), /answered 401 UNAUTHENTICATED/)
    })
  )
})

const metadataIsAway = ({ name }: { readonly name: string }) =>
  name.startsWith("metadata") ? ("fail" as const) : undefined

describe("the versions that containers came up with", () => {
  test("are kept without values, and survive what is no entry of ours", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      assert.deepStrictEqual(yield* readKnownVersions, new Map())
      const versions = new Map([
        ["a", "projects/1/secrets/a/versions/2"],
        ["b", null]
      ])
      yield* keepKnownVersions(versions)
      assert.deepStrictEqual(yield* readKnownVersions, versions)
      vm.host.files.write("/var/lib/slipway/secret-versions", "{")
      assert.deepStrictEqual(yield* readKnownVersions, new Map())
    })
  )
})
