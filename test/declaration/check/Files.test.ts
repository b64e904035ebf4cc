import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decodeDeclaration } from "../../../src/declaration/Declaration.ts"
import { FilePaths } from "../../../src/declaration/check/FilePaths.ts"
import type { DeclaredFile } from "../../../src/workload/VolumeFile.ts"

const documents = [
  { kind: "ConfigMap", metadata: { name: "config" }, data: { a: "one", "b.txt": "two" }, binaryData: { raw: "AAH/" } },
  { kind: "Secret", metadata: { name: "tls" }, data: { key: "aHVudGVyMg==" } }
]

const decode = (source: object, metadata: object = {}, more: ReadonlyArray<object> = []) => {
  const pod = {
    metadata: { name: "shop", ...metadata },
    spec: {
      containers: [
        {
          name: "web",
          image: "nginx",
          resources: { limits: { memory: "100Mi" }, requests: { cpu: "250m" } },
          volumeMounts: [{ name: "v", mountPath: "/v" }]
        }
      ],
      volumes: [{ name: "v", ...source }]
    }
  }
  const text = [pod, ...documents, ...more].map((document) => JSON.stringify(document)).join("\n---\n")
  return decodeDeclaration({ file: "pod.json", text })
}

/** Path, mode in octal, and what the file holds, or the source of it. */
const filesOf = (source: object, metadata?: object) => {
  const { workload } = Result.getOrThrow(decode(source, metadata))
  const [volume] = workload.volumes
  assert(volume?._tag === "Files")
  assert.isTrue(workload.containers[0].mounts[0]!.readOnly)
  return volume.files.map((file) => [file.path, file.mode.toString(8), contentOf(file)])
}

const contentOf = (file: DeclaredFile) =>
  "from" in file
    ? file.from._tag === "Secret"
      ? `${file.from.secret.secret}@${file.from.secret.version}${file.from.isOptional ? "?" : ""}`
      : file.from._tag
    : new TextDecoder("latin1").decode(Redacted.value(file.data))

const tagsOf = (source: object) =>
  Result.match(decode(source), {
    onSuccess: () => [],
    onFailure: ({ problems }) => problems.map(({ _tag }) => _tag)
  })

describe("the files of a volume", () => {
  it("are all keys of a ConfigMap or Secret, also binary ones, with mode 0644", () => {
    assert.deepStrictEqual(filesOf({ configMap: { name: "config" } }), [
      ["a", "644", "one"],
      ["b.txt", "644", "two"],
      ["raw", "644", "\0\u0001ÿ"]
    ])
    assert.deepStrictEqual(filesOf({ secret: { secretName: "tls", defaultMode: 256 } }), [["key", "400", "hunter2"]])
  })

  it("are those that items name, each with its own mode or the volume's", () => {
    const items = [
      { key: "b.txt", path: "./sub//b", mode: 0o755 },
      { key: "a", path: "a" },
      { key: "a", path: "again" }
    ]
    assert.deepStrictEqual(filesOf({ configMap: { name: "config", items, defaultMode: 0o440 } }), [
      ["a", "440", "one"],
      ["again", "440", "one"],
      ["sub/b", "755", "two"]
    ])
  })

  it("may be missing where they are optional, all or one", () => {
    assert.deepStrictEqual(filesOf({ configMap: { name: "nowhere", optional: true } }), [])
    const items = [
      { key: "a", path: "a" },
      { key: "nowhere", path: "b" }
    ]
    assert.deepStrictEqual(filesOf({ configMap: { name: "config", items, optional: true } }), [["a", "644", "one"]])
    assert.deepStrictEqual(tagsOf({ configMap: { name: "config", items } }), ["ConfigKeyMissing"])
    assert.deepStrictEqual(tagsOf({ configMap: { name: "conf1g" } }), ["ConfigMissing"])
    assert.deepStrictEqual(tagsOf({ configMap: {} }), ["ReferenceIncomplete"])
  })

  it("are Secret Manager's where the Secret is not in the text: the latest version, or those that items name", () => {
    assert.deepStrictEqual(filesOf({ secret: { secretName: "db-password", optional: true } }), [
      ["latest", "644", "db-password@latest?"]
    ])
    const items = [
      { key: "7", path: "old", mode: 0o400 },
      { key: "latest", path: "new" }
    ]
    assert.deepStrictEqual(filesOf({ secret: { secretName: "projects/other-1/secrets/db", items } }), [
      ["new", "644", "db@latest"],
      ["old", "400", "db@7"]
    ])
    const wrong = [{ key: "not.a.version", path: "x" }]
    assert.deepStrictEqual(tagsOf({ secret: { secretName: "db", items: wrong } }), ["SecretVersionInvalid"])
    assert.deepStrictEqual(tagsOf({ secret: { secretName: "no such name" } }), ["SecretNameInvalid"])
  })

  it("have what is known of the Pod, and of a container that they name", () => {
    const field = (path: string, fieldPath: string) => ({ path, fieldRef: { fieldPath } })
    const resource = (path: string, ref: object) => ({ path, resourceFieldRef: { containerName: "web", ...ref } })
    const items = [
      field("name", "metadata.name"),
      field("ns", "metadata.namespace"),
      field("uid", "metadata.uid"),
      field("labels", "metadata.labels"),
      field("notes", "metadata.annotations"),
      field("label", "metadata.labels['tier']"),
      resource("memory", { resource: "limits.memory", divisor: "1Ki" }),
      resource("cpu", { resource: "requests.cpu" }),
      resource("all", { resource: "limits.cpu" })
    ]
    const metadata = { labels: { tier: "web", app: "shop" }, annotations: { note: 'a "b"\n' } }
    assert.deepStrictEqual(filesOf({ downwardAPI: { items } }, metadata), [
      ["all", "644", "Capacity"],
      ["cpu", "644", "1"],
      ["label", "644", "web"],
      ["labels", "644", 'app="shop"\ntier="web"'],
      ["memory", "644", "102400"],
      ["name", "644", "shop"],
      ["notes", "644", String.raw`note="a \"b\"\n"`],
      ["ns", "644", "default"],
      ["uid", "644", "Field"]
    ])
    const one = (item: object) => tagsOf({ downwardAPI: { items: [item] } })
    assert.deepStrictEqual(one(field("ip", "status.podIP")), ["FileFieldInvalid"])
    assert.deepStrictEqual(one(field("node", "spec.nodeName")), ["FileFieldInvalid"])
    assert.deepStrictEqual(one({ path: "x" }), ["FileSourceInvalid"])
    assert.deepStrictEqual(one(resource("x", { containerName: "", resource: "limits.cpu" })), ["ResourceFieldInvalid"])
    assert.deepStrictEqual(one(resource("x", { containerName: "nobody", resource: "limits.cpu" })), [
      "ResourceFieldInvalid"
    ])
  })

  it("come from several sources, the later of two at one path counting, unless both name it", () => {
    const sources = [
      { configMap: { name: "config", items: [{ key: "a", path: "key" }] } },
      { secret: { name: "tls" } },
      { secret: { name: "managed" } },
      { downwardAPI: { items: [{ path: "pod/name", fieldRef: { fieldPath: "metadata.name" } }] } }
    ]
    assert.deepStrictEqual(filesOf({ projected: { sources, defaultMode: 0o400 } }), [
      ["key", "400", "hunter2"],
      ["latest", "400", "managed@latest"],
      ["pod/name", "400", "shop"]
    ])
    const twice = [sources[0], { secret: { name: "tls", items: [{ key: "key", path: "key" }] } }]
    assert.deepStrictEqual(tagsOf({ projected: { sources: twice } }), ["FilePathTaken"])
    assert.deepStrictEqual(tagsOf({ projected: { sources: [{}] } }), ["FileSourceInvalid"])
    const token = [{ serviceAccountToken: { path: "token" } }]
    assert.deepStrictEqual(tagsOf({ projected: { sources: token } }), ["KeyRefused"])
    const nothing = [{ serviceAccountToken: null }]
    assert.deepStrictEqual(tagsOf({ projected: { sources: nothing } }), ["FileSourceInvalid"])
  })

  it("have paths in the volume alone, and no file is a directory", () => {
    const at = (path: string) => tagsOf({ configMap: { name: "config", items: [{ key: "a", path }] } })
    for (const path of ["/a", "..", "../a", "a/../b", "..data", ".", `${"x".repeat(256)}`, "a/".repeat(2000) + "a"]) {
      assert.deepStrictEqual(at(path), ["FilePathInvalid"], path)
    }
    for (const path of ["a", ".a", "a/..b", "a b", "größe"]) assert.deepStrictEqual(at(path), [], path)
    const items = [
      { key: "a", path: "a/b/c" },
      { key: "b.txt", path: "a" }
    ]
    assert.deepStrictEqual(tagsOf({ configMap: { name: "config", items } }), ["FilePathTaken"])
  })

  it("have modes from 0 to 0777: 644 is not meant", () => {
    for (const defaultMode of [-1, 512, 644, 777]) {
      assert.deepStrictEqual(tagsOf({ configMap: { name: "config", defaultMode } }), ["FileModeInvalid"])
    }
    const [volume] = Result.getOrThrow(withMode("0400")).workload.volumes
    assert.deepInclude(volume, { _tag: "Files" })
    assert(volume?._tag === "Files")
    assert.deepStrictEqual(
      volume.files.map(({ mode }) => mode),
      [0o400]
    )
  })

  it("or are told what they are, from where to where they may be, and what to write", () => {
    const said = (mode: string) =>
      Result.getOrThrow(Result.flip(withMode(mode))).problems.map(({ message, advice }) => `${message}. ${advice}`)
    const outside = (found: string) => `a mode of the volume "v" is ${found}, and not from 0 to 511 (0777 in octal)`
    const octal = (meant: string, decimal: number) =>
      `Write it in octal, with a zero before it, as in ${meant}. In JSON there is no octal: ${decimal} is ${meant}.`
    const bits = "without setuid, setgid and sticky bit: Kubernetes refuses these too."
    assert.deepStrictEqual(said("01777"), [`${outside("1023 (01777 in octal)")}. Write 0777, ${bits}`])
    assert.deepStrictEqual(said("0o4755"), [`${outside("2541 (04755 in octal)")}. Write 0755, ${bits}`])
    assert.deepStrictEqual(said("-1"), [`${outside("-1")}. ${octal("0644", 420)}`])
    assert.deepStrictEqual(said("755"), [`${outside("755 (01363 in octal)")}. ${octal("0755", 493)}`])
    assert.deepStrictEqual(said("800"), [`${outside("800 (01440 in octal)")}. ${octal("0644", 420)}`])
    for (const [written, found] of [
      ['"0644"', "quoted text"],
      ["rw-r--r--", "text"],
      ["0.5", "a fraction"]
    ] as const) {
      assert.deepStrictEqual(said(written), [
        `spec.volumes[0].configMap.defaultMode must be a whole number, not ${found}. Write a number from 0 to 0777 without quotes, as in 0644. In JSON there is no octal: there it is 0 to 511, and 420 is 0644.`
      ])
    }
  })
})

const withMode = (mode: string) =>
  decodeDeclaration({
    file: "pod.yaml",
    text: [
      "spec:",
      "  containers: [{image: nginx, volumeMounts: [{name: v, mountPath: /v}]}]",
      `  volumes: [{name: v, configMap: {name: config, defaultMode: ${mode}}}]`,
      "---",
      "kind: ConfigMap",
      "metadata: {name: config}",
      "data: {a: x}"
    ].join("\n")
  })

describe("what is a cluster's own", () => {
  it("is told as that where a Pod that was copied from one names it", () => {
    const sources = [{ configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } }]
    const { problems } = Result.getOrThrow(Result.flip(decode({ projected: { sources } })))
    assert.lengthOf(problems, 1)
    assert.strictEqual(problems[0].message, 'the ConfigMap "kube-root-ca.crt" is not in the text')
    assert.match(problems[0].advice, /^A cluster puts it beside each Pod.*Remove the volume.*`serviceAccountToken`/)
  })
})

const Name = Arbitrary.schema(Schema.Literals(["", ".", "..", "a", "b", "..c", "a.new"]))

describe("whatever paths items have", () => {
  it.prop(
    "those that are taken lie in the volume, each once, and none is above another",
    [Arbitrary.array(Arbitrary.array(Name, { minLength: 1, maxLength: 4 }), { maxLength: 6 })],
    ([drawn]) => {
      const refused: Array<string> = []
      const check = {
        slip: (_: unknown, { name }: { readonly name: string }) => void refused.push(name),
        quote: String
      }
      const paths = new FilePaths("v", false, check as never)
      const data = Redacted.make(new Uint8Array())
      for (const names of drawn) paths.add({ path: names.join("/"), mode: 0o644, data }, {} as never)
      const files = paths.files.map(({ path }) => path)
      assert.deepStrictEqual(files, [...new Set(files)].toSorted())
      for (const path of files) {
        const names = path.split("/")
        assert.isFalse(names.some((name) => name === "" || name === "." || name === ".."))
        assert.isFalse(path.startsWith(".."))
        for (const other of files) assert.isFalse(other.startsWith(`${path}/`), `${other} is below ${path}`)
      }
      assert.isTrue(files.length + refused.length <= drawn.length)
    },
    { arbitrary: { runs: 200, seed: 1 } }
  )
})
