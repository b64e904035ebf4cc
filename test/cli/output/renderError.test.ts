import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { renderError } from "../../../src/cli/output/renderError.ts"
import { RunFailed } from "../../../src/cli/output/RunFailed.ts"
import { SettingsInvalid } from "../../../src/cli/settings/SettingsInvalid.ts"
import { decodeDeclaration } from "../../../src/declaration/Declaration.ts"
import { ContainerFailed, JobFailed } from "../../../src/apply/confirm.ts"
import { OperationTimeout } from "../../../src/timing/Deadlines.ts"
import { DiskNotAttached } from "../../../src/plan/DiskRefusal.ts"
import { ContainerNameTaken, PlanRefused } from "../../../src/plan/PlanRefused.ts"
import { DockerError, EngineUnreachable, ImageNotFound, RequestRefused } from "../../../src/vm/engine/DockerError.ts"

const lines = (...args: Parameters<typeof renderError>) => renderError(...args).split("\n")

describe("renderError", () => {
  it("says that nothing was changed, and all that is wrong with a declaration", () => {
    const text = "spec:\n  containers:\n    - image: ''\n  restartPolicy: Sometimes\n"
    const error = Result.getOrThrow(Result.flip(decodeDeclaration({ file: "web.yaml", text })))
    const [head, ...rest] = lines(error)
    assert.strictEqual(head, "the declaration cannot be used, nothing was changed:")
    assert.lengthOf(error.problems, 2)
    for (const { message } of error.problems) assert.include(rest.join("\n"), message)
  })

  it("says all that the VM refuses", () => {
    const reasons = [
      new DiskNotAttached({ deviceName: "data", attached: ["boot"] }),
      new ContainerNameTaken({ name: "web" })
    ] as const
    const rendered = renderError(new PlanRefused({ reasons }))
    assert.match(rendered, /^the VM cannot be made to match its declaration, nothing was changed:\n/)
    for (const { message } of reasons) assert.include(rendered, message)
  })

  it("says all settings that are wrong", () => {
    assert.deepStrictEqual(
      lines(new SettingsInvalid({ problems: ["--confirm must be x", "SLIPWAY_LOCK must be y"] })),
      ["these settings cannot be used, nothing was changed:", "  --confirm must be x", "  SLIPWAY_LOCK must be y"]
    )
  })

  it("advises by the reason of an engine's failure", () => {
    const unreachable = new EngineUnreachable({ operation: "ping", detail: "ENOENT", address: "unix:///x.sock" })
    assert.deepStrictEqual(lines(new DockerError({ reason: unreachable })), [
      "ping: ENOENT",
      "`systemctl status docker` tells more. If the engine has another address, set DOCKER_HOST."
    ])
    const missing = new ImageNotFound({ operation: "pull app:1", detail: "manifest unknown", image: "app:1" })
    assert.match(
      renderError(new DockerError({ reason: missing })),
      /^pull app:1: manifest unknown\nIs the image's name/
    )
  })

  it("has no advice where none helps", () => {
    const reason = new RequestRefused({ operation: "create web", detail: "bad", statusCode: 400 })
    assert.strictEqual(renderError(new DockerError({ reason })), "create web: bad")
  })

  it("names the setting of a deadline", () => {
    const error = new OperationTimeout({ operation: "create web", setting: "CREATE", limit: Duration.minutes(4) })
    assert.deepStrictEqual(lines(error), [
      "create web: timed out after 4m",
      "If it needs longer, raise SLIPWAY_CREATE_TIMEOUT."
    ])
  })

  it("says below a failed run what was declared, what runs now, and when the next try is", () => {
    const error = new JobFailed({ container: "klt-web-abcd", exitCode: 3, lastLogLines: [] })
    const wanted = [{ name: "klt-web-abcd", image: "job:1" }]
    const running = { name: "klt-web-abcd", image: "web:1", status: "running", since: Option.some(0) }
    assert.deepStrictEqual(
      lines(new RunFailed({ error, aftermath: { wanted, running: [running], nextTry: "next boot" } })).slice(-3),
      [
        "Declared: klt-web-abcd, from job:1.",
        "Running in its place: the earlier klt-web-abcd, from web:1, running since 1970-01-01T00:00:00.000Z.",
        "It is not retried in this boot, unless the declaration or the image changes; `slipway up --retry` retries at once."
      ]
    )
    assert.deepStrictEqual(
      lines(new RunFailed({ error, aftermath: { wanted, running: [], nextTry: undefined } })).slice(-2),
      ["Declared: klt-web-abcd, from job:1.", "Running: nothing."]
    )
  })

  it("shows a container's exit code and the end of its log", () => {
    const advice = "Correct the declaration or the image."
    const failed = { container: "web", detail: "ended", exitCode: Option.some(3) }
    assert.deepStrictEqual(lines(new ContainerFailed({ ...failed, lastLogLines: ["one", "two"] })), [
      "the container web ended, exit code 3",
      "The last lines of its log:",
      "  one",
      "  two",
      advice
    ])
    assert.deepStrictEqual(lines(new ContainerFailed({ ...failed, lastLogLines: [] })), [
      "the container web ended, exit code 3",
      "It wrote nothing to its log.",
      advice
    ])
  })
})
