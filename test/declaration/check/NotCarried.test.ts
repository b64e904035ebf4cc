import { assert, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { decodeDeclaration } from "../../../src/declaration/Declaration.ts"
import type { Dialect } from "../../../src/workload/Dialect.ts"

const decode = (text: string, dialect: Dialect) => decodeDeclaration({ file: "pod.yaml", text, dialect })
const tags = (text: string, dialect: Dialect) =>
  Result.match(decode(text, dialect), {
    onSuccess: ({ warnings }) => warnings.map(({ _tag }) => _tag),
    onFailure: ({ problems }) => problems.map(({ _tag }) => _tag)
  })

it("what the planner does not carry yet is refused, or passed over where konlet passed over it", () => {
  const init = "spec: {initContainers: [{name: b, image: b}], containers: [{name: a, image: a}]}"
  const own = "spec: {hostNetwork: false, containers: [{name: a, image: a}]}"
  for (const [text, problem] of [
    ["spec: {containers: [{name: a, image: a}, {name: b, image: b}]}", "ContainerCountInvalid"],
    [init, "PartNotSupported"],
    [own, "PartNotSupported"]
  ] as const) {
    assert.deepStrictEqual(tags(text, "slipway"), [problem])
  }
  for (const text of [init, own]) {
    assert.deepStrictEqual(tags(text, "konlet"), ["Tolerated"])
    const { initContainers, network } = Result.getOrThrow(decode(text, "konlet")).workload
    assert.deepStrictEqual([initContainers.length, network._tag], [0, "Host"])
  }
})
