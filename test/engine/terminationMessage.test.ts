import { layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { assert, describe, inject } from "vitest"
import { bench, boot, layerVm, onClearVm, Vm } from "./Vm.ts"

const shell = (text: string) => ["/bin/busybox", "sh", "-c", text]

/** A job of a user that is not root. */
const job = (text: string, keys: object) =>
  JSON.stringify({
    spec: {
      restartPolicy: "Never",
      containers: [
        {
          name: "job",
          image: `${bench().registry}/app:1`,
          command: shell(text),
          securityContext: { runAsUser: 1234 },
          ...keys
        }
      ]
    }
  })

const failureOf = (declaration: string) =>
  Effect.map(Effect.flip(boot(declaration)), (failure) =>
    failure._tag === "JobFailed" ? failure : assert.fail(failure.message)
  )

describe.skipIf(inject("bench") === undefined)("termination messages on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    test("what any user writes at the default path is read, of a job that failed and of one that ended", () =>
      Effect.gen(function* () {
        const policy = { terminationMessagePolicy: "File" }
        const failure = yield* failureOf(job("echo no database > /dev/termination-log; exit 3", policy))
        assert.strictEqual(failure.terminationMessage, "no database")
        const report = yield* boot(job("echo 42 rows > /dev/termination-log", policy))
        if (report._tag !== "Running") return assert.fail(report._tag)
        assert.strictEqual(report.containers[0].terminationMessage, "42 rows")
        const again = yield* boot(job("echo 42 rows > /dev/termination-log", policy))
        assert.deepStrictEqual(again._tag === "Running" ? again.steps : undefined, [])
      }))

    test("another path; the end of a long one; the log in place of an empty one", () =>
      Effect.gen(function* () {
        const path = { terminationMessagePath: "/srv/last-words" }
        const long = yield* failureOf(job("seq 1 9999 > /srv/last-words; exit 3", path))
        assert.strictEqual(long.terminationMessage?.split("\n").at(-1), "9999")
        assert.isAtMost(long.terminationMessage?.length ?? 0, 4096)
        const silent = yield* failureOf(
          job("echo from the log; exit 4", { ...path, terminationMessagePolicy: "FallbackToLogsOnError" })
        )
        assert.strictEqual(silent.terminationMessage, "from the log")
        assert.isUndefined((yield* failureOf(job("echo from the log; exit 5", path))).terminationMessage)
      }))

    test("a failed successor leaves its predecessor with a file that it can write to", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const policy = { terminationMessagePolicy: "File" }
        yield* boot(job("while :; do sleep 0.1; done", policy))
        const [name = ""] = yield* vm.containers
        yield* failureOf(job("exit 3", policy))
        assert.deepStrictEqual(yield* vm.containers, [name])
        yield* vm.docker("exec", name, ...shell("echo back > /dev/termination-log && test -s /dev/termination-log"))
      }))
  })
})
