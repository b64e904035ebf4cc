import { assert, describe, it } from "@effect/vitest"
import { newerKeys } from "../../../src/declaration/keys/newerKeys.ts"
import { fixtures } from "../Fixtures.ts"

const paths = (text: string) => newerKeys(text).map(({ path, line }) => `${line} ${path}`)

describe("the keys that konlet ignored", () => {
  it("are named by their path and line, outermost ones alone", () => {
    const text = `# a comment
apiVersion: v1
metadata: { name: shop }
spec:
  hostNetwork: false
  containers:
    - image: busybox
      command: [sh]
      stdin: yes
      livenessProbe: { httpGet: { port: 80 } }
      volumeMounts: [{ name: a, mountPath: /a, subPath: b }]
      resources:
  volumes:
    - { name: a, emptyDir: { medium: Memory, sizeLimit: 1Mi } }
`
    assert.sameMembers(paths(text), [
      "5 spec.hostNetwork",
      "10 spec.containers[0].livenessProbe",
      "11 spec.containers[0].volumeMounts[0].subPath",
      "14 spec.volumes[0].emptyDir.sizeLimit"
    ])
    for (const { description } of newerKeys(text)) assert.match(description, /\.\)?$/)
  })

  it("are none of what konlet knew, and of no text that is no declaration", () => {
    const known = `spec:
  containers:
    - name: web
      image: busybox
      args: [a]
      env: [{ name: A, value: b }]
      securityContext: { privileged: true }
      tty: true
      volumeMounts: [{ name: a, mountPath: /a, readOnly: true }, { name: d, mountPath: /d }]
  restartPolicy: Always
  volumes:
    - { name: a, hostPath: { path: /a } }
    - { name: d, gcePersistentDisk: { pdName: d, fsType: ext4, partition: 1 } }
`
    assert.deepStrictEqual(paths(known), [])
    for (const text of ["", "a: [", "- 1", "spec: {containers: nothing}", "\u0000"])
      assert.deepStrictEqual(paths(text), [])
  })

  it("are found through anchors and merges, and what aliases unfold to has an end", () => {
    assert.deepStrictEqual(paths("x: &x { workingDir: /w }\nspec: { containers: [{ <<: *x, image: a }] }\n"), [
      "1 spec.containers[0].workingDir"
    ])
    const levels = Array.from(
      { length: 12 },
      (_, level) => `a${level}: &a${level} [${"*a".concat(`${level - 1}, `).repeat(9)}]`
    )
    const bomb = ["a0: &a0 [x]", ...levels.slice(1), "spec: { containers: *a11 }"].join("\n")
    assert.isArray(newerKeys(bomb))
  })

  it("are read of every fixture", () => {
    for (const { text } of fixtures) assert.isArray(newerKeys(text))
  })
})
