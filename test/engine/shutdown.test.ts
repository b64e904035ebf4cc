import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { assert, describe, inject } from "vitest"
import { HostFixture } from "../vm/host/HostContract.ts"
import { slipway } from "./executable.ts"
import { living } from "./LivingAgent.ts"
import { bench, layerVm, onClearVm, reboot, runOnHost, Vm } from "./Vm.ts"

const key = "slipway-declaration"
const shell = (text: string) => ["/bin/busybox", "sh", "-c", text]

/** It takes a moment to end, and notes that down in a directory of the host. */
const noting = (name: string) => ({
  name,
  image: `${bench().registry}/app:1`,
  command: shell(`trap 'sleep 0.5; echo ${name} >> /shared/notes; exit 0' TERM; while :; do sleep 0.1; done`),
  volumeMounts: [{ name: "shared", mountPath: "/shared" }]
})

/** A Pod with a sandbox, a sidecar, and two containers of which one has a preStop hook. */
const declare = (spec: Record<string, unknown> = {}) =>
  Effect.map(HostFixture, ({ filesRoot }) =>
    JSON.stringify({
      spec: {
        hostNetwork: false,
        terminationGracePeriodSeconds: 20,
        initContainers: [{ ...noting("proxy"), restartPolicy: "Always" }],
        containers: [
          {
            ...noting("web"),
            lifecycle: { preStop: { exec: { command: shell("sleep 1; echo preStop >> /shared/notes") } } }
          },
          noting("worker")
        ],
        volumes: [{ name: "shared", hostPath: { path: `${filesRoot}/shutdown` } }],
        ...spec
      },
      metadata: { name: "shop" }
    })
  )

const notes = Effect.map(HostFixture, ({ filesRoot }) =>
  readFileSync(`${filesRoot}/shutdown/notes`, "utf8").trim().split("\n")
)

/** A systemd: what its programs are asked, and what it says that the machine does. */
const systemd = Effect.gen(function* () {
  const { filesRoot } = yield* HostFixture
  yield* runOnHost("rm", "-rf", `${filesRoot}/shutdown`)
  const directory = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "slipway-systemd-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  )
  const path = (name: string) => join(directory, name)
  mkdirSync(path("bin"))
  writeFileSync(path("notified"), "")
  for (const [name, text] of [
    ["systemctl", `[ "$*" = is-system-running ] || exit 9; cat ${path("state")}; grep -qx running ${path("state")}`],
    ["systemd-notify", `echo "$NOTIFY_SOCKET" "$@" >> ${path("notified")}`]
  ] as const) {
    writeFileSync(path(`bin/${name}`), `#!/bin/sh\n${text}\n`)
    chmodSync(path(`bin/${name}`), 0o755)
  }
  const setState = (state: "running" | "stopping") => Effect.sync(() => writeFileSync(path("state"), `${state}\n`))
  yield* setState("running")
  return {
    env: { PATH: `${path("bin")}:${process.env["PATH"]}`, NOTIFY_SOCKET: "/run/systemd/notify" },
    setState,
    /** The changes of state that were told, and the last status. */
    told: Effect.sync(() => {
      const lines = readFileSync(path("notified"), "utf8").trim().split("\n")
      for (const line of lines) assert.match(line, /^\/run\/systemd\/notify /)
      return {
        changes: lines.flatMap((line) => line.match(/[A-Z]+=1/g) ?? []),
        status: lines.findLast((line) => line.includes("--status="))?.split("--status=")[1]
      }
    })
  }
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
const statuses = Effect.map(found, (all) => [...new Set(Object.values(all).map(({ status }) => status))].join())

describe.skipIf(inject("bench") === undefined)("the end of an agent on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    test("SIGTERM as the machine goes down: all is stopped in order, and the next boot is as any other", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const { env, setState, told } = yield* systemd
        vm.metadata.attributes[key] = yield* declare()
        const agent = yield* living(env)
        yield* agent.says(/klt-web-[a-z]{4} was started: running/)
        const before = yield* found

        yield* setState("stopping")
        yield* agent.send("SIGTERM")
        const { exitCode, stderr } = yield* agent.ended
        assert.strictEqual(exitCode, 0, stderr)
        assert.match(stderr, /the machine goes down: its containers are stopped first, within 1m 20s/)
        assert.match(stderr, /klt-web-[a-z]{4} was stopped: exit code 0/)
        assert.deepStrictEqual(yield* notes, ["worker", "preStop", "web", "proxy"])
        const stopped = yield* found
        for (const [name, { id, policy }] of Object.entries(before)) {
          assert.deepStrictEqual(stopped[name], { id, status: "exited", policy })
        }
        const { changes, status } = yield* told
        assert.deepStrictEqual(changes, ["READY=1", "STOPPING=1"])
        assert.match(status ?? "", /the machine goes down: its containers are being stopped|stop klt-/)

        // Nothing but the engine says what there is after a boot.
        yield* reboot
        const next = yield* slipway(["up"])
        assert.strictEqual(next.exitCode, 0, next.stderr)
        assert.strictEqual(yield* statuses, "running")
      }))

    test("SIGTERM of the agent alone leaves them running, and systemctl reload has it look again", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const { env, told } = yield* systemd
        vm.metadata.attributes[key] = yield* declare()
        const agent = yield* living(env)
        yield* agent.says(/klt-web-[a-z]{4} was started: running/)
        const before = yield* found
        yield* agent.send("SIGHUP")
        yield* agent.says(/as asked/)
        while (!(yield* told).changes.includes("RELOADING=1")) yield* Effect.sleep("20 millis")
        while ((yield* told).changes.at(-1) !== "READY=1") yield* Effect.sleep("20 millis")
        assert.match((yield* told).status ?? "", /^as declared: klt-/)
        yield* agent.send("SIGTERM")
        const { exitCode, stderr } = yield* agent.ended
        assert.strictEqual(exitCode, 143, stderr)
        assert.deepStrictEqual(yield* found, before)
        assert.deepStrictEqual((yield* told).changes, ["READY=1", "RELOADING=1", "READY=1", "STOPPING=1"])
      }))

    test("a VM that the cloud takes back stops its containers at once, with less grace, and waits for its end", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const { env, setState } = yield* systemd
        vm.metadata.preemptible = true
        vm.metadata.attributes[key] = yield* declare({ terminationGracePeriodSeconds: 600 })
        const agent = yield* living(env)
        yield* agent.says(/klt-web-[a-z]{4} was started: running/)
        vm.metadata.preempted = true
        yield* agent.says(/the cloud takes this VM back[^]*klt-web-[a-z]{4} has \d+s to end instead of 10m/)
        yield* setState("stopping")
        // The machine is told to stop at the same time.
        yield* agent.send("SIGTERM")
        const { exitCode, stderr } = yield* agent.ended
        assert.strictEqual(exitCode, 0, stderr)
        assert.deepStrictEqual(yield* notes, ["worker", "preStop", "web", "proxy"])
        assert.strictEqual(yield* statuses, "exited")
      }))
  })
})
