import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import * as Result from "effect/Result"
import { decodeDeclaration } from "../../../src/declaration/Declaration.ts"
import { kindWord, misspeltKind } from "../../../src/declaration/documents/kinds.ts"
import type { Dialect } from "../../../src/workload/Dialect.ts"

const decode = (documents: ReadonlyArray<string>, dialect: Dialect = "slipway") =>
  decodeDeclaration({ file: "d.yaml", text: documents.join("\n---\n"), dialect })

/** Problems, each with its line, message and advice; then warnings by their tag. */
const said = (documents: ReadonlyArray<string>, dialect?: Dialect) => {
  const decoded = decode(documents, dialect)
  const { problems = [], warnings } = Result.isSuccess(decoded)
    ? { warnings: decoded.success.warnings }
    : decoded.failure
  return [
    ...problems.map(({ line, message, advice }) => `${line}: ${message}. ${advice}`),
    ...warnings.map(({ _tag, line }) => `(${_tag} ${line})`)
  ]
}

const optional = (ref: string) =>
  `{image: nginx, env: [{name: A, valueFrom: {${ref}: {name: c, key: k, optional: true}}}]}`
const pod = `spec: {containers: [${optional("configMapKeyRef")}]}`
const ofSecret = `spec: {containers: [${optional("secretKeyRef")}]}`
const config = (kind: string) => `kind: ${kind}\nmetadata: {name: c}\ndata: {k: dg==}`

const misspelt = (line: number, kind: string, meant: string) =>
  `${line}: "${kind}" is no kind of Kubernetes: nothing would be read of this. Did you mean "${meant}"?`

describe("a misspelt kind", () => {
  it("of a ConfigMap or a Secret is a problem at its line, and no other is made of what is missing", () => {
    for (const kind of [
      "Configmap",
      "configMap",
      "configmap",
      "ConfigMaps",
      "CONFIGMAP",
      "ConfgMap",
      "config-map",
      "cm"
    ]) {
      assert.deepEqual(said([pod, config(kind)]), [misspelt(3, kind, "ConfigMap")])
      assert.deepEqual(said([config(kind), pod]), [misspelt(1, kind, "ConfigMap")])
    }
    for (const kind of ["Secrets", "secret", "SECRET", "Secert", "secrets"]) {
      assert.deepEqual(said([ofSecret, config(kind)]), [misspelt(3, kind, "Secret")])
    }
    const needed = pod.replace(", optional: true", "")
    assert.deepEqual(said([needed, config("Configmap")]), [misspelt(3, "Configmap", "ConfigMap")])
    assert.deepEqual(said([`kind: List\nitems: [{${pod}}, {kind: secret}]`]), [misspelt(2, "secret", "Secret")])
  })

  it("is a warning under konlet's key, where nothing is read of it, as before", () => {
    assert.deepEqual(said([pod, config("Configmap")], "konlet"), ["(Tolerated 3)"])
    const { workload } = Result.getOrThrow(decode([pod, config("Configmap")], "konlet"))
    assert.deepEqual(workload.containers[0].env, [])
    const needed = pod.replace(", optional: true", "")
    assert.deepEqual(said([needed, config("Configmap")], "konlet"), ["(Tolerated 1)", "(Tolerated 3)"])
  })

  it("of a Pod is one too, unless it has containers: then it is run, whatever it calls itself", () => {
    assert.deepEqual(said([pod, "kind: pods\nmetadata: {name: b}"]), [misspelt(3, "pods", "Pod")])
    assert.deepEqual(said([`kind: pod\n${pod}`]), [])
    assert.deepEqual(said([`kind: Pods\n${pod}`]), [])
    assert.include(said([pod, `kind: pods\n${pod}`])[0], "3: this is a second Pod")
    const [first, second] = said(["kind: Pods\nspec: {container: [{image: nginx}]}"])
    assert.strictEqual(first, misspelt(1, "Pods", "Pod"))
    assert.match(second!, /"container".*Did you mean "containers"/)
  })

  it("of a List hides a Pod, of which nothing else is said then", () => {
    for (const kind of ["list", "Lists"]) {
      assert.deepEqual(said([`kind: ${kind}\nitems: [{${pod}}]`]), [misspelt(1, kind, "List")])
    }
    assert.deepEqual(said([`kind: podlist\nitems: [{${pod}}]`]), [misspelt(1, "podlist", "PodList")])
    assert.deepEqual(said([pod, "kind: list\nitems: []"]), [misspelt(3, "list", "List")])
  })

  it("of what would run a Pod is judged as that", () => {
    const template = "spec: {jobTemplate: {spec: {template: {spec: {containers: [{image: nginx}]}}}}}"
    const [only, ...rest] = said([pod, `kind: cronjob\n${template}`])
    assert.match(only!, /^3: the CronJob is not run: .*"spec\.jobTemplate\.spec\.template"/)
    assert.deepEqual(rest, [])
    for (const kind of ["deployment", "Deploymnet", "deployments", "Daemonset", "Statefulset", "job", "deploy"]) {
      assert.match(said([pod, `kind: ${kind}\nspec: {}`]).join(), /^3: the \w+ is not run/, kind)
      assert.match(said([`kind: ${kind}\nspec: {}`]).join(), /^1: .*of Kubernetes.*"spec\.template"/, kind)
    }
  })

  it("alone, or beside what gives values alone, is told as that", () => {
    assert.deepEqual(said([config("Configmap")]), [misspelt(1, "Configmap", "ConfigMap")])
    assert.deepEqual(said([config("ConfigMap"), config("secret")]), [misspelt(5, "secret", "Secret")])
  })

  it("shows nothing of the document but the word", () => {
    const decoded = decode([pod, "kind: Secrets\nstringData: {password: hunter2}"])
    assert.isTrue(Result.isFailure(decoded))
    assert.notInclude(JSON.stringify(decoded), "hunter2")
    assert.include(JSON.stringify(decoded), "kind: Secrets")
  })
})

describe("a kind that Kubernetes knows and a VM has no use for", () => {
  it("is a warning, as are those of others, in any spelling", () => {
    for (const kind of ["Service", "Ingress", "SecretStore", "NodeList", "S3Bucket", "service"]) {
      assert.deepEqual(said([pod, config(kind)]), ["(DocumentMeaningless 3)"])
      assert.deepEqual(said([config(kind), pod]), ["(DocumentMeaningless 1)"])
    }
  })

  it("is never taken for a misspelling of another", () => {
    const folder = new URL("../../../node_modules/kubernetes-models/", import.meta.url)
    const kinds = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".d.ts"))
      .flatMap((name) => /^ {4}"kind": "(\w+)";$/m.exec(readFileSync(new URL(name, folder), "utf8"))?.[1] ?? [])
    assert.isAbove(new Set(kinds).size, 60)
    for (const kind of kinds) {
      assert.match(kind, kindWord)
      assert.isUndefined(misspeltKind(kind), kind)
      if (!kind.endsWith("List")) assert.isUndefined(misspeltKind(`${kind}List`), kind)
    }
  })
})

describe("a document that names no kind", () => {
  it("and has what a ConfigMap or a Secret has is a problem, before the Pod too", () => {
    const message = (line: number) =>
      `${line}: a document with "data" names no kind: nothing would be read of it. ` +
      'Write "kind: ConfigMap" or "kind: Secret" on a line of its own.'
    const nameless = "apiVersion: v1\nmetadata: {name: c}\ndata: {k: v}"
    assert.deepEqual(said([pod, nameless]), [message(5)])
    assert.deepEqual(said([nameless, pod]), [message(3)])
    assert.deepEqual(said([pod, nameless], "konlet"), ["(Tolerated 5)"])
    assert.deepEqual(said([ofSecret, nameless.replace("\ndata", "\nkind:\ndata")]), [message(6)])
    assert.deepEqual(said([pod, "note: {data: {}}"]), ["(DocumentIgnored 3)"])
  })

  it("but a key that is nearly that is told so", () => {
    for (const key of ["Kind", "KIND", "kinds", "knd"]) {
      const [only, ...rest] = said([pod, config("ConfigMap").replace("kind", key)])
      assert.strictEqual(only, `3: the document has no key "${key}". Did you mean "kind"?`)
      assert.deepEqual(rest, [])
    }
  })
})

describe("a List", () => {
  it("has objects alone: anything else is told with its place", () => {
    const of = (item: string) => said([`kind: List\nitems:\n- ${pod}\n- ${item}`])
    assert.deepEqual(of("null"), [
      '4: items[1] must be a mapping, not nothing. Remove its "-", or write the Pod, a ConfigMap or a Secret after it.'
    ])
    assert.match(of("")[0]!, /^4: items\[1\] must be a mapping, not nothing/)
    assert.match(of("hunter")[0]!, /^4: items\[1\] must be a mapping, not text/)
    assert.match(of("[a]")[0]!, /^4: items\[1\] must be a mapping, not a list/)
    const first = said([`kind: List\nitems:\n- null\n- ${pod}`])
    assert.match(first.join(), /^3: items\[0\] must be a mapping, not nothing\.[^:]*$/)
    assert.deepEqual(said([`kind: List\nitems:\n- ${pod}\n- null`], "konlet"), ["(Tolerated 4)"])
  })

  it("has items", () => {
    assert.match(said([pod, "kind: List\nitem: [{kind: Secret}]"])[0]!, /^3: items must be a list, not nothing/)
    assert.match(said([pod, "kind: List\nitems: {kind: Secret}"])[0]!, /^4: items must be a list, not a mapping/)
    assert.deepEqual(said([pod, "kind: List\nitems:"]), [])
  })
})
