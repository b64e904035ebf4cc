import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { decodeDeclaration } from "../../../src/declaration/Declaration.ts"
import type { Dialect } from "../../../src/workload/Dialect.ts"
import { resolveWorkload } from "../../../src/resolution/resolveWorkload.ts"

const decode = (documents: ReadonlyArray<object>, dialect: Dialect = "slipway") =>
  decodeDeclaration({ file: "d.yaml", text: documents.map((one) => JSON.stringify(one)).join("\n---\n"), dialect })

const pod = (container: object, metadata: object = {}) => ({
  kind: "Pod",
  metadata,
  spec: { containers: [{ image: "nginx", ...container }] }
})
const configMap = (data: object, name = "settings", more: object = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name },
  data,
  ...more
})
const secret = (stringData: object, name = "passwords", more: object = {}) => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name },
  stringData,
  ...more
})
const ofConfigMap = (key: string, name = "settings", optional = false) => ({
  configMapKeyRef: { name, key, optional }
})
const ofSecret = (key: string, name = "passwords", optional = false) => ({ secretKeyRef: { name, key, optional } })
const variables = (from: Readonly<Record<string, object>>) =>
  Object.entries(from).map(([name, valueFrom]) => ({ name, valueFrom }))

/** The environment that the container gets, by name. */
const environment = (documents: ReadonlyArray<object>, dialect?: Dialect) => {
  const { workload } = Result.getOrThrow(decode(documents, dialect))
  const { env } = resolveWorkload(workload, (source) => ({ value: JSON.stringify(source) })).containers[0]
  return Object.fromEntries(env.map(({ name, value }) => [name, value]))
}

/** All that is said, problems first, each with its line. */
const said = (documents: ReadonlyArray<object>, dialect?: Dialect) => {
  const decoded = decode(documents, dialect)
  const { problems = [], warnings } = Result.isSuccess(decoded)
    ? { warnings: decoded.success.warnings }
    : decoded.failure
  return [...problems, ...warnings].map(({ _tag, line }) => `${_tag} ${line}`)
}

const base64 = (bytes: string | Uint8Array) => Buffer.from(bytes).toString("base64")

describe("a ConfigMap or Secret beside the Pod", () => {
  const web = pod({ env: variables({ MODE: ofConfigMap("mode"), PASSWORD: ofSecret("password") }) })
  const both = [configMap({ mode: "production" }), secret({ password: "hunter2" })]
  const wanted = { MODE: "production", PASSWORD: "hunter2" }

  it("gives its values, wherever it stands, in either dialect", () => {
    for (const dialect of ["slipway", "konlet"] as const) {
      assert.deepEqual(environment([web, ...both], dialect), wanted)
      assert.deepEqual(environment([...both, web], dialect), wanted)
      assert.deepEqual(environment([both[0]!, web, both[1]!], dialect), wanted)
      assert.deepEqual(environment([{ kind: "List", items: [both[0], web, both[1]] }], dialect), wanted)
    }
  })

  it("has values as they are written, and decoded ones", () => {
    const text = [
      "spec: {containers: [{image: nginx, envFrom: [{configMapRef: {name: a}}, {secretRef: {name: b}}]}]}",
      "---",
      "kind: ConfigMap",
      "metadata: {name: a}",
      "data: {octal: 0777, yes: yes, empty: , version: 1.10}",
      "---",
      "kind: Secret",
      "metadata: {name: b}",
      `data: {FOLDED: "${base64("a\nb").slice(0, 3)}\\n${base64("a\nb").slice(3)}", BOTH: ${base64("data")}}`,
      "stringData: {BOTH: string}"
    ].join("\n")
    const { workload } = Result.getOrThrow(decodeDeclaration({ file: "d.yaml", text }))
    assert.deepEqual(
      workload.containers[0].imported?.map(({ name, value }) => [name, value]),
      [
        ["BOTH", "string"],
        ["FOLDED", "a\nb"],
        ["empty", ""],
        ["octal", "0777"],
        ["version", "1.10"],
        ["yes", "yes"]
      ]
    )
  })

  it("is looked for in the Pod's namespace", () => {
    const named = { ...both[0]!, metadata: { name: "settings", namespace: "shop" } }
    const other = [pod({ env: variables({ MODE: ofConfigMap("mode") }) }, { namespace: "shop" }), named]
    assert.deepEqual(environment(other), { MODE: "production" })
    assert.deepEqual(said([pod({ env: variables({ MODE: ofConfigMap("mode") }) }), named]), ["ConfigMissing 1"])
  })

  it("that is missing, or lacks the key, is a problem at its reference, unless it is optional", () => {
    const env = variables({ A: ofConfigMap("mode", "nowhere"), B: ofSecret("token"), C: ofConfigMap("binary") })
    const binary = configMap({}, "settings", { binaryData: { binary: base64(Uint8Array.of(0xff)) } })
    const documents = [pod({ env }), binary, both[1]!]
    assert.deepEqual(said(documents), ["ConfigMissing 1", "ConfigKeyMissing 1", "ValueNotText 1"])
    assert.deepEqual(said(documents, "konlet"), ["Tolerated 1", "Tolerated 1", "Tolerated 1"])
    assert.deepEqual(environment(documents, "konlet"), { A: "", B: "", C: "" })
    const optional = variables({ A: ofConfigMap("mode", "nowhere", true), B: ofSecret("token", "passwords", true) })
    const envFrom = [{ configMapRef: { name: "nowhere", optional: true } }]
    assert.deepEqual(environment([pod({ env: optional, envFrom }), ...both]), {})
    assert.deepEqual(said([pod({ envFrom: [{ secretRef: { name: "passwords" } }] })]), ["ConfigMissing 1"])
  })

  it("may hold what no variable can, as long as none is made of it", () => {
    const bytes = secret({}, "passwords", { data: { nul: base64("a\0b"), latin: base64(Uint8Array.of(0xe9)) } })
    assert.deepEqual(said([pod({}), bytes]), [])
    assert.deepEqual(said([pod({ env: variables({ A: ofSecret("nul") }) }), bytes]), ["ValueNotText 1"])
    assert.deepEqual(said([pod({ envFrom: [{ secretRef: { name: "passwords" } }] }), bytes]), [
      "EnvFromNotText 1",
      "EnvFromNotText 1"
    ])
  })

  it("is checked as Kubernetes checks it", () => {
    const cases: ReadonlyArray<readonly [document: object, problem: string]> = [
      [{ kind: "ConfigMap", data: {} }, "ConfigNameMissing"],
      [configMap({}, "My_Settings"), "ObjectNameInvalid"],
      [configMap({ "a b": "x" }), "ConfigKeyInvalid"],
      [configMap({ "..a": "x" }), "ConfigKeyInvalid"],
      [configMap({ a: "x" }, "settings", { binaryData: { a: "eA==" } }), "ConfigKeyInvalid"],
      [configMap({}, "settings", { binaryData: { a: "x" } }), "ConfigValueNotBase64"],
      [secret({}, "s", { data: { a: "hunter2" } }), "ConfigValueNotBase64"],
      [secret({}, "s", { type: "kubernetes.io/tls" }), "SecretTypeUnmet"],
      [secret({ ".dockerconfigjson": "{" }, "s", { type: "kubernetes.io/dockerconfigjson" }), "SecretTypeUnmet"],
      [configMap({}, "settings", { dat: {} }), "KeyMisspelt"],
      [configMap({}, "settings", { data: ["hunter2"] }), "ValueTypeInvalid"]
    ]
    for (const [document, problem] of cases) {
      assert.deepEqual(said([pod({}), document]), [`${problem} 3`], JSON.stringify(document))
      const decoded = decode([pod({}), document])
      assert.notInclude(JSON.stringify(Result.isFailure(decoded) && decoded.failure), "hunter2")
      // konlet read the first document alone.
      assert.isTrue(Result.isSuccess(decode([pod({}), document], "konlet")), problem)
    }
    assert.deepEqual(said([pod({}), ...both, both[0]!]), ["ConfigNameDuplicate 7"])
    const good = secret({ ".dockerconfigjson": "{}" }, "s", { type: "kubernetes.io/dockerconfigjson", immutable: true })
    assert.deepEqual(said([pod({}), good]), [])
  })
})

describe("envFrom", () => {
  const envFrom = [
    { prefix: "A_", configMapRef: { name: "settings" } },
    { prefix: "A_", secretRef: { name: "passwords" } },
    { configMapRef: { name: "settings" } }
  ]
  const documents = [configMap({ x: "1", "1.y-z": "2" }), secret({ x: "3" })]

  it("makes a variable of each key; the last counts, and those of env before all", () => {
    const env = [
      { name: "x", value: "$(x)$(A_x)" },
      { name: "URL", value: "$(1.y-z)" }
    ]
    const wanted = { A_x: "3", "A_1.y-z": "2", "1.y-z": "2", x: "13", URL: "2" }
    assert.deepEqual(environment([pod({ envFrom, env }), ...documents]), wanted)
    assert.deepEqual(environment([pod({ envFrom, env }), ...documents], "konlet"), {
      ...wanted,
      x: "$(x)$(A_x)",
      URL: "$(1.y-z)"
    })
  })

  it("means the same whatever the order of the keys", () => {
    const one = decode([pod({ envFrom }), configMap({ a: "1", b: "2" }), documents[1]!])
    const other = decode([pod({ envFrom }), configMap({ b: "2", a: "1" }), documents[1]!])
    assert.deepEqual(Result.getOrThrow(one).workload, Result.getOrThrow(other).workload)
  })

  it("has one source, and a prefix that can begin a name", () => {
    const wrong = [{}, { configMapRef: { name: "settings" }, secretRef: { name: "passwords" } }, { prefix: "a=" }]
    assert.deepEqual(said([pod({ envFrom: wrong }), ...documents]), [
      "EnvFromInvalid 1",
      "EnvFromInvalid 1",
      "EnvFromInvalid 1"
    ])
  })
})

describe("a variable's source", () => {
  const field = (fieldPath: string, apiVersion?: string) => ({ fieldRef: { fieldPath, apiVersion } })
  const metadata = {
    name: "shop",
    namespace: "live",
    uid: "0-1",
    labels: { app: "web", "example.com/x": "y" },
    annotations: { Note: "any text" }
  }

  it("is a field of the Pod: what the text says of it", () => {
    const fields = {
      A: field("metadata.name"),
      B: field("metadata.namespace"),
      C: field("metadata.uid", "v1"),
      D: field("metadata.labels['example.com/x']"),
      E: field("metadata.annotations['Note']"),
      F: field("metadata.labels['missing']"),
      G: field("spec.serviceAccountName"),
      H: field("metadata.labels['constructor']")
    }
    const wanted = { A: "shop", B: "live", C: "0-1", D: "y", E: "any text", F: "", G: "default", H: "" }
    assert.deepEqual(environment([pod({ env: variables(fields) }, metadata)]), wanted)
  })

  it("or what only the VM can tell", () => {
    const paths = ["metadata.name", "metadata.uid", "spec.nodeName", "status.hostIP", "status.podIP"]
    const plural = ["status.hostIPs", "status.podIPs"]
    for (const path of [...paths, ...plural]) {
      assert.deepEqual(environment([pod({ env: variables({ A: field(path) }) })]), {
        A: JSON.stringify({ _tag: "Field", field: path.replace(/s$/, "") })
      })
    }
  })

  it("is no other field, and no other version's", () => {
    const paths = ["", "metadata", "metadata.labels", "metadata.labels[app]", "metadata.labels['a b']", "spec.hostname"]
    for (const path of paths) {
      assert.deepEqual(said([pod({ env: variables({ A: field(path) }) })]), ["FieldPathInvalid 1"], path)
    }
    assert.deepEqual(said([pod({ env: variables({ A: field("metadata.name", "v2") }) })]), ["FieldPathInvalid 1"])
  })

  it("is one, and stands in place of a value", () => {
    const two = { ...field("metadata.name"), ...ofConfigMap("x", "nowhere", true) }
    const cases: ReadonlyArray<object> = [
      { name: "A", valueFrom: {} },
      { name: "A", valueFrom: two },
      { name: "A", value: "hunter2", valueFrom: field("metadata.name") }
    ]
    for (const variable of cases) assert.deepEqual(said([pod({ env: [variable] })]), ["ValueSourceInvalid 1"])
    assert.deepEqual(
      environment([pod({ env: [{ name: "A", value: "", valueFrom: field("metadata.name") }] }, metadata)]),
      {
        A: "shop"
      }
    )
  })

  it("asks for an address of the Pod's own network only there", () => {
    const env = variables({ IP: field("status.podIP") })
    const spec = { containers: [{ image: "nginx", env }], hostNetwork: false }
    const { workload } = Result.getOrThrow(decode([{ spec }]))
    assert.deepInclude(workload.network, { _tag: "Pod", isAddressNeeded: true })
    assert.deepEqual(Result.getOrThrow(decode([pod({ env })])).workload.network, { _tag: "Host" })
  })
})

describe("metadata", () => {
  it("is checked as Kubernetes checks it, and konlet's rules leave out what is wrong", () => {
    const cases: ReadonlyArray<readonly [metadata: object, problem: string]> = [
      [{ name: "My_App" }, "ObjectNameInvalid"],
      [{ namespace: "a.b" }, "ObjectNameInvalid"],
      [{ labels: { "a b": "x" } }, "LabelInvalid"],
      [{ labels: { a: "x y" } }, "LabelInvalid"],
      [{ annotations: { "a/b/c": "x" } }, "LabelInvalid"]
    ]
    for (const [metadata, problem] of cases) {
      assert.deepEqual(said([pod({}, metadata)]), [`${problem} 1`])
      assert.deepEqual(said([pod({}, metadata)], "konlet"), ["Tolerated 1"])
    }
  })
})

describe("other documents", () => {
  it("are named: a second Pod, what has no meaning, and what would run containers", () => {
    const service = { apiVersion: "v1", kind: "Service", metadata: { name: "shop" } }
    const deployment = { kind: "Deployment", spec: { template: {} } }
    assert.deepEqual(said([pod({}), pod({}), service]), ["PodNotRun 3", "DocumentMeaningless 5"])
    assert.deepEqual(said([pod({}), pod({}), service], "konlet"), ["DocumentIgnored 3", "DocumentMeaningless 5"])
    assert.deepEqual(said([{ kind: "PodList", items: [pod({}), { spec: {} }] }]), ["PodNotRun 1"])
    assert.deepEqual(said([pod({}), { note: "hunter2" }]), ["DocumentIgnored 3"])
    assert.deepEqual(said([pod({}), deployment]), ["DocumentNotRun 3"])
    assert.deepEqual(said([pod({}), deployment], "konlet"), ["Tolerated 3"])
    assert.deepEqual(said([service, pod({})]), ["DocumentMeaningless 1"])
    // Cloud Run calls its own Service.
    const ofKnative = { kind: "Service", spec: { template: { spec: { containers: [{ image: "nginx" }] } } } }
    assert.deepEqual(said([pod({}), ofKnative]), ["DocumentNotRun 3"])
  })

  it("are all judged where there is no Pod: what would run one is not hidden by what comes before it", () => {
    const service = { kind: "Service", spec: { ports: [80] } }
    const deployment = { kind: "Deployment", spec: { template: {} } }
    const documents = [service, deployment, { kind: "Job", spec: {} }]
    assert.deepEqual(said(documents), ["FormatForeign 3", "FormatForeign 5", "DocumentMeaningless 1"])
    assert.deepEqual(said([service, service]), ["FormatForeign 1", "DocumentMeaningless 3"])
    const decoded = decode([{ kind: "Deployment", spec: { password: "hunter2" } }])
    const excerpt = Result.isFailure(decoded) ? decoded.failure.problems[0].excerpt : ""
    assert.include(excerpt, '"kind":"Deployment"')
    assert.notInclude(excerpt, "hunter2")
  })

  it("alone are no declaration", () => {
    for (const document of [
      configMap({}),
      secret({}),
      { kind: "List", items: [] },
      { kind: "List", items: [configMap({})] }
    ]) {
      assert.deepEqual(said([document]), ["FormatForeign 1"])
    }
  })

  const first = "spec: {containers: [{image: nginx}]}\n"

  it("that cannot be read are a problem at their place, and to konlet's rules a warning", () => {
    const broken = `${first}---\nkind: ConfigMap\nmetadata: {name: a}\n---\ntext: "hunter2\n`
    const konlets = decodeDeclaration({ file: "d.yaml", text: broken, dialect: "konlet" })
    const { warnings } = Result.getOrThrow(konlets)
    assert.deepEqual(
      warnings.map(({ _tag, line }) => [_tag, line]),
      [["DocumentUnreadable", 6]]
    )
    const { problems } = Result.getOrThrow(Result.flip(decodeDeclaration({ file: "d.yaml", text: broken })))
    assert.deepEqual(
      problems.map(({ _tag, line }) => [_tag, line]),
      [["SyntaxInvalid", 6]]
    )
    assert.notInclude(JSON.stringify([warnings, problems]), "hunter2")
    const alone = decodeDeclaration({ file: "d.yaml", text: `kind: ConfigMap\nmetadata: {name: a}\n---\n${first}x: "` })
    assert.deepEqual(Result.isFailure(alone) && alone.failure.problems.map(({ _tag }) => _tag), ["SyntaxInvalid"])
  })

  it("that hold nothing are none", () => {
    for (const text of [`${first}---\n`, `---\n---\n${first}---\n# x\n---\n...\n`, `%YAML 1.1\n---\n${first}...\n`]) {
      const { warnings } = Result.getOrThrow(decodeDeclaration({ file: "d.yaml", text }))
      assert.deepEqual(warnings, [])
    }
  })

  it("keep their anchors to themselves", () => {
    const text = `x-a: &a nginx\n${first}---\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: *a}\n`
    const { problems } = Result.getOrThrow(Result.flip(decodeDeclaration({ file: "d.yaml", text })))
    assert.deepEqual(
      problems.map(({ _tag, line }) => [_tag, line]),
      [["SyntaxInvalid", 6]]
    )
  })

  it("hide what an alias shares with a secret", () => {
    const text = [
      "kind: List",
      "items:",
      "- {kind: Secret, metadata: {name: s}, stringData: {password: &a hunter2}}",
      "- kind: Pod",
      "  spec: {containers: [{image: nginx, env: [{name: A, valueFrom: {configMapKeyRef: {name: *a, key: x}}}]}]}"
    ].join("\n")
    const failure = Result.getOrThrow(Result.flip(decodeDeclaration({ file: "d.yaml", text })))
    assert.deepEqual(
      failure.problems.map(({ _tag }) => _tag),
      ["ConfigMissing"]
    )
    assert.notInclude(JSON.stringify(failure) + failure.message, "hunter2")
  })

  it("take time in proportion to the text, many of them and many aliases", () => {
    const many = first + "---\nkind: ConfigMap\nmetadata: {name: a}\n".repeat(5000)
    assert.isTrue(Result.isFailure(decodeDeclaration({ file: "d.yaml", text: many })))
    const items = Array.from({ length: 20_000 }, () => "*a").join(",")
    const data = Array.from({ length: 2000 }, (_, index) => `k${index}: v`).join(",")
    const text = `kind: List\nx-a: &a {kind: ConfigMap, metadata: {name: a}, data: {${data}}}\nitems: [${items},{spec: {containers: [{image: nginx}]}}]`
    const failure = Result.getOrThrow(Result.flip(decodeDeclaration({ file: "d.yaml", text })))
    assert.deepInclude(failure.problems[0], { _tag: "DeclarationRefused", why: "TooManyAliases" })
  })
})
