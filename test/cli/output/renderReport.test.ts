import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { renderReport, renderStatus } from "../../../src/cli/output/renderReport.ts"
import { seconds } from "../../../src/text/seconds.ts"
import type { StepRecord } from "../../../src/apply/apply.ts"
import type { Report, ReportedContainer } from "../../../src/startup/Report.ts"
import { workloadOf } from "../../declaration/check/Declared.ts"
import { plainContainer } from "../../vm/engine/Configs.ts"

const record = (id: string, began: number, took: number): StepRecord => ({
  step: { id, subject: id, action: { _tag: "OpenFirewall" }, cause: "", needs: [] },
  began: Duration.millis(began),
  took: Duration.millis(took)
})

const web: ReportedContainer = {
  container: "web",
  role: "main",
  name: "klt-web-aaaa",
  image: "app:1",
  digest: Option.some("sha256:1"),
  kept: false,
  status: "running",
  since: Option.some(0),
  found: Option.some({
    id: "0123",
    name: "klt-web-aaaa",
    imageId: "sha256:2",
    labels: {},
    status: "running",
    exitCode: 0,
    error: "",
    restartCount: 0,
    startedAt: Option.none(),
    image: "nginx:1",
    restartPolicy: { name: "always", maximumRetryCount: 0 },
    health: Option.none(),
    config: plainContainer
  })
}

const running: Extract<Report, { readonly _tag: "Running" }> = {
  _tag: "Running",
  workload: Redacted.make(workloadOf({ containers: [{ name: "web", image: "app:1" }] })),
  containers: [web],
  steps: [],
  degraded: [],
  warnings: [],
  took: Duration.millis(40)
}

describe("renderReport", () => {
  it("says that nothing is declared", () => {
    assert.strictEqual(renderReport({ _tag: "NothingDeclared" }), "The VM declares no container: nothing to do.")
  })

  it("says that all was as declared", () => {
    assert.strictEqual(
      renderReport({ ...running, containers: [{ ...web, kept: true }], warnings: ["no ip6tables"] }),
      "klt-web-aaaa was as declared: running since 1970-01-01T00:00:00.000Z, app:1 (sha256:1)\nnothing to do, seen in 0.04 s\nwarning: no ip6tables"
    )
  })

  it("says how a container ended, that it is gone, and leaves out a digest that nobody knows", () => {
    const ended = Option.map(web.found, (found) => ({ ...found, status: "exited" as const, exitCode: 3 }))
    const [head] = renderReport({ ...running, containers: [{ ...web, found: ended, digest: Option.none() }] }).split(
      "\n"
    )
    assert.strictEqual(head, "klt-web-aaaa was started: ended with exit code 3, app:1")
    assert.match(
      renderReport({ ...running, containers: [{ ...web, found: Option.none(), status: "gone" }] }),
      /^klt-web-aaaa was started: gone, /
    )
  })

  it("says of an init container that it was run", () => {
    const found = Option.map(web.found, (found) => ({ ...found, status: "exited" as const }))
    const init: ReportedContainer = { ...web, name: "klt-migrate-aaaa", role: "init", found }
    assert.deepStrictEqual(
      renderReport({ ...running, containers: [init, web] })
        .split("\n")
        .slice(0, 2),
      [
        "klt-migrate-aaaa was run: ended with exit code 0, app:1 (sha256:1)",
        "klt-web-aaaa was started: running, app:1 (sha256:1)"
      ]
    )
  })

  it("is one line for a service manager", () => {
    const side: ReportedContainer = { ...web, name: "klt-side-aaaa", found: Option.none(), status: "unknown" }
    assert.strictEqual(renderStatus({ _tag: "NothingDeclared" }), "The VM declares no container: nothing to do.")
    assert.strictEqual(renderStatus(running), "klt-web-aaaa was started: running, app:1 (sha256:1)")
    assert.strictEqual(
      renderStatus({ ...running, containers: [side, web] }),
      "klt-side-aaaa: its state is not known, klt-web-aaaa: running"
    )
  })

  it("shortens long names of steps, so that the lines of ten containers fit into 80 columns", () => {
    const steps = Array.from({ length: 10 }, (_, index) => [
      record(`pull europe-west1-docker.pkg.dev/a-long-project-name/repository/image-${index}:1.0`, 0, 1000 * index),
      record(`confirm container-${index}`, 1000 * index, 3000)
    ]).flat()
    const lines = renderReport({ ...running, steps })
      .split("\n")
      .slice(1)
    assert.lengthOf(lines, 21)
    for (const line of lines) assert.isAtMost(line.length, 80)
    assert.match(lines[0] ?? "", /^ {2}pull …\/repository\/image-0:1\.0 {2}/)
  })

  it("draws steps in the order in which they began, to one scale", () => {
    const steps = [record("pull", 0, 3000), record("start web", 3000, 1000), record("quick", 0, 0)]
    assert.deepStrictEqual(renderReport({ ...running, steps, took: Duration.millis(4200) }).split("\n"), [
      "klt-web-aaaa was started: running, app:1 (sha256:1)",
      `  pull       ${"█".repeat(24)}${" ".repeat(8)}     3.0 s`,
      `  quick      █${" ".repeat(31)}    0.00 s`,
      `  start web  ${" ".repeat(24)}${"█".repeat(8)}     1.0 s`,
      `  in all     ${" ".repeat(32)}     4.2 s`
    ])
  })

  it("draws steps that took no time at all, and one at the very end, within the columns", () => {
    for (const steps of [[record("a", 0, 0)], [record("a", 0, 1000), record("b", 1000, 0)]]) {
      const lines = renderReport({ ...running, steps })
        .split("\n")
        .slice(1)
      for (const line of lines.slice(0, -1)) assert.match(line, /^ {2}[ab] {5} {2}[ █]{32} {2} +\d\.\d+ s$/)
      assert.deepStrictEqual(new Set(lines.map(({ length }) => length)).size, 1)
    }
  })
})

describe("seconds", () => {
  for (const [millis, expected] of [
    [0, "0.00 s"],
    [40, "0.04 s"],
    [999, "1.00 s"],
    [1000, "1.0 s"],
    [3210, "3.2 s"],
    [99_900, "99.9 s"],
    [100_000, "100 s"],
    [125_400, "125 s"]
  ] as const) {
    it(`${millis} ms are ${expected}`, () => assert.strictEqual(seconds(Duration.millis(millis)), expected))
  }
})
