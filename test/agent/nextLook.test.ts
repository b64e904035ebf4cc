import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type Ending, nextLook, soonest, stillNext } from "../../src/agent/nextLook.ts"
import { decodeDeclaration } from "../../src/declaration/Declaration.ts"
import { JobFailed } from "../../src/apply/confirm.ts"

const failed = (failures: number, over: Partial<Extract<Ending, { readonly _tag: "Failed" }>> = {}): Ending => ({
  _tag: "Failed",
  error: new Error("the engine is away"),
  failures,
  nextTry: undefined,
  ...over
})

const secondsUntil = (ending: Ending, random: number) => {
  const next = nextLook(ending, random)
  return next === "when something changes" ? assert.fail(next) : Duration.toSeconds(next.after)
}

const Random = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

describe("nextLook", () => {
  it.prop("comes 4 to 6 minutes after a look that found all well", [Random], ([random]) => {
    const seconds = secondsUntil({ _tag: "Matched" }, random)
    assert.isAtLeast(seconds, 240)
    assert.isAtMost(seconds, 360)
  })

  it("comes after 10 s, doubled to 5 min, where another declaration was read than was told", () => {
    const after = [1, 2, 3, 6, 1000].map((outdated) => secondsUntil({ _tag: "Matched", outdated }, 0.5))
    assert.deepStrictEqual(after, [10, 20, 40, 300, 300])
  })

  it("comes 10 s after a failure, doubled to 5 min, and never earlier", () => {
    const least = [1, 2, 3, 4, 5, 6, 7, 1000].map((failures) => secondsUntil(failed(failures), 0))
    assert.deepStrictEqual(least, [10, 20, 40, 80, 160, 300, 300, 300])
    assert.strictEqual(secondsUntil(failed(1), 1), 12)
  })

  it("comes when what was rolled back may be tried again", () => {
    assert.strictEqual(secondsUntil(failed(1, { nextTry: Duration.seconds(160) }), 0), 160)
  })

  it("waits for a change where another try would end in the same way", () => {
    const declaration = Result.getOrThrow(Result.flip(decodeDeclaration({ file: "pod.yaml", text: "spec: {}" })))
    const job = new JobFailed({ container: "klt-job-abcd", exitCode: 1, lastLogLines: [] })
    for (const ending of [
      failed(1, { error: declaration }),
      failed(1, { error: job }),
      failed(1, { nextTry: "next boot" })
    ]) {
      assert.strictEqual(nextLook(ending, 0.5), "when something changes")
    }
  })

  it("waits for no change that has come and could not be read yet", () => {
    const declaration = Result.getOrThrow(Result.flip(decodeDeclaration({ file: "pod.yaml", text: "spec: {}" })))
    assert.strictEqual(secondsUntil(failed(2, { error: declaration, isOutdated: true }), 0), 20)
  })

  it("asks the registries in time", () => {
    const matched: Ending = { _tag: "Matched" }
    assert.deepStrictEqual(nextLook(matched, 0, { tagsDue: Duration.seconds(30) }), {
      after: Duration.seconds(30),
      occasion: { _tag: "TagsDue" }
    })
    assert.deepStrictEqual(nextLook(matched, 0, { tagsDue: Duration.minutes(30) }), {
      after: Duration.minutes(4),
      occasion: { _tag: "TimePassed" }
    })
  })

  it("does not put off a retry for what happens to containers", () => {
    const before = nextLook(failed(3), 0)
    assert.deepStrictEqual(before, { after: Duration.seconds(40), occasion: { _tag: "Retried" } })
    const still = stillNext(before, Duration.seconds(30))
    assert.deepStrictEqual(nextLook(failed(3), 0, { still }), {
      after: Duration.seconds(10),
      occasion: { _tag: "Retried" }
    })
    // One that is sooner by what has failed now is.
    assert.deepStrictEqual(nextLook(failed(1), 0, { still: stillNext(before, Duration.seconds(5)) }), {
      after: Duration.seconds(10),
      occasion: { _tag: "Retried" }
    })
    assert.isUndefined(stillNext(nextLook({ _tag: "Matched" }, 0), Duration.seconds(30)))
    assert.isUndefined(stillNext("when something changes", Duration.seconds(30)))
  })

  it("comes sooner where something has come up during the last one, unless only a change helps", () => {
    const next = nextLook(failed(1), 0)
    const asked = { _tag: "Asked" } as const
    const engineChanged = { _tag: "EngineChanged" } as const
    const stirred = (seconds: number) => ({ after: Duration.seconds(seconds), occasion: engineChanged })
    assert.deepStrictEqual(soonest(next, undefined, undefined), next)
    assert.deepStrictEqual(soonest(next, undefined, Duration.seconds(3)), stirred(3))
    assert.deepStrictEqual(soonest(next, undefined, Duration.seconds(30)), next)
    assert.deepStrictEqual(soonest(next, asked, Duration.seconds(3)), { after: Duration.zero, occasion: asked })
    assert.strictEqual(soonest("when something changes", asked, Duration.zero), "when something changes")
  })
})
