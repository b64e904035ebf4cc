import { assert, describe } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { type ProgressEvent, Progress } from "../../src/progress/Progress.ts"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"
import {
  AnswerLost,
  DockerError,
  EngineFailed,
  EngineAccessDenied,
  EngineUnreachable,
  RegistryFailed
} from "../../src/vm/engine/DockerError.ts"
import { MetadataError, MetadataRefused } from "../../src/vm/metadata/MetadataError.ts"
import { MetadataProvider } from "../../src/vm/metadata/MetadataProvider.ts"
import { app, changes, declare, other, refused, running, started, test } from "./SimulatedBoot.ts"

type Client = DockerClient["Service"]

const failed = new DockerError({
  reason: new EngineFailed({ operation: "an operation", detail: "the engine is busy", statusCode: 503 })
})
const lost = new DockerError({ reason: new AnswerLost({ operation: "an operation", detail: "ECONNRESET" }) })

/** Fails so many times, then is itself. */
const failing = <A, E, R, E2>(
  times: number,
  error: E2,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E | E2, R> => {
  let left = times
  return Effect.suspend((): Effect.Effect<A, E | E2, R> => (left-- > 0 ? Effect.fail(error) : effect))
}

/** Boots with an engine of which some calls are others; gives what was told of new tries. */
const startedWith = Effect.fnUntraced(function* (changed: (client: Client) => Partial<Client>, declaration: string) {
  const client = yield* DockerClient
  const told = yield* Progress
  const retries: Array<Extract<ProgressEvent, { readonly _tag: "Retrying" }>> = []
  const report = yield* started(declaration).pipe(
    Effect.provideService(DockerClient, { ...client, ...changed(client) }),
    Effect.provideService(Progress, (event) => {
      if (event._tag === "Retrying") retries.push(event)
      return told(event)
    })
  )
  return { report, retries }
})

describe("what may help is tried again", () => {
  test("a metadata server that comes late", {}, () =>
    Effect.gen(function* () {
      const metadata = yield* MetadataProvider
      const began = yield* Clock.currentTimeMillis
      const unready = new MetadataError({ reason: new MetadataRefused({ url: "http://metadata", statusCode: 503 }) })
      const late = Effect.flatMap(Clock.currentTimeMillis, (now) =>
        now - began < 60_000 ? Effect.fail(unready) : metadata.declaration
      )
      yield* started(declare()).pipe(Effect.provideService(MetadataProvider, { ...metadata, declaration: late }))
      assert.isBelow((yield* Clock.currentTimeMillis) - began, 75_000)
    })
  )

  test("an engine that comes after us", {}, () =>
    Effect.gen(function* () {
      const absent = new DockerError({
        reason: new EngineUnreachable({ operation: "ping", address: "unix:///x", detail: "nothing answers" })
      })
      const { retries } = yield* startedWith(({ ping }) => ({ ping: failing(7, absent, ping) }), declare())
      assert.strictEqual(retries.length, 7)
      assert.deepStrictEqual(
        retries.map(({ tries }) => tries),
        [1, 2, 3, 4, 5, 6, 7]
      )
    })
  )

  test("a container that the engine is still making, and shows only when it is made", {}, () =>
    Effect.gen(function* () {
      let creates = 0
      let hidden = 5
      const { report } = yield* startedWith(
        ({ createContainer, inspectContainer }) => ({
          // The first answer is lost; the second says that the name is taken.
          createContainer: (spec) =>
            Effect.suspend(() =>
              creates++ === 0 ? Effect.andThen(createContainer(spec), Effect.fail(lost)) : createContainer(spec)
            ),
          inspectContainer: (id) =>
            Effect.suspend(() => (creates > 0 && hidden-- > 0 ? Effect.succeedNone : inspectContainer(id)))
        }),
        declare()
      )
      assert.strictEqual(creates, 2)
      assert.deepStrictEqual(yield* running, [report.name])
    })
  )

  test("but not an engine's socket that may not be opened", {}, () =>
    Effect.gen(function* () {
      const docker = yield* DockerClient
      const denied = new DockerError({
        reason: new EngineAccessDenied({ operation: "ping", address: "unix:///x", detail: "permission denied" })
      })
      const began = yield* Clock.currentTimeMillis
      const failure = yield* refused(declare()).pipe(
        Effect.provideService(DockerClient, { ...docker, ping: Effect.fail(denied) })
      )
      assert.strictEqual(failure._tag === "DockerError" ? failure.reason : failure, denied.reason)
      assert.isBelow((yield* Clock.currentTimeMillis) - began, 1_000)
    })
  )

  test("a pull that breaks off, four times; its error is told each time", {}, () =>
    Effect.gen(function* () {
      const broken = new DockerError({
        reason: new RegistryFailed({ operation: "pull", detail: "unexpected EOF", image: app.reference })
      })
      const { retries } = yield* startedWith(({ pull }) => {
        let left = 4
        return { pull: (...args) => Stream.suspend(() => (left-- > 0 ? Stream.fail(broken) : pull(...args))) }
      }, declare())
      assert.strictEqual(retries.length, 4)
      for (const { message } of retries) assert.include(message, "unexpected EOF")
    })
  )

  test("a create that the engine fails at, twice", {}, () =>
    Effect.gen(function* () {
      const { retries } = yield* startedWith(({ createContainer }) => {
        let left = 2
        return {
          createContainer: (spec) => Effect.suspend(() => (left-- > 0 ? Effect.fail(failed) : createContainer(spec)))
        }
      }, declare())
      assert.strictEqual(retries.length, 2)
    })
  )
})

describe("an answer that was lost after its effect", () => {
  /** The call is made, and its answer is not received, once. */
  const losing =
    (method: "createContainer" | "startContainer" | "stopContainer" | "removeContainer" | "renameContainer") =>
    (client: Client): Partial<Client> => {
      let left = 1
      const call = client[method] as (...args: ReadonlyArray<unknown>) => Effect.Effect<unknown, DockerError>
      return {
        [method]: (...args: ReadonlyArray<unknown>) =>
          Effect.filterOrFail(
            call(...args),
            () => left-- <= 0,
            () => lost
          )
      }
    }

  for (const method of [
    "createContainer",
    "startContainer",
    "stopContainer",
    "removeContainer",
    "renameContainer"
  ] as const) {
    test(`${method}: it is seen that it was done, and not done twice`, {}, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        yield* started(declare())
        const before = vm.transcript.length
        const { report, retries } = yield* startedWith(losing(method), declare({ image: other.reference }))
        assert.deepStrictEqual(retries, [])
        assert.deepStrictEqual(yield* running, [report.name])
        assert.strictEqual(vm.engine.containers.length, 1)
        const done = (yield* changes(before)).filter((name) => !/^docker (pull|tag image)$/.test(name))
        assert.deepStrictEqual(done, [
          "docker rename",
          "docker update",
          "docker stop",
          "docker create",
          "docker start",
          "docker remove"
        ])
      })
    )
  }
})
