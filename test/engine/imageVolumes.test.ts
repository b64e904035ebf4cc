import { layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { assert, describe, inject } from "vitest"
import { CommandRunner } from "../../src/vm/host/CommandRunner.ts"
import { HostFixture } from "../vm/host/HostContract.ts"
import { bench, boot, inside, isPodman, layerVm, onClearVm, onlyRunning, started, unmountAll, Vm } from "./Vm.ts"

type Keys = Record<string, unknown>

const image = (name: string) => `${bench().registry}/${name}`

/** A container with the files of an image, which runs on. */
const declare = (reference: string, mount: Keys = {}, container: Keys = {}): string =>
  JSON.stringify({
    spec: {
      containers: [
        {
          name: "web",
          image: image("app:1"),
          volumeMounts: [{ name: "files", mountPath: "/files", ...mount }],
          ...container
        }
      ],
      volumes: [{ name: "files", image: { reference } }]
    }
  })
const bare = () => JSON.stringify({ spec: { containers: [{ name: "web", image: image("app:1") }] } })

/** Whether the engine can. */
const isAble = Effect.gen(function* () {
  if (isPodman) return false
  const { docker } = yield* Vm
  const version = yield* docker("version", "--format", "{{.Server.APIVersion}}")
  const [major = 0, minor = 0] = version.trim().split(".").map(Number)
  return major > 1 || minor >= 48
})

/** Pushes an image under the tag of another. */
const move = Effect.fnUntraced(function* (from: string, to: string) {
  const { docker } = yield* Vm
  yield* docker("pull", image(from))
  yield* docker("tag", image(from), image(to))
  yield* docker("push", image(to))
})

describe.skipIf(inject("bench") === undefined)("volumes of images on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    test("an image is mounted, or refused while the old container runs on", () =>
      Effect.gen(function* () {
        yield* started(bare())
        const before = yield* onlyRunning
        if (!(yield* isAble)) {
          const failure = yield* Effect.flip(boot(declare(image("user:named"))))
          assert.strictEqual(failure._tag, "PlanRefused", failure.message)
          assert.match(failure.message, /the volume "files" is an image, which .* cannot mount/)
          assert.strictEqual((yield* onlyRunning).Id, before.Id)
          return
        }
        const all = declare(image("user:named"))
        yield* started(all)
        assert.include(yield* inside("cat /files/etc/passwd"), "app:x:1000:2000")
        assert.strictEqual(yield* inside("touch /files/x 2>/dev/null && echo writable || echo read-only"), "read-only")
        assert.deepStrictEqual((yield* started(all)).steps, [])

        const part = declare(image("user:named"), { subPath: "etc" })
        yield* started(part)
        assert.include(yield* inside("ls /files; cat /files/group"), "extra:x:2222:app")
        assert.deepStrictEqual((yield* started(part)).steps, [])
        yield* started(declare(image("user:named"), { subPath: "etc/passwd", mountPath: "/accounts" }))
        assert.include(yield* inside("cat /accounts"), "app:x:1000:2000")
        yield* started(bare())
      }))

    test("a part that is not in it fails the start, and the old container comes back", () =>
      Effect.gen(function* () {
        if (!(yield* isAble)) return
        yield* started(declare(image("user:named"), { subPath: "etc" }))
        const { Id } = yield* onlyRunning
        const failure = yield* Effect.flip(boot(declare(image("user:named"), { subPath: "nowhere" })))
        assert.include(failure.message, "a volume's image does not have what is to be mounted of it")
        assert.strictEqual((yield* onlyRunning).Id, Id)
        assert.include(yield* inside("cat /files/passwd"), "app:x:1000:2000")
      }))

    test("another image under its tag replaces the container", () =>
      Effect.gen(function* () {
        if (!(yield* isAble)) return
        yield* move("app:1", "files:moving")
        const declared = declare(image("files:moving"))
        yield* started(declared)
        const first = yield* onlyRunning
        assert.strictEqual(yield* inside("ls /files/etc"), "")
        assert.deepStrictEqual((yield* started(declared)).steps, [])
        yield* move("user:named", "files:moving")
        const second = yield* started(declared)
        assert.include(second.steps.map(({ step }) => step.cause).join(), 'the volume "files" is of another image now')
        assert.notStrictEqual((yield* onlyRunning).Id, first.Id)
        assert.include(yield* inside("cat /files/etc/passwd"), "app:x:1000:2000")
        assert.deepStrictEqual((yield* started(declared)).steps, [])
      }))

    test("what a restart of the engine loses comes back by the next run; after a boot nothing starts without it", () =>
      Effect.gen(function* () {
        if (!(yield* isAble)) return
        const { docker, engine } = yield* Vm
        const { mountRoot } = yield* HostFixture
        const runner = yield* CommandRunner
        const declared = declare(image("user:named"))
        yield* started(declared)
        yield* Effect.promise(engine.halt)
        yield* Effect.promise(engine.resume)
        // An engine that keeps it, or mounts it again, does better.
        const isKept = (yield* inside("ls /files")) !== ""
        assert.strictEqual((yield* started(declared)).steps.length === 0, isKept)
        assert.include(yield* inside("cat /files/etc/passwd"), "app:x:1000:2000")
        assert.deepStrictEqual((yield* started(declared)).steps, [])

        yield* Effect.promise(engine.halt)
        yield* unmountAll(runner, mountRoot)
        yield* Effect.promise(engine.resume)
        assert.strictEqual((yield* docker("ps", "--quiet")).trim(), "")
        yield* started(declared)
        assert.include(yield* inside("cat /files/etc/passwd"), "app:x:1000:2000")
      }))
  })
})
