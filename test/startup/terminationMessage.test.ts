import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { renderError } from "../../src/cli/output/renderError.ts"
import { renderReport } from "../../src/cli/output/renderReport.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { app, boot, changes, declare, refused, running, secret, startedPod, test } from "./SimulatedBoot.ts"

const folder = "/var/lib/slipway/termination-messages"
const job = {
  reference: "registry.example/job:1",
  commands: {
    "/fails": { _tag: "Exits", afterMillis: 300, exitCode: 3, log: ["x"], terminationMessage: `no ${secret}\nat all` },
    "/silent": { _tag: "Exits", afterMillis: 300, exitCode: 3, log: [`log of ${secret}`, "the end"] },
    "/ends": { _tag: "Exits", afterMillis: 300, exitCode: 0, terminationMessage: `${"a".repeat(5000)}42 rows` },
    "/idle": { _tag: "Exits", afterMillis: 300, exitCode: 0, log: ["nothing to do"] }
  }
} as const
const images = [app, job]
const path = { terminationMessagePath: "/dev/termination-log" }
const fallback = { terminationMessagePolicy: "FallbackToLogsOnError" }
const run = (command: string, keys: object, restartPolicy = "Never") =>
  declare({ image: job.reference, command: [command], ...keys }, { restartPolicy })

const failureOf = (declaration: string) =>
  Effect.map(refused(declaration), (failure) =>
    failure._tag === "JobFailed" || failure._tag === "ContainerFailed" ? failure : assert.fail(failure.message)
  )

describe("a termination message", () => {
  test("is in the failure, without the values of env, before the log", { images }, () =>
    Effect.gen(function* () {
      const failure = yield* failureOf(run("/fails", path))
      assert.strictEqual(failure._tag, "JobFailed")
      assert.strictEqual(failure.terminationMessage, "no [value of PASSWORD]\nat all")
      assert.match(
        renderError(failure),
        /message:\n {2}no \[value of PASSWORD\]\n {2}at all\nThe last lines of its log:/
      )
      assert.strictEqual((yield* failureOf(run("/fails", path, "Always")))._tag, "ContainerFailed")
    })
  )

  test("is not read where neither key is written", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      assert.isUndefined((yield* failureOf(run("/fails", {}))).terminationMessage)
      assert.isEmpty(vm.transcript.filter(({ name }) => name === "run tail"))
    })
  )

  test("is the log's end if the file is empty, the policy says so, and the container has failed", { images }, () =>
    Effect.gen(function* () {
      const failure = yield* failureOf(run("/silent", fallback))
      assert.strictEqual(failure.terminationMessage, "log of [value of PASSWORD]\nthe end")
      assert.lengthOf(renderError(failure).match(/the end/g) ?? [], 1)
      const vm = yield* SimulatedVm
      assert.lengthOf(vm.host.files.read("/etc/profile.d/gce-containers-welcome.sh")?.match(/the end/g) ?? [], 1)
      assert.isUndefined((yield* failureOf(run("/silent", path))).terminationMessage)
      const report = yield* startedPod(run("/idle", fallback))
      assert.notProperty(report.containers[0], "terminationMessage")
    })
  )

  test("of one that has ended is in the report, its last 4096 bytes", { images }, () =>
    Effect.gen(function* () {
      const report = yield* startedPod(run("/ends", path))
      assert.strictEqual(report.containers[0].terminationMessage, `${"a".repeat(4096 - 7)}42 rows`)
      assert.match(renderReport(report), /\n {2}> a+42 rows\n/)
      const vm = yield* SimulatedVm
      const before = vm.transcript.length
      assert.deepStrictEqual((yield* startedPod(run("/ends", path))).steps, [])
      assert.deepStrictEqual(yield* changes(before), [])
    })
  )

  test("begins empty with each new container, and is removed with the last that has one", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* startedPod(run("/ends", path))
      const report = yield* startedPod(run("/idle", path))
      assert.notProperty(report.containers[0], "terminationMessage")
      const { name } = report.containers[0]
      assert.strictEqual(vm.host.files.read(`${folder}/${name}`), "")
      yield* startedPod(run("/idle", {}))
      assert.isUndefined(vm.host.files.read(`${folder}/${name}`))
    })
  )

  test("does not keep what ran before from coming back", { images }, () =>
    Effect.gen(function* () {
      yield* boot(declare(path))
      const before = yield* running
      yield* refused(run("/fails", path))
      assert.deepStrictEqual(yield* running, before)
    })
  )
})
