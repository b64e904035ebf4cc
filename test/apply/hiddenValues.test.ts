import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Tracer from "effect/Tracer"
import { renderError } from "../../src/cli/output/renderError.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"
import { DockerError, RequestRefused } from "../../src/vm/engine/DockerError.ts"
import { app, declare, other, refused, running, secret, started, test } from "../startup/SimulatedBoot.ts"

const encoded = Buffer.from(`shop:${secret}`).toString("base64")
const key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\n-----END KEY-----"
/** It says what it was given. */
const talkative = {
  reference: "registry.example/talkative:1",
  programs: ["serve"],
  behaviour: {
    _tag: "Exits",
    afterMillis: 300,
    exitCode: 3,
    log: [
      `{"password":"${secret}"}`,
      `Authorization: Basic ${encoded}`,
      ...key.split("\n"),
      "PIN=12, in 12 ms",
      "no database"
    ]
  }
} as const
const env = [
  { name: "PASSWORD", value: secret },
  { name: "KEY", value: key },
  { name: "PIN", value: "12" }
]
const quiet = ['{"password":"[value of PASSWORD]"}', "[value of KEY]", "PIN=[value of PIN], in 12 ms", "no database"]

const images = [app, other, talkative]
const greeting = "/etc/profile.d/gce-containers-welcome.sh"

/** What every span was given, and failed with. */
const traced = <A, E, R>(run: Effect.Effect<A, E, R>) => {
  const seen: Array<string> = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      const end = span.end.bind(span)
      span.end = (time, exit) => {
        const failed = Exit.isFailure(exit) ? [JSON.stringify(exit.cause), String(exit.cause)] : []
        seen.push(JSON.stringify([span.name, [...span.attributes]]), ...failed)
        end(time, exit)
      }
      return span
    }
  })
  return Effect.map(Effect.withTracer(run, tracer), (value) => [value, seen] as const)
}

describe("the values of env in what a container says", () => {
  test("are in no error, log, greeting, span, nor in what is kept of the failure", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(declare({ env }))
      const [failure, spans] = yield* traced(refused(declare({ image: talkative.reference, env })))
      if (failure._tag !== "ContainerFailed") return assert.fail(failure.message)
      assert.includeMembers([...failure.lastLogLines], quiet)
      assert.isAbove(spans.length, 10)
      const kept = ["failed-start"].map(
        (entry) => vm.host.files.read(`/var/lib/slipway/${entry}`) ?? assert.fail(entry)
      )
      for (const text of [
        JSON.stringify(failure),
        renderError(failure),
        vm.host.files.read(greeting),
        ...spans,
        ...kept
      ]) {
        for (const value of [secret, encoded.slice(8), "MIIEvQ", "BEGIN KEY"]) assert.notInclude(text, value)
      }
      assert.deepStrictEqual(yield* running, [name])
    })
  )

  test("nor of a job that failed, though it is told again later", { images }, () =>
    Effect.gen(function* () {
      yield* started(declare({ env }))
      const job = () => {
        const { spec } = JSON.parse(declare({ image: talkative.reference, env })) as { readonly spec: object }
        return JSON.stringify({ spec: { ...spec, restartPolicy: "Never" } })
      }
      for (const _ of ["the first time", "once more"]) {
        const failure = yield* refused(job())
        if (failure._tag !== "JobFailed") return assert.fail(failure.message)
        assert.includeMembers([...failure.lastLogLines], quiet)
        assert.notInclude(JSON.stringify(failure), secret)
      }
    })
  )

  test("nor of one that the engine cannot start, and quotes", { images }, () =>
    Effect.gen(function* () {
      // What is declared as a command is in the plan.
      const command = ["--key=in-a-command"]
      const container = { image: talkative.reference, env: [{ name: "KEY", value: "in-a-command" }], command }
      const failure = yield* refused(declare(container))
      if (failure._tag !== "ContainerFailed") return assert.fail(failure.message)
      assert.include(failure.message, 'exec: "--key=[value of KEY]"')
      assert.notInclude(JSON.stringify(failure), "in-a-command")
    })
  )

  test("nor options of its log driver, where its log cannot be read", { images }, () =>
    Effect.gen(function* () {
      const docker = yield* DockerClient
      const splunkToken = "0b1c-splunk-token"
      const logging = { driver: "splunk", options: { "splunk-token": splunkToken } }
      const unreadable = new RequestRefused({
        operation: "read the log",
        detail: `splunk: the token ${splunkToken} is not valid`,
        statusCode: 500
      })
      const failure = yield* refused(declare({ image: talkative.reference, env, logging })).pipe(
        Effect.provideService(DockerClient, {
          ...docker,
          lastLogLines: () => Effect.fail(new DockerError({ reason: unreadable }))
        })
      )
      if (failure._tag !== "ContainerFailed") return assert.fail(failure.message)
      assert.match(
        failure.lastLogLines.join(),
        /its log could not be read: .*the token \[value of splunk-token\] is not valid/
      )
      assert.notInclude(JSON.stringify(failure), splunkToken)
    })
  )

  test("nor of one that the engine will not create, and quotes", { images }, () =>
    Effect.gen(function* () {
      const docker = yield* DockerClient
      const invalid = new RequestRefused({
        operation: "create container",
        detail: `invalid environment variable: PASSWORD=${secret}`,
        statusCode: 400
      })
      const failure = yield* refused(declare({ env })).pipe(
        Effect.provideService(DockerClient, {
          ...docker,
          createContainer: () => Effect.fail(new DockerError({ reason: invalid }))
        })
      )
      if (failure._tag !== "DockerError") return assert.fail(failure.message)
      assert.strictEqual(
        failure.message,
        "create container: invalid environment variable: PASSWORD=[value of PASSWORD]"
      )
      assert.strictEqual(failure.reason._tag, "RequestRefused")
      assert.notInclude(JSON.stringify(failure), secret)
      assert.notInclude(String(failure.stack), secret)
    })
  )

  test("nor of the old one, where that cannot be started again", { images }, () =>
    Effect.gen(function* () {
      const docker = yield* DockerClient
      yield* started(declare())
      const old = (yield* docker.listContainers)[0]!.id
      // Of the new declaration it is no value any more.
      const failure = yield* refused(declare({ image: talkative.reference, env: [] })).pipe(
        Effect.provideService(DockerClient, {
          ...docker,
          startContainer: (id) =>
            id === old
              ? Effect.fail(
                  new DockerError({
                    reason: new RequestRefused({ operation: "start", detail: secret, statusCode: 400 })
                  })
                )
              : docker.startContainer(id)
        })
      )
      assert.strictEqual(failure._tag, "ContainerFailed")
    })
  )
})
