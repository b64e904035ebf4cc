import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { inject } from "vitest"
import { HostFixture } from "../vm/host/HostContract.ts"
import { slipway } from "./executable.ts"
import { type Call, type Fault, type FaultProxy, makeFaultProxy } from "./FaultProxy.ts"
import { bench, layerVm, onClearVm, Vm } from "./Vm.ts"

/** On SIGTERM it ends when it is let, which is when there is a file; without it, it takes its whole grace. */
const program =
  "trap 'until [ -e /control/end ]; do sleep 0.05; done; exit 0' TERM; echo up; while :; do sleep 0.05; done"

const declare = (version: number, disk: string, control: string): string =>
  JSON.stringify({
    spec: {
      containers: [
        {
          name: "web",
          image: `${bench().registry}/app:${version}`,
          command: ["/bin/sh", "-c", program],
          volumeMounts: [
            { name: "data", mountPath: "/data" },
            { name: "cache", mountPath: "/cache" },
            { name: "control", mountPath: "/control" }
          ]
        }
      ],
      volumes: [
        { name: "data", gcePersistentDisk: { pdName: disk } },
        { name: "cache", emptyDir: { medium: "Memory" } },
        { name: "control", hostPath: { path: control } }
      ]
    }
  })

/** The places of a run at which it can be struck: a call to the engine, or what it says as it begins a step. */
const phases: Readonly<Record<string, ((call: Call) => boolean) | RegExp>> = {
  pull: ({ path }) => path === "/images/create",
  "check of a disk": /check the filesystem on/,
  "setting aside: the name": ({ path }) => path.endsWith("/rename"),
  "setting aside: the restart policy": ({ path }) => path.endsWith("/update"),
  stop: ({ path }) => path.endsWith("/stop"),
  unmount: /info unmount /,
  mount: /info mount \/dev/,
  create: ({ path }) => path === "/containers/create",
  start: ({ path }) => path.endsWith("/start"),
  confirmation: ({ path }) => path === "/events",
  "removal of the old one": ({ method, path }) => method === "DELETE" && path.startsWith("/containers/")
}

const exitCodes: Readonly<Record<string, number | null>> = { SIGTERM: 143, SIGINT: 130, SIGHUP: 129, SIGKILL: null }

type Send = (signal: NodeJS.Signals) => void

describe.skipIf(inject("bench") === undefined)("a signal to a run, on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    /** A VM on which one version runs; the versions have different disks, so that one is unmounted for the other. */
    const makeScene = Effect.gen(function* () {
      const vm = yield* Vm
      const host = yield* HostFixture
      const proxy = yield* makeFaultProxy({ socketPath: vm.engine.socketPath })
      const control = `${host.filesRoot}/control`
      mkdirSync(control, { recursive: true })
      yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(control, { recursive: true })))
      const disks = [yield* host.attach("data"), yield* host.attach("data")] as const
      vm.metadata.disks = disks.map((deviceName) => ({ deviceName, mode: "READ_WRITE" }))
      let current = 1
      const env = { DOCKER_HOST: proxy.address, SLIPWAY_LOG_FORMAT: "plain", SLIPWAY_CONFIRM: "300ms" }
      return {
        vm,
        proxy,
        env,
        /** The next version is declared. */
        declareNext: Effect.sync(() => {
          current = 3 - current
          vm.metadata.attributes["gce-container-declaration"] = declare(current, disks[current - 1]!, control)
          return current
        }),
        letEnd: () => writeFileSync(`${control}/end`, ""),
        holdOn: () => rmSync(`${control}/end`, { force: true })
      }
    })
    type Scene = Effect.Success<typeof makeScene>

    const mustRun = Effect.fnUntraced(function* (scene: Scene, where: string) {
      const run = yield* slipway(["up"], scene.env)
      assert.strictEqual(run.exitCode, 0, `${where}: ${run.stderr}`)
    })

    /** One runs, on its disk, as it is declared to; and nothing that was asked for is still to end it. */
    const oneRuns = Effect.fnUntraced(function* ({ vm }: Scene, where: string) {
      const names = (yield* vm.docker("ps", "--format", "{{.Names}}")).split("\n").filter((name) => name !== "")
      assert.lengthOf(names, 1, where)
      const { Id, HostConfig, State } = yield* vm.inspect(names[0]!)
      assert.deepStrictEqual([State.Status, HostConfig.RestartPolicy.Name], ["running", "always"], where)
      assert.include(yield* vm.docker("exec", Id, "ls", "/data"), "kept", where)
      // A stop that is under way is a signal since the last start.
      const until = `${Math.ceil(Date.now() / 1000)}`
      const filters = ["event=start", "event=kill", `container=${Id}`].flatMap((filter) => ["--filter", filter])
      const events = yield* vm.docker("events", "--since", "1", "--until", until, "--format", "{{.Action}}", ...filters)
      assert.strictEqual(events.trim().split("\n").at(-1), "start", where)
      return { name: names[0]!, id: Id }
    })

    /** A good run leaves the version that is declared, and nothing else. */
    const comesThere = Effect.fnUntraced(function* (scene: Scene, version: number, where: string) {
      scene.letEnd()
      yield* mustRun(scene, where)
      const { name } = yield* oneRuns(scene, where)
      assert.match(name, /^klt-web-[a-z]{4}$/, where)
      assert.deepStrictEqual(yield* scene.vm.containers, [name], where)
      const { Config } = yield* scene.vm.inspect(name)
      assert.match(String(Config["Image"]), new RegExp(`app:${version}$`), where)
    })

    /** Sends the signal when the run is at the phase, and does what else is to be done then. */
    const strike = Effect.fnUntraced(function* (
      { proxy, env }: Scene,
      at: ((call: Call) => boolean) | RegExp,
      signal: NodeJS.Signals,
      onOutput: (stderr: string, send: Send) => void = () => {},
      fault?: Fault
    ) {
      let send: Send = () => {}
      let isStruck = false
      const once = () => {
        if (isStruck) return false
        isStruck = true
        send(signal)
        return true
      }
      proxy.follow((call) => (typeof at === "function" && at(call) && once() ? fault : undefined))
      const run = yield* slipway(["up"], env, (stderr, kill) => {
        send = kill
        if (at instanceof RegExp && at.test(stderr)) once()
        onOutput(stderr, kill)
      })
      proxy.follow()
      return { ...run, isStruck }
    })

    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGKILL"] as const) {
      test(`${signal} in each phase: one runs, and the next good run leaves its own alone`, () =>
        Effect.gen(function* () {
          const scene = yield* makeScene
          const { vm } = scene
          yield* comesThere(scene, yield* scene.declareNext, "the first run")
          for (const [phase, at] of Object.entries(phases)) {
            const where = `${signal} at ${phase}`
            const next = yield* scene.declareNext
            const declared = vm.metadata.attributes["gce-container-declaration"]!
            if (phase === "pull") yield* vm.docker("image", "rm", "--force", `${bench().registry}/app:${next}`)
            if (phase === "stop") scene.holdOn()
            else scene.letEnd()
            // Passed on, and not answered: what was asked of the engine goes on without the run.
            const fault: Fault | undefined = signal === "SIGKILL" ? { _tag: "Silent" } : undefined
            const run = yield* strike(
              scene,
              at,
              signal,
              (stderr) => {
                if (stderr.includes("the engine's answer, before this run ends")) scene.letEnd()
              },
              fault
            )
            assert.isTrue(run.isStruck, `${where}: it did not come there: ${run.stderr}`)
            assert.strictEqual(run.exitCode, exitCodes[signal], `${where}: ${run.stderr}`)
            if (signal === "SIGKILL") {
              // What is declared by now cannot be used.
              vm.metadata.attributes["gce-container-declaration"] = "spec: { containers: [{ image: UPPER }] }"
              const refused = yield* slipway(["up"], scene.env, (stderr) => {
                if (stderr.includes("may be stopping")) scene.letEnd()
              })
              assert.strictEqual(refused.exitCode, 78, `${where}: ${refused.stderr}`)
              vm.metadata.attributes["gce-container-declaration"] = declared
            }
            yield* oneRuns(scene, where)
            yield* comesThere(scene, next, where)
          }
        }))
    }

    test("the old container takes its whole grace, and is started after it", () =>
      Effect.gen(function* () {
        const scene = yield* makeScene
        yield* comesThere(scene, yield* scene.declareNext, "the first run")
        const before = yield* oneRuns(scene, "the first run")
        scene.holdOn()
        yield* scene.declareNext
        const run = yield* strike(scene, phases["stop"]!, "SIGTERM")
        assert.strictEqual(run.exitCode, 143, run.stderr)
        assert.deepStrictEqual(yield* oneRuns(scene, "after SIGTERM"), before)

        const killed = yield* strike(scene, phases["stop"]!, "SIGKILL", () => {}, { _tag: "Silent" })
        assert.isNull(killed.exitCode)
        scene.vm.metadata.attributes["gce-container-declaration"] = JSON.stringify({
          spec: { containers: [{ name: "web", image: `${bench().registry}/nowhere:1` }] }
        })
        const failed = yield* slipway(["up"], scene.env)
        assert.strictEqual(failed.exitCode, 1, failed.stderr)
        assert.match(failed.stderr, /what an earlier run had set aside, and left so, runs again/)
        assert.deepStrictEqual(yield* oneRuns(scene, "after SIGKILL"), before)
      }))

    test("a second signal is answered, and leaves no mess", () =>
      Effect.gen(function* () {
        const scene = yield* makeScene
        yield* comesThere(scene, yield* scene.declareNext, "the first run")
        const before = yield* oneRuns(scene, "the first run")
        scene.holdOn()
        yield* scene.declareNext
        let isSecond = false
        const run = yield* strike(scene, phases["stop"]!, "SIGTERM", (stderr, send) => {
          if (stderr.includes("the engine's answer, before this run ends") && !isSecond) {
            isSecond = true
            send("SIGINT")
          }
          if (stderr.includes("SIGINT again")) scene.letEnd()
        })
        assert.strictEqual(run.exitCode, 143, run.stderr)
        assert.include(run.stderr, "SIGINT again")
        assert.deepStrictEqual(yield* oneRuns(scene, "after two signals"), before)
      }))

    test("a run that waits for another, or for metadata, ends at once; one that is attached leaves its container", () =>
      Effect.gen(function* () {
        const scene = yield* makeScene
        const { vm, env } = scene
        yield* scene.declareNext
        // The first waits at its start for an answer that never comes, and so the second for the lock.
        let send: Send = () => {}
        let isHeld: () => void = () => {}
        const held = new Promise<void>((resolve) => (isHeld = resolve))
        scene.proxy.follow(({ path }) => {
          if (path !== "/containers/create") return undefined
          isHeld()
          return { _tag: "Hang" }
        })
        const first = slipway(["up"], env, (_, kill) => (send = kill))
        const second = Effect.andThen(
          Effect.promise(() => held),
          slipway(["up"], { ...env, DOCKER_HOST: vm.engine.host }, (stderr, kill) => {
            if (stderr.includes("another run is under way")) kill("SIGTERM")
          }).pipe(Effect.tap(() => Effect.sync(() => send("SIGKILL"))))
        )
        const [, waited] = yield* Effect.all([first, second], { concurrency: 2 })
        assert.strictEqual(waited.exitCode, 143, waited.stderr)
        scene.proxy.follow()

        const [host = "", port] = vm.metadataHost.split(":")
        const metadata: FaultProxy = yield* makeFaultProxy({ host, port: Number(port) })
        let kill: Send = () => {}
        metadata.follow(() => {
          kill("SIGHUP")
          return { _tag: "Hang" }
        })
        const asked = yield* slipway(
          ["up"],
          { ...env, GCE_METADATA_HOST: metadata.address },
          (_, sent) => (kill = sent)
        )
        assert.strictEqual(asked.exitCode, 129, asked.stderr)

        const attached = yield* slipway(["up", "--no-detached"], env, (stderr, sent) => {
          if (stderr.includes("was started: running")) sent("SIGHUP")
        })
        assert.strictEqual(attached.exitCode, 129, attached.stderr)
        assert.include(attached.stderr, "keeps running")
        yield* oneRuns(scene, "after an attached run")
      }))
  })
})
