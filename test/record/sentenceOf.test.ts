import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import type { RecordedContainer } from "../../src/record/RecordedContainer.ts"
import { isAnythingUp, sentenceOf } from "../../src/record/sentenceOf.ts"
import type { LastRun, Status } from "../../src/record/Status.ts"

const container = (rest: Partial<RecordedContainer> = {}): RecordedContainer => ({
  name: "klt-web-abcd",
  container: "web",
  role: "main",
  id: "1",
  image: "app:1",
  imageId: "sha256:1",
  digest: null,
  status: "running",
  exitCode: null,
  since: null,
  restarts: 0,
  health: null,
  ready: null,
  ...rest
})

const status = (result: LastRun["result"], rest: Partial<Status> = {}, message?: string): Status => ({
  version: 1,
  boot: "vm/boot-1",
  written: DateTime.makeUnsafe(0),
  underWay: null,
  declared: { origin: "metadata", file: "metadata:key", sha256: "0", containers: [{ name: "web", image: "app:2" }] },
  running: [container()],
  lastRun: {
    result,
    ended: DateTime.makeUnsafe(0),
    seconds: 1,
    steps: 0,
    repeated: 1,
    error: message === undefined ? null : { tag: "ContainerFailed", message, advice: null }
  },
  degraded: [],
  nextTry: null,
  ...rest
})

const failed = (rest: Partial<Status> = {}) => status("failed", rest, "web ended with exit code 3\nand more")
const up = "klt-web-abcd runs, from app:1"

describe("a status in a line", () => {
  const sandbox = container({ id: "2", name: "klt-sandbox-abcd", role: "sandbox" })
  for (const [what, given, expected, isUp] of [
    ["all is well", status("done"), `as declared: ${up}`, true],
    [
      "it is well, for want of better",
      status("done", { degraded: ["the image is the cached one"] }),
      `${up}. CAUTION: the image is the cached one`,
      true
    ],
    [
      "there are several",
      status("done", {
        running: [
          sandbox,
          container({ id: "3", name: "klt-setup-abcd", role: "init", status: "exited" }),
          container({ id: "4", name: "klt-proxy-abcd", role: "sidecar" }),
          container({ status: "exited", exitCode: 0 })
        ]
      }),
      "as declared: klt-proxy-abcd runs, from app:1; klt-web-abcd is exited",
      true
    ],
    ["something else runs", failed(), `${up}; declared is web, from app:2: web ended with exit code 3`, true],
    [
      "nothing runs but a sandbox",
      failed({ running: [sandbox] }),
      "nothing runs; declared is web, from app:2: web ended with exit code 3",
      false
    ],
    [
      "the engine says nothing",
      failed({ running: null }),
      "what runs is not known; declared is web, from app:2: web ended with exit code 3",
      false
    ],
    [
      "what is declared is no use",
      failed({ declared: { origin: "metadata", file: "metadata:key", sha256: "0", containers: [] } }),
      `${up}; declared is metadata:key, which cannot be used: web ended with exit code 3`,
      true
    ],
    ["nothing could be read", failed({ declared: null }), `${up}: web ended with exit code 3`, true],
    [
      "a run was cut short",
      status("stopped"),
      `${up}; declared is web, from app:2: the last run was stopped by a signal`,
      true
    ],
    ["nothing is declared", status("nothing declared", { running: [] }), "nothing is declared", false],
    ["nothing is declared any more", status("nothing declared"), `nothing is declared; ${up}`, true],
    ["nobody has looked yet", status("done", { lastRun: null }), "no run has ended yet", true]
  ] as const) {
    it(`says what runs, what was wanted and why it is not there: ${what}`, () => {
      assert.strictEqual(sentenceOf(given), expected)
      assert.strictEqual(isAnythingUp(given), isUp)
    })
  }
})
