import { assert, describe, it } from "@effect/vitest"
import { problemsOf, workloadOf } from "./Declared.ts"

const pod = (container: object) => ({
  containers: [{ name: "web", image: "nginx", volumeMounts: [{ name: "data", mountPath: "/data/" }], ...container }],
  volumes: [{ name: "data", emptyDir: {} }]
})
const messageOf = (container: object) => workloadOf(pod(container)).containers[0].terminationMessage

describe("a container's termination message", () => {
  it("is there if one of its keys is written, with Kubernetes' defaults for the other", () => {
    assert.isUndefined(messageOf({}))
    assert.isUndefined(messageOf({ terminationMessagePath: "", terminationMessagePolicy: "" }))
    assert.deepStrictEqual(messageOf({ terminationMessagePolicy: "File" }), {
      path: "/dev/termination-log",
      policy: "File"
    })
    assert.deepStrictEqual(messageOf({ terminationMessagePath: "/run//./end" }), { path: "/run/end", policy: "File" })
    assert.deepStrictEqual(messageOf({ terminationMessagePolicy: "FallbackToLogsOnError" }), {
      path: "/dev/termination-log",
      policy: "FallbackToLogsOnError"
    })
  })

  const path = (found: string) => `the terminationMessagePath "${found}" is not the absolute path of a file`
  it.each<readonly [container: object, said: string]>([
    [{ terminationMessagePath: "end" }, path("end")],
    [{ terminationMessagePath: "/" }, path("/")],
    [{ terminationMessagePath: "/a/../b" }, path("/a/../b")],
    [{ terminationMessagePath: "/run/" }, path("/run/")],
    [{ terminationMessagePath: "/data" }, 'the terminationMessagePath "/data" is already taken by the mount on line 1'],
    [{ terminationMessagePolicy: "file" }, '"file" is no terminationMessagePolicy']
  ])("%j is a problem", (container, said) => {
    assert.deepStrictEqual(
      problemsOf(pod(container)).map(([message]) => message),
      [said]
    )
  })
})
