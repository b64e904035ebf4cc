import { assert, describe, it } from "@effect/vitest"
import { problemsOf, saidOf, workloadOf } from "./Declared.ts"

const web = (imagePullPolicy: unknown) => ({ containers: [{ image: "nginx:latest", imagePullPolicy }] })
const policyOf = (text: unknown) => workloadOf(web(text)).containers[0].imagePullPolicy

describe("imagePullPolicy", () => {
  it("is Always where none is written, whatever the tag", () => {
    for (const none of [undefined, null, "", "Always"]) assert.isUndefined(policyOf(none))
    assert.strictEqual(policyOf("IfNotPresent"), "IfNotPresent")
    assert.strictEqual(policyOf("Never"), "Never")
  })

  it("is one of three", () => {
    assert.deepStrictEqual(problemsOf(web("always")), [
      ['"always" is not an imagePullPolicy', 'Did you mean "Always"?']
    ])
    assert.deepStrictEqual(problemsOf(web("missing")), [
      ['"missing" is not an imagePullPolicy', 'Did you mean "IfNotPresent"?']
    ])
    assert.deepStrictEqual(problemsOf(web("sometimes")), [
      ['"sometimes" is not an imagePullPolicy', "Write Always, IfNotPresent or Never; the default is Always."]
    ])
    assert.deepStrictEqual(saidOf(web("sometimes"), "konlet"), ["(Tolerated)"])
    assert.deepStrictEqual(saidOf(web(true)), ["ImagePullPolicyInvalid"])
  })
})
