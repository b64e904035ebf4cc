import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Result from "effect/Result"
import * as TestClock from "effect/testing/TestClock"
import { type ProgressOptions, withProgress } from "../../../src/cli/output/withProgress.ts"
import { type ProgressEvent, tell } from "../../../src/progress/Progress.ts"
import { describeStep } from "../../../src/plan/describe.ts"
import { parseImageReference } from "../../../src/workload/ImageReference.ts"

const pulling = (megabytes: number, id = "a"): ProgressEvent => ({
  _tag: "Pulling",
  image: "app:1",
  progress: { _tag: "Layer", id, status: "Downloading", currentBytes: megabytes * 1e6, totalBytes: 100e6 }
})
const step = describeStep({
  id: "open firewall",
  subject: "firewall",
  action: { _tag: "OpenFirewall" },
  cause: "it is closed",
  needs: []
})

/** Each line that was logged, with its level; nothing else logs. */
const logged = (run: Effect.Effect<void>, options?: ProgressOptions) =>
  Effect.gen(function* () {
    const lines: Array<string> = []
    const note = Logger.make(({ logLevel, message }) => void lines.push(`${logLevel} ${String(message)}`))
    yield* withProgress(run, options).pipe(Effect.provide(Logger.layer([note])))
    return lines
  })

/** A word of a pull each so many milliseconds. */
const pull = (words: number, everyMillis: number) =>
  Effect.forEach(
    Array.from({ length: words }, (_, index) => index),
    (index) => Effect.andThen(tell(pulling(index)), TestClock.adjust(everyMillis)),
    { discard: true }
  )

describe("withProgress", () => {
  it.effect("tells a pull every ten seconds where lines stay", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* logged(pull(26, 1000)), [
        "Info pulling app:1: 0 of 1 layers, 10.0 of 100.0 MB, 1.0 MB/s",
        "Info pulling app:1: 0 of 1 layers, 20.0 of 100.0 MB, 1.0 MB/s"
      ])
    })
  )

  it.effect("counts each of several images for itself", () =>
    Effect.gen(function* () {
      const layer = (image: string, id: string): ProgressEvent => ({
        _tag: "Pulling",
        image,
        progress: { _tag: "Layer", id, status: "Downloading", currentBytes: 1e6, totalBytes: 1e6 }
      })
      const done = (text: string) => {
        const image = Result.getOrThrow(parseImageReference(text))
        const action = { _tag: "Pull", image } as const
        const step = describeStep({ id: `pull ${text}`, subject: text, action, cause: "it is missing", needs: [] })
        return tell({ _tag: "StepDone", step, duration: Duration.seconds(1) })
      }
      const run = Effect.gen(function* () {
        yield* tell(layer("docker.io/library/app:1", "a"))
        yield* tell(layer("docker.io/library/app:1", "b"))
        yield* tell(layer("docker.io/library/side:1", "c"))
        yield* done("app:1")
        yield* done("side:1")
      })
      assert.deepStrictEqual(yield* logged(run), [
        "Info done: pull app:1 (1.0 s, 2.0 MB in 2 layers)",
        "Info done: pull side:1 (1.0 s, 1.0 MB in 1 layer)"
      ])
    })
  )

  it.effect("writes over the line ten times a second on a terminal, and clears it before another", () =>
    Effect.gen(function* () {
      const rewritten: Array<string> = []
      const run = Effect.andThen(pull(5, 50), tell({ _tag: "Waiting", text: "for a disk" }))
      const lines = yield* logged(run, { rewrite: (line) => void rewritten.push(line) })
      assert.deepStrictEqual(lines, ["Info waiting: for a disk"])
      assert.deepStrictEqual(rewritten, [
        "pulling app:1: 0 of 1 layers, 2.0 of 100.0 MB, 20.0 MB/s",
        "pulling app:1: 0 of 1 layers, 4.0 of 100.0 MB, 20.0 MB/s",
        ""
      ])
    })
  )

  it.effect("clears the line when the run ends in the middle of a pull", () =>
    Effect.gen(function* () {
      const rewritten: Array<string> = []
      const run = Effect.andThen(pull(3, 100), Effect.fail("broken"))
      yield* Effect.flip(withProgress(run, { rewrite: (line) => void rewritten.push(line) }))
      assert.lengthOf(rewritten, 3)
      assert.strictEqual(rewritten.at(-1), "")
    })
  )

  it.effect("tells each thing at its level; of a failure the first line only", () =>
    Effect.gen(function* () {
      const events: ReadonlyArray<ProgressEvent> = [
        { _tag: "Warning", text: "no ip6tables" },
        { _tag: "StepStarted", step },
        { _tag: "StepDone", step, duration: Duration.millis(40) },
        { _tag: "StepFailed", step, message: "refused\nmore" },
        { _tag: "StepUndone", step },
        { _tag: "UndoFailed", step, message: "gone" }
      ]
      const firewall = "open the firewall for tcp, udp and icmp"
      assert.deepStrictEqual(yield* logged(Effect.forEach(events, tell, { discard: true })), [
        "Warn no ip6tables",
        `Info ${firewall}, because it is closed`,
        `Info done: ${firewall} (0.04 s)`,
        `Error failed: ${firewall}: refused`,
        `Info rolled back: ${firewall}`,
        `Error could not roll back: ${firewall}: gone`
      ])
    })
  )
})
