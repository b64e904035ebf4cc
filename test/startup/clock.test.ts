import { assert, describe } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { renderReport } from "../../src/cli/output/renderReport.ts"
import type { Call, Fault } from "../../src/simulation/Calls.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { boot, declare, disk, onDisk, other, refused, running, started, test, withFiles } from "./SimulatedBoot.ts"

const hour = 3_600_000

/** From now on: faults as they are told, and once, at a call that it is told of, the wall clock jumps. */
const jumping = Effect.fnUntraced(function* (
  millis: number,
  when: (call: Call) => boolean,
  faultOf: (call: Call) => Fault | undefined = () => undefined
) {
  const vm = yield* SimulatedVm
  const origin = yield* vm.now
  let jumped = false
  vm.setFaults((call) => {
    const since = { ...call, at: call.at - origin }
    if (!jumped && when(since)) {
      jumped = true
      vm.jumpClock(millis)
    }
    return faultOf(since)
  })
  return { hasJumped: () => jumped }
})

const isMetadata = ({ name }: Call) => name === "metadata declaration"

/** Metadata does not answer in the first three minutes. */
const lateMetadata = (call: Call): Fault | undefined => (isMetadata(call) && call.at < 180_000 ? "fail" : undefined)
const aMinuteIn = ({ at }: Call) => at > 60_000

describe("the wall clock jumps, as when NTP answers", () => {
  test("only what it shows: time passes as it did", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const wall = yield* Clock.currentTimeMillis
      const monotonic = yield* Clock.monotonicTimeNanos
      vm.jumpClock(-2 * hour)
      yield* Effect.sleep(Duration.seconds(1))
      assert.strictEqual((yield* Clock.currentTimeMillis) - wall, 1_000 - 2 * hour)
      assert.strictEqual((yield* Clock.monotonicTimeNanos) - monotonic, 1_000_000_000n)
      assert.strictEqual(yield* vm.now, 1_000)
    })
  )

  test("back, after a pull: the image's age cannot be told, and no length of time is made up", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      yield* vm.reboot
      vm.jumpClock(-hour)
      vm.setFaults(({ name }) => (/^docker (resolve digest|pull)$/.test(name) ? "fail" : undefined))
      const { degraded } = yield* started(declare())
      assert.match(degraded.join(), /cached registry\.example\/app:1 \(pulled 2026-01-01T00:00:\S+Z\), which/)
    })
  )

  for (const [direction, millis] of [
    ["forward", hour],
    ["back", -hour]
  ] as const) {
    test(`an hour ${direction} while metadata is away: its answer is waited for all the same`, {}, () =>
      Effect.gen(function* () {
        yield* started(declare())
        const clock = yield* jumping(millis, aMinuteIn, lateMetadata)
        const report = yield* started(declare({ image: other.reference }))
        assert.isTrue(clock.hasJumped())
        assert.deepStrictEqual(report.degraded, [])
        assert.strictEqual(report.image, other.reference)
      })
    )

    test(`an hour ${direction} while metadata is away for good: five minutes are waited`, {}, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        yield* jumping(millis, aMinuteIn, (call) => (isMetadata(call) ? "fail" : undefined))
        const began = yield* vm.now
        assert.strictEqual((yield* refused(declare()))._tag, "MetadataError")
        const took = (yield* vm.now) - began
        assert.isAtLeast(took, 297_000)
        assert.isAtMost(took, 312_000)
      })
    )

    test(
      `an hour ${direction} while a disk is waited for: it is seen when it comes`,
      { disks: [{ ...disk(withFiles), appearsAfterMillis: 40_000 }] },
      () =>
        Effect.gen(function* () {
          const clock = yield* jumping(millis, ({ at }) => at > 20_000)
          const report = yield* started(onDisk())
          assert.isTrue(clock.hasJumped())
          assert.deepStrictEqual(yield* running, [report.name])
        })
    )

    test(
      `an hour ${direction} while a disk never comes: a minute is waited`,
      { disks: [{ ...disk(withFiles), appearsAfterMillis: 24 * hour }] },
      () =>
        Effect.gen(function* () {
          const vm = yield* SimulatedVm
          yield* jumping(millis, ({ at }) => at > 20_000)
          assert.strictEqual((yield* refused(onDisk()))._tag, "PlanRefused")
          const took = yield* vm.now
          assert.isAtLeast(took, 60_000)
          assert.isAtMost(took, 65_000)
        })
    )

    test(`an hour ${direction} while the engine is away: two minutes are waited`, {}, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        yield* jumping(
          millis,
          ({ at }) => at > 30_000,
          ({ name }) => (name === "docker ping" ? "fail" : undefined)
        )
        assert.strictEqual((yield* Effect.flip(boot(declare())))._tag, "DockerError")
        const took = yield* vm.now
        assert.isAtLeast(took, 117_000)
        assert.isAtMost(took, 130_000)
      })
    )

    for (const call of ["docker stop", "docker create", "docker start"]) {
      test(`an hour ${direction} at ${call} of a replacement: what it took is told as it was`, {}, () =>
        Effect.gen(function* () {
          const vm = yield* SimulatedVm
          yield* started(declare())
          const began = yield* vm.now
          const clock = yield* jumping(millis, ({ name }) => name === call)
          const report = yield* started(declare({ image: other.reference }))
          assert.isTrue(clock.hasJumped())
          assert.deepStrictEqual(yield* running, [report.name])
          // The run is recorded after that.
          const elapsed = (yield* vm.now) - began
          assert.isAtMost(Duration.toMillis(report.took), elapsed)
          assert.isAtLeast(Duration.toMillis(report.took), elapsed - 500)
          for (const { began, took } of report.steps) {
            assert.isAtLeast(Duration.toMillis(took), 0)
            assert.isAtMost(Duration.toMillis(began) + Duration.toMillis(took), Duration.toMillis(report.took))
          }
          assert.include(renderReport(report), `${report.name} was started`)
        })
      )
    }
  }
})
