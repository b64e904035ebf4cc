import { layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { assert, describe, inject } from "vitest"
import { HostFixture } from "../vm/host/HostContract.ts"
import { bench, boot, clear, inside, layerVm, onClearVm, onlyRunning, reboot, runOnHost, started, Vm } from "./Vm.ts"

type Keys = Record<string, unknown>

/** A container with a part of one volume, which runs on. */
const declare = (volume: Keys, part: Keys, container: Keys = {}): string =>
  JSON.stringify({
    spec: {
      containers: [
        {
          name: "web",
          image: `${bench().registry}/app:1`,
          volumeMounts: [{ name: "data", mountPath: "/data", ...part }],
          ...container
        }
      ],
      volumes: [{ name: "data", ...volume }]
    }
  })
const second = () => ({ image: `${bench().registry}/app:2` })
const bare = () => JSON.stringify({ spec: { containers: [{ name: "web", image: `${bench().registry}/app:1` }] } })

const onHost = (script: string) => runOnHost("sh", "-c", script)

/** What is bound for containers, in the host's mount table. */
const bound = Effect.gen(function* () {
  const { mountRoot } = yield* HostFixture
  const table = yield* runOnHost("cat", "/proc/self/mounts")
  return table.split("\n").filter((line) => line.includes(` ${mountRoot}/subpaths/`))
})

/** A directory of this test's own on the host. */
const directory = Effect.gen(function* () {
  const { filesRoot } = yield* HostFixture
  yield* onHost(`rm -rf ${filesRoot}/volume ${filesRoot}/outside; mkdir -p ${filesRoot}/volume ${filesRoot}/outside`)
  return { volume: `${filesRoot}/volume`, outside: `${filesRoot}/outside` }
})

describe.skipIf(inject("bench") === undefined)("parts of volumes on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    test("a directory that is there is mounted as it is, and one that is made has the permissions of the root", () =>
      Effect.gen(function* () {
        const { volume } = yield* directory
        const hostPath = { hostPath: { path: volume } }
        yield* onHost(`chmod 0750 ${volume}; mkdir -m 0700 ${volume}/there; echo kept > ${volume}/there/file`)

        const there = declare(hostPath, { subPath: "./there/" })
        yield* started(there)
        assert.strictEqual(yield* inside("cat /data/file; busybox stat -c %a /data; ls /data"), "kept\n700\nfile")
        yield* inside("echo written > /data/new")
        assert.strictEqual(yield* onHost(`cat ${volume}/there/new`), "written")
        assert.deepStrictEqual((yield* started(there)).steps, [])

        // A umask would take from this.
        yield* onHost(`chmod 2775 ${volume}`)
        const made = declare(hostPath, { subPath: "a/b" })
        yield* started(made)
        assert.strictEqual(yield* inside("busybox stat -c %a /data; ls -A /data"), "2775")
        assert.strictEqual(yield* onHost(`stat -c %a ${volume}/a ${volume}/a/b`), "2775\n2775")
        assert.deepStrictEqual((yield* started(made)).steps, [])
        assert.lengthOf(yield* bound, 1)

        yield* started(declare(hostPath, { subPath: "there", readOnly: true }))
        assert.strictEqual(yield* inside("touch /data/x 2>/dev/null && echo writable || cat /data/file"), "kept")

        yield* started(bare())
        assert.deepStrictEqual(yield* bound, [])
        assert.strictEqual(yield* onHost(`cat ${volume}/there/file`), "kept")
      }))

    test("a file may be mounted, and variables may name it", () =>
      Effect.gen(function* () {
        const { volume } = yield* directory
        yield* onHost(`mkdir ${volume}/shop; echo port=1 > ${volume}/shop/app.conf`)
        const declared = declare(
          { hostPath: { path: volume } },
          { mountPath: "/etc/app.conf", subPathExpr: "$(SITE)/app.conf", readOnly: true },
          { env: [{ name: "SITE", value: "shop" }] }
        )
        yield* started(declared)
        assert.strictEqual(yield* inside("cat /etc/app.conf"), "port=1")
        assert.deepStrictEqual((yield* started(declared)).steps, [])
      }))

    for (const [kind, volume, isKept] of [
      ["an emptyDir", { emptyDir: {} }, true],
      ["an emptyDir in memory", { emptyDir: { medium: "Memory" } }, false]
    ] as const) {
      test(`parts of ${kind} are apart, and as lasting as it is`, () =>
        Effect.gen(function* () {
          const parts = (container: Keys = {}) =>
            declare(
              volume,
              {},
              {
                volumeMounts: [
                  { name: "data", mountPath: "/a", subPath: "a" },
                  { name: "data", mountPath: "/b", subPath: "b/c" },
                  { name: "data", mountPath: "/all" }
                ],
                ...container
              }
            )
          yield* started(parts())
          yield* inside("echo of-a > /a/file; echo of-b > /b/file")
          assert.strictEqual(
            yield* inside("cat /all/a/file /all/b/c/file; ls /a /b"),
            "of-a\nof-b\n/a:\nfile\n\n/b:\nfile"
          )
          assert.deepStrictEqual((yield* started(parts())).steps, [])
          yield* started(parts(second()))
          assert.strictEqual(yield* inside("cat /a/file 2>/dev/null || echo none"), isKept ? "of-a" : "none")
          // The host tells no other boot: a directory on the disk is still that of this one.
          yield* reboot
          yield* started(parts(second()))
          assert.strictEqual(yield* inside("cat /a/file 2>/dev/null || echo none"), isKept ? "of-a" : "none")
          yield* started(bare())
          assert.deepStrictEqual(yield* bound, [])
        }))
    }

    test("a part of a disk outlives containers and boots, and nothing starts without it", () =>
      Effect.gen(function* () {
        const { attach } = yield* HostFixture
        const { metadata, docker } = yield* Vm
        const deviceName = yield* attach("blank")
        metadata.disks.push({ deviceName, mode: "READ_WRITE" })
        const disk = { gcePersistentDisk: { pdName: deviceName } }
        yield* started(declare(disk, { subPath: "db/data" }))
        yield* inside("echo precious > /data/file")
        yield* started(declare(disk, { subPath: "db/data" }, second()))
        assert.strictEqual(yield* inside("cat /data/file"), "precious")

        yield* reboot
        assert.strictEqual((yield* docker("ps", "--quiet")).trim(), "")
        assert.deepStrictEqual(yield* bound, [])
        metadata.disks.splice(0, 1, { deviceName, mode: "READ_WRITE" })
        yield* started(declare(disk, { subPath: "db/data" }, second()))
        assert.strictEqual(yield* inside("cat /data/file"), "precious")
        yield* started(declare(disk, { subPath: "db" }, second()))
        assert.strictEqual(yield* inside("cat /data/data/file"), "precious")
        assert.deepStrictEqual((yield* started(declare(disk, { subPath: "db" }, second()))).steps, [])
      }))

    test("a link that leads out of the volume is refused, whoever made it, and the container runs on", () =>
      Effect.gen(function* () {
        const { volume, outside } = yield* directory
        const hostPath = { hostPath: { path: volume } }
        yield* onHost(`echo secret > ${outside}/file`)
        const all = declare(hostPath, {})
        yield* started(all)
        const before = yield* onlyRunning
        // Made by the container: nothing keeps it from that.
        yield* inside(`busybox ln -s ${outside} /data/absolute; busybox ln -s ../outside /data/upwards`)
        yield* inside("busybox mkdir -p /data/deep/er; busybox ln -s ../../../outside /data/deep/er/upwards")
        for (const subPath of ["absolute", "absolute/new", "upwards", "deep/er/upwards", "absolute/file"]) {
          const failure = yield* Effect.flip(boot(declare(hostPath, { subPath }, second())))
          assert.strictEqual(failure._tag, "PlanRefused", failure.message)
          assert.include(failure.message, `a symbolic link in the volume leads out of it, to ${outside}`)
        }
        assert.strictEqual((yield* onlyRunning).Id, before.Id)
        assert.strictEqual(yield* onHost(`ls -A ${outside}`), "file")

        // A link that stays inside is followed.
        yield* inside("busybox mkdir /data/v2; echo two > /data/v2/file; busybox ln -s v2 /data/current")
        yield* started(declare(hostPath, { subPath: "current" }, second()))
        assert.strictEqual(yield* inside("cat /data/file"), "two")
      }))

    test("a link that a running container puts in the place of what it has mounted leads nowhere", () =>
      Effect.gen(function* () {
        const { volume, outside } = yield* directory
        yield* onHost(`echo secret > ${outside}/file; mkdir ${volume}/part; echo own > ${volume}/part/file`)
        const both = (container: Keys = {}) =>
          declare(
            { hostPath: { path: volume } },
            {},
            {
              volumeMounts: [
                { name: "data", mountPath: "/all" },
                { name: "data", mountPath: "/part", subPath: "part" }
              ],
              ...container
            }
          )
        yield* started(both())
        yield* inside(`busybox mv /all/part /all/old; busybox ln -s ${outside} /all/part`)
        assert.strictEqual(yield* inside("cat /part/file"), "own")
        assert.deepStrictEqual((yield* started(both())).steps, [])
        const { Id } = yield* onlyRunning
        const failure = yield* Effect.flip(boot(both(second())))
        assert.strictEqual(failure._tag, "PlanRefused", failure.message)
        assert.strictEqual((yield* onlyRunning).Id, Id)

        yield* reboot
        const refused = yield* Effect.flip(boot(both()))
        assert.include(refused.message, "leads out of it")
        const { docker } = yield* Vm
        assert.strictEqual((yield* docker("ps", "--quiet")).trim(), "")
        yield* onHost(`rm ${volume}/part; mv ${volume}/old ${volume}/part`)
        yield* started(both())
        assert.strictEqual(yield* inside("cat /part/file"), "own")
      }))

    test("what is no path in the volume is refused at its line", () =>
      Effect.gen(function* () {
        yield* clear
        for (const subPath of ["../x", "a/../../x", "/etc"]) {
          const failure = yield* Effect.flip(boot(declare({ emptyDir: {} }, { subPath })))
          assert.strictEqual(failure._tag, "DeclarationInvalid", failure.message)
        }
        const { containers } = yield* Vm
        assert.deepStrictEqual(yield* containers, [])
      }))
  })
})
