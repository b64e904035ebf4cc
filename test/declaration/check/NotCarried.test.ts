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
  const own = "spec: {hostNetwork: false, containers: [{name: a, image: a}]}"
  assert.deepStrictEqual(tags(own, "slipway"), ["PartNotSupported"])
  assert.deepStrictEqual(tags(own, "konlet"), ["Tolerated"])
  assert.strictEqual(Result.getOrThrow(decode(own, "konlet")).workload.network._tag, "Host")
})
