import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Fault } from "../../src/simulation/Calls.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { runInVirtualTime } from "../../src/simulation/host/VirtualTime.ts"
import { defaultDownSettings, down } from "../../src/startup/down.ts"
import { app, boot, secret, startedPod, test, token } from "./SimulatedBoot.ts"

const pod = JSON.stringify({
  spec: {
    hostNetwork: false,
    restartPolicy: "Never",
    initContainers: [{ name: "proxy", image: app.reference, restartPolicy: "Always" }],
    containers: [{ name: "web", image: app.reference, env: [{ name: "PASSWORD", value: secret }] }],
    volumes: [{ name: "scratch", emptyDir: {} }]
  }
})
const description = { images: [{ ...app, local: true }], token }

const upAndIds = Effect.map(SimulatedVm, ({ engine }) => ({
  running: engine.containers.filter(({ isUp }) => isUp).length,
  ids: engine.containers.map(({ id }) => id)
}))

type Run = Effect.Effect<unknown, unknown, Effect.Services<ReturnType<typeof boot>>>

/** The call of that number of one run has a fault; then the Pod is declared again. */
const faulty = (before: Run, run: Run, fault: Fault, at: number) =>
  Effect.gen(function* () {
    const vm = yield* SimulatedVm
    yield* startedPod(pod)
    const { ids } = yield* upAndIds
    yield* before
    const from = vm.transcript.length
    // An answer of a host's program that is lost is its failure.
    vm.setFaults(({ name }, index) =>
      index - from === at && (fault !== "lose" || name.startsWith("docker")) ? fault : undefined
    )
    const exit = yield* Effect.exit(run)
    vm.setFaults(undefined)
    vm.restartAgent()
    const calls = vm.transcript.length - from
    const where = `${JSON.stringify(fault)} at call ${at}, ${vm.transcript[from + at]?.name}`
    const inBetween = yield* upAndIds
    yield* startedPod(pod)
    const last = yield* upAndIds
    assert.strictEqual(last.running, 3, where)
    assert.lengthOf(last.ids, 3, where)
    assert.deepStrictEqual((yield* startedPod(pod)).steps, [], where)
    return { exit, calls, where, inBetween, isSame: last.ids.every((id) => ids.includes(id)) }
  }).pipe(Effect.provide(SimulatedVm.layer(description)), runInVirtualTime)

const nothing = Effect.void
const stopping = down(defaultDownSettings)
const removing = down({ ...defaultDownSettings, remove: true })

describe("whatever one call does, the next run comes to the declared Pod", () => {
  for (const fault of ["crash", "crash after", "lose"] as const) {
    test(`${fault}, at each call of down: in the same containers`, {}, () =>
      Effect.gen(function* () {
        const { calls } = yield* faulty(nothing, stopping, fault, -1)
        assert.isAbove(calls, 10)
        for (let at = 0; at < calls; at++) {
          const { exit, where, inBetween, isSame } = yield* faulty(nothing, stopping, fault, at)
          assert.isTrue(isSame, where)
          if (fault !== "lose") continue
          assert.isTrue(Exit.isSuccess(exit), `${where}: ${JSON.stringify(exit)}`)
          assert.strictEqual(inBetween.running, 0, where)
        }
      })
    )

    if (fault === "crash") continue

    test(`${fault}, at each call of down --remove`, {}, () =>
      Effect.gen(function* () {
        const { calls } = yield* faulty(nothing, removing, fault, -1)
        for (let at = 0; at < calls; at++) {
          const { exit, where, inBetween } = yield* faulty(nothing, removing, fault, at)
          if (fault !== "lose") continue
          assert.isTrue(Exit.isSuccess(exit), `${where}: ${JSON.stringify(exit)}`)
          assert.lengthOf(inBetween.ids, 0, where)
        }
      })
    )

    test(`${fault}, at each call of the run that starts everything again`, {}, () =>
      Effect.gen(function* () {
        const { calls } = yield* faulty(stopping, boot(pod), fault, -1)
        for (let at = 0; at < calls; at++) {
          const { where, isSame } = yield* faulty(stopping, boot(pod), fault, at)
          assert.isTrue(isSame, where)
        }
      })
    )
  }
})
