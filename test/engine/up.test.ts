import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { inject } from "vitest"
import { CommandRunner } from "../../src/vm/host/CommandRunner.ts"
import { HostFixture } from "../vm/host/HostContract.ts"
import { slipway } from "./executable.ts"
import { bench, layerVm, onClearVm, Vm } from "./Vm.ts"

const secret = "s3cr3t-v4lue"
const declare = (image: string, rest = "") => `spec:
  containers:
    - name: web
      image: ${bench().registry}/${image}
      env:
        - name: PASSWORD
          value: ${secret}
${rest}`

describe.skipIf(inject("bench") === undefined)("slipway up on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    test("starts the image that the engine holds where no registry answers, and says so", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const host = yield* HostFixture
        const runner = yield* CommandRunner
        yield* vm.docker("pull", `${bench().registry}/app:1`)
        // Nothing listens on port 1.
        yield* vm.docker("tag", `${bench().registry}/app:1`, "127.0.0.1:1/app:1")
        vm.metadata.attributes["gce-container-declaration"] = declare("app:1").replace(bench().registry, "127.0.0.1:1")
        const refused = yield* slipway(["up", "--pull-fallback", "never"])
        assert.strictEqual(refused.exitCode, 1, refused.stdout)
        assert.deepStrictEqual(yield* vm.containers, [])
        const run = yield* slipway(["up"], { SLIPWAY_SHOW_WELCOME: "true" })
        assert.strictEqual(run.exitCode, 0, run.stderr)
        assert.match(run.stdout, /CAUTION: the image is the cached 127\.0\.0\.1:1\/app:1 \(pulled [^)]*\)/)
        assert.match(run.stderr, /the image is the cached/)
        const banner = yield* runner.run({ program: "cat", args: ["--", host.scriptPath] })
        assert.include(banner.stdout, "CAUTION")
        // What metadata declared is kept for when it is away, for nobody else to read.
        const kept = yield* runner.run({
          program: "stat",
          args: ["--format=%a", "--", `${host.statePath}/declaration`]
        })
        assert.strictEqual(kept.stdout.trim(), "600")
        assert.strictEqual((yield* vm.containers).length, 1)
        yield* vm.docker("rm", "--force", ...(yield* vm.containers))
        yield* vm.docker("image", "rm", "127.0.0.1:1/app:1", `${bench().registry}/app:1`)
      }))

    test("starts the VM's container, says so, and finds it there the next time", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        vm.metadata.attributes["gce-container-declaration"] = declare("app:1")
        const first = yield* slipway(["up"])
        assert.strictEqual(first.exitCode, 0, first.stderr)
        assert.match(first.stdout, /^klt-web-[a-z]{4} was started: running/)
        assert.match(first.stdout, /pull +.*█/)
        const second = yield* slipway(["up"])
        assert.strictEqual(second.exitCode, 0, second.stderr)
        assert.match(second.stdout, /was as declared: running/)
        assert.strictEqual((yield* vm.containers).length, 1)
        for (const text of [first.stdout, first.stderr, second.stdout, second.stderr]) assert.notInclude(text, secret)
      }))

    test("prefers its own key, and does nothing where there is no declaration", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const none = yield* slipway(["up"])
        assert.strictEqual(none.exitCode, 0)
        assert.match(none.stdout, /declares no container/)
        vm.metadata.attributes["gce-container-declaration"] = "nonsense"
        vm.metadata.attributes["slipway-declaration"] = declare("app:1")
        const run = yield* slipway(["up"])
        assert.strictEqual(run.exitCode, 0, run.stderr)
      }))

    test("a metadata key that nothing reads ends with 78, and what was probably meant", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        vm.metadata.attributes["user-data"] = "#cloud-config"
        vm.metadata.attributes["gce_container_declaration"] = declare("app:1")
        const run = yield* slipway(["up"])
        assert.strictEqual(run.exitCode, 78, run.stderr)
        assert.include(run.stderr, '"gce_container_declaration", which nothing reads')
        assert.notInclude(run.stderr, secret)
        assert.deepStrictEqual(yield* vm.containers, [])
      }))

    test("a declaration that cannot work ends with 78, with its place, and touches nothing", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        vm.metadata.attributes["gce-container-declaration"] = declare("app:1", "  restartPolicy: Allways\n")
        const run = yield* slipway(["up"])
        assert.strictEqual(run.exitCode, 78)
        assert.include(run.stderr, "metadata:gce-container-declaration:8:18")
        assert.include(run.stderr, "Always")
        assert.notInclude(run.stderr, secret)
        assert.deepStrictEqual(yield* vm.containers, [])
      }))

    test("a container that fails ends with 1, its exit code and its last words", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        vm.metadata.attributes["gce-container-declaration"] = declare("job:fails")
        const run = yield* slipway(["up"])
        assert.strictEqual(run.exitCode, 1)
        assert.include(run.stderr, "exit code 3")
        assert.include(run.stderr, "no database")
      }))

    test("where nothing is declared, the engine is not needed", () =>
      Effect.gen(function* () {
        const run = yield* slipway(["up"], { DOCKER_HOST: "unix:///nowhere/docker.sock" })
        assert.strictEqual(run.exitCode, 0, run.stderr)
      }))

    test("with a declaration from a file, a metadata server that refuses is final at once", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const runner = yield* CommandRunner
        const { scriptPath } = yield* HostFixture
        const file = `${scriptPath}.yaml`
        const stdin = declare("app:1").replace("env:", "volumeMounts: [{ name: d, mountPath: /d }]\n      env:")
        yield* runner.run({ program: "mkdir", args: ["-p", file.slice(0, file.lastIndexOf("/"))] })
        yield* runner.run({
          program: "tee",
          args: [file],
          stdin: `${stdin}  volumes: [{ name: d, gcePersistentDisk: { pdName: data } }]\n`
        })
        const run = yield* slipway(["up", "--declaration", file], { GCE_METADATA_HOST: "127.0.0.1:9" })
        assert.strictEqual(run.exitCode, 1)
        assert.include(run.stderr, "127.0.0.1:9")
        assert.deepStrictEqual(yield* vm.containers, [])
      }))

    test("plan prints what up would do, and does nothing", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        vm.metadata.attributes["gce-container-declaration"] = declare("app:1")
        const plan = yield* slipway(["plan"])
        assert.strictEqual(plan.exitCode, 0, plan.stderr)
        assert.match(plan.stdout, /because there is no such container yet/)
        const json = yield* slipway(["plan", "--format", "json"])
        const { steps } = JSON.parse(json.stdout) as { steps: ReadonlyArray<{ id: string }> }
        assert.includeMembers(
          steps.map(({ id }) => id),
          ["create web", "start web", "confirm web"]
        )
        assert.notInclude(json.stdout, secret)
        assert.deepStrictEqual(yield* vm.containers, [])
      }))

    for (const [signal, code] of [
      ["SIGTERM", 143],
      ["SIGINT", 130]
    ] as const) {
      test(`${signal} ends it with ${code} at once; the container that ran before runs`, () =>
        Effect.gen(function* () {
          const vm = yield* Vm
          vm.metadata.attributes["gce-container-declaration"] = declare("app:1")
          assert.strictEqual((yield* slipway(["up"])).exitCode, 0)
          const before = yield* vm.containers
          const { Id } = yield* vm.inspect(before[0]!)
          vm.metadata.attributes["gce-container-declaration"] = declare("app:2")
          let isSent = false
          // It would wait far longer than the test may take, were it not ended.
          const run = yield* slipway(["up", "--confirm", "24h"], {}, (stderr, kill) => {
            if (isSent || !stderr.includes("done: start")) return
            isSent = true
            kill(signal)
          })
          assert.strictEqual(run.exitCode, code, run.stderr)
          assert.deepStrictEqual(yield* vm.containers, before)
          const after = yield* vm.inspect(before[0]!)
          assert.deepStrictEqual([after.Id, after.State.Status], [Id, "running"])
        }))
    }

    test("killed in the middle of the switch: the next run brings the old container back, whatever becomes of it", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        vm.metadata.attributes["gce-container-declaration"] = declare("app:1")
        assert.strictEqual((yield* slipway(["up"])).exitCode, 0)
        const name = (yield* vm.containers)[0]!
        const { Id } = yield* vm.inspect(name)
        vm.metadata.attributes["gce-container-declaration"] = declare("app:2")
        const killed = yield* slipway(["up"], {}, (stderr, kill) => {
          if (stderr.includes("done: stop")) kill("SIGKILL")
        })
        assert.isNull(killed.exitCode)
        vm.metadata.attributes["gce-container-declaration"] = declare("nowhere:1")
        const failed = yield* slipway(["up"])
        assert.strictEqual(failed.exitCode, 1)
        assert.include(failed.stderr, "what an earlier run had set aside, and left so, runs again")
        const { Id: id, State, HostConfig } = yield* vm.inspect(name)
        assert.deepStrictEqual([id, State.Status, HostConfig.RestartPolicy.Name], [Id, "running", "always"])
        assert.deepStrictEqual(yield* vm.containers, [name])
        vm.metadata.attributes["gce-container-declaration"] = declare("app:2")
        assert.strictEqual((yield* slipway(["up"])).exitCode, 0)
        assert.deepStrictEqual(yield* vm.containers, [name])
      }))

    test("attached, the container's output and exit code are its own", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        vm.metadata.attributes["gce-container-declaration"] = declare("job:fails", "  restartPolicy: Never\n")
        const run = yield* slipway(["up", "--no-detached"])
        assert.strictEqual(run.exitCode, 3, run.stderr)
        assert.include(run.stdout, "started\n")
        assert.include(run.stderr, "no database\n")
      }))
  })
})
