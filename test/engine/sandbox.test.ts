import { mkdtempSync } from "node:fs"
import { get } from "node:http"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { describe, inject } from "vitest"
import type { ContainerSpec } from "../../src/vm/engine/ContainerSpec.ts"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"
import { sandboxArchitecture, sandboxImage } from "../../src/vm/engine/SandboxImage.ts"
import { parseImageReference } from "../../src/workload/ImageReference.ts"
import { startEngine } from "./engineProcess.ts"
import { takenPort } from "./ports.ts"
import { bench, isPodman } from "./Vm.ts"

const plain = {
  entrypoint: undefined,
  cmd: undefined,
  env: [],
  openStdin: false,
  tty: false,
  binds: [],
  mounts: [],
  privileged: false,
  restartPolicy: { name: "no", maximumRetryCount: 0 },
  logConfig: { type: "json-file", config: {} },
  labels: {}
} as const satisfies Omit<ContainerSpec, "name" | "image" | "networkMode">

const read = (url: string) =>
  Effect.callback<string, Error>((resume) => {
    get(url, (answer) => {
      let text = ""
      answer.on("data", (chunk) => (text += chunk)).on("end", () => resume(Effect.succeed(text)))
    }).on("error", (error) => resume(Effect.fail(error)))
  })

describe.skipIf(inject("bench") === undefined || isPodman)("a sandbox on a real engine", () => {
  it.effect("holds the network of two others: one address, one host name, the hosts and a port on the host", () =>
    Effect.gen(function* () {
      const engine = yield* Effect.acquireRelease(
        Effect.promise(() => startEngine(mkdtempSync("/tmp/slipway-sandbox-"), {})),
        (engine) => Effect.promise(() => engine.stop())
      )
      const hostPort = yield* Effect.scoped(takenPort)
      yield* Effect.gen(function* () {
        const docker = yield* DockerClient
        const architecture = sandboxArchitecture(yield* docker.architecture)
        if (architecture === undefined) return assert.fail("there is no sandbox for this machine")
        const { archive, changes, reference } = sandboxImage
        yield* docker.importImage(archive(architecture), reference, changes)
        yield* docker.createNetwork({ name: "slipway", labels: {} })
        const sandbox = yield* docker.createContainer({
          ...plain,
          name: "sandbox",
          image: reference.text,
          networkMode: { _tag: "Network", name: "slipway" },
          hostname: "pod",
          extraHosts: [{ name: "db", address: "192.0.2.1" }],
          dns: { nameservers: ["192.0.2.53"], searches: ["example.org"], options: ["ndots:2"] },
          ports: [{ containerPort: 80, protocol: "tcp", hostPort }],
          stopSignal: "SIGKILL"
        })
        yield* docker.startContainer(sandbox)
        const image = `${bench().registry}/app:1`
        yield* Stream.runDrain(docker.pull(Result.getOrThrow(parseImageReference(image)), Option.none()))
        const join = Effect.fnUntraced(function* (name: string, script: string) {
          const id = yield* docker.createContainer({
            ...plain,
            name,
            image,
            entrypoint: ["/bin/busybox", "sh", "-c", script],
            networkMode: { _tag: "Container", id: sandbox }
          })
          yield* docker.startContainer(id)
          return id
        })
        // What it serves, it has found in its own files.
        const files = "cat /etc/hosts /etc/resolv.conf; busybox hostname"
        const web = yield* join("web", `(${files}) > /tmp/index.html; exec busybox httpd -f -p 80 -h /tmp`)
        const { address } = Option.getOrThrow(yield* docker.inspectContainer(sandbox))
        const served = yield* Effect.retry(
          read(`http://127.0.0.1:${hostPort}/index.html`),
          Schedule.max([Schedule.recurs(200), Schedule.spaced("50 millis")])
        )
        for (const line of ["192.0.2.1\tdb", `${address}\tpod`, "search example.org", "options ndots:2", "pod"]) {
          assert.include(served.split("\n"), line)
        }
        // The other reaches it on the loopback address that they share.
        const other = yield* join("other", "busybox wget -q -O - http://127.0.0.1:80/index.html")
        yield* docker.awaitEnd(other)
        assert.include(yield* docker.lastLogLines(other, 20), "pod")

        yield* docker.stopContainer(web, Duration.seconds(1))
        yield* docker.stopContainer(sandbox, Duration.minutes(5))
        const ended = Option.getOrThrow(yield* docker.inspectContainer(sandbox))
        assert.deepStrictEqual([ended.status, ended.exitCode], ["exited", 137])
      }).pipe(Effect.provide(DockerClient.layer({ _tag: "Socket", path: engine.socketPath })))
    }).pipe(TestClock.withLive)
  )
})
