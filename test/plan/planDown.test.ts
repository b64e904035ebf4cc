import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { isActive, isLost, type Observation } from "../../src/observation/Observation.ts"
import { isAside, roleLabel } from "../../src/observation/Ownership.ts"
import { describeDown, downPlanJson } from "../../src/plan/describeDown.ts"
import { plan } from "../../src/plan/Plan.ts"
import { type DownDemand, type DownPlan, planDown } from "../../src/plan/planDown.ts"
import { graceOf } from "../../src/plan/stopGrace.ts"
import { after } from "../startup/After.ts"
import { type Scene, Scenes, secret } from "./Generated.ts"
import { downed, PodScenes } from "./GeneratedPods.ts"
import { ancestors, having, orders, precede } from "./StepOrders.ts"

const demands: ReadonlyArray<DownDemand> = [
  { remove: false, until: "the next run" },
  { remove: true, until: "the next run" },
  { remove: false, until: "the next run", within: Duration.seconds(12) },
  { remove: false, until: "the next boot", within: Duration.seconds(12) }
]

/** A law of every plan for whatever is on a VM. */
const law = (title: string, holds: (plan: DownPlan, scene: Scene, demand: DownDemand) => void) => {
  for (const [kind, scenes, runs] of [
    ["one container", Scenes, 300],
    ["several", PodScenes, 150]
  ] as const) {
    it.prop(
      `${title} (${kind})`,
      [scenes],
      ([scene]: readonly [Scene]) => {
        for (const demand of demands) holds(planDown(scene.observation, demand), scene, demand)
      },
      { arbitrary: { runs, seed: title.length } }
    )
  }
}

const oursIn = ({ containers, lost }: Observation) => [...containers, ...lost]
const roleOf = ({ labels }: { readonly labels: Readonly<Record<string, string>> }) => labels[roleLabel] ?? "main"

describe("the laws of what stops everything", () => {
  law("nothing that is not ours is in a step", (plan, { observation, foreign }) => {
    for (const { action } of plan.steps) {
      if ("container" in action) assert.isTrue(oursIn(observation).includes(action.container))
      if (action._tag === "Unmount") {
        assert.include(observation.mounts, action.mount)
        assert.isTrue(`${action.mount.target}/`.startsWith(`${observation.mountRoot}/`))
      }
      if (action._tag === "RemoveNetwork") assert.include(observation.networks, action.name)
      if (action._tag === "RemoveFiles") {
        assert.isTrue(action.path.startsWith(`${observation.mountRoot}/files/`))
      }
      if (action._tag === "RemoveEmptyDir") assert.include(observation.volumes.emptyDirs.found, action.path)
    }
    const text = JSON.stringify(plan.steps)
    for (const { name } of foreign) assert.notInclude(text, `"${name}"`)
    const kinds = ["Disarm", "Stop"]
    const removing = ["Remove", "RemoveNetwork", "RemoveFiles", "RemoveEmptyDir", "Unmount", "CloseFirewall"]
    for (const { action } of plan.steps) assert.include(plan.remove ? [...kinds, ...removing] : kinds, action._tag)
  })

  law("all that runs is stopped once, and until the next run the engine starts nothing", (plan, scene, { until }) => {
    const { observation } = scene
    const active = oursIn(observation).filter(isActive)
    assert.sameMembers(
      having(plan, "Stop").map(({ action }) => action.container),
      active
    )
    if (until === "the next boot") {
      assert.deepStrictEqual(
        [...new Set(plan.steps.map(({ action }) => action._tag))].join(),
        active.length > 0 ? "Stop" : ""
      )
      assert.isFalse(plan.containers.some(({ isToReturn }) => isToReturn))
      return
    }
    for (const stop of having(plan, "Stop")) {
      const { container } = stop.action
      if (isLost(container) || container.restartPolicy.name === "no") continue
      const disarm = having(plan, "Disarm").filter(({ action }) => action.container === container)
      assert.lengthOf(disarm, 1)
      precede(plan, disarm, [stop])
    }
  })

  law(
    "containers first and side by side, then the sidecars one by one, the last started first, then the sandbox",
    (plan) => {
      const stops = having(plan, "Stop")
      const of = (...roles: ReadonlyArray<string>) =>
        stops.filter(({ action }) => roles.includes(roleOf(action.container)))
      const before = ancestors(plan)
      const sideBySide = of("main", "init")
      for (const { id } of sideBySide) for (const other of sideBySide) assert.isFalse(before.get(id)!.has(other.id))
      const sidecars = of("sidecar")
      precede(plan, sideBySide, sidecars)
      precede(plan, [...sideBySide, ...sidecars], of("sandbox"))
      const starts = sidecars.map(({ action: { container } }) =>
        isLost(container) ? 0 : Option.getOrElse(container.startedAt, () => 0)
      )
      assert.deepStrictEqual(
        starts,
        starts.toSorted((one, other) => other - one)
      )
      for (const [index, sidecar] of sidecars.slice(1).entries()) precede(plan, [sidecars[index]!], [sidecar])
    }
  )

  law("grace periods are as declared, or as short as the limit asks for", (plan, _, { within }) => {
    const stops = having(plan, "Stop")
    for (const { action } of stops) {
      const own = graceOf(action.container)
      assert.isAtMost(Duration.toMillis(action.grace), Duration.toMillis(own))
      if (within === undefined) assert.strictEqual(action.grace, own)
      else assert.isAtMost(Duration.toMillis(action.grace), Math.max(2000, Duration.toMillis(within) - 750))
      // A sandbox has nothing to do with its time.
      const isToBeSaid = Duration.isLessThan(action.grace, own) && roleOf(action.container) !== "sandbox"
      assert.strictEqual(
        plan.warnings.some((text) => text.startsWith(`${action.container.name} has `)),
        isToBeSaid
      )
    }
  })

  law("each step has a name of its own and a cause, and comes behind what it needs", (plan) => {
    const seen = new Set<string>()
    for (const { id, cause, needs } of plan.steps) {
      assert.isNotEmpty(cause)
      assert.isFalse(seen.has(id), `"${id}" is there twice`)
      for (const need of needs) assert.isTrue(seen.has(need), `"${id}" comes before "${need}"`)
      seen.add(id)
    }
    assert.notInclude(JSON.stringify([describeDown(plan), downPlanJson(plan)]), secret)
  })

  law(
    "done in whatever order, nothing runs, nothing is left where that is asked for, and the next is empty",
    (plan, scene, demand) => {
      // No volume is declared to it.
      const { volumes } = scene.observation
      const undeclared: Observation = {
        ...scene.observation,
        volumes: { ...volumes, emptyDirs: { ...volumes.emptyDirs, paths: new Map() } }
      }
      for (const steps of orders(plan.steps, plan.steps.length, 2)) {
        const seen = after(undeclared, steps, undeclared.mountRoot)
        assert.isFalse(oursIn(seen).some(isActive))
        assert.deepStrictEqual(planDown(seen, demand).steps, [])
        for (const { id, restartPolicy, exitCode } of seen.containers) {
          if (demand.until === "the next boot") {
            const before = scene.observation.containers.find((container) => container.id === id)
            assert.deepStrictEqual(restartPolicy, before?.restartPolicy)
            continue
          }
          assert.isTrue(restartPolicy.name === "no" || (restartPolicy.name === "on-failure" && exitCode === 0))
        }
        assert.deepStrictEqual(seen.disks, scene.observation.disks)
        if (!demand.remove) continue
        assert.deepStrictEqual(oursIn(seen), [])
        assert.deepStrictEqual(seen.networks, [])
        assert.deepStrictEqual(seen.volumes.files.entries, [])
        assert.lengthOf(seen.volumes.emptyDirs.found, plan.warnings.length)
        assert.deepStrictEqual(
          scene.observation.mounts.filter(
            (mount) => !seen.mounts.includes(mount) && !`${mount.target}/`.startsWith(`${seen.mountRoot}/`)
          ),
          []
        )
      }
    }
  )

  law("the next `up` creates nothing that it would have kept, and starts what ran", (down, scene, { remove }) => {
    if (remove) return
    const { workload, names, settings } = scene
    const before = plan(workload, scene.observation, names, settings)
    if (Result.isFailure(before) || before.success.provisional) return
    const observation = downed(scene.observation, { seed: down.steps.length })
    const next = Result.getOrThrow(plan(workload, observation, names, settings))
    for (const { container, kept } of before.success.containers) {
      if (Option.isNone(kept) || isLost(kept.value) || !isActive(kept.value) || isAside(kept.value)) continue
      const found = next.containers.find((one) => one.container === container)
      if (found === undefined) return assert.fail(`${container} is not there`)
      assert.strictEqual(found.fate, "stopped", `${container}: ${found.cause}`)
      assert.deepStrictEqual(
        Option.map(found.kept, ({ id }) => id),
        Option.some(kept.value.id)
      )
    }
  })

  it.effect("scenes are of every kind", () =>
    Effect.gen(function* () {
      const counts = new Map<string, number>()
      const scenes = [
        ...(yield* Arbitrary.sampleEffect(Scenes, { count: 500, seed: 4, size: 30 })),
        ...(yield* Arbitrary.sampleEffect(PodScenes, { count: 500, seed: 4, size: 30 }))
      ]
      for (const { observation } of scenes) {
        const { steps } = planDown(observation, { remove: true, until: "the next run" })
        const kinds = steps.map(({ action }) =>
          action._tag === "Stop" ? `Stop ${roleOf(action.container)}` : action._tag
        )
        for (const kind of new Set([...kinds, steps.length === 0 ? "empty" : "some"])) {
          counts.set(kind, (counts.get(kind) ?? 0) + 1)
        }
      }
      const stops = ["Disarm", "Stop main", "Stop sidecar", "Stop sandbox"]
      const removals = ["Remove", "RemoveNetwork", "Unmount", "RemoveFiles", "RemoveEmptyDir", "CloseFirewall"]
      for (const kind of ["empty", ...stops, ...removals]) {
        assert.isAtLeast(counts.get(kind) ?? 0, 10, `${kind}; ${JSON.stringify([...counts])}`)
      }
    })
  )
})
