import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { decodeDeclaration } from "../../../src/declaration/Declaration.ts"
import type { Policy } from "../../../src/declaration/policy/Policy.ts"
import { problemsOf, saidOf, workloadOf } from "./Declared.ts"

const web = (image: unknown, mount: object = {}, more: ReadonlyArray<object> = []) => ({
  containers: [{ image: "nginx", volumeMounts: [{ name: "model", mountPath: "/model", ...mount }, ...more] }],
  volumes: [{ name: "model", image }]
})
const allowing = (policy: Omit<Policy, "file">) => {
  const text = JSON.stringify({ spec: web({ reference: "ghcr.io/team/model:1" }) })
  const decoded = decodeDeclaration({ file: "pod.json", text, dialect: "slipway" }, { file: "policy.yaml", ...policy })
  return Result.isSuccess(decoded) ? [] : decoded.failure.problems.map(({ message }) => message)
}

describe("a volume of an image", () => {
  it("has an image and when it is pulled, and nothing writes to it", () => {
    const { containers, volumes } = workloadOf(web({ reference: "ghcr.io/team/model:1", pullPolicy: "IfNotPresent" }))
    assert.deepStrictEqual(volumes, [
      {
        _tag: "Image",
        name: "model",
        image: { text: "ghcr.io/team/model:1", domain: "ghcr.io", path: "team/model", tag: "1", digest: undefined },
        imagePullPolicy: "IfNotPresent"
      }
    ])
    assert.deepStrictEqual(containers[0].mounts, [{ volume: "model", path: "/model", readOnly: true }])
    assert.notProperty(workloadOf(web({ reference: "model", pullPolicy: "Always" })).volumes[0], "imagePullPolicy")
  })

  it("may be mounted in part; how mounts pass means nothing to it", () => {
    const keys = { subPath: "weights/", mountPropagation: "HostToContainer", readOnly: false }
    assert.deepStrictEqual(workloadOf(web({ reference: "model" }, keys)).containers[0].mounts, [
      { volume: "model", path: "/model", readOnly: true, subPath: "weights" }
    ])
    const enabled = { readOnly: true, recursiveReadOnly: "Enabled" }
    assert.deepStrictEqual(workloadOf(web({ reference: "model" }, enabled)).containers[0].mounts, [
      { volume: "model", path: "/model", readOnly: true }
    ])
  })

  it("names an image that there may be", () => {
    assert.deepStrictEqual(problemsOf(web({})), [
      [
        'the image of the volume "model" has no reference',
        'Name one, as in "reference: gcr.io/my-project/my-image:1.0".'
      ]
    ])
    assert.deepStrictEqual(saidOf(web({ reference: "Model" })), ["ImageReferenceInvalid"])
    assert.deepStrictEqual(saidOf(web({ reference: "gcr.io/$PROJECT/model" })), ["PlaceholderLeft"])
    assert.deepStrictEqual(problemsOf(web({ reference: "model", pullPolicy: "Sometimes" })), [
      ['"Sometimes" is not a pullPolicy', "Write Always, IfNotPresent or Never; the default is Always."]
    ])
    assert.deepStrictEqual(saidOf(web({ reference: "model", pullPolicy: "Sometimes" }), "konlet"), ["(Tolerated)"])
  })

  it("is mounted once in each container", () => {
    const twice = web({ reference: "model" }, { subPath: "a" }, [{ name: "model", mountPath: "/b", subPath: "b" }])
    assert.deepStrictEqual(problemsOf(twice), [
      [
        'the image of the volume "model" is already mounted by the mount on line 1: engines mount an image into a container once',
        "Mount it once, with all that is needed of it below one path."
      ]
    ])
    const elsewhere = { name: "same", image: { reference: "docker.io/library/model:latest" } }
    const both = web({ reference: "model" }, {}, [{ name: "same", mountPath: "/b" }])
    const same = { ...both, volumes: [...both.volumes, elsewhere] }
    assert.deepStrictEqual(saidOf(same), ["ImageMountedTwice"])
    const [container] = web({ reference: "model" }).containers
    const sideBySide = [
      { name: "one", ...container },
      { name: "other", ...container }
    ]
    assert.deepStrictEqual(saidOf({ ...twice, containers: sideBySide }), [])
  })

  it("is one of the kinds of volumes, and from one of the registries, that a host's policy allows", () => {
    assert.deepStrictEqual(allowing({ volumes: ["emptyDir"] }), [
      'the host\'s policy policy.yaml does not allow the image of the volume "model"'
    ])
    assert.deepStrictEqual(allowing({ registries: ["docker.io"] }), [
      'the host\'s policy policy.yaml does not allow the image "ghcr.io/team/model:1"'
    ])
    assert.deepStrictEqual(allowing({ volumes: ["image"], registries: ["docker.io", "ghcr.io/team"] }), [])
  })
})
