import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { renderError } from "../../src/cli/output/renderError.ts"
import type { Call, Fault } from "../../src/simulation/Calls.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { defaultSettings } from "../../src/startup/Settings.ts"
import { preview } from "../../src/startup/startup.ts"
import { app, boot, declare, other, refused, running, secret, started, test } from "./SimulatedBoot.ts"

/** Also in a value of Secret Manager: that may come out nowhere either. */
const value = `${secret}-in-secret-manager`
const description = { secrets: [{ name: "db", versions: [value] }], project: "shop-1" }

const reference = (secretKeyRef: Record<string, unknown> = {}) => ({
  name: "PASSWORD",
  valueFrom: { secretKeyRef: { name: "db", ...secretKeyRef } }
})
const withSecret = (secretKeyRef: Record<string, unknown> = {}, container: Record<string, unknown> = {}) =>
  declare({
    env: [reference(secretKeyRef), { name: "URL", value: "postgres://shop:$(PASSWORD)@db" }],
    ...container
  })

const own = { declarationKey: "slipway-declaration" as const }

/** The variables of the container that runs. */
const environment = Effect.map(SimulatedVm, ({ engine }) => {
  const found = engine.containers.find(({ isUp }) => isUp)
  return Object.fromEntries(found!.spec.env.map(({ name, value }) => [name, Redacted.value(value)]))
})

/** Nothing that outlives the run, or that can be read of the container by those who may not read its environment. */
const nothingIsKept = Effect.map(SimulatedVm, (vm) => {
  const kept = JSON.stringify([
    vm.host.files.read("/var/lib/slipway/secret-versions") ?? "",
    vm.host.files.read("/var/lib/slipway/declaration") ?? "",
    vm.engine.containers.map(({ spec }) => spec.labels),
    vm.transcript
  ])
  assert.notInclude(kept, secret)
})

describe("a value from Secret Manager", () => {
  test("arrives in the container, and what refers to it has it", { ...own, ...description }, () =>
    Effect.gen(function* () {
      yield* started(withSecret())
      assert.deepStrictEqual(yield* environment, { PASSWORD: value, URL: `postgres://shop:${value}@db` })
      const again = yield* started(withSecret())
      assert.deepStrictEqual(again.steps, [])
      assert.isTrue(again.kept)
      yield* nothingIsKept
    })
  )

  test("that is rotated replaces the container, with that as the cause", { ...own, ...description }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(withSecret())
      vm.secrets.add("db", `${value}-2`)
      const plan = yield* preview(defaultSettings)
      assert.match(
        JSON.stringify(plan),
        /secret projects\/\d+\/secrets\/db has version 2 now, and it was created with 1/
      )
      assert.notInclude(JSON.stringify(plan), secret)
      assert.notMatch(JSON.stringify(plan), /its declaration has changed/)
      const second = yield* started(withSecret())
      assert.isFalse(second.kept)
      assert.strictEqual((yield* environment)["PASSWORD"], `${value}-2`)
      const pinned = yield* started(withSecret({ key: "2" }))
      assert.isTrue(pinned.kept)
      yield* started(withSecret({ key: "1" }))
      assert.strictEqual((yield* environment)["PASSWORD"], value)
      yield* nothingIsKept
    })
  )

  test(
    "that may not be read is refused with what to grant, before anything is stopped",
    { ...own, ...description },
    () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const { name } = yield* started(declare())
        vm.secrets.setAccessible("db", false)
        const error = yield* refused(withSecret())
        assert.strictEqual(error._tag, "SecretsUnavailable")
        assert.match(renderError(error), /roles\/secretmanager\.secretAccessor/)
        assert.deepStrictEqual(yield* running, [name])
        assert.isFalse(vm.transcript.some(({ name }) => name === "docker stop"))
      })
  )

  test("that is optional and not there is left out", { ...own, ...description }, () =>
    Effect.gen(function* () {
      yield* started(withSecret({ name: "absent", optional: true }))
      assert.deepStrictEqual(yield* environment, { URL: "postgres://shop:$(PASSWORD)@db" })
      const error = yield* refused(withSecret({ name: "absent" }))
      assert.match(error.message, /Secret Manager has no projects\/shop-1\/secrets\/absent\/versions\/latest/)
    })
  )

  for (const [away, goAway] of [
    ["Secret Manager", (vm: SimulatedVm["Service"]) => vm.setSecretManager(false)],
    ["metadata", (vm: SimulatedVm["Service"]) => vm.setFaults(noMetadata)]
  ] as const) {
    test(`whose container runs is not missed while ${away} is away`, { ...own, ...description }, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const { name } = yield* started(withSecret())
        goAway(vm)
        const kept = yield* started(withSecret())
        assert.isTrue(kept.kept)
        assert.strictEqual(kept.name, name)
        assert.deepStrictEqual(kept.steps, [])
        assert.match(kept.degraded.join(), /the secret db could not be asked for: .*What runs keeps the version/)
        assert.strictEqual((yield* environment)["PASSWORD"], value)
        yield* nothingIsKept
      })
    )
  }

  test(
    "cannot be had for a new container while Secret Manager is away: the old one runs on",
    { ...own, ...description },
    () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const { name } = yield* started(withSecret())
        vm.setSecretManager(false)
        const error = yield* refused(withSecret({}, { image: other.reference }))
        assert.strictEqual(error._tag, "PlanRefused")
        assert.match(error.message, /the container web has to be created, but the value of its variable PASSWORD/)
        assert.match(error.message, /connect ETIMEDOUT/)
        assert.deepStrictEqual(yield* running, [name])
        // One that has never come up with it cannot be told from others.
        const unknown = yield* refused(withSecret({ name: "new" }))
        assert.strictEqual(unknown._tag, "SecretsUnavailable")
      })
  )

  test("is asked for by no run whose declaration names none", { ...own, ...description }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.setSecretManager(false)
      yield* boot(declare({ image: app.reference }))
      assert.isFalse(vm.transcript.some(({ name }) => name.startsWith("secrets ") || name === "metadata project"))
    })
  )
})

const noMetadata = ({ name }: Call): Fault | undefined => (name.startsWith("metadata ") ? "fail" : undefined)

describe("imagePullSecrets", () => {
  const login = { username: "shop", password: "hunter2-of-the-registry" }
  const closed = { reference: "registry.example/closed:1", logins: [login] }
  const config = JSON.stringify({ auths: { "registry.example": login } })
  const withPullSecret = (name: string, documents: ReadonlyArray<unknown> = []) =>
    [
      JSON.stringify({
        spec: { containers: [{ name: "web", image: closed.reference }], imagePullSecrets: [{ name }] }
      }),
      ...documents.map((document) => JSON.stringify(document))
    ].join("\n---\n")
  const images = { images: [app, other, closed] }

  test("of the text are shown to their registry", { ...own, ...images }, () =>
    Effect.gen(function* () {
      const document = {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "registry" },
        type: "kubernetes.io/dockerconfigjson",
        stringData: { ".dockerconfigjson": config }
      }
      yield* started(withPullSecret("registry", [document]))
      const without = yield* refused(declare({ image: closed.reference, name: "other" }))
      assert.strictEqual(without._tag, "DockerError")
    })
  )

  test(
    "of Secret Manager are shown to their registry; one that cannot be read is a warning",
    { ...own, ...images },
    () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const refusal = yield* refused(withPullSecret("registry"))
        if (refusal._tag !== "DockerError") return assert.fail(refusal.message)
        assert.strictEqual(refusal.reason._tag, "ImageAccessDenied")
        vm.secrets.add("registry", "no configuration")
        const invalid = yield* refused(withPullSecret("registry"))
        assert.match(invalid.message, /the secret registry of imagePullSecrets is not JSON/)
        vm.secrets.add("registry", config)
        const { name } = yield* started(withPullSecret("registry"))
        assert.deepStrictEqual(yield* running, [name])
        assert.notInclude(JSON.stringify(vm.transcript), login.password)
      })
  )
})
