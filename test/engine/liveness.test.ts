import { layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { assert, describe, inject } from "vitest"
import { slipway } from "./executable.ts"
import { living } from "./LivingAgent.ts"
import { takenPort } from "./ports.ts"
import { bench, layerVm, onClearVm, Vm } from "./Vm.ts"

const key = "slipway-declaration"
const busybox = (...words: ReadonlyArray<string>) => ["/bin/busybox", ...words]
const forEver = "trap 'exit 0' TERM; while :; do sleep 0.05; done"
const declare = (container: Record<string, unknown>, spec: Record<string, unknown> = {}) =>
  JSON.stringify({ spec: { containers: [{ name: "web", image: `${bench().registry}/app:1`, ...container }], ...spec } })

/** Sick as long as there is a file, which each start removes. */
const livenessProbe = {
  exec: { command: busybox("sh", "-c", "if [ -e /sick ]; then echo no answer; exit 1; fi") },
  periodSeconds: 1,
  failureThreshold: 2
}
const container = {
  command: busybox("sh", "-c", `rm -f /sick; echo started >> /log; ${forEver}`),
  lifecycle: { preStop: { exec: { command: busybox("sh", "-c", "echo bye >> /log") } } },
  livenessProbe
}

describe.skipIf(inject("bench") === undefined)("liveness on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    const web = Effect.gen(function* () {
      const vm = yield* Vm
      const [name = "", ...others] = yield* vm.containers
      assert.deepStrictEqual(others, [])
      const { Id, State } = yield* vm.inspect(name)
      const { running } = JSON.parse((yield* slipway(["status", "--format", "json"])).stdout).status
      return { name, id: Id, ...State, recorded: running[0] }
    })

    test("the same container is restarted, at once and then with a back-off, and history and status say why", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        vm.metadata.attributes[key] = declare(container)
        const agent = yield* living()
        yield* agent.says(/klt-web-[a-z]{4} was started: running/)
        const first = yield* web
        yield* vm.docker("exec", first.name, ...busybox("touch", "/sick"))
        yield* agent.says(
          /stop klt-web-[a-z]{4}, .* because its livenessProbe \(exec\) failed 2 times in a row, at last: exit code 1, no answer/
        )
        yield* agent.says(/done: start klt-web-[a-z]{4} again/)
        const second = yield* web
        assert.strictEqual(second.id, first.id)
        assert.strictEqual(second.Status, "running")
        assert.isAbove(Date.parse(second.StartedAt), Date.parse(first.StartedAt))
        // The hook before the stop, and what it had written, which a new container would not have.
        assert.strictEqual(yield* vm.docker("exec", first.name, ...busybox("cat", "/log")), "started\nbye\nstarted\n")
        const why = (yield* slipway(["why"])).stdout
        assert.match(why, /^Run 2 of \S+ restarted klt-web-[a-z]{4} after /)
        assert.match(why, /because its livenessProbe .* at last: exit code 1, no answer/)

        // Again: it is stopped, and waits for its back-off, which who runs `up` by hand does not.
        yield* vm.docker("exec", first.name, ...busybox("touch", "/sick"))
        yield* agent.says(/done: stop klt-web-[a-z]{4}/)
        const third = yield* web
        assert.strictEqual(third.Status, "exited")
        yield* agent.send("SIGTERM")
        yield* agent.ended
        assert.match((yield* slipway(["status"])).stdout, /is stopped until \S+: its livenessProbe/)
        const up = yield* slipway(["up"])
        assert.strictEqual(up.exitCode, 0, up.stderr)
        assert.match(up.stderr, /an agent had stopped it/)
        const fourth = yield* web
        assert.strictEqual(fourth.id, first.id)
        assert.strictEqual(fourth.Status, "running")
        assert.strictEqual(fourth.recorded.probeRestarts.count, 2)
      }))

    test("activeDeadlineSeconds stop the Pod for good, be it started or still waiting for an init container", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        // On a busy machine they may be over before the containers are up, which comes to the same.
        const spec = { hostNetwork: false, terminationGracePeriodSeconds: 1, activeDeadlineSeconds: 5 }
        const isStopped = Effect.gen(function* () {
          for (const name of yield* vm.containers)
            assert.notStrictEqual((yield* vm.inspect(name)).State.Status, "running")
        })
        vm.metadata.attributes[key] = declare({}, spec)
        const agent = yield* living()
        yield* agent.says(/the Pod was active for longer than its activeDeadlineSeconds \(5\)/)
        yield* isStopped
        const status = yield* slipway(["status"])
        assert.strictEqual(status.exitCode, 3)
        assert.match(status.stdout, /the Pod was active for longer/)
        const again = yield* slipway(["up"])
        assert.strictEqual(again.exitCode, 79)
        yield* isStopped

        const image = `${bench().registry}/app:1`
        const initContainers = [{ name: "migrate", image, command: busybox("sh", "-c", forEver) }]
        vm.metadata.attributes[key] = declare({}, { ...spec, initContainers })
        yield* agent.says(/the Pod was active for longer than its activeDeadlineSeconds \(5\)/)
        yield* isStopped
        yield* agent.send("SIGTERM")
        yield* agent.ended
      }))

    test("HTTP on the Pod's own network fails, stays stopped under Never, and readiness is told", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const port = yield* Effect.scoped(takenPort)
        const get = (path: string) => ({ httpGet: { path, port }, periodSeconds: 1, failureThreshold: 1 })
        const server = `mkdir -p /www; echo > /www/live; echo > /www/ready; exec /bin/busybox httpd -f -p ${port} -h /www`
        vm.metadata.attributes[key] = declare(
          {
            command: busybox("sh", "-c", server),
            livenessProbe: { ...get("/live"), terminationGracePeriodSeconds: 1 },
            readinessProbe: get("/ready")
          },
          { hostNetwork: false, restartPolicy: "Never" }
        )
        const agent = yield* living()
        yield* agent.says(/klt-web-[a-z]{4} was started: running/)
        const { name } = yield* web
        yield* vm.docker("exec", name, ...busybox("mv", "/www/ready", "/www/off"))
        yield* agent.says(/klt-web-[a-z]{4} is not ready/)
        assert.isFalse((yield* web).recorded.ready)
        yield* vm.docker("exec", name, ...busybox("mv", "/www/off", "/www/ready"))
        yield* agent.says(/klt-web-[a-z]{4} is ready/)
        assert.isTrue((yield* web).recorded.ready)
        yield* vm.docker("exec", name, ...busybox("rm", "/www/live"))
        yield* agent.says(
          /stop klt-web-[a-z]{4}, with a grace period of 1s, because its livenessProbe .* at last: HTTP 404, and it is not to be started again/
        )
        yield* agent.says(/done: stop klt-web-[a-z]{4}/)
        assert.strictEqual((yield* web).Status, "exited")
        yield* agent.send("SIGTERM")
        yield* agent.ended
      }))
  })
})
