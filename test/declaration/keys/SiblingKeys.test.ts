import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { decodeDeclaration } from "../../../src/declaration/Declaration.ts"
import { Declaration } from "../../../src/declaration/DeclarationSchema.ts"
import { fates } from "../../../src/declaration/keys/KubernetesKeys.ts"
import { recordsOf, shapeOf } from "../../../src/declaration/keys/Shape.ts"
import { siblings } from "../../../src/declaration/keys/SiblingKeys.ts"
import { ConfigMapSchema, SecretSchema } from "../../../src/declaration/schema/ConfigSchema.ts"
import type { Dialect } from "../../../src/workload/Dialect.ts"

const records = [Declaration, ConfigMapSchema, SecretSchema].flatMap((schema) => recordsOf(shapeOf(schema)))
const byTitle = new Map(records.map((record) => [record.title, record]))

const documents = [
  "kind: ConfigMap\nmetadata: {name: c}\ndata: {k: v}",
  "kind: Secret\nmetadata: {name: s}\ndata: {k: dg==}"
]

const said = (spec: string, dialect: Dialect = "slipway") => {
  const decoded = decodeDeclaration({ file: "d.yaml", text: [`spec: ${spec}`, ...documents].join("\n---\n"), dialect })
  const { problems = [], warnings } = Result.isSuccess(decoded)
    ? { warnings: decoded.success.warnings }
    : decoded.failure
  return [...problems, ...warnings].map(({ message, advice }) => `${message}. ${advice}`)
}

const volume = (source: string) =>
  `{containers: [{image: nginx, volumeMounts: [{name: v, mountPath: /v}]}], volumes: [{name: v, ${source}}]}`
const container = (more: string) => `{containers: [{image: nginx, ${more}}]}`
const variable = (source: string) => container(`env: [{name: A, valueFrom: {${source}}}]`)

describe("the words that are meant as a key", () => {
  it("are those of mappings and keys that there are, and mean nothing else there", () => {
    for (const [title, words] of siblings) {
      const { fields } = byTitle.get(title) ?? assert.fail(title)
      for (const [word, key] of words) {
        assert.isTrue(fields.has(key), `${title}.${key}`)
        assert.isFalse(fields.has(word), `${title}.${word}`)
        assert.isUndefined(fates.get(title)?.get(word), `${title}.${word}`)
      }
    }
  })

  it("of mappings that name a ConfigMap or a Secret are those of all others that do", () => {
    const naming = records.filter(({ fields }) => fields.has("optional"))
    assert.isAtLeast(naming.length, 8)
    for (const { title, fields } of naming) {
      const ofSecret = /secret/i.test(title)
      const name = fields.has("secretName") ? "secretName" : "name"
      for (const word of ["name", "secretName", "configMapName", ofSecret ? "secret" : "configMap"]) {
        if (word !== name) assert.strictEqual(siblings.get(title)?.get(word), name, `${title}.${word}`)
      }
    }
  })
})

describe("a key of a sibling", () => {
  const cases: ReadonlyArray<readonly [spec: string, owner: string, key: string, meant: string]> = [
    [volume("secret: {name: s}"), "a secret", "name", "secretName"],
    [volume("secret: {secret_name: s}"), "a secret", "secret_name", "secretName"],
    [volume("projected: {sources: [{secret: {secretName: s}}]}"), "a projected secret", "secretName", "name"],
    [volume("projected: {sources: [{secretRef: {name: s}}]}"), "a projected source", "secretRef", "secret"],
    [volume("configMap: {secretName: c}"), "a configMap", "secretName", "name"],
    [volume("configMap: {configMapName: c}"), "a configMap", "configMapName", "name"],
    [volume("configMap: {configMapNam: c}"), "a configMap", "configMapNam", "name"],
    [volume("configMap: {name: c, mode: 0400}"), "a configMap", "mode", "defaultMode"],
    [volume("configMap: {name: c, items: [{name: k, path: a}]}"), "an item", "name", "key"],
    [volume("configMap: {name: c, items: [{key: k, path: a, defaultMode: 0400}]}"), "an item", "defaultMode", "mode"],
    [volume("configMapRef: {name: c}"), "a volume", "configMapRef", "configMap"],
    [volume("gcePersistentDisk: {name: d}"), "a gcePersistentDisk", "name", "pdName"],
    [volume("gcePersistentDisk: {deviceName: d}"), "a gcePersistentDisk", "deviceName", "pdName"],
    [volume("hostPath: {hostPath: /d}"), "a hostPath", "hostPath", "path"],
    [volume("emptyDir: {medium: Memory, size: 1Mi}"), "an emptyDir", "size", "sizeLimit"],
    [volume("image: {image: nginx}"), "an image", "image", "reference"],
    [variable("secretKeyRef: {secretName: s, key: k}"), "a secretKeyRef", "secretName", "name"],
    [variable("secretKeyRef: {name: s, secretKey: k}"), "a secretKeyRef", "secretKey", "key"],
    [variable("configMapKeyRef: {configMapName: c, key: k}"), "a configMapKeyRef", "configMapName", "name"],
    [variable("configMapRef: {name: c, key: k}"), "a valueFrom", "configMapRef", "configMapKeyRef"],
    [variable("fieldRef: {path: metadata.name}"), "a fieldRef", "path", "fieldPath"],
    [container("envFrom: [{configMapRef: {configMapName: c}}]"), "a configMapRef", "configMapName", "name"],
    [container("envFrom: [{secretRef: {secretName: s}}]"), "a secretRef", "secretName", "name"],
    [container("envFrom: [{secretKeyRef: {name: s}}]"), "an envFrom", "secretKeyRef", "secretRef"],
    [container("ports: [{port: 80}]"), "a port", "port", "containerPort"],
    [container("readinessProbe: {exec: {command: [a]}, retries: 3}"), "a probe", "retries", "failureThreshold"],
    [container("securityContext: {user: 1}"), "a securityContext", "user", "runAsUser"],
    ["{imagePullSecrets: [{secretName: s}], containers: [{image: nginx}]}", "a pull secret", "secretName", "name"]
  ]

  it.each(cases)("is one problem, with the key that was meant: %s", (spec, owner, key, meant) => {
    assert.deepEqual(said(spec), [`${owner} has no key "${key}". Did you mean "${meant}"?`])
    assert.include(said(spec, "konlet"), `${owner} has no key "${key}"; it is ignored. Did you mean "${meant}"?`)
  })

  it("that is right one mapping further in is told so, rather than of any that has it", () => {
    assert.include(
      said(container("envFrom: [{name: c}]")),
      'an envFrom has no key "name". Did you mean to put it into a configMapRef?'
    )
    assert.include(
      said(volume("downwardAPI: {items: [{path: a, fieldPath: metadata.name}]}")),
      'a downwardAPI item has no key "fieldPath". Did you mean to put it into a file\'s fieldRef?'
    )
    assert.include(
      said(volume("configMap: {name: c, key: k}")),
      'a configMap has no key "key". Did you mean to put it into an item?'
    )
  })

  it("of a document beside the Pod as well", () => {
    const text =
      "spec: {containers: [{image: nginx}]}\n---\nkind: ConfigMap\nmetadata: {name: c}\nstringData: {a: hunter2}"
    const { problems } = Result.getOrThrow(Result.flip(decodeDeclaration({ file: "d.yaml", text })))
    assert.deepInclude(problems[0], { _tag: "KeyMisspelt", key: "stringData", suggestion: "data", line: 5 })
    assert.notInclude(JSON.stringify(problems), "hunter2")
  })
})
