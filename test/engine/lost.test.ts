import { execFileSync } from "node:child_process"
import { renameSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { assert, describe, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { inject } from "vitest"
import { bootNames } from "../../src/observation/bootNames.ts"
import { Deadlines } from "../../src/timing/Deadlines.ts"
import { engineName } from "../../src/observation/Ownership.ts"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"
import { type Call, type FaultProxy, makeFaultProxy, type Rule } from "./FaultProxy.ts"
import { patientDeadlines, withHastenedClock } from "./HastenedClock.ts"
import { unmountBelow } from "./unmountBelow.ts"
import { bench, boot, clear, layerVm, Vm } from "./Vm.ts"

class Proxy extends Context.Service<Proxy, FaultProxy>()("slipway/test/LostProxy") {}
const proxy = Layer.effect(
  Proxy,
  Effect.flatMap(Vm, ({ engine }) => makeFaultProxy({ socketPath: engine.socketPath }))
)

const declare = (image: string): string =>
  JSON.stringify({
    spec: { containers: [{ name: "web", image: `${bench().registry}/${image}` }], restartPolicy: "Always" }
  })

/** Boots through the proxy, whose rule holds for this run only. */
const bootWith = Effect.fnUntraced(function* (image: string, rule: Rule = () => undefined) {
  const proxy = yield* Proxy
  proxy.follow(rule)
  const run = boot(declare(image), { confirm: Duration.seconds(2), retry: true }).pipe(
    Effect.provide(DockerClient.layer({ _tag: "Socket", path: proxy.socketPath })),
    Effect.provideService(Deadlines, patientDeadlines),
    withHastenedClock(proxy)
  )
  return yield* Effect.ensuring(
    run,
    Effect.sync(() => proxy.follow())
  )
})

/** Boots what must come up; gives the container that runs then, alone, and what was warned of. */
const started = Effect.fnUntraced(function* (image: string, rule?: Rule) {
  const vm = yield* Vm
  const report = yield* bootWith(image, rule)
  if (report._tag !== "Running") return assert.fail(report._tag)
  const [container] = report.containers
  assert.deepStrictEqual(yield* runningNames, [container.name])
  const { Id, Config } = yield* vm.inspect(container.name)
  assert.strictEqual(Config["Image"], `${bench().registry}/${image}`)
  return { ...report, ...container, id: Id }
})

const runningNames = Effect.gen(function* () {
  const vm = yield* Vm
  return (yield* vm.docker("ps", "--format", "{{.Names}}")).split("\n").filter((name) => name !== "")
})

/** A second run leaves it alone. */
const keeps = Effect.fnUntraced(function* (image: string, id: string, rule?: Rule) {
  const again = yield* started(image, rule)
  assert.isTrue(again.kept)
  assert.strictEqual(again.id, id)
  return again
})

/** Until the scope closes nothing can unlink the file. Not even root, and so not the engine. */
const pinned = (path: string) =>
  Effect.acquireRelease(
    Effect.sync(() => void execFileSync("chattr", ["+i", path])),
    () => Effect.sync(() => void execFileSync("chattr", ["-i", path]))
  )

/** A file in the engine's own directory of a container, by which it fails to remove that. */
const pinContainer = Effect.fnUntraced(function* (id: string) {
  const { engine } = yield* Vm
  const path = join(dirname(engine.socketPath), "data/containers", id, "held")
  yield* Effect.sync(() => writeFileSync(path, ""))
  yield* pinned(path)
})

/** Where the graph driver keeps a container's layer; undefined where there is none. */
const layerOf = Effect.fnUntraced(function* (container: string) {
  const vm = yield* Vm
  const text = yield* Effect.catchCause(vm.docker("inspect", "--format", "{{json .GraphDriver.Data}}", container), () =>
    Effect.succeed("null")
  )
  const data = JSON.parse(text) as { readonly UpperDir?: string } | null
  return data?.UpperDir === undefined ? undefined : dirname(data.UpperDir)
})

/** The engine cannot inspect a container whose layer is not where it was. */
const withoutLayer = (path: string) =>
  Effect.acquireRelease(
    Effect.sync(() => renameSync(path, `${path}-moved`)),
    () =>
      Effect.sync(() => {
        // The engine has lost sight of what it had mounted there.
        unmountBelow(`${path}-moved`)
        rmSync(`${path}-moved`, { recursive: true })
      })
  )

const status = (code: number, message: string) => ({ _tag: "Status", code, body: JSON.stringify({ message }) }) as const
const isRemovalOf =
  (id: string) =>
  ({ method, path }: Call) =>
    method === "DELETE" && path === `/containers/${id}`
const isInspectionOf =
  (...idsOrNames: ReadonlyArray<string>) =>
  ({ method, path }: Call) =>
    method === "GET" && idsOrNames.some((one) => path === `/containers/${one}/json`)

const busy = (id: string) =>
  status(
    500,
    `container ${id}: driver "overlay2" failed to remove root filesystem: unlinkat /var/lib/docker/overlay2/0/merged: device or resource busy`
  )
const inProgress = (id: string) => status(409, `removal of container ${id} is already in progress`)
const layersLost = (id: string) => status(500, `RWLayer of container ${id} is unexpectedly nil`)

describe.skipIf(inject("bench") === undefined)("containers that a real engine has lost hold of", () => {
  layer(Layer.provideMerge(proxy, layerVm), { timeout: 300_000, excludeTestServices: true })((it) => {
    const test = <E>(
      title: string,
      body: () => Effect.Effect<void, E, Layer.Success<typeof layerVm> | Proxy | Scope.Scope>
    ) => it.effect(title, () => Effect.andThen(clear, Effect.suspend(body)))

    test("an old one whose directory cannot be removed: a success, tried again until it can", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const before = yield* started("app:1")
        const after = yield* Effect.scoped(
          Effect.gen(function* () {
            yield* pinContainer(before.id)
            const after = yield* started("app:2")
            assert.lengthOf(after.warnings, 1)
            assert.match(
              after.warnings[0]!,
              /^klt-aside-\S+ could not be removed, and is left: .*operation not permitted/
            )
            assert.strictEqual((yield* vm.inspect(before.id)).State.Status, "dead")
            const again = yield* keeps("app:2", after.id)
            assert.lengthOf(again.warnings, 1)
            return after
          })
        )
        const last = yield* keeps("app:2", after.id)
        assert.deepStrictEqual(last.warnings, [])
        assert.deepStrictEqual(yield* vm.containers, [after.name])
      }))

    test("one that failed to come up and cannot be removed: the old one runs again under another name, and is kept", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const before = yield* started("app:1")
        yield* Effect.scoped(
          Effect.gen(function* () {
            const names: Array<string> = []
            const exit = yield* Effect.exit(
              bootWith("job:fails", ({ method, path }) => {
                const [, id] = /^\/containers\/([^/]+)\/start$/.exec(path) ?? []
                if (method === "POST" && id !== undefined && id !== before.id && names.length === 0) {
                  const held = join(dirname(vm.engine.socketPath), "data/containers", id, "held")
                  writeFileSync(held, "")
                  execFileSync("chattr", ["+i", held])
                  names.push(held)
                }
                return undefined
              })
            )
            yield* Effect.addFinalizer(() =>
              Effect.sync(() => names.forEach((held) => execFileSync("chattr", ["-i", held])))
            )
            assert.lengthOf(names, 1)
            assert.isTrue(Exit.isFailure(exit))
            const [back] = yield* runningNames
            assert.strictEqual(back, bootNames(before.name)[1])
            assert.strictEqual((yield* vm.inspect(before.id)).HostConfig.RestartPolicy.Name, "always")
            const kept = yield* keeps("app:1", before.id)
            assert.match(kept.warnings.join(), /could not be removed, and is left/)
          })
        )
        assert.deepStrictEqual((yield* keeps("app:1", before.id)).warnings, [])
      }))

    test("one without its layer, that runs: left alone as declared, stopped for another", () =>
      Effect.gen(function* () {
        const before = yield* started("app:1")
        const path = yield* layerOf(before.name)
        // The containerd store and Podman inspect without it.
        if (path === undefined) return
        yield* withoutLayer(path)
        const kept = yield* bootWith("app:1")
        assert.isTrue(kept._tag === "Running" && kept.containers[0].kept)
        assert.match(
          kept._tag === "Running" ? kept.warnings.join() : "",
          /left alone, but the engine cannot inspect it: stat /
        )
        assert.deepStrictEqual(yield* runningNames, [before.name])
        const after = yield* started("app:2")
        assert.deepStrictEqual(after.warnings, [])
        assert.strictEqual(after.name, bootNames(before.name)[1])
        yield* keeps("app:2", after.id)
      }))

    test("one without its layer, that cannot be removed either and has this boot's name", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        yield* started("app:1")
        const name = yield* engineName("web")
        const { Id: id } = yield* vm.inspect(name)
        const path = yield* layerOf(name)
        if (path === undefined) return
        yield* vm.docker("stop", "--time", "1", name)
        yield* withoutLayer(path)
        yield* pinned(join(dirname(vm.engine.socketPath), "data/image/overlay2/layerdb/mounts", id, "mount-id"))
        const after = yield* started("app:1")
        assert.notStrictEqual(after.name, name)
        assert.lengthOf(after.warnings, 1)
        assert.match(
          after.warnings[0]!,
          /could not be removed, and is left: .*operation not permitted.*cannot inspect it: stat /
        )
        yield* keeps("app:1", after.id)
      }))

    for (const [what, answer] of [
      ["device or resource busy", busy],
      ["already in progress", inProgress]
    ] as const) {
      test(`in the engine's words, an old one is not removed: ${what}`, () =>
        Effect.gen(function* () {
          const vm = yield* Vm
          const before = yield* started("app:1")
          const rule: Rule = (call) => (isRemovalOf(before.id)(call) ? answer(before.id) : undefined)
          const after = yield* started("app:2", rule)
          assert.lengthOf(after.warnings, 1)
          assert.include(after.warnings[0], what)
          yield* keeps("app:2", after.id, rule)
          yield* keeps("app:2", after.id)
          assert.deepStrictEqual(yield* vm.containers, [after.name])
        }))
    }

    test("in the engine's words, a leftover with this boot's name can be neither inspected nor removed", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const before = yield* started("app:1")
        yield* vm.docker("stop", "--time", "1", before.name)
        const rule: Rule = (call) =>
          isInspectionOf(before.id, before.name)(call)
            ? layersLost(before.id)
            : isRemovalOf(before.id)(call)
              ? busy(before.id)
              : undefined
        const after = yield* started("app:2", rule)
        assert.strictEqual(after.name, bootNames(before.name)[1])
        assert.lengthOf(after.warnings, 1)
        assert.match(after.warnings[0]!, /device or resource busy \(the engine cannot inspect it: RWLayer/)
        // An engine that starts again does not start it.
        assert.strictEqual((yield* vm.inspect(before.id)).HostConfig.RestartPolicy.Name, "no")
        yield* keeps("app:2", after.id, rule)
        yield* keeps("app:2", after.id)
        assert.deepStrictEqual(yield* vm.containers, [after.name])
      }))

    test("in the engine's words, one that runs cannot be stopped: nothing is started beside it", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const before = yield* started("app:1")
        const words = `cannot stop container: ${before.id}: tried to kill container, but did not receive an exit event`
        const failure = yield* Effect.flip(
          bootWith("app:2", ({ path }) => (path === `/containers/${before.id}/stop` ? status(500, words) : undefined))
        )
        assert.strictEqual(failure._tag, "ContainerStuck")
        assert.include(failure.message, words)
        assert.deepStrictEqual(yield* vm.containers, [before.name])
        yield* keeps("app:1", before.id)
      }))

    test("in the engine's words, this boot's name is in use by what is not there", () =>
      Effect.gen(function* () {
        const before = yield* started("app:1")
        let isFirst = true
        const after = yield* started("app:2", ({ path }) => {
          if (path !== "/containers/create" || !isFirst) return undefined
          isFirst = false
          return status(
            409,
            `Conflict. The container name "/${before.name}" is already in use by container "${"0".repeat(64)}".`
          )
        })
        assert.strictEqual(after.name, bootNames(before.name)[1])
        yield* keeps("app:2", after.id)
      }))
  })
})
