import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { SimulatedVm } from "../../../src/simulation/SimulatedVm.ts"
import { runInVirtualTime } from "../../../src/simulation/host/VirtualTime.ts"
import { onVm, slipway } from "../CommandLine.ts"
import { declaration, declared, images, outputOf, secret } from "../declared.ts"

describe("slipway plan", () => {
  it.effect("prints each step with its cause and what it waits for, and changes nothing", () =>
    Effect.gen(function* () {
      const layer = yield* onVm({ declaration: declared, images })
      const run = yield* slipway(["plan", "--no-open-iptables"], { layerVm: () => layer })
      assert.strictEqual(run.exitCode, 0)
      const [, name] = /^(klt-web-[a-z]{4}) /.exec(run.stdout) ?? []
      assert.strictEqual(
        run.stdout,
        `${name} is to be started: 4 steps.
  1  pull registry.example/web:1
     because the engine does not hold registry.example/web:1
  2  create ${name}
     because there is no such container yet
     after 1
  3  start ${name}
     because it is declared to run
     after 2
  4  see that ${name} stays up for 3s
     because a container that ends at once has not started
     after 3
`
      )
      const { engine, transcript } = yield* Effect.provide(SimulatedVm, layer)
      assert.lengthOf(engine.containers, 0)
      assert.notMatch(transcript.map(({ name }) => name).join(), /docker (pull|create|start)/)
    }).pipe(runInVirtualTime)
  )

  it.effect("as JSON, without what may be a secret", () =>
    Effect.gen(function* () {
      const layerVm = () => SimulatedVm.layer({ declaration: declared, images })
      const run = yield* slipway(["plan", "--format", "json"], { layerVm })
      const { steps } = JSON.parse(run.stdout) as {
        steps: ReadonlyArray<{ action: { kind: string; container?: unknown }; needs: ReadonlyArray<string> }>
      }
      const create = steps.find(({ action }) => action.kind === "Create")?.action.container
      assert.deepInclude(create as object, { env: ["PASSWORD"], entrypointWords: null, cmdWords: 1 })
      assert.notInclude(outputOf(run), secret)
      const nothing = yield* slipway(["plan", "--format", "json"], { layerVm: () => SimulatedVm.layer() })
      assert.strictEqual(nothing.stdout, "null\n")
    }).pipe(runInVirtualTime)
  )

  it.effect("says of a pull that the registry refuses already that it would fail", () =>
    Effect.gen(function* () {
      const layerVm = () => SimulatedVm.layer({ declaration: declaration("registry.example/gone:1"), images })
      const { exitCode, stdout } = yield* slipway(["plan"], { layerVm })
      assert.strictEqual(exitCode, 0)
      assert.match(stdout, /the pull would fail: .*registry\.example\/gone:1/)
    }).pipe(runInVirtualTime)
  )

  it.effect("a plan that is refused: 1, with every reason", () =>
    Effect.gen(function* () {
      const volumes = `
      volumeMounts:
        - { name: a, mountPath: /a }
        - { name: b, mountPath: /b }
  volumes:
    - { name: a, gcePersistentDisk: { pdName: missing } }
    - { name: b, gcePersistentDisk: { pdName: old } }
`
      const run = yield* slipway(["plan"], {
        layerVm: () =>
          SimulatedVm.layer({
            declaration: declaration("registry.example/web:1", volumes),
            images,
            disks: [{ deviceName: "old", content: { _tag: "Filesystem", type: "ext2", label: "archive" } }]
          })
      })
      assert.strictEqual(run.exitCode, 1)
      assert.include(run.stderr, 'no disk with the device name "missing"')
      assert.match(
        run.stderr,
        /google-old is neither ext4, xfs nor blank: it holds a filesystem of type ext2, labelled "archive"/
      )
      assert.strictEqual(run.stdout, "")
    }).pipe(runInVirtualTime)
  )

  it.effect("says in what the container that runs differs from what is declared, without values", () =>
    Effect.gen(function* () {
      const layer = yield* onVm({
        declaration: declaration("registry.example/web:1", ""),
        images: images.map((image) => ({ ...image, env: { MODE: "development" } }))
      })
      yield* slipway(["up"], { layerVm: () => layer })
      const vm = yield* Effect.provide(SimulatedVm, layer)
      const variables = `env: [{ name: PASSWORD, value: ${secret}-2 }, { name: MODE, value: staging }]`
      vm.setDeclaration(
        `spec: { containers: [{ name: web, image: 'registry.example/web:1', command: [/x], ${variables} }] }`
      )
      const run = yield* slipway(["plan"], { layerVm: () => layer })
      assert.include(run.stdout, "because its declaration has changed: command, args, env PASSWORD, env MODE\n")
      const [, name] = / {2}remove the old (\S+), set aside as klt-aside-always-[0-9a-f]{12}\n/.exec(run.stdout) ?? []
      assert.strictEqual(name, vm.engine.containers[0]?.name)
      assert.include(run.stdout, "because its successor is confirmed\n")
      assert.notInclude(outputOf(run), secret)
    }).pipe(runInVirtualTime)
  )
})
