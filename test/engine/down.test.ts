import { layer } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { assert, describe, inject } from "vitest"
import { defaultDownSettings, down, type DownSettings } from "../../src/startup/down.ts"
import { HostFixture } from "../vm/host/HostContract.ts"
import { bench, isPodman, layerVm, onClearVm, runOnHost, started, Vm } from "./Vm.ts"

const image = () => `${bench().registry}/app:1`
const shell = (text: string) => ["/bin/busybox", "sh", "-c", text]
const forEver = "while :; do sleep 0.1; done"

/** Notes down its end, which takes a moment, in a directory of the host. */
const noting = (name: string) => ({
  name,
  image: image(),
  command: shell(`trap 'sleep 0.3; echo ${name} >> /shared/notes; exit 0' TERM; ${forEver}`),
  volumeMounts: [{ name: "shared", mountPath: "/shared" }]
})

/** A Pod with a sandbox, a sidecar, and two containers of which one has a preStop hook and ignores its signal. */
const pod = Effect.map(HostFixture, ({ filesRoot }) =>
  JSON.stringify({
    spec: {
      hostNetwork: false,
      terminationGracePeriodSeconds: 4,
      initContainers: [{ ...noting("proxy"), restartPolicy: "Always" }],
      containers: [
        {
          ...noting("web"),
          command: shell(`trap '' TERM; ${forEver}`),
          lifecycle: { preStop: { exec: { command: shell("echo preStop >> /shared/notes") } } },
          volumeMounts: [
            { name: "shared", mountPath: "/shared" },
            { name: "cache", mountPath: "/cache" },
            { name: "scratch", mountPath: "/scratch" },
            { name: "config", mountPath: "/config" }
          ]
        },
        noting("worker")
      ],
      volumes: [
        { name: "shared", hostPath: { path: `${filesRoot}/down` } },
        { name: "cache", emptyDir: { medium: "Memory" } },
        { name: "scratch", emptyDir: {} },
        { name: "config", downwardAPI: { items: [{ path: "name", fieldRef: { fieldPath: "metadata.name" } }] } }
      ]
    },
    metadata: { name: "shop" }
  })
)

const bringDown = Effect.fnUntraced(function* (settings: Partial<DownSettings> = {}) {
  const { mountRoot } = yield* HostFixture
  return yield* down({ ...defaultDownSettings, mountRoot, ...settings })
})

/** All containers, by their names in the declaration. */
const found = Effect.gen(function* () {
  const vm = yield* Vm
  const all = yield* Effect.forEach(yield* vm.containers, vm.inspect)
  return Object.fromEntries(
    all.map(({ Id, Name, Config, State, HostConfig }) => [
      Config.Labels["slipway.container"] ?? Name.slice(1),
      { id: Id, status: State.Status, policy: HostConfig.RestartPolicy.Name }
    ])
  )
})

const notes = Effect.flatMap(HostFixture, ({ filesRoot }) => runOnHost("cat", `${filesRoot}/down/notes`))

describe.skipIf(inject("bench") === undefined)("down on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    test("stops a Pod in order; its engine starts nothing of it again, and the next run the same containers", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const { filesRoot } = yield* HostFixture
        yield* runOnHost("rm", "-rf", `${filesRoot}/down`)
        yield* started(yield* pod)
        yield* vm.docker("run", "--detach", "--name", "other", "--restart", "always", image())
        const before = yield* found

        const report = yield* bringDown()
        // The grace period is one for all: the hook and the deaf container took it, and two seconds are left for the rest.
        assert.deepStrictEqual((yield* notes).split("\n"), ["preStop", "worker", "proxy"])
        assert.isAtLeast(Duration.toSeconds(report.took), 4)
        assert.deepStrictEqual(
          report.containers.map(({ role, status, isToReturn }) => [role, status, isToReturn]),
          ["main", "main", "sidecar", "sandbox"].map((role) => [role, "exited", true])
        )
        const exitCodes = new Map(report.containers.map(({ container, exitCode }) => [container, exitCode]))
        assert.deepStrictEqual(
          ["web", "worker", "proxy"].map((name) => exitCodes.get(name)),
          [137, 0, 0]
        )
        const stopped = yield* found
        for (const [name, { id, status, policy }] of Object.entries(stopped)) {
          assert.deepStrictEqual([name, id], [name, before[name]?.id])
          assert.deepStrictEqual(
            [name, status, policy],
            name === "other" ? [name, "running", "always"] : [name, "exited", "no"]
          )
        }
        assert.deepStrictEqual((yield* bringDown()).steps, [])
        yield* vm.docker("stop", "other")
        yield* Effect.promise(() => vm.engine.halt())
        yield* Effect.promise(() => vm.engine.resume())
        for (const [name, { status }] of Object.entries(yield* found)) {
          // Docker starts what is to run always, whoever had stopped it: ours would run as well.
          if (name !== "other") assert.deepStrictEqual([name, status], [name, "exited"])
          else if (!isPodman) assert.strictEqual(status, "running")
        }

        const again = yield* started(yield* pod)
        const { other: _, ...ours } = before
        const { other: _other, ...returned } = yield* found
        assert.deepStrictEqual(returned, ours)
        assert.include(
          again.steps.map(({ step }) => step.action._tag),
          "StartAgain"
        )
        assert.notInclude(
          again.steps.map(({ step }) => step.action._tag),
          "Create"
        )
        assert.deepStrictEqual((yield* started(yield* pod)).steps, [])
        // They share a network once more.
        const names = yield* vm.containers
        const web = names.find((name) => name.startsWith("klt-web-")) ?? ""
        const worker = names.find((name) => name.startsWith("klt-worker-")) ?? ""
        const address = shell("cat /proc/net/fib_trie")
        assert.strictEqual(yield* vm.docker("exec", web, ...address), yield* vm.docker("exec", worker, ...address))
        yield* vm.docker("rm", "--force", "other")
      }))

    test("--remove leaves nothing of ours, and touches nothing else", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const { filesRoot, mountRoot } = yield* HostFixture
        yield* runOnHost("rm", "-rf", `${filesRoot}/down`)
        yield* started(yield* pod)
        yield* vm.docker("run", "--detach", "--name", "other", image())
        const mounts = yield* runOnHost("cat", "/proc/self/mounts")
        assert.include(mounts, ` ${mountRoot}`)

        const report = yield* bringDown({ remove: true, within: Option.some(Duration.seconds(30)) })
        assert.deepStrictEqual(report.warnings, [])
        assert.deepStrictEqual(yield* vm.containers, ["other"])
        assert.strictEqual((yield* vm.inspect("other")).State.Status, "running")
        assert.strictEqual(yield* vm.docker("network", "ls", "--quiet", "--filter", "label=slipway.network"), "")
        assert.notInclude(yield* runOnHost("cat", "/proc/self/mounts"), ` ${mountRoot}`)
        assert.deepStrictEqual((yield* notes).split("\n"), ["preStop", "worker", "proxy"])

        yield* started(yield* pod)
        assert.lengthOf(yield* vm.containers, 5)
        yield* vm.docker("rm", "--force", "other")
      }))

    test("within a limit a deaf container is killed in time", () =>
      Effect.gen(function* () {
        const declaration = JSON.stringify({
          spec: {
            terminationGracePeriodSeconds: 60,
            containers: [{ name: "web", image: image(), command: shell(`trap '' TERM; ${forEver}`) }]
          }
        })
        yield* started(declaration)
        const { took, containers } = yield* bringDown({ within: Option.some(Duration.seconds(8)) })
        assert.isAtMost(Duration.toSeconds(took), 8)
        assert.strictEqual(containers[0]?.exitCode, 137)
      }))
  })
})
