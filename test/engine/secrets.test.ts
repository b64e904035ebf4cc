import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { assert, describe, inject } from "vitest"
import { HostFixture } from "../vm/host/HostContract.ts"
import { slipway } from "./executable.ts"
import { makeFaultProxy } from "./FaultProxy.ts"
import { bench, boot, layerVm, onClearVm, onlyRunning, Vm } from "./Vm.ts"

const values = ["s3cr3t-db-v4lue-one", "s3cr3t-db-v4lue-two"] as const
const url = (value: string) => `postgres://shop:${value}@db`

const declaration = (secretKeyRef: Record<string, unknown> = {}) =>
  JSON.stringify({
    spec: {
      containers: [
        {
          name: "web",
          image: `${bench().registry}/app:1`,
          env: [
            { name: "PASSWORD", valueFrom: { secretKeyRef: { name: "db-password", ...secretKeyRef } } },
            { name: "DATABASE_URL", value: url("$(PASSWORD)") }
          ]
        }
      ]
    }
  })

/** Everything in the state folder, whatever its name. */
const stateText = Effect.map(HostFixture, ({ statePath }) =>
  readdirSync(statePath, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    .join("\n")
)

describe.skipIf(inject("bench") === undefined)("secrets on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    test("a value of Secret Manager arrives in the container, and nowhere else", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const { secretManager, metadata } = vm
        metadata.token = "ya29.of-the-vm"
        metadata.attributes["slipway-declaration"] = declaration()
        secretManager.token = metadata.token
        secretManager.secrets.add("db-password", values[0])
        const proxy = yield* makeFaultProxy({ socketPath: vm.engine.socketPath })
        const said: Array<string> = []
        const run = Effect.fnUntraced(function* (...args: ReadonlyArray<string>) {
          const ended = yield* slipway(args, { DOCKER_HOST: proxy.address })
          said.push(ended.stdout, ended.stderr)
          return ended
        })
        /** What the container's own process sees. */
        const seen = Effect.gen(function* () {
          const { Id } = yield* onlyRunning
          const lines = (yield* vm.docker("exec", Id, "/bin/busybox", "env")).split("\n")
          return lines.filter((line) => /^(PASSWORD|DATABASE_URL)=/.test(line)).toSorted()
        })
        const has = (value: string) => [`DATABASE_URL=${url(value)}`, `PASSWORD=${value}`]

        const first = yield* run("up", "--log-format", "json")
        assert.strictEqual(first.exitCode, 0, first.stderr)
        assert.deepStrictEqual(yield* seen, has(values[0]))
        const { Id } = yield* onlyRunning

        const again = yield* run("up")
        assert.strictEqual(again.exitCode, 0, again.stderr)
        assert.strictEqual((yield* onlyRunning).Id, Id)

        // A new version is a plan with a cause.
        secretManager.secrets.add("db-password", values[1])
        const planned = yield* run("plan", "--format", "json")
        assert.strictEqual(planned.exitCode, 0, planned.stderr)
        assert.match(planned.stdout, /the secret projects\/\d+\/secrets\/db-password has version 2 now/)
        const rotated = yield* run("up")
        assert.strictEqual(rotated.exitCode, 0, rotated.stderr)
        assert.deepStrictEqual(yield* seen, has(values[1]))
        const second = yield* onlyRunning
        assert.notStrictEqual(second.Id, Id)

        // Without the right to read it, what runs stays as it is.
        secretManager.secrets.setAccessible("db-password", false)
        const denied = yield* run("up")
        assert.strictEqual(denied.exitCode, 1)
        assert.match(denied.stderr, /roles\/secretmanager\.secretAccessor/)
        assert.strictEqual((yield* onlyRunning).Id, second.Id)

        const creates = proxy.calls.filter(({ path }) => path === "/containers/create")
        assert.isAtLeast(creates.length, 2)
        assert.include(creates.map(({ sent }) => sent()).join(), values[1])
        const elsewhere = [
          ...said,
          yield* stateText,
          JSON.stringify(second.Config.Labels),
          ...proxy.calls.filter((call) => !creates.includes(call)).map(({ path, sent }) => path + sent()),
          ...secretManager.asked.map(({ path }) => path)
        ].join("\n")
        for (const value of [...values, ...values.map((value) => Buffer.from(value).toString("base64").slice(0, 20))]) {
          assert.notInclude(elsewhere, value)
        }
        assert.notInclude(elsewhere, metadata.token)
      }))

    test("one that is optional and not there is left out", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        vm.metadata.token = "ya29.of-the-vm"
        const report = yield* boot(declaration({ name: "absent", optional: true }))
        assert.strictEqual(report._tag, "Running")
        const { Config } = yield* onlyRunning
        assert.isFalse(Config.Env.some((line) => line.startsWith("PASSWORD=")))
        assert.include(Config.Env, `DATABASE_URL=${url("$(PASSWORD)")}`)
      }))

    test("a registry that wants a user is shown what imagePullSecrets have for it", () =>
      Effect.gen(function* () {
        const { metadata, secretManager } = yield* Vm
        const { privateRegistry, token } = bench()
        const image = `${privateRegistry}/project/repository/app:1`
        const auth = Buffer.from(`_token:${token}`).toString("base64")
        const config = JSON.stringify({ auths: { [`https://${privateRegistry}/v2/`]: { auth } } })
        const pod = (pullSecrets: ReadonlyArray<unknown>) =>
          JSON.stringify({ spec: { containers: [{ name: "web", image }], imagePullSecrets: pullSecrets } })
        const document = JSON.stringify({
          kind: "Secret",
          metadata: { name: "registry" },
          type: "kubernetes.io/dockerconfigjson",
          data: { ".dockerconfigjson": Buffer.from(config).toString("base64") }
        })
        const up = Effect.fnUntraced(function* (text: string) {
          metadata.attributes["slipway-declaration"] = text
          const ended = yield* slipway(["up"])
          assert.notInclude(ended.stdout + ended.stderr, token)
          assert.notInclude(ended.stdout + ended.stderr, auth)
          return ended
        })
        const without = yield* up(pod([]))
        assert.strictEqual(without.exitCode, 1)
        assert.match(without.stderr, /imagePullSecrets/)
        const wrong = yield* up(
          `${pod([{ name: "registry" }])}\n---\n${document.replaceAll(/"data":.*/g, `"stringData": {".dockerconfigjson": ${JSON.stringify(config.replace(auth, Buffer.from("_token:no").toString("base64")))}}}`)}`
        )
        assert.strictEqual(wrong.exitCode, 1, wrong.stderr)
        const ofText = yield* up(`${pod([{ name: "registry" }])}\n---\n${document}`)
        assert.strictEqual(ofText.exitCode, 0, ofText.stderr)
        yield* onlyRunning

        metadata.token = "ya29.of-the-vm"
        secretManager.secrets.add("registry-of-manager", config)
        const ofManager = yield* up(pod([{ name: "registry-of-manager" }]))
        assert.strictEqual(ofManager.exitCode, 0, ofManager.stderr)
        assert.isTrue(secretManager.asked.some(({ path }) => path.includes("/registry-of-manager/")))
      }))
  })
})
