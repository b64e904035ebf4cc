import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Random from "effect/Random"
import { backOff } from "../../src/timing/backOff.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import type { Fault } from "../../src/simulation/Calls.ts"
import { isOurs } from "../../src/observation/Ownership.ts"
import { runInVirtualTime } from "../../src/simulation/host/VirtualTime.ts"
import {
  app,
  boot,
  declare,
  disk,
  isOneOfAKind,
  on,
  onDisk,
  other,
  refused,
  root,
  started,
  test,
  token,
  withFiles,
  type Strikable,
  strikable
} from "./SimulatedBoot.ts"

const own = { declarationKey: "slipway-declaration" } as const

const withConfig = (text: string): string =>
  [
    declare(
      { volumeMounts: [{ name: "config", mountPath: "/etc/app" }] },
      { volumes: [{ name: "config", configMap: { name: "config" } }] }
    ),
    JSON.stringify({ kind: "ConfigMap", metadata: { name: "config" }, data: { text } })
  ].join("\n---\n")
/** A file with a version of a secret in Secret Manager. */
const withSecretVersion = (key: string): string =>
  declare(
    { volumeMounts: [{ name: "config", mountPath: "/etc/app" }] },
    {
      volumes: [
        {
          name: "config",
          projected: { sources: [{ secret: { name: "config", items: [{ key, path: "text" }] } }] }
        }
      ]
    }
  )

/** One that has a part of a disk and one of an emptyDir, and another of the disk whatever the first is. */
const onParts = (subPath: string, container: Record<string, unknown>): string =>
  declare(
    {
      volumeMounts: [
        { name: "data", mountPath: "/data", subPath },
        { name: "data", mountPath: "/same", subPath: "same" },
        { name: "scratch", mountPath: "/scratch", subPath }
      ],
      ...container
    },
    {
      volumes: [
        { name: "data", gcePersistentDisk: { pdName: "data" } },
        { name: "scratch", emptyDir: {} }
      ]
    }
  )

/** One that has an image mounted. */
const onImage = (reference: string, container: Record<string, unknown> = {}): string =>
  declare(
    { volumeMounts: [{ name: "model", mountPath: "/model" }], ...container },
    { volumes: [{ name: "model", image: { reference } }] }
  )

/** What is on the VM before the run that goes wrong, what that run and the next declare, and what the VM is. */
const scenes = {
  "a first boot, with a blank disk": {
    before: undefined,
    declaration: onDisk(),
    description: { disks: [disk({ _tag: "Blank" })] }
  },
  "a first boot, with a blank disk that becomes xfs": {
    before: undefined,
    declaration: onDisk({}, "data", "xfs"),
    description: { disks: [disk({ _tag: "Blank" })] }
  },
  "data on a disk that has grown, only read before": {
    before: onDisk({ volumeMounts: [{ name: "data", mountPath: "/data", readOnly: true }] }),
    declaration: onDisk(),
    description: { disks: [disk({ ...withFiles, sizeBytes: 5 * 1024 ** 3 })] }
  },
  "a volume that is another image": {
    before: onImage(app.reference),
    declaration: onImage(other.reference),
    description: { apiVersion: "1.51" }
  },
  "another image, data on a disk, a tmpfs": {
    before: declare(
      {
        volumeMounts: [
          { name: "data", mountPath: "/data" },
          { name: "cache", mountPath: "/cache" }
        ]
      },
      {
        volumes: [
          { name: "data", gcePersistentDisk: { pdName: "data" } },
          { name: "cache", emptyDir: { medium: "Memory" } }
        ]
      }
    ),
    declaration: onDisk({ image: other.reference }),
    description: { disks: [disk(withFiles)] }
  },
  "another image and another emptyDir on the disk": {
    before: declare(
      {
        volumeMounts: [
          { name: "kept", mountPath: "/kept" },
          { name: "gone", mountPath: "/gone" }
        ]
      },
      {
        volumes: [
          { name: "kept", emptyDir: {} },
          { name: "gone", emptyDir: {} }
        ]
      }
    ),
    declaration: declare(
      {
        image: other.reference,
        volumeMounts: [
          { name: "kept", mountPath: "/kept" },
          { name: "new", mountPath: "/new" },
          { name: "made", mountPath: "/made" }
        ]
      },
      {
        volumes: [
          { name: "kept", emptyDir: {} },
          { name: "new", emptyDir: {} },
          { name: "made", hostPath: { path: "/srv/made", type: "DirectoryOrCreate" } }
        ]
      }
    ),
    description: {}
  },
  "another content of a volume of files": {
    before: withConfig("before"),
    declaration: withConfig("after"),
    description: {}
  },
  "a first boot, with a file of Secret Manager": {
    before: undefined,
    declaration: withSecretVersion("2"),
    description: { secrets: [{ name: "config", versions: ["before", "after"] }], project: "shop-1", ...own }
  },
  "another version of a secret in a file": {
    before: withSecretVersion("1"),
    declaration: withSecretVersion("2"),
    description: { secrets: [{ name: "config", versions: ["before", "after"] }], project: "shop-1", ...own }
  },
  "another image and other parts of a disk and an emptyDir": {
    before: onParts("old", {}),
    declaration: onParts("new/deeper", { image: other.reference }),
    description: { disks: [disk(withFiles)] }
  },
  "a container that konlet left": {
    before: undefined,
    declaration: declare(),
    description: {
      images: [{ ...app, local: true }],
      containers: [
        { name: "klt-web-zzzz", image: app.reference, restartPolicy: "always" },
        { name: "somebody", image: app.reference, restartPolicy: "always" }
      ]
    }
  }
} as const

type Scene = (typeof scenes)[keyof typeof scenes]
const described = ({ description }: Scene) => ({ images: [app, other], token, ...description })

/** The calls at which the run is to go wrong, by their number in one that does not. */
const callsOf = (scene: Scene) =>
  Effect.gen(function* () {
    const vm = yield* SimulatedVm
    if (scene.before !== undefined) yield* started(scene.before)
    const before = vm.transcript.length
    yield* started(scene.declaration)
    return strikable(vm.transcript, before)
  }).pipe(Effect.provide(SimulatedVm.layer(described(scene))), runInVirtualTime)

/** What goes wrong with the calls of one run, counted from its first. */
type Faults = (call: number) => Fault | undefined

/** The faults of a single call to the engine or to metadata that the run itself gets over. */
const survivable: ReadonlySet<Fault> = new Set(["lose", "fail", "late", "lag", "hang"])
const isSurvived = (fault: Fault, { name }: Strikable): boolean => survivable.has(fault) && !name.startsWith("run ")

/**
 * Some runs go wrong; the next finds everything well. What must hold holds after each. Each run comes to what is
 * declared all the same if `survives`.
 */
const recovers = (scene: Scene, what: string, wrong: ReadonlyArray<Faults>, survives = false) =>
  Effect.gen(function* () {
    const vm = yield* SimulatedVm
    if (scene.before !== undefined) yield* started(scene.before)
    const where = () => `${what}; the last call was ${vm.transcript.at(-1)?.name}`
    const ours = () =>
      vm.engine.containers.filter(({ name, spec }) => isOurs({ names: [name], labels: spec.labels }, ["web"]))
    const holds = () => {
      assert.isAtMost(ours().filter(({ isUp }) => isUp).length, 1, where())
      for (const other of vm.engine.containers.filter((one) => !ours().includes(one))) {
        assert.deepStrictEqual([other.status, other.starts.length], ["running", 1], where())
      }
    }
    for (const faults of wrong) {
      const before = vm.transcript.length
      vm.setFaults((_, index) => faults(index - before))
      const exit = yield* Effect.exit(boot(scene.declaration))
      if (survives) assert.isTrue(Exit.isSuccess(exit), `${where()}: ${JSON.stringify(exit)}`)
      vm.setFaults(undefined)
      vm.restartAgent()
      holds()
      for (const { isUp, spec } of ours()) {
        for (const { source } of spec.mounts) {
          // The old container has the old files or, as long as it is the one that runs, those that it was started on.
          if (isUp && source.startsWith(`${root}/files/`)) assert.isTrue(vm.host.files.has(`${source}/text`), where())
        }
      }
    }
    // What has cost a container that runs, and failed, is not tried again at once.
    yield* Effect.sleep(backOff(wrong.length))

    const report = yield* started(scene.declaration).pipe(
      Effect.catch((error) => Effect.sync(() => assert.fail(`${where()}: ${error.message}`)))
    )
    holds()
    assert.deepStrictEqual(
      ours().map(({ name, status }) => [name, status]),
      [[report.name, "running"]],
      where()
    )
    const [container] = ours()
    for (const { source, target } of container!.spec.mounts) {
      if (source.startsWith(`${root}/files/`)) {
        assert.strictEqual(vm.host.files.read(`${source}/text`), "after", where())
        assert.deepStrictEqual(vm.host.files.list(`${root}/files`), ["now.config"], where())
      } else if (source.startsWith(`${root}/`)) {
        assert.notInclude(["root", "an empty directory"], on(container!.seen, target), where())
      }
    }
    if ("disks" in scene.description) {
      const { content, formatted } = vm.disk("data")
      assert.isAtMost(formatted, 1, where())
      if (scene.before !== undefined) {
        assert.strictEqual(content._tag === "Ext4" ? content.tree.files.get("/kept")?.text : undefined, "data", where())
      }
    }
    assert.isTrue((yield* started(scene.declaration)).kept, where())
  }).pipe(Effect.provide(SimulatedVm.layer(described(scene))), runInVirtualTime)

describe("whatever one call does, the next run comes to what is declared", () => {
  for (const [name, scene] of Object.entries(scenes)) {
    for (const fault of ["crash", "crash after", "crash half", "lose", "fail", "late", "lag"] as const) {
      test(`${name}: ${fault}, at each call`, {}, () =>
        Effect.gen(function* () {
          const calls = (yield* callsOf(scene)).filter((call) => isOneOfAKind(fault, call))
          assert.isAbove(calls.length, 10)
          for (const call of calls) {
            const faults: Faults = (at) => (at === call.at ? fault : undefined)
            yield* recovers(scene, `${fault} of ${call.name}, call ${call.at}`, [faults], isSurvived(fault, call))
          }
        })
      )
    }
  }

  // Those that are struck above as well are left out: the run itself comes there, or that fails.
  for (const [name, scene] of Object.entries(scenes)) {
    for (const fault of ["fail", "hang"] as const) {
      test(
        `${name}: ${fault}, once, at each other call to the engine and to metadata: the run itself comes there`,
        {},
        () =>
          Effect.gen(function* () {
            const calls = (yield* callsOf(scene)).filter(
              (call) => isSurvived(fault, call) && (fault === "hang" || !isOneOfAKind(fault, call))
            )
            assert.isAbove(calls.length, 5)
            for (const { at, name } of calls) {
              yield* Effect.gen(function* () {
                const vm = yield* SimulatedVm
                if (scene.before !== undefined) yield* started(scene.before)
                const before = vm.transcript.length
                vm.setFaults((_, index) => (index - before === at ? fault : undefined))
                const exit = yield* Effect.exit(boot(scene.declaration))
                assert.isTrue(Exit.isSuccess(exit), `${fault} of ${name}, call ${at}: ${JSON.stringify(exit)}`)
              }).pipe(Effect.provide(SimulatedVm.layer(described(scene))), runInVirtualTime)
            }
          })
      )
    }
  }

  const kinds = ["crash", "crash after", "crash half", "lose", "fail", "late", "hang", "lag"] as const
  for (const [name, scene] of Object.entries(scenes)) {
    test(`${name}: three runs with faults by chance, for 100 seeds`, {}, () =>
      Effect.gen(function* () {
        for (let seed = 0; seed < 100; seed++) {
          const chance = yield* Random.withSeed(Effect.service(Random.Random), `${name}/${seed}`)
          const faults: Faults = () =>
            chance.nextDoubleUnsafe() < 0.04 ? kinds[Math.floor(chance.nextDoubleUnsafe() * kinds.length)] : undefined
          yield* recovers(scene, `seed ${seed}`, [faults, faults, faults])
        }
      })
    )
  }

  const scene = scenes["another image, data on a disk, a tmpfs"]
  test("after a crash at any call, a run that fails leaves the VM with a container that runs", {}, () =>
    Effect.gen(function* () {
      for (const { at } of (yield* callsOf(scene)).filter((call) => isOneOfAKind("crash after", call))) {
        yield* Effect.gen(function* () {
          const vm = yield* SimulatedVm
          yield* started(scene.before)
          const before = vm.transcript.length
          vm.setFaults((_, index) => (index === before + at ? "crash after" : undefined))
          yield* Effect.exit(boot(scene.declaration))
          vm.setFaults(undefined)
          vm.restartAgent()
          yield* refused(declare({ image: "registry.example/missing:1" }))
          const up = vm.engine.containers.filter(({ isUp }) => isUp)
          assert.strictEqual(up.length, 1, `crash after call ${at}`)
          assert.strictEqual(up[0]!.restartPolicy.name, "always", `crash after call ${at}`)
          assert.match(up[0]!.name, /^klt-web-[a-z]{4}$/, `crash after call ${at}`)
        }).pipe(Effect.provide(SimulatedVm.layer(described(scene))), runInVirtualTime)
      }
    })
  )
})

describe("a run that fails before it looks at the VM", () => {
  const scene = scenes["another image, data on a disk, a tmpfs"]
  for (const [what, faults, declaration] of [
    ["at its declaration", () => undefined, declare({ image: "UPPER" })],
    [
      "at metadata",
      ({ name }: { readonly name: string }) => (name.startsWith("metadata") ? "fail" : undefined),
      scene.declaration
    ]
  ] as const) {
    test(`${what}: brings back the container that a dead run had stopped`, described(scene), () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const { name } = yield* started(scene.before)
        const { id } = vm.container(name)!
        vm.setFaults((call) => (call.name === "docker create" ? "crash" : undefined))
        yield* Effect.exit(boot(scene.declaration))
        vm.restartAgent()
        assert.isFalse(vm.engine.containers[0]!.isUp)
        vm.setFaults(faults)
        assert.isTrue(Exit.isFailure(yield* Effect.exit(boot(declaration, { lastGood: false }))))
        assert.deepStrictEqual(
          vm.engine.containers.map((one) => [one.id, one.isUp, one.restartPolicy.name]),
          [[id, true, "always"]]
        )
        vm.setFaults(undefined)
        const after = yield* started(scene.declaration)
        assert.deepStrictEqual(
          vm.engine.containers.map((one) => [one.name, one.isUp]),
          [[after.name, true]]
        )
      })
    )
  }
})
