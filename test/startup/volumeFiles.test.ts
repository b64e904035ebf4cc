import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { renderError } from "../../src/cli/output/renderError.ts"
import { actionJson } from "../../src/plan/describe.ts"
import type { Call, Fault } from "../../src/simulation/Calls.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { defaultSettings } from "../../src/startup/Settings.ts"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"
import { preview } from "../../src/startup/startup.ts"
import { app, boot, dead, declare, other, refused, root, running, secret, started, test } from "./SimulatedBoot.ts"

const own = { declarationKey: "slipway-declaration" as const }

/** A container that mounts one volume at /etc/app, with other documents beside it. */
const mounting = (
  source: Record<string, unknown>,
  documents: ReadonlyArray<unknown> = [],
  container: Record<string, unknown> = {},
  pod: Record<string, unknown> = {}
): string =>
  [
    declare(
      { volumeMounts: [{ name: "config", mountPath: "/etc/app" }], ...container },
      { volumes: [{ name: "config", ...source }], ...pod }
    ),
    ...documents.map((document) => JSON.stringify(document))
  ].join("\n---\n")

const configMap = (data: Record<string, string>) => ({ kind: "ConfigMap", metadata: { name: "config" }, data })
const ofConfigMap = (data: Record<string, string>, container: Record<string, unknown> = {}) =>
  mounting({ configMap: { name: "config" } }, [configMap(data)], container)

const folder = `${root}/files`
const mounted = `${folder}/now.config/files`
const entries = Effect.map(SimulatedVm, ({ host }) => [...(host.files.list(folder) ?? [])].toSorted())
const read = (path: string) => Effect.map(SimulatedVm, ({ host }) => host.files.read(`${mounted}/${path}`))
const mode = (path: string) => Effect.map(SimulatedVm, ({ host }) => host.files.mode(`${mounted}/${path}`))

const noToken = (vm: SimulatedVm["Service"]): void =>
  vm.setFaults(({ name }) => (name === "metadata token" ? "fail" : undefined))

/** No disk has it, and nothing that can be read of the containers. */
const isInMemoryAlone = Effect.map(SimulatedVm, (vm) => {
  const kept = [...vm.host.files.root.files].filter(([path]) => !path.endsWith("/declaration"))
  assert.notInclude(JSON.stringify([kept, vm.engine.containers.map(({ spec }) => spec), vm.transcript]), secret)
  assert.isTrue(vm.host.files.mountOf(mounted)?.type === "tmpfs")
})

describe("files of a ConfigMap", () => {
  test("are there before the container starts, read-only, and stay as they are", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const first = yield* started(ofConfigMap({ "a.conf": "one", b: "two" }))
      const [mount] = vm.container(first.name)!.spec.mounts
      assert.deepStrictEqual(mount, { source: mounted, target: "/etc/app", readOnly: true })
      assert.deepStrictEqual([yield* read("a.conf"), yield* mode("a.conf")], ["one", "0644"])
      assert.deepStrictEqual([yield* read("b"), yield* mode("b")], ["two", "0644"])
      const again = yield* started(ofConfigMap({ b: "two", "a.conf": "one" }))
      assert.isTrue(again.kept)
      assert.deepStrictEqual(again.steps, [])
      assert.deepStrictEqual(yield* entries, ["now.config"])
    })
  )

  test("that have changed replace the container, with that as the cause, and the old ones go", {}, () =>
    Effect.gen(function* () {
      yield* started(ofConfigMap({ a: "one", gone: "x" }))
      const second = yield* started(ofConfigMap({ a: "two" }))
      assert.isFalse(second.kept)
      assert.include(
        second.steps.map(({ step }) => step.cause).join("\n"),
        'the files of the volume "config" have changed'
      )
      assert.strictEqual(yield* read("a"), "two")
      assert.isUndefined(yield* read("gone"))
      assert.deepStrictEqual(yield* entries, ["now.config"])
      assert.isTrue((yield* started(ofConfigMap({ a: "two" }))).kept)
      yield* started(declare())
      assert.deepStrictEqual(yield* entries, [])
    })
  )

  test("can be mounted one by one: by itself, and as it is after a change", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const alone = (data: Record<string, string>) =>
        ofConfigMap(data, { volumeMounts: [{ name: "config", mountPath: "/etc/app.conf", subPath: "a.conf" }] })
      const first = yield* started(alone({ "a.conf": "one" }))
      const mounts = [{ source: `${mounted}/a.conf`, target: "/etc/app.conf", readOnly: true }]
      assert.deepStrictEqual(vm.container(first.name)!.spec.mounts, mounts)
      assert.isTrue((yield* started(alone({ "a.conf": "one" }))).kept)
      const second = yield* started(alone({ "a.conf": "two" }))
      assert.isFalse(second.kept)
      assert.deepStrictEqual(vm.container(second.name)!.spec.mounts, mounts)
      assert.strictEqual(yield* read("a.conf"), "two")
    })
  )

  test("come back with the container that has them, if its successor does not come up", {}, () =>
    Effect.gen(function* () {
      const { name } = yield* started(ofConfigMap({ a: "one" }))
      yield* refused(ofConfigMap({ a: "two" }, { image: dead.reference }))
      assert.deepStrictEqual(yield* running, [name])
      assert.strictEqual(yield* read("a"), "one")
      assert.isTrue((yield* started(ofConfigMap({ a: "one" }))).kept)
    })
  )

  test("are written again after a reboot, before which nothing starts on an empty volume", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(ofConfigMap({ a: "one" }))
      yield* vm.reboot
      assert.deepStrictEqual(yield* running, [])
      yield* started(ofConfigMap({ a: "one" }))
      assert.strictEqual(yield* read("a"), "one")
    })
  )

  test("that something has removed from the host are written for a new container", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(ofConfigMap({ a: "one" }))
      vm.host.files.removeTree(folder)
      const second = yield* started(ofConfigMap({ a: "one" }))
      assert.isFalse(second.kept)
      assert.strictEqual(yield* read("a"), "one")
    })
  )

  test("have modes, directories and the group of the Pod's volumes", own, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const items = [
        { key: "a", path: "deep/er/a", mode: 0o400 },
        { key: "a", path: "b" }
      ]
      const declaration = mounting(
        { configMap: { name: "config", items, defaultMode: 0o550 } },
        [configMap({ a: "one" })],
        {},
        { securityContext: { fsGroup: 2000 } }
      )
      yield* started(declaration)
      const owner = (path: string) => vm.host.files.owner(`${mounted}${path}`)
      assert.deepStrictEqual(owner(""), { gid: 2000, mode: "2755" })
      assert.deepStrictEqual(owner("/deep/er"), { gid: 2000, mode: "2755" })
      assert.deepStrictEqual(owner("/deep/er/a"), { gid: 2000, mode: "0440" })
      assert.deepStrictEqual(owner("/b"), { gid: 2000, mode: "0550" })
    })
  )
})

describe("files of a Secret", () => {
  const ofText = mounting({ secret: { secretName: "tls", defaultMode: 0o400 } }, [
    { kind: "Secret", metadata: { name: "tls" }, stringData: { key: secret } }
  ])

  test("are in memory alone, and nothing tells of them", own, () =>
    Effect.gen(function* () {
      yield* boot(ofText)
      const plan = yield* preview(defaultSettings)
      assert.notInclude(JSON.stringify(plan), secret)
      assert.deepStrictEqual([yield* read("key"), yield* mode("key")], [secret, "0400"])
      yield* isInMemoryAlone
    })
  )

  const description = { ...own, secrets: [{ name: "tls", versions: [secret] }], project: "shop-1" }
  const ofManager = (secretSource: Record<string, unknown> = {}, container: Record<string, unknown> = {}) =>
    mounting({ secret: { secretName: "tls", ...secretSource } }, [], container)

  test("come from Secret Manager: the latest version, or those that items name", description, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(ofManager())
      assert.strictEqual(yield* read("latest"), secret)
      yield* isInMemoryAlone
      vm.secrets.add("tls", `${secret}-2`)
      const second = yield* started(ofManager())
      const causes = second.steps.map(({ step }) => step.cause).join("\n")
      assert.match(
        causes,
        /secrets\/tls has version 2 now, and it was created with 1; the files of the volume "config"/
      )
      assert.strictEqual(yield* read("latest"), `${secret}-2`)
      const items = [
        { key: "1", path: "old/key" },
        { key: "latest", path: "key" }
      ]
      yield* started(ofManager({ items }))
      assert.deepStrictEqual([yield* read("old/key"), yield* read("key")], [secret, `${secret}-2`])
      yield* isInMemoryAlone
    })
  )

  test("are left out where the secret is optional and not there, and else refused", description, () =>
    Effect.gen(function* () {
      const { name } = yield* started(ofManager({ secretName: "absent", optional: true }))
      assert.isUndefined(yield* read("latest"))
      const error = yield* refused(ofManager({ secretName: "absent" }))
      assert.match(error.message, /Secret Manager has no projects\/shop-1\/secrets\/absent\/versions\/latest/)
      assert.deepStrictEqual(yield* running, [name])
    })
  )

  test("that are there are used while Secret Manager is away; what is not refuses the plan", description, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(ofManager())
      vm.setSecretManager(false)
      const kept = yield* started(ofManager())
      assert.deepStrictEqual([kept.kept, kept.name, kept.steps], [true, name, []])
      // Another container finds them there as well.
      yield* started(ofManager({}, { image: other.reference }))
      assert.strictEqual(yield* read("latest"), secret)
      yield* vm.reboot
      const error = yield* refused(ofManager({}, { image: other.reference }))
      assert.match(error.message, /the file latest of the volume config has to be written/)
    })
  )
})

describe("what a container prints of its files", () => {
  // No variable has it: what hides it has it from the file.
  const value = "f1le-of-the-manager"
  const said = [`the key is ${value}.`, Buffer.from(value).toString("base64")] as const
  const leaky = {
    reference: "registry.example/leaky:1",
    behaviour: { _tag: "Exits", afterMillis: 300, exitCode: 3, log: said }
  } as const
  const description = {
    ...own,
    images: [app, leaky],
    secrets: [{ name: "tls", versions: [value] }],
    project: "shop-1"
  }
  const sources = {
    "a secret": { secret: { secretName: "tls", items: [{ key: "latest", path: "of/key" }] } },
    "a projected secret": {
      projected: { sources: [{ secret: { name: "tls", items: [{ key: "latest", path: "of/key" }] } }] }
    }
  }
  const declaring = (source: Record<string, unknown>, image: string) => mounting(source, [], { image, env: [] })

  /** Its failure tells what it printed, without the value. */
  const isHidden = Effect.fnUntraced(function* (declaration: string) {
    const vm = yield* SimulatedVm
    const error = yield* refused(declaration)
    if (error._tag !== "ContainerFailed") return assert.fail(`${error._tag}: ${error.message}`)
    assert.deepStrictEqual(error.lastLogLines, ["the key is [value of of/key].", "[value of of/key]=="])
    const kept = [...vm.host.files.root.files].filter(([path]) => !path.startsWith(mounted))
    for (const hidden of [value, ...said]) {
      assert.notInclude(renderError(error) + JSON.stringify([error, kept, vm.transcript]), hidden)
    }
  })

  for (const [what, source] of Object.entries(sources)) {
    test(`is hidden where it is of ${what}`, description, () => isHidden(declaring(source, leaky.reference)))

    for (const [away, goAway] of [
      ["Secret Manager", (vm: SimulatedVm["Service"]) => vm.setSecretManager(false)],
      ["the way to the VM's token", noToken]
    ] as const) {
      test(`is hidden where it is of ${what}, also while ${away} is away, from a run before`, description, () =>
        Effect.gen(function* () {
          const vm = yield* SimulatedVm
          const { name } = yield* started(declaring(source, app.reference))
          goAway(vm)
          yield* isHidden(declaring(source, leaky.reference))
          assert.deepStrictEqual(yield* running, [name])
          assert.strictEqual(yield* read("of/key"), value)
        })
      )
    }
  }
})

describe("without a network", () => {
  const description = { ...own, secrets: [{ name: "tls", versions: [secret] }], project: "shop-1" }
  const source = { secret: { secretName: "tls" } }
  const absent = { secret: { secretName: "absent", optional: true } }
  const noMetadata = ({ name }: Call): Fault | undefined => (name.startsWith("metadata ") ? "fail" : undefined)

  test("the last good declaration starts on the files that are in memory", description, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(mounting(source))
      vm.setFaults(noMetadata)
      const kept = yield* started(undefined)
      assert.isTrue(kept.kept)
      const docker = yield* DockerClient
      const { id } = vm.container(kept.name)!
      yield* docker.stopContainer(id, Duration.seconds(1))
      yield* docker.removeContainer(id)
      const again = yield* started(undefined)
      assert.isFalse(again.kept)
      assert.notStrictEqual(vm.container(again.name)!.id, id)
      assert.match(again.degraded.join(), /last declaration that came up/)
      assert.match(again.degraded.join(), /the secret tls could not be asked for/)
      assert.strictEqual(yield* read("latest"), secret)
      assert.isFalse(again.steps.some(({ step }) => step.action._tag === "WriteFiles"))
    })
  )

  test("and after a reboot, which has taken them, says that they cannot be written", description, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(mounting(source))
      yield* vm.reboot
      vm.setFaults(noMetadata)
      const error = yield* refused(undefined)
      assert.strictEqual(error._tag, "PlanRefused")
      assert.match(error.message, /the file latest of the volume config has to be written, but the secret/)
    })
  )

  test("and after a reboot has what comes of the text, and goes without what is optional", description, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const projected = {
        projected: { sources: [{ configMap: { name: "config" } }, { secret: { name: "absent", optional: true } }] }
      }
      for (const [volume, documents] of [
        [absent, []],
        [projected, [configMap({ a: "one" })]]
      ] as const) {
        vm.setFaults(undefined)
        yield* started(mounting(volume, documents))
        yield* vm.reboot
        vm.setFaults(noMetadata)
        yield* started(undefined)
        assert.lengthOf(yield* running, 1)
      }
      assert.strictEqual(yield* read("a"), "one")
      assert.isUndefined(yield* read("latest"))
    })
  )
})

test("a plan tells the paths, modes and sizes of files, and nothing of what they hold", own, () =>
  Effect.gen(function* () {
    const report = yield* started(ofConfigMap({ a: secret }))
    const writing = report.steps.flatMap(({ step }) => (step.action._tag === "WriteFiles" ? [step.action] : []))
    assert.deepStrictEqual(writing.map(actionJson), [
      { kind: "WriteFiles", volume: "config", files: [{ path: "a", mode: "0644", bytes: secret.length }] }
    ])
  })
)
