import { layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { assert, describe, inject } from "vitest"
import { bench, boot, layerVm, onClearVm, Vm } from "./Vm.ts"

const image = (name: string): string => `${bench().registry}/${name}`
const textOf = (...documents: ReadonlyArray<object>) => documents.map((one) => JSON.stringify(one)).join("\n---\n")
const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } })
const script = (...args: ReadonlyArray<string>) => ({
  command: ["/bin/busybox", "sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done"],
  args
})

/** Boots what must come up, by Slipway's rules. */
const started = Effect.fnUntraced(function* (text: string) {
  const { metadata } = yield* Vm
  metadata.attributes["slipway-declaration"] = text
  const report = yield* boot(text)
  return report._tag === "Running" ? report : assert.fail(`the run came to ${report._tag}`)
})

/** What the first process of the container of this name finds: its environment, and its arguments. */
const inside = Effect.fnUntraced(function* (name: string) {
  const vm = yield* Vm
  const all = yield* Effect.forEach(yield* vm.containers, vm.inspect)
  const { Id } = all.find(({ Config }) => Config.Labels["slipway.container"] === name)!
  const read = (file: string) =>
    Effect.map(vm.docker("exec", Id, "/bin/busybox", "cat", `/proc/1/${file}`), (text) => text.split("\0"))
  const variables = (yield* read("environ")).filter((line) => line.includes("="))
  return {
    env: Object.fromEntries(
      variables.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)])
    ),
    args: (yield* read("cmdline")).slice(4).filter((word) => word !== ""),
    addresses: yield* vm.docker("exec", Id, "/bin/busybox", "ip", "-4", "addr")
  }
})

describe.skipIf(inject("bench") === undefined)("the environment on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    test("is that of ConfigMaps, Secrets and the Pod's fields, expanded, as seen from inside", () =>
      Effect.gen(function* () {
        const text = textOf(
          { kind: "ConfigMap", metadata: { name: "settings" }, data: { HOST: "db", "1.odd-key": "a b\n$c" } },
          {
            kind: "Pod",
            metadata: { name: "shop", labels: { app: "web" } },
            spec: {
              containers: [
                {
                  name: "web",
                  image: image("app:1"),
                  ...script("$(URL)", "$$(URL)", "$(NOBODY)"),
                  resources: { limits: { memory: "64Mi" } },
                  envFrom: [{ prefix: "CFG_", configMapRef: { name: "settings" } }],
                  env: [
                    { name: "PASSWORD", valueFrom: { secretKeyRef: { name: "passwords", key: "password" } } },
                    { name: "URL", value: "pg://$(PASSWORD)@$(CFG_HOST)" },
                    field("NAME", "metadata.name"),
                    field("APP", "metadata.labels['app']"),
                    field("NODE", "spec.nodeName"),
                    field("IP", "status.podIP"),
                    { name: "MEMORY", valueFrom: { resourceFieldRef: { resource: "limits.memory", divisor: "1Mi" } } }
                  ]
                }
              ]
            }
          },
          {
            kind: "Secret",
            metadata: { name: "passwords" },
            data: { password: Buffer.from("pä$$").toString("base64") }
          }
        )
        yield* started(text)
        const { env, args } = yield* inside("web")
        const ofEngine = new Set(["PATH", "HOME", "HOSTNAME", "TERM", "container"])
        const declared = Object.fromEntries(Object.entries(env).filter(([name]) => !ofEngine.has(name)))
        assert.deepStrictEqual(declared, {
          FROM_IMAGE: "image",
          CFG_HOST: "db",
          "CFG_1.odd-key": "a b\n$c",
          PASSWORD: "pä$$",
          URL: "pg://pä$$@db",
          NAME: "shop",
          APP: "web",
          NODE: "vm-1",
          IP: "10.128.0.9",
          MEMORY: "64"
        })
        assert.deepStrictEqual(args, ["pg://pä$$@db", "$(URL)", "$(NOBODY)"])
        assert.deepStrictEqual((yield* started(text)).steps, [])
      }))

    test("has the address of the Pod's own network, which a second run and a new container keep", () =>
      Effect.gen(function* () {
        const env = [field("IP", "status.podIP"), { name: "URL", value: "http://$(IP):80" }]
        const pod = (...args: ReadonlyArray<string>) =>
          textOf({
            spec: { hostNetwork: false, containers: [{ name: "web", image: image("app:1"), ...script(...args), env }] }
          })
        yield* started(pod("$(URL)"))
        const first = yield* inside("web")
        const ip = first.env["IP"] ?? ""
        assert.match(ip, /^\d+\.\d+\.\d+\.\d+$/)
        assert.include(first.addresses, `inet ${ip}/`)
        assert.strictEqual(first.env["URL"], `http://${ip}:80`)
        assert.deepStrictEqual(first.args, [`http://${ip}:80`])
        assert.deepStrictEqual((yield* started(pod("$(URL)"))).steps, [])

        const report = yield* started(pod("$(IP)", "--verbose"))
        assert.deepStrictEqual(
          report.containers.map(({ role, kept }) => [role, kept]),
          [
            ["sandbox", true],
            ["main", false]
          ]
        )
        assert.deepStrictEqual((yield* inside("web")).args, [ip, "--verbose"])
      }))
  })
})
