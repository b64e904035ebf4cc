import type { AddressInfo } from "node:net"
import { layer } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { assert, describe, inject } from "vitest"
import { grpcServer } from "../vm/probes/grpcServer.ts"
import { takenPort } from "./ports.ts"
import { bench, boot, layerVm, onClearVm, Vm } from "./Vm.ts"

const image = () => `${bench().registry}/app:1`
const script = (text: string) => ({ command: ["/bin/busybox", "sh", "-c", text] })
const forEver = "trap 'exit 0' TERM; while :; do sleep 0.1; done"
const declare = (container: Record<string, unknown>, spec: Record<string, unknown> = {}) =>
  JSON.stringify({ spec: { containers: [{ name: "web", image: image(), ...container }], ...spec } })

/** A port that was free a moment ago. */
const freePort = Effect.scoped(takenPort)
const every = (rest: Record<string, unknown> = {}) => ({ periodSeconds: 1, failureThreshold: 30, ...rest })

/** Boots what must come up; gives how long each step took, by its id. */
const started = Effect.fnUntraced(function* (declaration: string) {
  const report = yield* boot(declaration)
  if (report._tag !== "Running") return assert.fail(`the run came to ${report._tag}`)
  return new Map(report.steps.map(({ step, took }) => [step.id, Duration.toSeconds(took)]))
})

describe.skipIf(inject("bench") === undefined)("probes on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    test("HTTP that comes up after four seconds is waited for, on the host's network and on the Pod's own", () =>
      Effect.gen(function* () {
        const port = yield* freePort
        const server = script(
          `mkdir -p /tmp/www; echo ok > /tmp/www/healthz; sleep 4; exec /bin/busybox httpd -f -p ${port} -h /tmp/www`
        )
        const readinessProbe = { httpGet: { path: "/healthz", port }, ...every() }
        for (const spec of [{}, { hostNetwork: false }]) {
          const took = yield* started(declare({ ...server, readinessProbe }, spec))
          assert.isAtLeast(took.get("probe readiness of web") ?? 0, 3)
          const again = yield* started(declare({ ...server, readinessProbe }, spec))
          assert.strictEqual(again.size, 0)
        }
      }))

    test("a readiness probe that fails brings back what ran before, with the server's status", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const port = yield* freePort
        yield* started(declare(script(forEver)))
        const before = yield* vm.containers
        const server = script(`mkdir -p /tmp/www; exec /bin/busybox httpd -f -p ${port} -h /tmp/www`)
        const readinessProbe = { httpGet: { path: "/healthz", port }, ...every({ failureThreshold: 2 }) }
        const failure = yield* Effect.flip(boot(declare({ ...server, readinessProbe })))
        assert.strictEqual(failure._tag, "ProbeFailed")
        assert.match(failure.message, /failed 2 times in a row, at last: HTTP 404$/)
        assert.deepStrictEqual(yield* vm.containers, before)
        const [name = ""] = before
        assert.strictEqual((yield* vm.inspect(name)).State.Status, "running")
      }))

    test("a sidecar's startup probe by TCP holds back what follows it", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const port = yield* freePort
        const proxy = {
          name: "proxy",
          image: image(),
          restartPolicy: "Always",
          ...script(`sleep 2; exec /bin/busybox httpd -f -p ${port} -h /tmp`),
          startupProbe: { tcpSocket: { port }, ...every() }
        }
        yield* started(declare(script(forEver), { initContainers: [proxy] }))
        const all = yield* Effect.forEach(yield* vm.containers, vm.inspect)
        const at = (name: string) =>
          Date.parse(all.find(({ Config }) => Config.Labels["slipway.container"] === name)!.State.StartedAt)
        assert.isAtLeast(at("web") - at("proxy"), 1_900)
      }))

    test("a command in the container, and its last words", () =>
      Effect.gen(function* () {
        const check = (text: string) => ({ exec: { command: ["/bin/busybox", "sh", "-c", text] }, ...every() })
        const took = yield* started(
          declare({
            ...script(`sleep 2; touch /tmp/ready; ${forEver}`),
            readinessProbe: check("test -e /tmp/ready")
          })
        )
        assert.isAtLeast(took.get("probe readiness of web") ?? 0, 1)
        const failing = { ...check("echo no database; exit 3"), failureThreshold: 1 }
        const failure = yield* Effect.flip(boot(declare({ ...script(`: other; ${forEver}`), readinessProbe: failing })))
        assert.match(failure.message, /\(exec\) failed once, at last: exit code 3, no database$/)
        const slow = { ...check("sleep 30"), failureThreshold: 1 }
        const late = yield* Effect.flip(boot(declare({ ...script(`: third; ${forEver}`), readinessProbe: slow })))
        assert.match(late.message, /at last: no answer within 1 s$/)
      }))

    test("gRPC's health protocol", () =>
      Effect.gen(function* () {
        const health: Record<string, number> = { db: 2 }
        const port = yield* Effect.acquireRelease(
          Effect.callback<ReturnType<typeof grpcServer>>((resume) => {
            const server = grpcServer(health)
            server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
          }),
          (server) => Effect.sync(() => server.close())
        ).pipe(Effect.map((server) => (server.address() as AddressInfo).port))
        const readinessProbe = { grpc: { port, service: "db" }, ...every({ failureThreshold: 1 }) }
        const failure = yield* Effect.flip(boot(declare({ ...script(forEver), readinessProbe })))
        assert.match(failure.message, /at last: gRPC NOT_SERVING$/)
        health["db"] = 1
        yield* started(declare({ ...script(`: again; ${forEver}`), readinessProbe }))
      }))

    test("a container that ends while it is probed fails as its end", () =>
      Effect.gen(function* () {
        const port = yield* freePort
        const readinessProbe = { tcpSocket: { port }, ...every() }
        const failure = yield* Effect.flip(boot(declare({ ...script("sleep 2; exit 7"), readinessProbe })))
        assert.strictEqual(failure._tag, "ContainerFailed")
        assert.match(failure.message, /exit code 7/)
      }))
  })
})
