import { assert, describe, it } from "@effect/vitest"
import { problemsOf, saidOf, workloadOf } from "./Declared.ts"

const web = (subPath: unknown) => ({
  containers: [{ image: "nginx", volumeMounts: [{ name: "data", mountPath: "/data", subPath }] }],
  volumes: [{ name: "data", hostPath: { path: "/srv" } }]
})
const mountOf = (subPath: unknown) => workloadOf(web(subPath)).containers[0].mounts[0]

describe("subPath", () => {
  it("is a path in the volume, in its shortest form", () => {
    for (const [written, meant] of [
      ["a", "a"],
      ["a/b", "a/b"],
      ["./a//b/", "a/b"],
      ["..data", "..data"],
      ["a..b/...", "a..b/..."]
    ]) {
      assert.deepStrictEqual(mountOf(written), { volume: "data", path: "/data", readOnly: false, subPath: meant! })
    }
  })

  it("is the whole volume where nothing is named", () => {
    for (const none of [undefined, null, "", ".", "./"]) assert.notProperty(mountOf(none), "subPath")
  })

  it("neither begins at the root nor goes upwards", () => {
    assert.deepStrictEqual(problemsOf(web("/a")), [
      [
        'the subPath "/a" of the mount of "data" is absolute',
        'Write the path inside the volume, without the "/" at its beginning.'
      ]
    ])
    for (const upwards of ["..", "../a", "a/../b", "a/.."]) {
      assert.deepStrictEqual(problemsOf(web(upwards)), [
        [
          `the subPath "${upwards}" of the mount of "data" has ".." in it`,
          "Write the path inside the volume, beginning at its root."
        ]
      ])
    }
  })

  it("is never taken for the whole volume, not under konlet's rules either", () => {
    assert.deepStrictEqual(saidOf(web("../a"), "konlet"), ["SubPathInvalid"])
    assert.deepStrictEqual(saidOf(web(["a"]), "konlet"), ["SubPathUnreadable", "(Tolerated)"])
    assert.deepStrictEqual(saidOf(web({ a: 1 }), "konlet"), ["SubPathUnreadable", "(Tolerated)"])
    assert.deepStrictEqual(saidOf(web(["a"])), ["ValueTypeInvalid"])
  })

  it("names one of the files of a volume of files, or a directory of theirs", () => {
    const labels = { path: "pod/labels", fieldRef: { fieldPath: "metadata.labels" } }
    const part = (subPath: string) => ({
      containers: [{ image: "nginx", volumeMounts: [{ name: "pod", mountPath: "/pod", subPath }] }],
      volumes: [{ name: "pod", downwardAPI: { items: [labels] } }]
    })
    for (const is of ["pod", "pod/labels", "./pod/"]) {
      assert.isDefined(workloadOf(part(is)).containers[0].mounts[0]!.subPath)
    }
    assert.deepStrictEqual(problemsOf(part("pod/lables")), [
      ['the subPath "pod/lables" is none of the files of the volume "pod"', 'Did you mean "pod/labels"?']
    ])
    assert.deepStrictEqual(problemsOf(part("po")), [
      [
        'the subPath "po" is none of the files of the volume "pod"',
        "Write the path of one of its files, or mount the volume as a whole."
      ]
    ])
  })
})
