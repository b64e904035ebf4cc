import { get } from "node:http"
import { layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { assert, describe, inject } from "vitest"
import { HostFixture } from "../vm/host/HostContract.ts"
import { takenPort } from "./ports.ts"
import { bench, boot, isPodman, layerVm, onClearVm, started, Vm } from "./Vm.ts"

const image = (name: string): string => `${bench().registry}/${name}`

const pod = (
  containers: ReadonlyArray<Record<string, unknown>>,
  { initContainers = [], ...rest }: Record<string, unknown> = {}
): string => JSON.stringify({ spec: { initContainers, containers, ...rest } })

/** What is there of ours, by the name in the declaration. */
const found = Effect.gen(function* () {
  const vm = yield* Vm
  const names = yield* vm.containers
  const all = yield* Effect.forEach(names, vm.inspect)
  return Object.fromEntries(all.map((one) => [one.Config.Labels["slipway.container"] ?? one.Name, one]))
})

const read = (url: string) =>
  Effect.callback<string, Error>((resume) => {
    get(url, (answer) => {
      let text = ""
      answer.on("data", (chunk) => (text += chunk)).on("end", () => resume(Effect.succeed(text)))
    }).on("error", (error) => resume(Effect.fail(error)))
  }).pipe(Effect.retry(Schedule.max([Schedule.recurs(200), Schedule.spaced("50 millis")])))

const script = (text: string) => ({ command: ["/bin/busybox", "sh", "-c", text] })
const forEver = "trap 'exit 0' TERM; while :; do sleep 0.1; done"

describe.skipIf(inject("bench") === undefined)("Pods on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    test("two containers: the one that has changed is replaced, the other runs on", () =>
      Effect.gen(function* () {
        const web = { name: "web", image: image("app:1") }
        const worker = { name: "worker", image: image("app:1"), env: [{ name: "MODE", value: "a" }] }
        yield* started(pod([web, worker]))
        const first = yield* found
        assert.sameMembers(Object.keys(first), ["web", "worker"])
        for (const one of Object.values(first)) assert.strictEqual(one.State.Status, "running")

        const same = yield* started(pod([web, worker]))
        assert.deepStrictEqual(same.steps, [])

        yield* started(pod([web, { ...worker, image: image("app:2") }]))
        const second = yield* found
        assert.strictEqual(second["web"]!.State.StartedAt, first["web"]!.State.StartedAt)
        assert.notStrictEqual(second["worker"]!.Id, first["worker"]!.Id)

        yield* started(pod([web]))
        const third = yield* found
        assert.deepStrictEqual(Object.keys(third), ["web"])
        assert.strictEqual(third["web"]!.State.StartedAt, first["web"]!.State.StartedAt)
      }))

    test("three containers of which one does not come up: all that were replaced come back", () =>
      Effect.gen(function* () {
        const named = (name: string, from: string) => ({ name, image: image(from) })
        yield* started(pod([named("a", "app:1"), named("b", "app:1"), named("c", "app:1")]))
        const before = yield* found
        const failure = yield* Effect.flip(
          boot(pod([named("a", "app:2"), named("b", "app:1"), named("c", "job:fails")]))
        )
        assert.strictEqual(failure._tag, "ContainerFailed")
        assert.match(failure.message, /klt-c-[a-z]{4} ended right after its start/)
        const after = yield* found
        assert.sameMembers(Object.keys(after), ["a", "b", "c"])
        for (const name of ["a", "b", "c"]) {
          assert.strictEqual(after[name]!.Id, before[name]!.Id)
          assert.strictEqual(after[name]!.State.Status, "running")
        }
        assert.strictEqual(after["b"]!.State.StartedAt, before["b"]!.State.StartedAt)
      }))

    test("init containers run one after the other, each to its end, and once in a boot", () =>
      Effect.gen(function* () {
        const { filesRoot } = yield* HostFixture
        const shared = {
          volumeMounts: [{ name: "shared", mountPath: "/shared" }]
        }
        const initContainers = ["one", "two"].map((name) => ({
          name,
          image: image("app:1"),
          ...script(`sleep 0.3; echo ${name} >> /shared/order`),
          ...shared
        }))
        const web = {
          name: "web",
          image: image("app:1"),
          ...script(`echo web >> /shared/order; ${forEver}`),
          ...shared
        }
        const volumes = [{ name: "shared", hostPath: { path: `${filesRoot}/pod-order` } }]
        const order = Effect.gen(function* () {
          const vm = yield* Vm
          const { web } = yield* found
          return (yield* vm.docker("exec", web!.Id, "cat", "/shared/order")).trim().split("\n")
        })
        yield* started(pod([web], { initContainers, volumes }))
        assert.deepStrictEqual(yield* order, ["one", "two", "web"])
        const { one, two } = yield* found
        assert.deepStrictEqual([one!.State.Status, one!.State.ExitCode, two!.State.ExitCode], ["exited", 0, 0])

        yield* started(pod([{ ...web, image: image("app:2") }], { initContainers, volumes }))
        assert.deepStrictEqual(yield* order, ["one", "two", "web", "web"])
      }))

    test("an init container that fails: the Pod that ran before runs again, and its last words are told", () =>
      Effect.gen(function* () {
        const web = { name: "web", image: image("app:1") }
        yield* started(pod([web]))
        const before = yield* found
        const failure = yield* Effect.flip(
          boot(
            pod([{ ...web, image: image("app:2"), restartPolicy: "Always" }], {
              restartPolicy: "Never",
              initContainers: [{ name: "migrate", image: image("job:fails") }]
            })
          )
        )
        assert.strictEqual(failure._tag, "JobFailed")
        if (failure._tag !== "JobFailed") return
        assert.strictEqual(failure.exitCode, 3)
        assert.include(failure.lastLogLines, "no database")
        const after = yield* found
        assert.deepStrictEqual([Object.keys(after), after["web"]!.Id], [["web"], before["web"]!.Id])
        assert.strictEqual(after["web"]!.State.Status, "running")
      }))
  })
})

describe.skipIf(inject("bench") === undefined || isPodman)("a Pod's own network on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)
    const httpd = "mkdir -p /tmp/www; busybox hostname > /tmp/www/index.html; exec busybox httpd -f -p 80 -h /tmp/www"

    test("one container: its port is published, and another run leaves it alone", () =>
      Effect.gen(function* () {
        const hostPort = yield* Effect.scoped(takenPort)
        const web = { name: "web", image: image("app:1"), ...script(httpd), ports: [{ containerPort: 80, hostPort }] }
        const declaration = pod([web], { hostNetwork: false, hostname: "shop" })
        yield* started(declaration)
        assert.strictEqual((yield* read(`http://127.0.0.1:${hostPort}/index.html`)).trim(), "shop")
        assert.deepStrictEqual((yield* started(declaration)).steps, [])
      }))

    test("several share the sandbox's network, and a change of one leaves the others and the sandbox alone", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const hostPort = yield* Effect.scoped(takenPort)
        const web = { name: "web", image: image("app:1"), ...script(httpd), ports: [{ containerPort: 80, hostPort }] }
        const client = { name: "client", image: image("app:1"), ...script(forEver) }
        const rest = { hostNetwork: false, hostname: "shop", hostAliases: [{ ip: "192.0.2.1", hostnames: ["db"] }] }
        yield* started(pod([web, client], rest))
        assert.strictEqual((yield* read(`http://127.0.0.1:${hostPort}/index.html`)).trim(), "shop")
        const first = yield* found
        assert.sameMembers(Object.keys(first), ["pod.sandbox", "web", "client"])
        const inClient = (...words: ReadonlyArray<string>) =>
          vm.docker("exec", first["client"]!.Id, "busybox", ...words)
        assert.strictEqual((yield* inClient("wget", "-q", "-O", "-", "http://127.0.0.1/index.html")).trim(), "shop")
        assert.include(yield* inClient("cat", "/etc/hosts"), "192.0.2.1\tdb")
        assert.deepStrictEqual((yield* started(pod([web, client], rest))).steps, [])

        yield* started(pod([web, { ...client, image: image("app:2") }], rest))
        const second = yield* found
        for (const name of ["pod.sandbox", "web"]) {
          assert.strictEqual(second[name]!.State.StartedAt, first[name]!.State.StartedAt)
        }
        assert.notStrictEqual(second["client"]!.Id, first["client"]!.Id)

        // Whoever comes back is on the network that it had.
        yield* Effect.flip(
          boot(
            pod(
              [
                { ...web, image: image("app:2") },
                { ...client, image: image("job:fails"), command: [] }
              ],
              rest
            )
          )
        )
        assert.strictEqual((yield* read(`http://127.0.0.1:${hostPort}/index.html`)).trim(), "shop")
      }))

    test("a port that is taken is said, and nothing is stopped", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const hostPort = yield* takenPort
          const web = { name: "web", image: image("app:1"), ports: [{ containerPort: 80, hostPort }] }
          const failure = yield* Effect.flip(boot(pod([web], { hostNetwork: false })))
          assert.strictEqual(failure._tag, "PlanRefused")
          assert.include(failure.message, `${hostPort}/tcp of the host, which the container web is to have, is taken`)
          assert.deepStrictEqual(Object.keys(yield* found), [])
        })
      ))
  })
})
