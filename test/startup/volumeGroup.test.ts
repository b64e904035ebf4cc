import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Progress } from "../../src/progress/Progress.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { changes, declare, other, root, started, test, withFiles } from "./SimulatedBoot.ts"

const data = `${root}/gce-persistent-disks/data`
const cache = `${root}/tmpfss/cache`
const disks = { disks: [{ deviceName: "data", content: withFiles }] }

/** Whose volumes belong to a group. */
const grouped = (
  securityContext: Record<string, unknown>,
  container: Record<string, unknown> = {},
  keys: Record<string, unknown> = {}
): string =>
  declare(
    {
      volumeMounts: [
        { name: "data", mountPath: "/data" },
        { name: "cache", mountPath: "/cache" },
        { name: "scratch", mountPath: "/scratch" },
        { name: "host", mountPath: "/host" }
      ],
      ...container
    },
    {
      securityContext,
      volumes: [
        { name: "data", gcePersistentDisk: { pdName: "data", ...keys } },
        { name: "cache", emptyDir: { medium: "Memory" } },
        { name: "scratch", emptyDir: {} },
        { name: "host", hostPath: { path: "/srv" } }
      ]
    }
  )

const groupOf = Effect.fnUntraced(function* (path: string) {
  const { host } = yield* SimulatedVm
  const found = host.files.owner(path)
  return found === undefined ? undefined : [found.gid, found.mode]
})

/** How often all files of a volume were looked at, since the transcript was that long. */
const walks = Effect.fnUntraced(function* (since = 0) {
  return (yield* changes(since)).filter((name) => name === "run find").length
})

describe("fsGroup", () => {
  test("gives disks and every emptyDir to the group, and processes belong to it; not a hostPath", disks, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(grouped({ fsGroup: 2000, supplementalGroups: [500] }))
      assert.deepStrictEqual(yield* groupOf(`${data}/kept`), [2000, "0664"])
      assert.deepStrictEqual(yield* groupOf(data), [2000, "2775"])
      assert.deepStrictEqual(yield* groupOf(cache), [2000, "3777"])
      assert.strictEqual((yield* groupOf(`${root}/empty-dirs/scratch`))?.[0], 2000)
      assert.deepStrictEqual(yield* groupOf("/srv"), [0, "0755"])
      assert.deepStrictEqual(vm.container(name)!.spec.security?.supplementalGroups, [500, 2000])
      const calls = vm.transcript.map(({ name }) => name)
      assert.isBelow(calls.lastIndexOf("run chgrp"), calls.indexOf("docker start"))
    })
  )

  test("does nothing to what a container that stays has mounted", disks, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(grouped({ fsGroup: 2000 }))
      vm.host.files.write(`${data}/mine`, "written since")
      const before = vm.transcript.length
      assert.isTrue((yield* started(grouped({ fsGroup: 2000 }))).kept)
      assert.deepStrictEqual(yield* changes(before), [])
      assert.deepStrictEqual(yield* groupOf(`${data}/mine`), [0, "0644"])
    })
  )

  for (const [policy, looked] of [
    [undefined, 3],
    ["Always", 3],
    // The policy is for disks alone.
    ["OnRootMismatch", 2]
  ] as const) {
    test(`looks at all files again for a new container, as its policy (${policy}) says`, disks, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const security = { fsGroup: 2000, ...(policy === undefined ? {} : { fsGroupChangePolicy: policy }) }
        yield* started(grouped(security))
        assert.strictEqual(yield* walks(), 3)
        const before = vm.transcript.length
        yield* started(grouped(security, { image: other.reference }))
        assert.strictEqual(yield* walks(before), looked)
        // Another group, or a root that lost its permissions, is a mismatch.
        const then = vm.transcript.length
        yield* started(grouped({ ...security, fsGroup: 3000 }, { image: other.reference }))
        assert.strictEqual(yield* walks(then), 3)
        assert.deepStrictEqual(yield* groupOf(`${data}/kept`), [3000, "0664"])
      })
    )
  }

  test("leaves a disk as it is that nothing may write to", { ...disks, declarationKey: "slipway-declaration" }, () =>
    Effect.gen(function* () {
      yield* started(grouped({ fsGroup: 2000 }, {}, { readOnly: true }))
      assert.deepStrictEqual(yield* groupOf(`${data}/kept`), [0, "0644"])
    })
  )

  test("begun by a run that died, is done by the next, whatever its policy", disks, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const declared = grouped({ fsGroup: 2000, fsGroupChangePolicy: "OnRootMismatch" })
      vm.setFaults(({ name, subject }) => (name === "run chgrp" && subject === data ? "crash" : undefined))
      yield* Effect.exit(started(declared))
      vm.restartAgent()
      vm.setFaults(undefined)
      vm.host.files.write(`${data}/late`, "not seen by the first")
      yield* started(declared)
      assert.deepStrictEqual(yield* groupOf(`${data}/late`), [2000, "0664"])
    })
  )

  test("says how far it has come on a disk of many files", disks, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      // Half a minute.
      vm.setFaults(({ name, subject }) => (name === "run find" && subject === ")" ? "late" : undefined))
      const notices: Array<string> = []
      yield* started(grouped({ fsGroup: 2000 })).pipe(
        Effect.provideService(Progress, (event) =>
          Effect.sync(() => void (event._tag === "Notice" && notices.push(event.text)))
        )
      )
      assert.include(notices, "the group of the volume data becomes 2000: 1 file by now")
      assert.isAtLeast(notices.filter((text) => text.includes("volume data")).length, 2)
      assert.deepStrictEqual(yield* groupOf(data), [2000, "2775"])
    })
  )
})
