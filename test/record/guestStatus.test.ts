import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import { GuestStatus, guestStatusOf, largestGuestStatus } from "../../src/record/GuestStatus.ts"
import type { RecordedContainer } from "../../src/record/RecordedContainer.ts"
import { Status } from "../../src/record/Status.ts"

const at = (seconds: number) => DateTime.makeUnsafe(seconds * 1000)
const decode = Schema.decodeUnknownSync(Schema.fromJsonString(GuestStatus))

const container: RecordedContainer = {
  name: "klt-web-abcd",
  container: "web",
  role: "main",
  id: "c0ffee",
  image: "registry.example/web:1",
  imageId: "sha256:1",
  digest: `sha256:${"2".repeat(64)}`,
  status: "running",
  exitCode: null,
  since: at(10),
  restarts: 2,
  health: null,
  ready: null
}
const done: Status = {
  version: 1,
  boot: "vm/boot-1",
  written: at(13),
  underWay: null,
  declared: {
    origin: "metadata",
    file: "metadata:slipway-declaration",
    sha256: "a".repeat(64),
    containers: [{ name: "web", image: "registry.example/web:1" }]
  },
  running: [container],
  lastRun: { result: "done", ended: at(13), seconds: 3, steps: 2, repeated: 1, error: null },
  degraded: [],
  nextTry: null
}
const failed: Status = {
  ...done,
  lastRun: {
    ...done.lastRun!,
    result: "failed",
    error: { tag: "ContainerFailed", message: "web did not stay up\nmore", advice: null }
  },
  nextTry: at(60)
}

const bytesOf = (text: string) => new TextEncoder().encode(text)

describe("the status as a guest attribute", () => {
  it("says what runs, what was wanted and why it is not there", () => {
    assert.deepStrictEqual(JSON.parse(guestStatusOf(done)), {
      version: 1,
      verdict: "as declared",
      sentence: "as declared: klt-web-abcd runs, from registry.example/web:1",
      why: [],
      underWay: null,
      doing: [],
      lastRun: "done",
      nextTry: null,
      declared: { sha256: "aaaaaaaaaaaa", containers: [{ name: "web", image: "registry.example/web:1" }] },
      running: [
        {
          name: "klt-web-abcd",
          image: "registry.example/web:1",
          digest: "222222222222",
          status: "running",
          since: "1970-01-01T00:00:10.000Z",
          restarts: 2,
          ready: null
        }
      ],
      isCut: false
    })
    const { verdict, why, nextTry } = decode(guestStatusOf(failed))
    assert.deepStrictEqual([verdict, why, nextTry], ["not as declared", ["web did not stay up"], at(60)])
    const { verdict: known } = decode(guestStatusOf({ ...done, lastRun: null }))
    assert.strictEqual(known, "unknown")
    const sick = { ...done, running: [{ ...container, health: "unhealthy" as const }] }
    assert.deepStrictEqual(decode(guestStatusOf(sick)).why, ["klt-web-abcd is unhealthy"])
  })

  it("says in verdict and sentence the same", () => {
    const unready = decode(guestStatusOf({ ...done, running: [{ ...container, ready: false }] }))
    assert.deepStrictEqual(
      [unready.verdict, unready.sentence],
      ["not as declared", "klt-web-abcd runs, from registry.example/web:1: klt-web-abcd is not ready"]
    )
    const halfDown = decode(guestStatusOf({ ...done, lastRun: { ...failed.lastRun!, result: "down" } }))
    assert.match(halfDown.sentence, /`slipway down` has not come to its end$/)
    assert.match(halfDown.why[0]!, /^`slipway down` has not come to its end, and klt-web-abcd still runs/)
  })

  it("does not change while nothing does but the time", () => {
    const later: Status = {
      ...done,
      written: at(313),
      lastRun: { ...done.lastRun!, ended: at(313), repeated: 2, steps: 0 }
    }
    assert.strictEqual(guestStatusOf(later), guestStatusOf(done))
  })

  it("is cut where it does not fit: texts first, then containers, never in the middle of a character", () => {
    const many = Array.from({ length: 40 }, (_, index) => ({ ...container, name: `klt-web${index}-abcd` }))
    const text = guestStatusOf({ ...failed, running: many, degraded: ["\u{1F4A5}".repeat(2000)] })
    assert.isAtMost(bytesOf(text).length, largestGuestStatus)
    const { isCut, running, why } = decode(text)
    assert.isTrue(isCut)
    assert.isNotEmpty(running)
    assert.strictEqual(why[0], "web did not stay up")
    assert.isTrue(text.isWellFormed())
  })

  it.prop("is JSON of at most 1 KiB, whatever the status has", [Arbitrary.schema(Status)], ([status]) => {
    const text = guestStatusOf(status)
    assert.isAtMost(bytesOf(text).length, largestGuestStatus)
    assert.strictEqual(new TextDecoder("utf-8", { fatal: true }).decode(bytesOf(text)), text)
    const { why, declared, running } = decode(text)
    const texts = [
      why,
      declared?.containers.flatMap(({ name, image }) => [name, image]),
      running?.map(({ name }) => name)
    ]
    for (const word of texts.flatMap((words) => words ?? []))
      assert.notMatch(word, /[\uD800-\uDBFF](?![\uDC00-\uDFFF])…/)
  })

  it.prop(
    "is so for the longest texts too",
    [
      Arbitrary.schema(Schema.String),
      Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 2000 })))
    ],
    ([word, times]) => {
      const long = `${word}"\\\u{1F4A5}`.repeat(times)
      const text = guestStatusOf({
        ...failed,
        degraded: [long, long],
        declared: { ...failed.declared!, sha256: long, containers: [{ name: long, image: long }] },
        running: [
          { ...container, name: long, image: long, status: long, digest: long },
          { ...container, role: "sidecar", name: long, image: long, status: long, digest: long }
        ]
      })
      assert.isAtMost(bytesOf(text).length, largestGuestStatus)
      decode(text)
    }
  )
})
