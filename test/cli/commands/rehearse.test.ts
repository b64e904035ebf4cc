import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { DaysJson } from "../../../src/cli/output/daysJson.ts"
import { slipway } from "../CommandLine.ts"
import { declared, outputOf, secret } from "../declared.ts"

describe("slipway rehearse", () => {
  it.effect("boots a sample Pod with a sidecar: plan and report, the same for the same seed", () =>
    Effect.gen(function* () {
      const first = yield* slipway(["rehearse"])
      assert.strictEqual(first.exitCode, 0)
      assert.match(first.stdout, /^klt-proxy-[a-z]{4}, klt-web-[a-z]{4} are to be started: \d+ steps\.$/m)
      for (const name of ["proxy", "web"]) {
        assert.match(first.stdout, new RegExp(`^klt-${name}-[a-z]{4} was started: running, `, "m"))
      }
      assert.match(first.stderr, /^2026-01-01T00:00:\d\d\.\d{3}Z info done: format/m)
      assert.deepStrictEqual(yield* slipway(["rehearse"]), first)
      const other = yield* slipway(["rehearse", "--seed", "7"])
      assert.notStrictEqual(other.stdout.split("\n")[2], first.stdout.split("\n")[2])
      assert.notInclude(outputOf(first), "secret@")
    })
  )

  it.effect("boots a declaration of one's own, or says what is wrong with it", () =>
    Effect.gen(function* () {
      const good = yield* slipway(["rehearse", "web.yaml"], { files: { "web.yaml": declared } })
      assert.strictEqual(good.exitCode, 0)
      assert.notInclude(outputOf(good), secret)
      const bad = yield* slipway(["rehearse", "-"], { stdin: "spec: {}" })
      assert.strictEqual(bad.exitCode, 78)
      assert.match(bad.stderr, /^<stdin>:1:\d+: error: /m)
      const gone = yield* slipway(["rehearse", "gone.yaml"])
      assert.strictEqual(gone.exitCode, 78)
      assert.strictEqual(gone.stderr, "slipway: gone.yaml cannot be read: there is no such file\n")
    })
  )

  it.effect("boots a declaration on a machine that has what it asks for", () =>
    Effect.gen(function* () {
      const container = {
        name: "trainer",
        image: "registry.example/trainer:1",
        imagePullPolicy: "Never",
        resources: { limits: { cpu: 8, memory: "64Gi", "nvidia.com/gpu": 2 } },
        logging: { driver: "loki" }
      }
      const text = JSON.stringify({ spec: { containers: [container] } })
      const run = yield* slipway(["rehearse", "trainer.yaml"], { files: { "trainer.yaml": text } })
      assert.strictEqual(run.exitCode, 0, run.stderr)
      assert.notInclude(outputOf(run), "comes to nothing")
    })
  )

  it.effect("boots that go wrong by chance come to a sum, the same for the same seed", () =>
    Effect.gen(function* () {
      const args = ["rehearse", "--faults", "0.1", "--boots", "20", "--seed", "3"]
      const run = yield* slipway(args)
      assert.strictEqual(run.exitCode, 0, run.stderr)
      assert.match(run.stdout, /boots +20\n/)
      assert.match(run.stdout, /faults injected +[1-9]\d* \(.*crash/)
      assert.match(run.stdout, /violations +0\n/)
      assert.deepStrictEqual(yield* slipway(args), run)
      for (const wrong of [
        ["--faults", "2"],
        ["--faults", "often"],
        ["--boots", "0"],
        ["--fleet", "0"],
        ["--fleet", "2", "--boots", "2"],
        ["--plot", "fleet.svg"]
      ]) {
        const refused = yield* slipway(["rehearse", ...wrong])
        assert.strictEqual(refused.exitCode, 78)
        assert.include(refused.stderr, wrong[0]!)
      }
    })
  )

  it.effect("lives a day of a declaration of one's own, with its outages by cause, the same for the same seed", () =>
    Effect.gen(function* () {
      const args = ["rehearse", "web.yaml", "--days", "1", "--seed", "5"]
      const run = yield* slipway(args, { files: { "web.yaml": declared } })
      assert.strictEqual(run.exitCode, 0, run.stdout)
      assert.match(run.stdout, /^web.yaml on a simulated VM with its agent \(seed 5\)/)
      assert.match(run.stdout, /^lived +1\.0 days \(virtual\)$/m)
      assert.match(run.stdout, /^happened +[1-9]\d* \(.*[1-9]\d* × declared/m)
      assert.match(run.stdout, /^ +an? [a-z ]+ +[1-9]\d* +\d+\.\d (s|min|h) +\d+\.\d (s|min|h)$/m)
      assert.match(run.stdout, /^ +without a cause +0 +0\.0 s *$/m)
      assert.match(run.stdout, /^violations +0$/m)
      assert.notInclude(outputOf(run), secret)
      const again = yield* slipway([...args, "--format", "json"], { files: { "web.yaml": declared } })
      assert.deepStrictEqual([again.exitCode, again.stderr], [0, ""])
      const days = yield* Schema.decodeEffect(Schema.fromJsonString(DaysJson))(again.stdout)
      assert.deepStrictEqual(
        [days.version, days.what, days.seed, days.days, days.violations],
        [1, "web.yaml", "5", 1, []]
      )
      // The same days, in other words.
      assert.match(run.stdout, new RegExp(`^runs +${days.runs}, of which ${days.idleLooks} found`, "m"))
      assert.match(run.stdout, new RegExp(`^switches +${days.switches}$`, "m"))
      for (const { kind, count } of days.events) assert.include(run.stdout, `${count} × ${kind}`)
      assert.isAbove(days.outages.length, 0)
      for (const { container, fromSeconds, toSeconds, unexplainedSeconds } of days.outages) {
        assert.strictEqual(container, "web")
        assert.isAbove(toSeconds, fromSeconds)
        assert.strictEqual(unexplainedSeconds, 0)
      }
      for (const wrong of [
        ["--days", "0"],
        ["--days", "1", "--boots", "2"],
        ["--days", "1", "--fleet", "2"],
        ["--days", "1", "--faults", "0.1"],
        ["--format", "json"]
      ]) {
        const refused = yield* slipway(["rehearse", ...wrong])
        assert.strictEqual(refused.exitCode, 78)
        assert.include(refused.stderr, "--days")
      }
    })
  )

  it.effect("lives days of what comes to its end: that it has ended is no outage", () =>
    Effect.gen(function* () {
      const daysOf = Effect.fnUntraced(function* (more: string) {
        const args = ["rehearse", "web.yaml", "--days", "1", "--seed", "5", "--format", "json"]
        const run = yield* slipway(args, { files: { "web.yaml": `${declared}${more}` } })
        assert.deepStrictEqual([run.exitCode, run.stderr], [0, ""], run.stdout)
        return yield* Schema.decodeEffect(Schema.fromJsonString(DaysJson))(run.stdout)
      })
      const causesOf = ({ outages }: typeof DaysJson.Type) => new Set(outages.map(({ cause }) => cause))
      for (const policy of ["Never", "OnFailure"]) {
        const job = yield* daysOf(`  restartPolicy: ${policy}\n`)
        assert.isAbove(job.idleLooks, 10)
        assert.notInclude([...causesOf(job)], "the container itself")
      }
      const ending = yield* daysOf("  activeDeadlineSeconds: 3600\n")
      assert.include([...causesOf(ending)], "a deadline")
      assert.isBelow(Math.max(...ending.outages.map((one) => one.toSeconds - one.fromSeconds)), 3600)
    })
  )

  it.effect("boots a fleet: when its VMs came up and what they asked for, and a drawing of it", () =>
    Effect.gen(function* () {
      const run = yield* slipway(["rehearse", "--fleet", "20", "--plot", "fleet.svg"])
      assert.strictEqual(run.exitCode, 0, run.stderr)
      assert.match(run.stdout, /^came up +20 of 20$/m)
      assert.match(run.stdout, /^time to running +p50 [45]\.\d s, p99 [45]\.\d s, max [45]\.\d s \(virtual\)$/m)
      assert.match(run.stdout, /^registry +40 requests, at most 40 in a second; 0 refused, beyond 1000 a second$/m)
      assert.match(run.files["fleet.svg"] ?? "", /^<svg [^]*<polyline [^]*<polyline [^]*<\/svg>\n$/)
      const missing = "spec: { containers: [{ name: web, image: app }] }"
      const own = yield* slipway(["rehearse", "--fleet", "2", "web.yaml"], { files: { "web.yaml": missing } })
      assert.match(own.stdout, /^2 VMs with web.yaml/)
      assert.deepStrictEqual(own.files, {})
    })
  )
})
