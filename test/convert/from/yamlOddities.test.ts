import { assert, describe, it } from "@effect/vitest"
import { fromCompose } from "../../../src/convert/from/fromCompose.ts"
import { fromKubernetes } from "../../../src/convert/from/fromKubernetes.ts"
import { declaring } from "./Declaring.ts"

const compose = (text: string) => declaring(fromCompose({ file: "compose.yaml", text }))

describe("what YAML would pass over in silence", () => {
  it("!reset and !override are honoured as Compose honours them", () => {
    const { spec, notCarried, container } = compose(
      `
services:
  web:
    extends: base
    ports: !reset []
    command: !reset null
    environment: { A: !reset null, C: "3" }
    volumes: !override ["/b:/b"]
    deploy: { resources: { limits: !override { memory: 1g } } }
    build: !reset null
    stop_signal: !reset SIGHUP
  base:
    image: x
    build: .
    profiles: [none]
    ports: ["80:80"]
    command: [a, b]
    environment: { A: "1", B: "2" }
    volumes: ["/a:/a"]
    deploy: { resources: { limits: { cpus: "1", memory: 2g } } }
`.replace("extends: base", "extends: base\n    profiles: !reset []")
    )
    assert.deepEqual(notCarried, [])
    assert.lengthOf(spec.containers, 1)
    assert.deepEqual(container.ports, [])
    assert.isUndefined(container.args)
    assert.deepEqual(
      container.env.map(({ name, value }) => name + value),
      ["B2", "C3"]
    )
    assert.deepEqual(
      container.volumeMounts.map(({ mountPath }) => mountPath),
      ["/b"]
    )
    assert.deepEqual(container.resources.limits, { memory: "1Gi" })
    assert.isUndefined(container.lifecycle?.stopSignal)
  })

  it("other tags, keys that are there twice or are none, and merges of what is no mapping are listed", () => {
    const { losses, container } = compose(`
x-shared: &shared { tty: true }
services:
  web:
    <<: [*shared, text]
    image: x
    image: y
    labels: !foo { a: b }
    command: [!bar a]
    environment: { A: !!str 1, ? [a] : b }
`)
    assert.strictEqual(container.image, "y")
    assert.isTrue(container.tty)
    assert.includeMembers(Object.keys(losses), [
      'services.web."<<"',
      "services.web.image",
      "services.web.labels",
      "services.web.command[0]",
      "services.web.environment"
    ])
    assert.include(losses["services.web.command[0]"], "!bar")
  })

  it("of Kubernetes as well, where !reset is none of its tags", () => {
    const { losses } = declaring(
      fromKubernetes({
        file: "pod.yaml",
        text: "kind: Pod\nspec: {containers: [{name: a, image: x, image: y, command: !reset [a], tty: !!bool true}]}"
      })
    )
    assert.deepEqual(Object.keys(losses), ["spec.containers[0].image", "spec.containers[0].command"])
  })

  it("services that extend each other in a circle", () => {
    const { losses } = compose(
      "services: {a: {image: x, extends: b}, b: {image: y, extends: a}, c: {image: z, extends: c}}"
    )
    assert.include(Object.values(losses).join(), "in a circle")
    assert.property(losses, "services.c.extends")
  })
})
