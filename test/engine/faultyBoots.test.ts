import { readlinkSync, rmSync, symlinkSync } from "node:fs"
import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { inject } from "vitest"
import { CommandRunner } from "../../src/vm/host/CommandRunner.ts"
import { devicePath } from "../../src/workload/devicePath.ts"
import { HostFixture } from "../vm/host/HostContract.ts"
import { slipway } from "./executable.ts"
import { type Call, type Fault, type FaultProxy, makeFaultProxy } from "./FaultProxy.ts"
import { startEngine } from "./engineProcess.ts"
import { bench, layerVm, onClearVm, onlyRunning, Vm } from "./Vm.ts"

const declare = (image: string, volume = ""): string => `spec:
  containers:
    - name: web
      image: ${bench().registry}/${image}
      ${volume === "" ? "" : "volumeMounts: [{ name: data, mountPath: /data }]"}
  ${volume === "" ? "" : `volumes: [{ name: data, gcePersistentDisk: { pdName: ${volume} } }]`}
`

/** The VM's one container, running; whatever else is there fails the test. */
const running = Effect.gen(function* () {
  const found = yield* onlyRunning
  return { id: found.Id, image: String(found.Config["Image"]).slice(bench().registry.length + 1) }
})

const changes = ({ method, path }: Call): boolean => method !== "GET" && path !== "/images/create"

describe.skipIf(inject("bench") === undefined)("boots that go wrong, on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    /** Replaces one version by the other, and kills the executable at each call in turn; then a clean run. */
    const killedAtEachCall = Effect.fnUntraced(function* (
      proxy: FaultProxy,
      isMeant: (call: Call) => boolean,
      fault: Fault
    ) {
      const vm = yield* Vm
      const env = { DOCKER_HOST: proxy.address, SLIPWAY_CONFIRM: "0s" }
      const boot = Effect.fnUntraced(function* (image: string) {
        vm.metadata.attributes["gce-container-declaration"] = declare(image)
        return yield* slipway(["up"], env)
      })
      // Both images are there before, so that each run makes the same calls.
      yield* boot("app:2")
      yield* boot("app:1")
      let kills = 0
      for (let at = 0; ; at++) {
        const next = (yield* running).image === "app:1" ? "app:2" : "app:1"
        vm.metadata.attributes["gce-container-declaration"] = declare(next)
        let kill: (signal: NodeJS.Signals) => void = () => {}
        let meant = 0
        let killedAt = ""
        proxy.follow((call) => {
          if (!isMeant(call) || meant++ !== at) return undefined
          killedAt = `${call.method} ${call.path}`
          kill("SIGKILL")
          return fault
        })
        const killed = yield* slipway(["up"], env, (_, send) => (kill = send))
        proxy.follow()
        if (killedAt === "") return kills
        kills++
        assert.isNull(killed.exitCode, `${killedAt}: it was not killed`)
        assert.isAtMost((yield* vm.docker("ps", "--quiet")).split("\n").length - 1, 1, `${killedAt}: two run`)
        const clean = yield* slipway(["up"], env)
        assert.strictEqual(clean.exitCode, 0, `${killedAt}: ${clean.stderr}`)
        assert.strictEqual((yield* running).image, next, killedAt)
      }
    })

    test("killed before each call to the engine in turn, the next run comes to what is declared", () =>
      Effect.gen(function* () {
        const proxy = yield* makeFaultProxy({ socketPath: (yield* Vm).engine.socketPath })
        assert.isAtLeast(yield* killedAtEachCall(proxy, () => true, { _tag: "Hang" }), 12)
      }))

    test("killed as the engine works on each change in turn, the next run comes to what is declared", () =>
      Effect.gen(function* () {
        const proxy = yield* makeFaultProxy({ socketPath: (yield* Vm).engine.socketPath })
        assert.isAtLeast(yield* killedAtEachCall(proxy, changes, { _tag: "Silent" }), 6)
      }))

    test("two runs at once: the second waits for the first and finds its container", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        vm.metadata.attributes["gce-container-declaration"] = declare("app:1")
        const runs = yield* Effect.all([slipway(["up"]), slipway(["up"])], { concurrency: 2 })
        for (const run of runs) assert.strictEqual(run.exitCode, 0, run.stderr)
        const said = runs.map(({ stdout }) => (stdout.includes("was as declared") ? "kept" : "started"))
        assert.sameMembers(said, ["kept", "started"])
        yield* running
      }))

    test("an engine that comes late is waited for", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        vm.metadata.attributes["gce-container-declaration"] = declare("app:1")
        yield* Effect.promise(() => vm.engine.halt())
        let resumed: Promise<void> | undefined
        const run = yield* slipway(["up"], {}, (stderr) => {
          if (stderr.includes("ping the engine")) resumed ??= vm.engine.resume()
        })
        yield* Effect.promise(() => resumed ?? vm.engine.resume())
        assert.isDefined(resumed, "nothing was said of the engine")
        assert.strictEqual(run.exitCode, 0, run.stderr)
        yield* running
      }))

    test("a metadata server that refuses, breaks off, fails and talks nonsense at first is waited for", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const [host = "", port] = vm.metadataHost.split(":")
        const proxy = yield* makeFaultProxy({ host, port: Number(port) })
        vm.metadata.attributes["gce-container-declaration"] = declare("app:1")
        const faults: ReadonlyArray<Fault> = [
          { _tag: "Reset" },
          { _tag: "Status", code: 503 },
          { _tag: "Lost" },
          { _tag: "Status", code: 429 },
          { _tag: "Truncated", bytes: 5 },
          { _tag: "Hang" }
        ]
        proxy.follow(({ index }) => faults[index])
        const run = yield* slipway(["up"], { GCE_METADATA_HOST: proxy.address, SLIPWAY_METADATA_TIMEOUT: "300ms" })
        assert.strictEqual(run.exitCode, 0, run.stderr)
        yield* running
      }))

    test("a disk that comes late is waited for", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const deviceName = yield* (yield* HostFixture).attach("blank")
        const link = devicePath(deviceName, 0)
        const device = readlinkSync(link)
        rmSync(link)
        vm.metadata.disks.push({ deviceName, mode: "READ_WRITE" })
        vm.metadata.attributes["gce-container-declaration"] = declare("app:1", deviceName)
        let attached = false
        const attach = () => {
          if (!attached) symlinkSync(device, link)
          attached = true
        }
        // The fixture wants to find it when it tidies up.
        yield* Effect.addFinalizer(() => Effect.sync(attach))
        const run = yield* slipway(["up"], {}, (stderr) => {
          if (stderr.includes("has not appeared yet")) attach()
        })
        assert.isTrue(attached, "it was not said that the disk is waited for")
        assert.strictEqual(run.exitCode, 0, run.stderr)
        yield* running
      }))

    test("on an engine whose disk is full it says how much is free, and keeps the old container", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const runner = yield* CommandRunner
        const run = (program: string, ...args: ReadonlyArray<string>) =>
          Effect.map(Effect.orDie(runner.run({ program, args })), (result) => {
            assert.strictEqual(result.exitCode, 0, result.stderr)
            return result.stdout.trim()
          })
        const directory = yield* run("mktemp", "-d", "/tmp/slipway-full-XXXXXX")
        yield* run("truncate", "--size=24M", `${directory}/disk`)
        yield* run("mkfs.ext4", "-q", `${directory}/disk`)
        yield* run("mkdir", "-p", `${directory}/engine/data`)
        yield* run("mount", "-o", "loop", `${directory}/disk`, `${directory}/engine/data`)
        // Its end unmounts all that is in its directory.
        const engine = yield* Effect.acquireRelease(
          Effect.promise(() => startEngine(`${directory}/engine`, {})),
          (engine) =>
            Effect.andThen(
              Effect.promise(() => engine.stop()),
              run("rm", "-r", "--", directory)
            )
        )
        const env = { DOCKER_HOST: engine.host }
        vm.metadata.attributes["gce-container-declaration"] = declare("app:1")
        const first = yield* slipway(["up"], env)
        assert.strictEqual(first.exitCode, 0, first.stderr)
        yield* runner.run({
          program: "dd",
          args: ["if=/dev/zero", `of=${directory}/engine/data/filler`, "bs=64K", "status=none"]
        })
        vm.metadata.attributes["gce-container-declaration"] = declare("big:1")
        const full = yield* slipway(["up"], env)
        assert.strictEqual(full.exitCode, 1, full.stderr)
        assert.match(
          full.stderr,
          /the engine's disk is full: [\d.]+ MB are free at \/tmp\/slipway-full-\w+\/engine\/data(\/containerd\/daemon)?;/
        )
        const names = yield* run("docker", "-H", engine.host, "ps", "--format", "{{.Image}}")
        assert.match(names, /app:1$/)
      }))
  })
})
