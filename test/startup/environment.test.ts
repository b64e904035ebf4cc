import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { runInVirtualTime } from "../../src/simulation/host/VirtualTime.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import type { VmDescription } from "../../src/simulation/VmDescription.ts"
import { defaultSettings } from "../../src/startup/Settings.ts"
import { preview, startup } from "../../src/startup/startup.ts"
import * as Option from "effect/Option"
import { app, boot, changes, other, refused, running, secret, started, startedPod, test } from "./SimulatedBoot.ts"

const from = (fields: Readonly<Record<string, string>>) =>
  Object.entries(fields).map(([name, fieldPath]) => ({ name, valueFrom: { fieldRef: { fieldPath } } }))
const ofVm = from({
  NAME: "metadata.name",
  UID: "metadata.uid",
  NODE: "spec.nodeName",
  HOST: "status.hostIP",
  IP: "status.podIP"
})

const pod = (container: object, spec: object = {}, metadata: object = {}) => ({
  metadata,
  spec: { containers: [{ name: "web", image: app.reference, ...container }], ...spec }
})
const textOf = (...documents: ReadonlyArray<object>) => documents.map((one) => JSON.stringify(one)).join("\n---\n")
const passwords = (password: string) => ({
  kind: "Secret",
  metadata: { name: "passwords" },
  stringData: { password }
})

/** The environment, command and arguments of each container that runs, by its declared name. */
const given = Effect.map(SimulatedVm, ({ engine }) =>
  Object.fromEntries(
    engine.containers
      .filter(({ isUp }) => isUp)
      .map(({ spec }) => [
        spec.labels["slipway.container"] ?? "",
        {
          env: Object.fromEntries(spec.env.map(({ name, value }) => [name, Redacted.value(value)])),
          entrypoint: spec.entrypoint,
          cmd: spec.cmd
        }
      ])
  )
)

const vm: VmDescription = {
  declarationKey: "slipway-declaration",
  hostname: "host-1",
  instanceName: "vm-1",
  address: "10.128.0.9"
}

describe("what only the VM can tell", () => {
  test("is in the container's environment, its command and its arguments, the same from run to run", vm, () =>
    Effect.gen(function* () {
      const machine = yield* SimulatedVm
      const text = textOf(pod({ env: [...ofVm, { name: "URL", value: "http://$(IP)/" }], args: ["$(URL)", "$(NODE)"] }))
      yield* started(text)
      const { env, cmd } = (yield* given)["web"]!
      const { UID = "" } = env
      assert.match(UID, /^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
      assert.deepStrictEqual(env, {
        NAME: "vm-1",
        UID,
        NODE: "vm-1",
        HOST: "10.128.0.9",
        IP: "10.128.0.9",
        URL: "http://10.128.0.9/"
      })
      assert.deepStrictEqual(cmd, ["http://10.128.0.9/", "vm-1"])
      const before = machine.transcript.length
      yield* started(text)
      assert.deepStrictEqual(yield* changes(before), [])
    })
  )

  test("is what it has of a resource that the container has no limit of", vm, () =>
    Effect.gen(function* () {
      const { engine } = yield* SimulatedVm
      const ofCpu = { valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "1m" } } }
      yield* started(textOf(pod({ env: [{ name: "CPU", ...ofCpu }] })))
      const { cpus } = yield* engine.client.facts
      assert.deepStrictEqual((yield* given)["web"]?.env, { CPU: `${cpus * 1000}` })
    })
  )

  test("is asked for only if a declaration takes it", vm, () =>
    Effect.gen(function* () {
      const { transcript } = yield* SimulatedVm
      yield* started(textOf(pod({ env: from({ NAMESPACE: "metadata.namespace" }) })))
      assert.notInclude(
        transcript.map(({ name }) => name),
        "metadata instance name"
      )
      yield* started(textOf(pod({ env: from({ NODE: "spec.nodeName" }) })))
      const asked = transcript.map(({ name }) => name as string)
      assert.include(asked, "metadata instance name")
      assert.notInclude(asked, "metadata address")
    })
  )

  test("is another uid for another name", vm, () =>
    Effect.gen(function* () {
      const uids: Array<string | undefined> = []
      for (const metadata of [
        {},
        { name: "vm-1" },
        { name: "shop" },
        { name: "vm-1", namespace: "shop" },
        { uid: "7" }
      ]) {
        yield* started(textOf(pod({ env: from({ UID: "metadata.uid" }) }, {}, metadata)))
        uids.push((yield* given)["web"]?.env["UID"])
      }
      assert.strictEqual(uids[0], uids[1])
      assert.strictEqual(new Set(uids).size, 4)
      assert.strictEqual(uids[4], "7")
    })
  )

  it.effect("is the host's own where there is no metadata server, for a declaration from a file", () =>
    Effect.gen(function* () {
      const text = textOf(pod({ env: ofVm }))
      const declaration = Option.some({ file: "pod.yaml", text })
      yield* startup({ ...defaultSettings, declaration })
      const { env } = (yield* given)["web"]!
      assert.deepInclude(env, { NAME: "host-1", NODE: "host-1", HOST: "10.128.0.9", IP: "10.128.0.9" })
    }).pipe(Effect.provide(SimulatedVm.layer({ ...vm, metadata: false, images: [app] })), runInVirtualTime)
  )

  test("stands as metadata said it last while metadata is away, and nothing is replaced", vm, () =>
    Effect.gen(function* () {
      const machine = yield* SimulatedVm
      const text = textOf(pod({ env: ofVm }))
      yield* started(text)
      machine.setFaults(({ name }) => (name.startsWith("metadata ") ? "fail" : undefined))
      const before = machine.transcript.length
      const report = yield* boot(text)
      assert.strictEqual(report._tag, "Running")
      assert.deepStrictEqual(yield* changes(before), [])
      assert.include((yield* given)["web"]?.env, { NODE: "vm-1" })
    })
  )

  test("that cannot be had fails the run before anything is stopped", vm, () =>
    Effect.gen(function* () {
      const machine = yield* SimulatedVm
      yield* started(textOf(pod({})))
      const runs = yield* running
      machine.setFaults(({ name }) => (name === "metadata instance name" ? "fail" : undefined))
      const before = machine.transcript.length
      const failure = yield* refused(textOf(pod({ env: ofVm })))
      assert.strictEqual(failure._tag, "MetadataError")
      assert.deepStrictEqual(yield* running, runs)
      assert.notInclude(yield* changes(before), "docker stop")
    })
  )
})

describe("a Secret of the text", () => {
  const container = {
    env: [
      { name: "PASSWORD", valueFrom: { secretKeyRef: { name: "passwords", key: "password" } } },
      { name: "URL", value: "pg://shop:$(PASSWORD)@db" }
    ]
  }

  test(
    "reaches the container, and neither a plan nor a report; another value is a cause with the variables' names",
    vm,
    () =>
      Effect.gen(function* () {
        yield* started(textOf(pod(container), passwords(secret)))
        assert.deepStrictEqual((yield* given)["web"]?.env, { PASSWORD: secret, URL: `pg://shop:${secret}@db` })
        const machine = yield* SimulatedVm
        machine.setDeclaration(textOf(pod(container), passwords("another-v4lue")))
        const planned = Option.getOrThrow(yield* preview(defaultSettings))
        assert.strictEqual(planned.containers[0]?.cause, "its declaration has changed: env PASSWORD, env URL")
        assert.notInclude(JSON.stringify(planned), "another-v4lue")
      })
  )

  test("is hidden in what a container says that fails", vm, () =>
    Effect.gen(function* () {
      const machine = yield* SimulatedVm
      machine.publish({
        reference: other.reference,
        behaviour: { _tag: "Exits", afterMillis: 100, exitCode: 1, log: [`cannot open pg://shop:${secret}@db`] }
      })
      const failure = yield* refused(textOf(pod({ ...container, image: other.reference }), passwords(secret)))
      assert.include(JSON.stringify(failure), "[value of")
    })
  )
})

describe("the address of a network of the Pod's own", () => {
  const env = [...from({ IP: "status.podIP" }), { name: "URL", value: "http://$(IP):80" }]
  const own = { hostNetwork: false }

  test("is the sandbox's, which runs before the container is created; a second run has nothing to do", vm, () =>
    Effect.gen(function* () {
      const machine = yield* SimulatedVm
      const text = textOf(pod({ env, command: ["serve", "$(URL)"], args: ["$(IP)"] }, own))
      const report = yield* startedPod(text)
      assert.deepStrictEqual(
        report.containers.map(({ role }) => role),
        ["sandbox", "main"]
      )
      const { env: found, entrypoint, cmd } = (yield* given)["web"]!
      const ip = found["IP"] ?? ""
      assert.match(ip, /^\d+\.\d+\.\d+\.\d+$/)
      assert.deepStrictEqual(found, { IP: ip, URL: `http://${ip}:80` })
      assert.deepStrictEqual([entrypoint, cmd], [["serve", `http://${ip}:80`], [ip]])
      const before = machine.transcript.length
      yield* startedPod(text)
      assert.deepStrictEqual(yield* changes(before), [])

      const sandbox = machine.engine.containers.find(({ spec }) => spec.labels["slipway.role"] === "sandbox")
      yield* startedPod(textOf(pod({ env, command: ["serve", "$(URL)"], args: ["$(IP)", "--verbose"] }, own)))
      assert.strictEqual(
        machine.engine.containers.find(({ spec }) => spec.labels["slipway.role"] === "sandbox")?.id,
        sandbox?.id
      )
      assert.deepStrictEqual((yield* given)["web"]?.cmd, [ip, "--verbose"])
    })
  )

  test("is in no plan, and no cause", vm, () =>
    Effect.gen(function* () {
      const machine = yield* SimulatedVm
      yield* startedPod(textOf(pod({ env }, own)))
      machine.setDeclaration(textOf(pod({ env: [...env, { name: "MODE", value: "new" }] }, own)))
      const planned = Option.getOrThrow(yield* preview(defaultSettings))
      assert.strictEqual(
        planned.containers.find(({ role }) => role === "main")?.cause,
        "its declaration has changed: env MODE"
      )
    })
  )

  test("comes back with the old containers where a new one fails", vm, () =>
    Effect.gen(function* () {
      yield* startedPod(textOf(pod({ env }, own)))
      const runs = (yield* running).toSorted()
      const machine = yield* SimulatedVm
      machine.publish({ reference: other.reference, behaviour: { _tag: "Exits", afterMillis: 100, exitCode: 1 } })
      yield* refused(textOf(pod({ env, image: other.reference }, { ...own, hostname: "other" })))
      assert.deepStrictEqual((yield* running).toSorted(), runs)
    })
  )
})
