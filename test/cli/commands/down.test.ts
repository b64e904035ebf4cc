import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { SimulatedVm } from "../../../src/simulation/SimulatedVm.ts"
import { runInVirtualTime } from "../../../src/simulation/host/VirtualTime.ts"
import { onVm, slipway } from "../CommandLine.ts"
import { declared, images, outputOf, secret } from "../declared.ts"

const quiet = ["--no-open-iptables", "--no-show-welcome"]

/** The engine of the VM on which commands ran. */
const engineOf = (layer: Effect.Success<ReturnType<typeof onVm>>) =>
  Effect.map(SimulatedVm, ({ engine }) => engine).pipe(Effect.provide(layer))

describe("slipway down", () => {
  it.effect("says what was stopped, and the next up starts the same container again", () =>
    Effect.gen(function* () {
      const layer = yield* onVm({ declaration: declared, images })
      const layerVm = () => layer
      yield* slipway(["up", ...quiet], { layerVm })
      const run = yield* slipway(["down", "--no-show-welcome"], { layerVm })
      assert.strictEqual(run.exitCode, 0)
      assert.match(run.stdout, /^klt-web-[a-z]{4} was stopped: exit code 143\n2 steps in [\d.]+ m?s\n$/)
      assert.match(
        run.stderr,
        /set the restart policy of klt-web-[a-z]{4} to "no", because the engine is not to start it/
      )
      assert.match(
        run.stderr,
        /stop klt-web-[a-z]{4}, with a grace period of 10s, because everything of ours is to be stopped/
      )
      const again = yield* slipway(["down"], { layerVm })
      assert.deepStrictEqual([again.exitCode, again.stdout], [0, "No container of ours runs: nothing to do.\n"])
      const plan = yield* slipway(["plan", "--no-open-iptables"], { layerVm })
      assert.match(
        plan.stdout,
        /^klt-web-[a-z]{4} is to be started: 2 steps\.\n {2}1 {2}start klt-web-[a-z]{4} again\n {5}because `down`, or its deadline, had stopped it, and it is declared to run\n/
      )
      const up = yield* slipway(["up", ...quiet], { layerVm })
      assert.match(up.stdout, /^klt-web-[a-z]{4} was started: running/)
      assert.deepStrictEqual(
        (yield* engineOf(layer)).containers.map(({ isUp, starts }) => [isUp, starts.length]),
        [[true, 2]]
      )
    }).pipe(runInVirtualTime)
  )

  it.effect("--dry-run prints the steps and changes nothing", () =>
    Effect.gen(function* () {
      const layer = yield* onVm({ declaration: declared, images })
      const layerVm = () => layer
      yield* slipway(["up", ...quiet], { layerVm })
      const run = yield* slipway(["down", "--remove", "--dry-run", "--within", "5s"], { layerVm })
      const [, name] = /^(klt-web-[a-z]{4}) /.exec(run.stdout) ?? []
      assert.strictEqual(
        run.stdout,
        `${name} is to be removed: 3 steps.
  1  set the restart policy of ${name} to "no"
     because the engine is not to start it by itself before the next \`up\`
  2  stop ${name}, with a grace period of 4s
     because everything of ours is to be stopped
     after 1
  3  remove ${name}
     because it is not to be kept
     after 1, 2
warning: ${name} has 4s to end instead of 10s: there is no more time
`
      )
      const json = yield* slipway(["down", "--dry-run", "--format", "json"], { layerVm })
      assert.deepInclude(JSON.parse(json.stdout), { version: 1, remove: false, warnings: [] })
      assert.isTrue((yield* engineOf(layer)).containers.every(({ isUp }) => isUp))
    }).pipe(runInVirtualTime)
  )

  it.effect("--remove and JSON: what became of each, without a secret", () =>
    Effect.gen(function* () {
      const layer = yield* onVm({ declaration: declared, images })
      const layerVm = () => layer
      yield* slipway(["up", "--no-show-welcome"], { layerVm })
      const run = yield* slipway(["down", "--remove", "--format", "json"], { layerVm })
      assert.strictEqual(run.exitCode, 0)
      assert.notInclude(outputOf(run), secret)
      const { containers, steps, ...rest } = JSON.parse(run.stdout) as Record<
        "containers" | "steps",
        ReadonlyArray<object>
      >
      assert.deepInclude(rest, { version: 1, remove: true, failures: [], warnings: [] })
      assert.deepInclude(containers?.[0], {
        container: "web",
        role: "main",
        status: "gone",
        exitCode: null,
        isStopped: true,
        isToReturn: false
      })
      assert.deepStrictEqual(
        steps?.map((step) => ("kind" in step ? step.kind : undefined)),
        ["Disarm", "Stop", "Remove", "CloseFirewall"]
      )
      assert.lengthOf((yield* engineOf(layer)).containers, 0)
    }).pipe(runInVirtualTime)
  )

  it.effect("what cannot be stopped: 1, its name on standard error, and JSON all the same", () =>
    Effect.gen(function* () {
      const layer = yield* onVm({ declaration: declared, images })
      const layerVm = () => layer
      yield* slipway(["up", ...quiet], { layerVm })
      const { containers } = yield* engineOf(layer)
      containers[0]!.stuck = { stop: "fails" }
      const run = yield* slipway(["down", "--format", "json"], { layerVm })
      assert.strictEqual(run.exitCode, 1)
      assert.match(
        run.stderr,
        /slipway: not all that is ours could be stopped:\n.*\nklt-web-[a-z]{4} still runs \(running\)\n/
      )
      const { failures } = JSON.parse(run.stdout) as { failures: ReadonlyArray<{ error: string }> }
      assert.deepStrictEqual(
        failures.map(({ error }) => error),
        ["ContainerStuck"]
      )
    }).pipe(runInVirtualTime)
  )

  it.effect("one that is too late: 1, what still runs, JSON all the same, and the run is kept", () =>
    Effect.gen(function* () {
      const layer = yield* onVm({ declaration: declared, images })
      const layerVm = () => layer
      yield* slipway(["up", ...quiet], { layerVm })
      const vm = yield* SimulatedVm.pipe(Effect.provide(layer))
      vm.setFaults(({ name }) => (name === "docker stop" ? "hang" : undefined))
      const run = yield* slipway(["down", "--within", "2s", "--format", "json"], { layerVm })
      assert.strictEqual(run.exitCode, 1)
      assert.match(run.stderr, /not everything had come to its end after 2s\. The engine was asked to stop klt-web-/)
      const { containers: left, failures } = JSON.parse(run.stdout) as Record<string, ReadonlyArray<object>>
      assert.deepInclude(left?.[0], { container: "web", status: "running", isStopped: true })
      assert.deepInclude(failures?.[0], { error: "DownTooLate" })
      const why = yield* slipway(["why"], { layerVm })
      assert.include(why.stdout, "not everything had come to its end after 2s")
      const status = yield* slipway(["status"], { layerVm })
      assert.strictEqual(status.exitCode, 3, status.stdout)
      assert.include(status.stdout, "not everything had come to its end after 2s")
    }).pipe(runInVirtualTime)
  )

  it.effect("needs no declaration, not even one that is named; what is wrong with its own flags is 78", () =>
    Effect.gen(function* () {
      const layerVm = () => SimulatedVm.layer()
      const run = yield* slipway(["down"], { layerVm, env: { SLIPWAY_DECLARATION: "/missing.yaml" } })
      assert.deepStrictEqual([run.exitCode, run.stdout], [0, "No container of ours runs: nothing to do.\n"])
      const refused = yield* slipway(["down", "--within", "soon"], { layerVm })
      assert.strictEqual(refused.exitCode, 78)
      assert.include(refused.stderr, "--within must be a length of time")
    }).pipe(runInVirtualTime)
  )
})
