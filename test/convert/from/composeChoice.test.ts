import { assert, describe, it } from "@effect/vitest"
import { fromCompose, type ComposeSource } from "../../../src/convert/from/fromCompose.ts"
import { fromKubernetes } from "../../../src/convert/from/fromKubernetes.ts"
import { declaring, refusing } from "./Declaring.ts"

const text = `
services:
  web: { image: web, depends_on: [api], build: . }
  api: { image: api, links: ["db:database"], network_mode: "service:net" }
  db: { image: db, volumes_from: [data:ro], profiles: [storage] }
  net: { image: registry.k8s.io/pause }
  data: { image: data, volumes: ["/d:/d"] }
  mail: { build: mail }
  tools: { image: tools, profiles: [tools, debug] }
`
const of = (choice: Partial<ComposeSource> = {}) => fromCompose({ file: "compose.yaml", text, ...choice })
const names = (choice: Partial<ComposeSource>) =>
  declaring(of(choice))
    .spec.containers.map(({ name }) => name)
    .toSorted()

describe("which services are converted", () => {
  it("those that are named, with what they depend on and share, whatever their profiles are", () => {
    assert.deepEqual(names({ only: ["web"] }), ["api", "data", "db", "web"])
    assert.deepEqual(names({ only: ["tools", "data"] }), ["data", "tools"])
    const { notCarried, notes } = declaring(of({ only: ["data"] }))
    assert.deepEqual(notCarried, [])
    assert.sameMembers(
      Object.keys(notes),
      ["web", "api", "db", "net", "mail", "tools"].map((name) => `services.${name}`)
    )
  })

  it("without a name those whose profiles are active", () => {
    const without = text.replace("mail: { build", "mail: { image")
    const active = (profiles: ReadonlyArray<string>) =>
      declaring(of({ text: without, profiles })).spec.containers.map(({ name }) => name)
    assert.notInclude(active([]), "tools")
    assert.notInclude(active([]), "db")
    assert.include(active(["debug"]), "tools")
    assert.includeMembers([...active(["*"])], ["tools", "db"])
  })

  it("a name that is not there is refused, with the nearest or all that are", () => {
    const { problems } = refusing(of({ only: ["wbe", "zzzzzz"] }))
    assert.deepEqual(
      problems.map(({ advice }) => advice),
      ['Did you mean "web"?', "It has: web, api, db, net, data, mail, tools."]
    )
  })

  it("one object of Kubernetes", () => {
    const file = ["Deployment/a", "StatefulSet/b"]
      .map((name) => name.split("/"))
      .map(
        ([kind, name]) =>
          `{kind: ${kind}, metadata: {name: ${name}}, spec: {template: {spec: {containers: [{name: ${name}, image: x}]}}}}`
      )
      .join("\n---\n")
    const of = (only?: string) => fromKubernetes({ file: "all.yaml", text: file, ...(only && { only }) })
    assert.strictEqual(declaring(of("b")).container.name, "b")
    assert.strictEqual(declaring(of("StatefulSet/b")).container.name, "b")
    assert.deepEqual(Object.keys(declaring(of("b")).notes), ["Deployment/a"])
    assert.property(declaring(of()).losses, "StatefulSet/b")
    assert.include(refusing(of("Deployment/b")).message, "Deployment/b")
  })
})
