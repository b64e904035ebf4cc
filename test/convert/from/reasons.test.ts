import { assert, describe, it } from "@effect/vitest"
import { fromCompose } from "../../../src/convert/from/fromCompose.ts"
import { fromDockerRun } from "../../../src/convert/from/fromDockerRun.ts"
import { fromKubernetes } from "../../../src/convert/from/fromKubernetes.ts"
import { refusing } from "./Declaring.ts"

const places = ({ problems }: ReturnType<typeof refusing>) => problems.map(({ line, path }) => `${line} ${path}`.trim())

describe("what cannot be converted has all its reasons, each with its place", () => {
  it("services of a Compose file: images, commands, circles, and what a declaration refuses", () => {
    const failure = refusing(
      fromCompose({
        file: "compose.yaml",
        text: `services:
  built:
    build: .
  typo:
    image: NOT OK
  none: { labels: { a: b } }
  shell:
    image: x
    command: a && b
    entrypoint: "'"
  fine:
    image: y
  here:
    image: z
    depends_on: [there]
  there:
    image: z
    depends_on: [here]
`
      })
    )
    assert.deepEqual(places(failure), [
      "3 services.built",
      "5 services.typo.image",
      "6 services.none",
      "9 services.shell.command",
      "10 services.shell.entrypoint",
      "18 services.there.depends_on[0]"
    ])
    assert.lengthOf(failure.message.split("\n"), 12)
    assert.include(
      failure.message,
      "compose.yaml:3: services.built: the service has no image but one to be built\n  Build"
    )
  })

  it("commands of a script", () => {
    const failure = refusing(
      fromDockerRun({
        file: "run.sh",
        command:
          "docker run --nope 1 x\ndocker run -p x --memory y nginx\ndocker run ok\ndocker run NOT:OK:x\ndocker run\n"
      })
    )
    assert.deepEqual(places(failure), ["1 --nope", "2 line 2: --publish x", "2 line 2: --memory", "4 the image", "5"])
  })

  it("containers of a Pod, each once", () => {
    const failure = refusing(
      fromKubernetes({
        file: "app.yaml",
        text: "kind: Pod\nspec:\n  containers:\n  - {name: a, image: 'NOT OK'}\n  - {name: b}\n  - {name: c, image: x}\n"
      })
    )
    assert.deepEqual(places(failure), ["4 spec.containers[0].image", "5 spec.containers[1]"])
  })

  it("values of files of variables are in none of them", () => {
    const failure = refusing(
      fromCompose({
        file: "compose.yaml",
        text: "services:\n  web:\n    image: x\n    env_file: a.env\n    command: ${COMMAND}\n  other: {}\n",
        variableFiles: [{ file: ".env", text: "COMMAND='hunter2 && x'\n" }],
        files: new Map([["a.env", "A=1\nB='hunter2\n"]])
      })
    )
    assert.notInclude(failure.message, "hunter2")
    assert.include(failure.message, "a.env:2: a quote is opened and not closed")
    assert.lengthOf(failure.problems, 3)
  })
})
