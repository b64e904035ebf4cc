import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { inject } from "vitest"
import type { Report } from "../../src/startup/Report.ts"
import { CommandRunner } from "../../src/vm/host/CommandRunner.ts"
import { HostFixture } from "../vm/host/HostContract.ts"
import { bench, boot, layerVm, onClearVm, Vm } from "./Vm.ts"

/** A container that does not run as root, with its data on a disk. */
const grouped = (pdName: string, securityContext: Record<string, unknown>, container: Record<string, unknown> = {}) =>
  JSON.stringify({
    spec: {
      securityContext: { runAsUser: 1000, runAsGroup: 1000, ...securityContext },
      containers: [
        {
          name: "web",
          image: `${bench().registry}/app:1`,
          volumeMounts: [
            { name: "data", mountPath: "/data" },
            { name: "cache", mountPath: "/cache" },
            { name: "scratch", mountPath: "/scratch" }
          ],
          ...container
        }
      ],
      volumes: [
        { name: "data", gcePersistentDisk: { pdName } },
        { name: "cache", emptyDir: { medium: "Memory" } },
        { name: "scratch", emptyDir: {} }
      ]
    }
  })

const started = Effect.fnUntraced(function* (declaration: string) {
  const report: Report = yield* boot(declaration)
  if (report._tag !== "Running") return assert.fail(`the run came to ${report._tag}`)
  return { ...report, ...report.containers[0]! }
})

const attach = Effect.gen(function* () {
  const { metadata } = yield* Vm
  const deviceName = yield* (yield* HostFixture).attach("data")
  metadata.disks.push({ deviceName, mode: "READ_WRITE" })
  return deviceName
})

const inside = Effect.fnUntraced(function* (name: string, line: string) {
  const { docker } = yield* Vm
  return (yield* docker("exec", name, "busybox", "sh", "-c", line)).trim()
})

describe.skipIf(inject("bench") === undefined)("fsGroup on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    test("lets a container that does not run as root write to its volumes, as a member of the group", () =>
      Effect.gen(function* () {
        const { name } = yield* started(grouped(yield* attach, { fsGroup: 2000 }))
        assert.strictEqual(yield* inside(name, "busybox id -u; busybox id -G"), "1000\n1000 2000")
        assert.strictEqual(yield* inside(name, "busybox stat -c '%u %g %a' /data/kept"), "0 2000 664")
        for (const volume of ["/data", "/cache", "/scratch"]) {
          assert.strictEqual(yield* inside(name, `busybox stat -c '%g' ${volume}`), "2000", volume)
          // What is made in it belongs to the group as well.
          const made = `echo new >${volume}/new && busybox stat -c '%u %g' ${volume}/new`
          assert.strictEqual(yield* inside(name, made), "1000 2000", volume)
        }
        assert.strictEqual(yield* inside(name, "echo more >>/data/kept && cat /data/kept"), "data\nmore")
      }))

    test("is set again for a new container, or with OnRootMismatch only where the root does not have it", () =>
      Effect.gen(function* () {
        const runner = yield* CommandRunner
        const { mountRoot } = yield* HostFixture
        const disk = yield* attach
        const stray = `${mountRoot}/gce-persistent-disks/${disk}/stray`
        const groupOf = Effect.map(runner.run({ program: "stat", args: ["-c", "%g %a", stray] }), ({ stdout }) =>
          stdout.trim()
        )
        const changed = (value: string) => ({ env: [{ name: "CHANGED", value }] })
        const lazy = { fsGroup: 2000, fsGroupChangePolicy: "OnRootMismatch" }
        yield* started(grouped(disk, lazy))
        yield* runner.run({ program: "install", args: ["-m", "0600", "-g", "0", "/dev/null", stray] })
        yield* started(grouped(disk, lazy, changed("1")))
        assert.strictEqual(yield* groupOf, "0 600")
        yield* started(grouped(disk, { fsGroup: 2000 }, changed("2")))
        assert.strictEqual(yield* groupOf, "2000 660")
        yield* started(grouped(disk, { ...lazy, fsGroup: 3000 }, changed("3")))
        assert.strictEqual(yield* groupOf, "3000 660")
      }))
  })
})
