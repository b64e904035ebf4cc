import { assert, describe, it } from "@effect/vitest"
import { problemsOf, saidOf, workloadOf } from "./Declared.ts"

const web = (runtimeClassName: unknown) => ({ containers: [{ image: "nginx" }], runtimeClassName })

describe("a runtime", () => {
  it("is the Pod's, by whatever name the engine has for it; null and nothing ask for none", () => {
    for (const name of ["runsc", "io.containerd.runc.v2", "kata_qemu"]) {
      assert.strictEqual(workloadOf(web(name)).runtime, name)
      assert.strictEqual(workloadOf(web(name), "konlet").runtime, name)
    }
    for (const none of [undefined, null, ""]) assert.notProperty(workloadOf(web(none)), "runtime")
  })

  it("that is a placeholder or no text is told; under konlet's key it is ignored", () => {
    assert.deepStrictEqual(
      problemsOf(web("${RUNTIME}")).map(([message]) => message),
      ['spec.runtimeClassName still holds a placeholder: "${…}"']
    )
    assert.deepStrictEqual(saidOf(web("<runtime>")), ["PlaceholderLeft"])
    assert.deepStrictEqual(saidOf(web(["runsc"])), ["ValueTypeInvalid"])
    for (const wrong of ["${RUNTIME}", ["runsc"]]) assert.notProperty(workloadOf(web(wrong), "konlet"), "runtime")
  })
})
