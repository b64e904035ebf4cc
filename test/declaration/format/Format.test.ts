import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { decodeDeclaration } from "../../../src/declaration/Declaration.ts"
import type { DeclarationProblem } from "../../../src/declaration/DeclarationProblem.ts"
import type { FormatEncoded } from "../../../src/declaration/format/FormatProblem.ts"
import { fixtures } from "../Fixtures.ts"

const only = (text: string): DeclarationProblem => {
  const { problems, warnings } = Result.getOrThrow(Result.flip(decodeDeclaration({ file: "d.yaml", text })))
  assert.lengthOf([...problems, ...warnings], 1)
  return problems[0]
}

/** Those that can be used; what is inside of them does not count here. */
const usable = fixtures.filter(({ file }) => !file.startsWith("refused-"))

describe("a declaration that was encoded twice", () => {
  const encodings: ReadonlyArray<readonly [how: FormatEncoded["how"], encode: (text: string) => string]> = [
    ["Quoted", (text) => JSON.stringify(text)],
    ["Quoted", (text) => `'${text.replaceAll("'", "''").replaceAll(/[\r\n]+/g, "\\n")}'`],
    ["Base64", (text) => Buffer.from(text).toString("base64")],
    ["Base64", (text) => Buffer.from(text).toString("base64").replaceAll(/.{76}/g, "$&\n")],
    ["PercentEncoded", (text) => encodeURIComponent(text)],
    ["LineBreaksEscaped", (text) => text.trim().replaceAll(/\r?\n/g, "\\n")]
  ]
  // JSON keeps its line breaks outside of its texts, and so is nothing else when they are gone; comments have no other end.
  const yaml = usable.filter(
    ({ text }) =>
      !/^\s*[{#]/.test(text) && !text.includes("\t") && !text.startsWith("\uFEFF") && text.trim().includes("\n")
  )

  it("is refused for what was done to it", () => {
    assert.isAtLeast(yaml.length, 30)
    for (const [how, encode] of encodings) {
      for (const { file, text } of yaml) assert.deepInclude(only(encode(text)), { _tag: "FormatEncoded", how }, file)
    }
    const json = JSON.stringify({ spec: { containers: [{ image: "nginx", args: ["a\nb"] }] } })
    for (const text of [JSON.stringify(json), JSON.stringify(json).slice(1, -1)]) {
      assert.deepInclude(only(text), { _tag: "FormatEncoded", how: "Quoted", line: 1 })
    }
  })

  it("is not seen in what only looks so", () => {
    const good = [
      String.raw`{"spec": {"containers": [{"image": "nginx", "args": ["a\nb", "spec:\n"]}]}}`,
      String.raw`spec: {containers: [{image: nginx, args: ["a\nb"], command: ['x\n']}]}`
    ]
    for (const text of good) assert.isTrue(Result.isSuccess(decodeDeclaration({ file: "d", text })), text)
    const broken: ReadonlyArray<readonly [text: string, problem: string]> = [
      [String.raw`{"spec": {"containers": [{"image": "nginx", "args": ["a\nb"}]}}`, "SyntaxInvalid"],
      ['"hello"', "ValueTypeInvalid"],
      ["c2VjcmV0IHRva2VuIGFuZCBub3RoaW5nIGVsc2U=", "ValueTypeInvalid"],
      ["abcdefghijklmnopqrstuvwxyz", "ValueTypeInvalid"],
      ["100%25", "ValueTypeInvalid"]
    ]
    for (const [text, problem] of broken) assert.strictEqual(only(text)._tag, problem, text)
  })
})

describe("another format in place of a Pod", () => {
  const cases: ReadonlyArray<readonly [text: string, found: RegExp, advice: RegExp]> = [
    [
      "kind: StatefulSet\nspec: {template: {spec: {containers: []}}}",
      /a StatefulSet of Kubernetes/,
      /"spec\.template"/
    ],
    ["kind: CronJob\nspec: {}", /a CronJob of Kubernetes/, /"spec\.jobTemplate\.spec\.template"/],
    ["kind: Ingress\nspec: {}", /an Ingress of Kubernetes/, /only a Pod is read/],
    ["kind: PodList\nitems: []", /a list of Kubernetes objects/, /"items"/],
    ["services: {web: {image: nginx}}", /Docker Compose/, /"containers:"/],
    ["#cloud-config\nruncmd: [ls]", /cloud-init/, /"user-data"/],
    ["packages: [nginx]\nruncmd: [ls]", /cloud-init/, /"user-data"/],
    ["#!/bin/sh\nset -e", /a script/, /"startup-script"/],
    ["[Container]\nImage=nginx", /Quadlet/, /"containers:"/],
    ["[Service]\nExecStart=/usr/bin/docker run nginx", /systemd/, /"containers:"/],
    ["docker run --rm nginx", /command line of Docker/, /"env"/],
    ["sudo podman run nginx", /command line of Docker/, /"env"/],
    ["FROM nginx\nCOPY . /", /Dockerfile/, /"image"/],
    ["web.yaml", /the name of a file/, /--metadata-from-file/],
    ["@/srv/web.yml\n", /the name of a file/, /--metadata-from-file/],
    ["gs://bucket/web.yaml", /an address/, /not fetched/],
    ["<!DOCTYPE html>\n<html>404</html>", /HTML/, /saved/],
    ['resource "google_compute_instance" "vm" {\n  name = "vm"\n}', /Terraform/, /yamlencode/],
    ["gce-container-declaration: |\n  spec: {}", /metadata that holds/, /"gce-container-declaration"/],
    ['[{"Id": "x", "HostConfig": {}}]', /docker inspect/, /"containers:"/]
  ]
  for (const [text, found, advice] of cases) {
    it(`is named in one problem, with what to do: ${text.slice(0, 20).replaceAll("\n", " ")}`, () => {
      const problem = only(text)
      assert.strictEqual(problem._tag, "FormatForeign")
      assert.match(problem.message, found)
      assert.match(problem.advice, advice)
    })
  }

  it("is not seen where there are containers, whatever stands beside them", () => {
    for (const { file, text } of usable.filter(({ text }) => /^spec:/m.test(text) && !/^---/m.test(text))) {
      for (const before of ["#cloud-config", "#!/bin/sh", "kind: Deployment", "services: {a: b}", "runcmd: [ls]"]) {
        const decoded = decodeDeclaration({ file, text: `${before}\n${text}`, dialect: "konlet" })
        const problems = Result.isFailure(decoded) ? decoded.failure.problems : []
        assert.notInclude(
          problems.map(({ _tag }) => _tag),
          "FormatForeign",
          file
        )
      }
    }
  })
})
