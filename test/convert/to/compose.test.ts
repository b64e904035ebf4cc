import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Ajv } from "ajv"
import { parse } from "yaml"
import { anyText, escaped } from "../AnyText.ts"
import { converted } from "../Converting.ts"
import { compose, runOn } from "../Programs.ts"
import { samples } from "../Samples.ts"

/** The specification's own schema. Source: https://github.com/compose-spec/compose-spec, schema/compose-spec.json. */
const schema = JSON.parse(readFileSync(new URL("../../fixtures/compose-spec.json", import.meta.url), "utf8")) as object
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })
const isCompose = ajv.compile({ ...schema, $schema: "http://json-schema.org/draft-07/schema#" })

interface Compose {
  readonly services: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly volumes?: Readonly<Record<string, unknown>>
  readonly configs?: Readonly<Record<string, { readonly content?: string }>>
}

const of = (text: string) => {
  const { files, losses } = converted(text, "compose")
  return { file: parse(files["compose.yaml"]!) as Compose, text: files["compose.yaml"]!, losses }
}

/** As Compose itself reads it, with the variables that it is to be given. */
const config = (text: string) => {
  const asked = [...text.matchAll(/(?<!\$)\$\{(\w+):\?\}/g)].map(([, name]) => [name!, `the ${name}`] as const)
  const { status, stdout, stderr } = runOn(
    [...(compose ?? []), "-f", "{}/compose.yaml", "config", "--format", "json", "--no-normalize"],
    { "compose.yaml": text },
    Object.fromEntries(asked)
  )
  assert.strictEqual(status, 0, stderr)
  return JSON.parse(stdout) as Compose
}

describe("a Compose file", () => {
  it.each(samples)("is one by the specification's schema: $file", ({ text, dialect }) => {
    const { files } = converted(text, "compose", { dialect })
    const file = parse(files["compose.yaml"]!) as unknown
    isCompose(file)
    assert.deepEqual(isCompose.errors ?? [], [])
  })

  it("a volume whose optional source is missing is listed: Compose mounts files alone", () => {
    const { losses } = converted(
      "{spec: {containers: [{name: web, image: x, volumeMounts: [{name: f, mountPath: /f}]}], volumes: [{name: f, configMap: {name: gone, optional: true}}]}}",
      "compose"
    )
    assert.include(losses["spec.containers[0].volumeMounts[0]"], "missing")
  })

  it("runs a container as konlet did", () => {
    const { file, losses } = of("spec: {containers: [{name: web, image: 'nginx:1.27'}]}")
    assert.deepEqual(file, {
      name: "web",
      services: {
        web: {
          image: "nginx:1.27",
          pull_policy: "always",
          restart: "always",
          logging: { driver: "json-file", options: { "max-size": "500m", "max-file": "3" } },
          network_mode: "host"
        }
      }
    } as unknown as Compose)
    assert.deepEqual(losses, {})
  })

  it("several wait for those before them, in the namespaces of one that holds them", () => {
    const { file } = of(
      "spec: {hostNetwork: false, shareProcessNamespace: true, " +
        "initContainers: [{name: migrate, image: shop}, " +
        "{name: proxy, image: proxy, restartPolicy: Always, startupProbe: {exec: {command: [up, '$x']}}}], " +
        "containers: [{name: web, image: shop, ports: [{containerPort: 80, hostPort: 8080, hostIP: 127.0.0.1}]}]}"
    )
    const { web, proxy, migrate, "pod-sandbox": sandbox } = file.services
    assert.deepInclude(sandbox, {
      image: "registry.k8s.io/pause:3.10",
      ipc: "shareable",
      ports: [{ target: 80, published: "8080", host_ip: "127.0.0.1", protocol: "tcp" }]
    })
    assert.deepInclude(web, {
      network_mode: "service:pod-sandbox",
      ipc: "service:pod-sandbox",
      pid: "service:pod-sandbox",
      depends_on: {
        "pod-sandbox": { condition: "service_started" },
        migrate: { condition: "service_completed_successfully" },
        proxy: { condition: "service_healthy" }
      }
    })
    assert.deepInclude(migrate, { restart: "no" })
    assert.deepInclude(proxy?.["healthcheck"] as object, { test: ["CMD", "up", "$$x"], retries: 3 })
  })

  it("files are configs at their paths, and what only the VM knows is asked for by name", () => {
    const { file, losses } = of(
      [
        "{spec: {containers: [{name: web, image: shop, volumeMounts: [{name: files, mountPath: /etc/shop}],",
        "env: [{name: URL, value: 'db://$(PASSWORD)@db'}, {name: PASSWORD, valueFrom: {secretKeyRef: {name: db-password}}}, {name: DB, value: 'db://$(PASSWORD)@db'}]}],",
        "volumes: [{name: files, configMap: {name: shop, defaultMode: 0440}}]}}",
        "---",
        "{kind: ConfigMap, metadata: {name: shop}, data: {shop.conf: 'cost $5'}}"
      ].join("\n")
    )
    assert.deepEqual(file.configs, { "files-shop.conf": { content: "cost $$5" } })
    assert.deepEqual(file.services["web"]?.["configs"], [
      { source: "files-shop.conf", target: "/etc/shop/shop.conf", mode: "0440" }
    ])
    assert.deepEqual(file.services["web"]?.["environment"], {
      URL: "db://$$(PASSWORD)@db",
      PASSWORD: "${DB_PASSWORD:?}",
      DB: "db://${DB_PASSWORD:?}@db"
    })
    assert.include(losses["spec.containers[0].env[1]"], "gcloud secrets versions access latest --secret=db-password")
  })

  describe.skipIf(compose === undefined)("as Docker Compose reads it", () => {
    it.each(samples)("is read: $file", ({ text, dialect }) => {
      config(converted(text, "compose", { dialect }).text)
    })

    it.prop(
      "any text arrives as it is declared",
      [anyText, anyText, anyText],
      ([value, program, content]) => {
        const declaration = JSON.stringify({
          spec: {
            containers: [
              {
                name: "web",
                image: "nginx",
                command: [escaped(`/${program}`)],
                args: [escaped(value), escaped(program)],
                env: [{ name: "X", value: escaped(value) }],
                volumeMounts: [{ name: "files", mountPath: "/files" }]
              }
            ],
            volumes: [{ name: "files", configMap: { name: "files" } }]
          }
        })
        const configMap = JSON.stringify({ kind: "ConfigMap", metadata: { name: "files" }, data: { f: content } })
        const { services, configs } = config(converted(`${declaration}\n---\n${configMap}`, "compose").text)
        const { web } = services
        // It prints what can be read again, in which "$" is doubled.
        const read = (text = "") => text.replaceAll("$$", "$")
        const { entrypoint, command, environment } = web as unknown as {
          entrypoint: ReadonlyArray<string>
          command: ReadonlyArray<string>
          environment: { X: string }
        }
        assert.deepEqual(entrypoint.map(read), [`/${program}`])
        assert.deepEqual(command.map(read), [value, program])
        assert.strictEqual(read(environment.X), value)
        assert.strictEqual(read(configs?.["files-f"]?.content), content)
      },
      { arbitrary: { runs: 25 } }
    )
  })
})
