import { assert, describe, it } from "@effect/vitest"
import * as CliError from "effect/cli/CliError"
import * as Result from "effect/Result"
import { JobFailed } from "../../../src/apply/confirm.ts"
import { exitCodeOf, exitCodes } from "../../../src/cli/output/exitCodes.ts"
import { RunFailed } from "../../../src/cli/output/RunFailed.ts"
import { InputUnreadable } from "../../../src/cli/settings/readInput.ts"
import { SettingsInvalid } from "../../../src/cli/settings/SettingsInvalid.ts"
import { decodeDeclaration } from "../../../src/declaration/Declaration.ts"
import { KonletPresent } from "../../../src/install/InstallPlan.ts"
import { ContainerNameTaken, PlanRefused } from "../../../src/plan/PlanRefused.ts"
import { DockerError, NoSpace } from "../../../src/vm/engine/DockerError.ts"
import { MetadataHostInvalid } from "../../../src/vm/metadata/MetadataError.ts"
import { LockFailed } from "../../../src/vm/host/Lock.ts"

describe("exitCodeOf", () => {
  it("what cannot work ends with 78, EX_CONFIG of sysexits.h", () => {
    assert.strictEqual(exitCodes.useless, 78)
    assert.strictEqual(exitCodeOf(new SettingsInvalid({ problems: ["x"] })), 78)
    assert.strictEqual(exitCodeOf(new InputUnreadable({ file: "a", detail: "b" })), 78)
    assert.strictEqual(exitCodeOf(new MetadataHostInvalid({ host: "a b" })), 78)
    assert.strictEqual(exitCodeOf(new KonletPresent({})), 78)
    const undeclared = Result.getOrThrow(Result.flip(decodeDeclaration({ file: "web.yaml", text: "" })))
    assert.strictEqual(exitCodeOf(undeclared), 78)
  })

  it("a command line that cannot be understood ends with 78", () => {
    assert.strictEqual(exitCodeOf(new CliError.UnrecognizedOption({ option: "--x", suggestions: [] })), 78)
  })

  it("a job that failed ends with 79, also as what a run failed with", () => {
    const error = new JobFailed({ container: "job", exitCode: 3, lastLogLines: [] })
    assert.strictEqual(exitCodeOf(error), 79)
    const wanted = [{ name: "job", image: "job:1" }]
    const aftermath = { wanted, running: [], nextTry: undefined }
    assert.strictEqual(exitCodeOf(new RunFailed({ error, aftermath })), 79)
  })

  it("all else ends with 1: another try, or another state of the VM, may help", () => {
    assert.strictEqual(exitCodeOf(new PlanRefused({ reasons: [new ContainerNameTaken({ name: "web" })] })), 1)
    assert.strictEqual(exitCodeOf(new DockerError({ reason: new NoSpace({ operation: "pull", detail: "d" }) })), 1)
    assert.strictEqual(exitCodeOf(new LockFailed({ path: "/run/lock", detail: "d" })), 1)
    for (const odd of [undefined, null, "DeclarationInvalid", new Error("x"), {}]) {
      assert.strictEqual(exitCodeOf(odd), 1)
    }
  })
})
