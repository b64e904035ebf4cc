import { posix } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decodeDeclaration } from "../../../src/declaration/Declaration.ts"
import { renderProblem } from "../../../src/declaration/DeclarationInvalid.ts"
import { maximumSize } from "../../../src/declaration/yaml/readText.ts"
import { parseRepositoryPrefix } from "../../../src/workload/ImageReference.ts"
import { type Policy } from "../../../src/declaration/policy/Policy.ts"
import { decodePolicy } from "../../../src/declaration/policy/decodePolicy.ts"
import { policyKeys } from "../../../src/declaration/policy/PolicySchema.ts"
import { fixtures } from "../Fixtures.ts"
import { mutate } from "../Mutation.ts"

const file = "host.yaml"
const decode = (text: string | Uint8Array) => decodePolicy({ file, text })
const valid = (text: string) => Result.getOrThrow(decode(text))
const problems = (text: string | Uint8Array) => Result.getOrThrow(Result.flip(decode(text))).problems
const places = (text: string | Uint8Array) =>
  problems(text).map(({ _tag, line, column }) => `${_tag} ${line}:${column}`)

const everything: Policy = { file }

interface Asked {
  readonly image?: string
  readonly hostPath?: string
  readonly privileged?: boolean
}

/** JSON, so that no character needs a thought. */
const declaring = ({ image = "nginx", hostPath, privileged }: Asked) =>
  JSON.stringify({
    spec: {
      containers: [
        {
          image,
          ...(privileged === undefined ? {} : { securityContext: { privileged } }),
          ...(hostPath === undefined ? {} : { volumeMounts: [{ name: "v", mountPath: "/v" }] })
        }
      ],
      ...(hostPath === undefined ? {} : { volumes: [{ name: "v", hostPath: { path: hostPath } }] })
    }
  })

const judge = (text: string, policy: Partial<Policy>) =>
  decodeDeclaration({ file: "web.yaml", text }, { ...everything, ...policy })
const allows = (asked: Asked, policy: Partial<Policy>) => Result.isSuccess(judge(declaring(asked), policy))
const violations = (text: string, policy: Partial<Policy>) =>
  Result.getOrThrow(Result.flip(judge(text, policy))).problems

describe("decodePolicy", () => {
  it("reads YAML and JSON", () => {
    const policy = {
      file,
      privileged: false,
      hostPaths: ["/var/lib/app", "/"],
      registries: ["gcr.io", "docker.io/a/b/"]
    }
    assert.deepStrictEqual(
      valid("privileged: no\nhostPaths:\n- /var/lib/app\n- /\nregistries: [gcr.io, docker.io/a/b/] # all\n"),
      policy
    )
    const { file: _, ...json } = policy
    assert.deepStrictEqual(valid(JSON.stringify(json)), policy)
  })

  it("what is left out is allowed, an empty list allows nothing", () => {
    assert.deepStrictEqual(valid("{}"), everything)
    assert.deepStrictEqual(valid("hostPaths: []\nregistries: []"), { ...everything, hostPaths: [], registries: [] })
  })

  it("an alias stands for its value", () => {
    const { hostPaths } = valid("hostPaths: [&a /srv, *a]")
    assert.deepStrictEqual(hostPaths, ["/srv", "/srv"])
  })

  it("whatever else might open the host is a problem, in its place", () => {
    const cases: ReadonlyArray<readonly [text: string, ...places: ReadonlyArray<string>]> = [
      ["", "PolicyRefused 1:1"],
      ["# privileged: false\n", "PolicyRefused 1:1"],
      ["~", "PolicyRefused 1:1"],
      ["false", "ValueTypeInvalid 1:1"],
      ["- privileged: false", "ValueTypeInvalid 1:1"],
      ["privilegd: false", "PolicyKeyUnknown 1:1"],
      ["Privileged: false", "PolicyKeyUnknown 1:1"],
      [
        "kind: Policy\nmetadata: {}\nx-rules: []",
        "PolicyKeyUnknown 1:1",
        "PolicyKeyUnknown 2:1",
        "PolicyKeyUnknown 3:1"
      ],
      ["privileged:", "ValueTypeInvalid 1:12"],
      ["{privileged}", "ValueTypeInvalid 1:12"],
      ['privileged: "false"', "ValueTypeInvalid 1:13"],
      ["privileged: 0", "ValueTypeInvalid 1:13"],
      ["privileged: !no false", "ValueTypeInvalid 1:17"],
      ["privileged: false\nprivileged: true", "PolicyKeyDuplicate 2:1"],
      ["privileged: false\n<<: {privileged: true}", "PolicyKeyUnknown 2:1"],
      ["? [a]\n: b", "ValueTypeInvalid 1:3"],
      ["hostPaths:", "ValueTypeInvalid 1:11"],
      ["hostPaths: /srv", "ValueTypeInvalid 1:12"],
      ["hostPaths: {/srv: }", "ValueTypeInvalid 1:12"],
      ["hostPaths: ['', srv, /a/../b, /srv/*]", ...[13, 17, 22, 31].map((column) => `PolicyPathInvalid 1:${column}`)],
      ["hostPaths: [~, 5, yes, [/a]]", ...[13, 16, 19, 24].map((column) => `ValueTypeInvalid 1:${column}`)],
      ["hostPaths: [!!binary L2V0Yw==]", "ValueTypeInvalid 1:22"],
      ['hostPaths: ["/a\\0b"]', "CharacterNotAllowed 1:13"],
      ["registries:", "ValueTypeInvalid 1:12"],
      ["registries: ['', library, 'gcr.io/*']", ...[14, 18, 27].map((column) => `PolicyRegistryInvalid 1:${column}`)],
      ["privileged: false\n---\nprivileged: true", "PolicyDocumentSecond 2:1"],
      ["privileged: false\n  hostPaths: []", "SyntaxInvalid 1:13"]
    ]
    for (const [text, ...expected] of cases) assert.deepStrictEqual(places(text), expected, text)
  })

  it("what cannot be read at all is refused for what it is", () => {
    const why = (text: string | Uint8Array) =>
      problems(text).map((problem) => problem._tag === "PolicyRefused" && problem.why)
    assert.deepStrictEqual(why("#".repeat(maximumSize + 1)), ["TooLarge"])
    assert.deepStrictEqual(why("[".repeat(1000)), ["TooDeep"])
    assert.deepStrictEqual(why(Uint8Array.of(0x70, 0xff)), ["NotUtf8"])
    assert.deepStrictEqual(why("privileged: \u0001"), ["ControlCharacter"])
  })

  it("tells the nearest key, and all problems at once", () => {
    const found = problems("privileged: maybe\nhostPath: []\nimages: []\nhostPaths: [srv]\n")
    assert.deepStrictEqual(
      found.map((problem) => renderProblem(problem).split("\n")),
      [
        [
          "host.yaml:1:13: error: privileged must be a boolean, not text",
          "  1 | privileged: maybe",
          "    |             ^^^^^",
          "  Write true or false."
        ],
        [
          'host.yaml:2:1: error: a policy has no key "hostPath"',
          "  2 | hostPath: []",
          "    | ^^^^^^^^",
          '  Did you mean "hostPaths"?'
        ],
        [
          'host.yaml:3:1: error: a policy has no key "images"',
          "  3 | images: []",
          "    | ^^^^^^",
          `  Its keys are ${policyKeys.join(", ")}.`
        ],
        [
          'host.yaml:4:13: error: hostPaths[0] is not an absolute path without ".." and wildcards',
          "  4 | hostPaths: [srv]",
          "    |             ^^^",
          '  Write the directory itself, beginning with "/": what is below it is allowed with it.'
        ]
      ]
    )
  })

  it("lists a hundred problems and counts the rest", () => {
    const invalid = Result.getOrThrow(Result.flip(decode(`hostPaths: [${"a,".repeat(105)}]`)))
    assert.lengthOf(invalid.problems, 100)
    assert.match(invalid.message, /\n… and 5 more problems$/)
  })

  it("shows nothing of a file that is no policy", () => {
    for (const text of [
      "ya29.hunter2",
      "TOKEN=hunter2",
      "hunter2: x: y",
      "- hunter2",
      "Token hunter2: a",
      "'hunter2"
    ]) {
      assert.notInclude(problems(text).map(renderProblem).join("\n"), "hunter2", text)
    }
  })

  it.prop(
    "takes no key but its own",
    [Arbitrary.schema(Schema.String.check(Schema.isPattern(/^[A-Za-z-]{1,14}$/)))],
    ([key]) => {
      const isKnown = policyKeys.some((known) => known === key)
      if (!isKnown) assert.include(places(`${JSON.stringify(key)}: []`), "PolicyKeyUnknown 1:1")
    }
  )

  it("a declaration is no policy, and no slip of an editor makes one throw", () => {
    const policy = "privileged: false\nhostPaths: [/srv]\nregistries:\n- gcr.io\n- docker.io/library\n"
    for (const { text } of fixtures) assert.isTrue(Result.isFailure(decode(text)))
    for (let seed = 0; seed < 2000; seed++) {
      const decoded = decode(mutate(policy, seed))
      if (Result.isFailure(decoded)) assert.isNotEmpty(decoded.failure.message)
      else for (const path of decoded.success.hostPaths ?? []) assert.match(path, /^\//)
    }
  })
})

describe("a policy", () => {
  it("is told with every other problem of a declaration, each in its place", () => {
    const text = [
      "spec:",
      "  containers:",
      "  - name: web",
      "    image: nginx",
      "    securityContext: {privileged: yes}",
      "    volumeMounts: [{name: v, mountPath: /v}]",
      "  volumes:",
      "  - name: v",
      "    hostPath: {path: /srv/../etc}",
      "  - name: unused",
      "    hostPath: {path: /etc}",
      "  restartPolicy: Allways"
    ].join("\n")
    const found = violations(text, { privileged: false, hostPaths: ["/srv"], registries: ["gcr.io", "docker.io/team"] })
    assert.deepStrictEqual(
      found.map(({ _tag, line, column, message, advice }) => [`${_tag} ${line}:${column}`, message, advice]),
      [
        [
          "ImageNotAllowed 4:12",
          `the host's policy host.yaml does not allow the image "nginx" (docker.io/library/nginx)`,
          "Use an image from gcr.io or docker.io/team."
        ],
        [
          "PrivilegedNotAllowed 5:35",
          "the host's policy host.yaml does not allow a privileged container",
          'Remove "privileged", or write "privileged: false".'
        ],
        [
          "HostPathNotAllowed 9:22",
          `the host's policy host.yaml does not allow the hostPath "/srv/../etc" of the volume "v"`,
          "Use /srv, or a path below."
        ],
        [
          "HostPathNotAllowed 11:22",
          `the host's policy host.yaml does not allow the hostPath "/etc" of the volume "unused"`,
          "Use /srv, or a path below."
        ],
        ["InvalidRestartPolicy 12:18", '"Allways" is not a restart policy', 'Did you mean "Always"?']
      ]
    )
  })

  it("that allows none says so, and one with many does not list them all", () => {
    const advice = (policy: Partial<Policy>) =>
      violations(declaring({ hostPath: "/x" }), policy).map(({ advice }) => advice)
    assert.deepStrictEqual(advice({ hostPaths: [], registries: [] }), [
      "It allows no image at all.",
      "It allows none: use a gcePersistentDisk, or an emptyDir (with medium: Memory)."
    ])
    const hostPaths = ["/1", "/2", "/3", "/4", "/5", "/6"]
    assert.deepStrictEqual(advice({ hostPaths }), [
      "Use /1, /2, /3, /4, /5 or another of the policy's, or a path below."
    ])
  })

  it("that allows everything changes nothing", () => {
    for (const fixture of fixtures) {
      assert.deepStrictEqual(decodeDeclaration(fixture, valid("{}")), decodeDeclaration(fixture))
      assert.deepStrictEqual(
        decodeDeclaration(fixture, valid("privileged: true\nhostPaths: [/]")),
        decodeDeclaration(fixture)
      )
    }
  })

  it("against privileged containers does not mind others", () => {
    const policy = { privileged: false }
    assert.isFalse(allows({ privileged: true }, policy))
    assert.isTrue(allows({ privileged: false }, policy))
    assert.isTrue(allows({}, policy))
    const later = "spec: {containers: [{image: a, securityContext: {privileged: false, privileged: true}}]}"
    assert.lengthOf(violations(later, policy), 1)
    const merged = "x: &x {privileged: true}\nspec: {containers: [{image: a, securityContext: {<<: *x}}]}"
    assert.lengthOf(violations(merged, policy), 1)
  })

  it("does not mind disks and emptyDir", () => {
    const volume = (source: string) =>
      `spec: {containers: [{image: a, volumeMounts: [{name: v, mountPath: /v}]}], volumes: [{name: v, ${source}}]}`
    assert.isTrue(Result.isSuccess(judge(volume("gcePersistentDisk: {pdName: d}"), { hostPaths: [] })))
    assert.isTrue(Result.isSuccess(judge(volume("emptyDir: {medium: Memory}"), { hostPaths: [] })))
    assert.isFalse(Result.isSuccess(judge(volume("hostPath: {path: /d}"), { hostPaths: [] })))
  })

  it("host paths are allowed by whole components", () => {
    const hostPaths = ["/var/lib/app", "/etc/ssl//"]
    for (const hostPath of [
      "/var/lib/app",
      "/var/lib/app/",
      "//var/./lib/app/x",
      "/etc/ssl/../ssl",
      "/x/../etc/ssl/a:b"
    ]) {
      assert.isTrue(allows({ hostPath }, { hostPaths }), hostPath)
    }
    for (const hostPath of [
      "/",
      "/var/lib",
      "/var/lib/apple",
      "/var/lib/app/..",
      "/var/lib/app/../../etc",
      "/var/lib/app/../../../../etc/ssl2",
      "/VAR/LIB/APP",
      "/var/lib/app:/etc/..",
      "/var/lib/app /x"
    ]) {
      assert.isFalse(allows({ hostPath }, { hostPaths }), hostPath)
    }
    assert.isTrue(allows({ hostPath: "/etc/shadow" }, { hostPaths: ["/"] }))
    for (const prefix of ["", ".", "etc", "*"]) assert.isFalse(allows({ hostPath: "/etc" }, { hostPaths: [prefix] }))
  })

  it("images are allowed by whole components of their full name", () => {
    const digest = `@sha256:${"0".repeat(64)}`
    const registries = [
      "europe-docker.pkg.dev/project",
      "docker.io/library",
      "gcr.io",
      "localhost:5000",
      "docker.io/team/app"
    ]
    for (const image of [
      "nginx",
      "nginx:1",
      `nginx${digest}`,
      "library/nginx",
      "index.docker.io/nginx",
      "team/app:2",
      "gcr.io/a/b",
      "GCR.io/a/b",
      `gcr.io/a/b:1${digest}`,
      "europe-docker.pkg.dev/project/a/b",
      "localhost:5000/a"
    ]) {
      assert.isTrue(allows({ image }, { registries }), image)
    }
    for (const image of [
      "team/apple",
      "team/other",
      "gcr.io.evil.example/a",
      "eu.gcr.io/a",
      "gcr.io:5000/a",
      "gcr.io:443/a",
      "localhost/a",
      "localhost:50001/a",
      "quay.io/gcr.io/a",
      "gcr.io-evil/a",
      "LIBRARY/nginx",
      "quay.io/library/nginx",
      "europe-docker.pkg.dev/project2/a",
      "europe-docker.pkg.dev/a/project/b"
    ]) {
      assert.isFalse(allows({ image }, { registries }), image)
    }
    for (const prefix of ["", "library", "docker.io/*", "https://docker.io", "docker.io/library/nginx:1"]) {
      assert.isFalse(allows({ image: "nginx" }, { registries: [prefix] }), prefix)
    }
    assert.isTrue(allows({ image: "gcr.io/a" }, { registries: ["GCR.IO/"] }))
  })

  const part = Schema.Literals(["a", "b", "ab", ".", "..", "", "a b"])
  const anyPath = Arbitrary.map(
    Arbitrary.array(Arbitrary.schema(part), { maxLength: 6 }),
    (parts) => `/${parts.join("/")}`
  )

  it.prop(
    "lets through a host path only if the file system finds it below",
    [anyPath, anyPath],
    ([hostPath, prefix]) => {
      const relative = posix.relative(posix.normalize(prefix), posix.normalize(hostPath))
      assert.strictEqual(
        allows({ hostPath }, { hostPaths: [prefix] }),
        relative !== ".." && !relative.startsWith("../")
      )
    }
  )

  const domain = Arbitrary.schema(Schema.Literals(["", "gcr.io/", "GCR.IO/", "docker.io/", "gcr.io:80/", "localhost/"]))
  const component = Schema.Literals(["a", "ab", "library", "a-b"])
  const anyRepository = Arbitrary.map(
    Arbitrary.all({ domain, path: Arbitrary.array(Arbitrary.schema(component), { minLength: 1, maxLength: 3 }) }),
    ({ domain, path }) => domain + path.join("/")
  )
  const ending = Arbitrary.schema(Schema.Literals(["", ":1", `@sha256:${"a".repeat(64)}`]))

  it.prop(
    "lets through an image only if it is below",
    [anyRepository, ending, anyRepository],
    ([name, end, prefix]) => {
      const spelt = /^(gcr|GCR|docker\.io\/|localhost\/)/.test(name) ? name : `docker.io/${name}`
      const full = spelt.replace(/^docker\.io\/([^/]*)$/, "docker.io/library/$1").replace("GCR.IO", "gcr.io")
      const above = Result.getOrElse(parseRepositoryPrefix(prefix), () => "nowhere")
      const expected = `${full}/`.startsWith(`${above}/`)
      assert.strictEqual(allows({ image: name + end }, { registries: [prefix] }), expected, `${full} ${above}`)
    }
  )
})
