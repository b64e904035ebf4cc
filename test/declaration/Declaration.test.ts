import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decodeDeclaration } from "../../src/declaration/Declaration.ts"
import {
  DeclarationInvalid,
  renderDeclarationInvalid,
  renderProblem
} from "../../src/declaration/DeclarationInvalid.ts"
import { expected, fixtures, outcome } from "./Fixtures.ts"

const decode = (text: string | Uint8Array) => decodeDeclaration({ file: "declaration.yaml", text })

const valid = (text: string) => Result.getOrThrow(decode(text))

const invalid = (text: string | Uint8Array) => Result.getOrThrow(Result.flip(decode(text)))

/** The problems' tags and places. */
const places = (text: string) => invalid(text).problems.map(({ _tag, line, column }) => `${_tag} ${line}:${column}`)

const only = (text: string | Uint8Array) => {
  const { problems } = invalid(text)
  assert.lengthOf(problems, 1)
  return problems[0]
}

const warnings = (text: string) => valid(text).warnings.map(({ _tag, line, column }) => `${_tag} ${line}:${column}`)

/** A container with more lines, which begin at line 4. */
const container = (...lines: ReadonlyArray<string>) =>
  ["spec:", "  containers:", "  - image: nginx", ...lines.map((line) => `    ${line}`)].join("\n")

/** A container and its volume, whose lines begin at line 7. */
const volume = (...lines: ReadonlyArray<string>) =>
  [container("volumeMounts:", "- {name: v, mountPath: /v}"), "  volumes:", ...lines.map((line) => `  ${line}`)].join(
    "\n"
  )

describe("decodeDeclaration", () => {
  it("takes however many lines in brackets that are not indented, and still no depth without end", () => {
    const entries = Array.from({ length: 400 }, (_, index) => `{name: N${index}, value: x}`).join(",\n")
    const flow = (env: string) => `spec: {containers: [{image: nginx, env: [\n${env}\n]}]}\n`
    assert.lengthOf(valid(flow(entries)).workload.containers[0].env, 400)
    assert.deepInclude(only(flow(`${entries},\n${"[".repeat(200)}`)), { why: "TooDeep", line: 402 })
    assert.deepInclude(only(flow(`${entries},\n{name: ]`)), { _tag: "SyntaxInvalid", line: 402 })
  })

  for (const dialect of ["konlet", "slipway"] as const) {
    for (const fixture of fixtures) {
      it(`reads ${fixture.file}, by the rules of ${dialect}`, () => {
        assert.deepEqual(outcome(fixture, dialect), expected(fixture, dialect))
      })
    }
  }

  it("refuses in either dialect what is named so, and nothing else in konlet's", () => {
    for (const fixture of fixtures) {
      const isRefused = fixture.file.startsWith("refused-")
      assert.strictEqual(
        Result.isFailure(decodeDeclaration({ ...fixture, dialect: "konlet" })),
        isRefused,
        fixture.file
      )
      if (isRefused) assert.isTrue(Result.isFailure(decodeDeclaration(fixture)), fixture.file)
    }
  })

  it("never quotes what the fixtures keep secret", () => {
    const secretive = fixtures.filter(({ text }) => text.includes("hunter2"))
    assert.isAtLeast(secretive.length, 7)
    for (const fixture of secretive) {
      for (const dialect of ["konlet", "slipway"] as const) {
        const { workload: _, ...said } = outcome(fixture, dialect)
        assert.notMatch(JSON.stringify(said), /hunter[23]/)
      }
    }
  })

  describe("problems", () => {
    it("InvalidRestartPolicy names the policy and what was probably meant", () => {
      const suggestions = ["always", "Allways", "on-failure", "onfailure", "no", "Nevr", "unless-stopped"].map(
        (policy) => {
          const problem = only(`${container()}\n  restartPolicy: ${policy}`)
          assert.strictEqual(problem._tag, "InvalidRestartPolicy")
          return problem._tag === "InvalidRestartPolicy" && problem.policy === policy ? problem.suggestion : undefined
        }
      )
      assert.deepEqual(suggestions, ["Always", "Always", "OnFailure", "OnFailure", "Never", "Never", "Always"])
    })

    it("InvalidRestartPolicy for a quoted empty text, but not for nothing", () => {
      assert.deepEqual(places(`${container()}\n  restartPolicy: ""`), ["InvalidRestartPolicy 4:18"])
      assert.strictEqual(valid(`${container()}\n  restartPolicy:`).workload.containers[0].restartPolicy, "Always")
    })

    it("VolumeBindingMissing names the container and the volume", () => {
      const problem = only(container("name: app", "volumeMounts:", "- name: gone", "  mountPath: /gone"))
      assert.deepInclude(problem, {
        _tag: "VolumeBindingMissing",
        container: "app",
        volume: "gone",
        line: 6,
        column: 13
      })
    })

    it("an empty text is said to be empty", () => {
      for (const text of ["", " \n", "---\n# nothing\n"]) {
        assert.deepInclude(only(text), { _tag: "DeclarationRefused", why: "Empty", line: 1, column: 1 })
      }
    })

    it("ContainerCountInvalid counts", () => {
      for (const [count, text] of [
        [0, "spec: {}"],
        [0, "spec: {containers: null}"],
        [0, "spec: {containers: []}"]
      ] as const) {
        assert.deepInclude(only(text), { _tag: "ContainerCountInvalid", count })
      }
    })

    it("VolumeSourceInvalid lists the sources", () => {
      assert.deepInclude(only(volume("- name: v")), { _tag: "VolumeSourceInvalid", sources: [], line: 7, column: 11 })
      const two = only(volume("- {name: v, emptyDir: {medium: Memory}, gcePersistentDisk: {pdName: d}}"))
      assert.deepInclude(two, { _tag: "VolumeSourceInvalid", sources: ["gcePersistentDisk", "emptyDir"] })
    })

    it("a volume's contents", () => {
      const problems = [
        "- {name: v, emptyDir: {medium: memory}}",
        "- {name: v, emptyDir: {medium: HugePages}}",
        "- {name: v, gcePersistentDisk: {pdName: d, fsType: ntfs}}",
        "- {name: v, gcePersistentDisk: {pdName: a/b}}",
        "- {name: v, gcePersistentDisk: {pdName: ..}}",
        "- {name: v, gcePersistentDisk: {}}",
        "- {name: v, gcePersistentDisk: {pdName: d, partition: -1}}",
        "- {name: v, hostPath: {path: data}}",
        "- {name: v, hostPath: {}}"
      ].map((line) => only(volume(line))._tag)
      assert.deepEqual(problems, [
        "MediumUnsupported",
        "MediumUnsupported",
        "FilesystemUnsupported",
        "DiskNameInvalid",
        "DiskNameInvalid",
        "DiskNameInvalid",
        "DiskPartitionInvalid",
        "HostPathNotAbsolute",
        "HostPathNotAbsolute"
      ])
    })

    it("a disk is ext4 or xfs, in lower case", () => {
      const disk = (fields: string) => decode(volume(`- {name: v, gcePersistentDisk: {pdName: d${fields}}}`))
      const filesystems = ["", ", fsType: ext4", ", fsType: xfs"].map((fields) =>
        Result.map(disk(fields), ({ workload }) => workload.volumes)
      )
      const expected = { _tag: "Disk", name: "v", deviceName: "d", partition: 0 } as const
      assert.deepEqual(filesystems, [
        Result.succeed([expected]),
        Result.succeed([{ ...expected, filesystem: "ext4" }]),
        Result.succeed([{ ...expected, filesystem: "xfs" }])
      ])
      assert.include(only(volume("- {name: v, gcePersistentDisk: {pdName: d, fsType: XFS}}")).advice, '"xfs"')
    })

    it("a disk's readOnly is every mount's, but for konlet, which ignored it", () => {
      const text = volume("- {name: v, gcePersistentDisk: {pdName: d, readOnly: true}}")
      const read = (dialect: "konlet" | "slipway") =>
        Result.map(decodeDeclaration({ file: "declaration.yaml", text, dialect }), ({ workload, warnings }) => [
          workload.containers[0].mounts.map(({ readOnly }) => readOnly),
          warnings.map(({ _tag }) => _tag)
        ])
      assert.deepEqual(read("slipway"), Result.succeed([[true], []]))
      assert.deepEqual(read("konlet"), Result.succeed([[false], ["DiskReadOnlyIgnored"]]))
    })

    it("a partition is a number without a fraction, and not quoted", () => {
      const partition = (text: string) =>
        decode(volume(`- {name: v, gcePersistentDisk: {pdName: d, partition: ${text}}}`)).pipe(
          Result.map(({ workload }) => workload.volumes),
          Result.mapError(({ problems }) => problems.map(({ _tag }) => _tag))
        )
      for (const [text, number] of Object.entries({
        "2": 2,
        "010": 8,
        "0x10": 16,
        "1e0": 1,
        null: 0,
        '!!int "3"': 3
      })) {
        const disk = { _tag: "Disk", name: "v", deviceName: "d", partition: number } as const
        assert.deepEqual(partition(text), Result.succeed([disk]))
      }
      for (const text of ['"1"', "1.5", "one", "[1]"]) {
        assert.deepEqual(partition(text), Result.fail(["ValueTypeInvalid"]))
      }
    })

    it("names of in-memory volumes become directories", () => {
      const named = (name: string) =>
        `${container("volumeMounts:", `- {name: ${name}, mountPath: /v}`)}\n  volumes: [{name: ${name}, emptyDir: {medium: Memory}}]`
      for (const name of ["a/b", "..", ".", '""', "n".repeat(256)]) {
        assert.strictEqual(only(named(name))._tag, "VolumeNameInvalid")
      }
      assert.strictEqual(valid(named("n".repeat(255))).workload.volumes.length, 1)
    })

    it("two volumes of one name, or on one disk", () => {
      const names = only(volume("- {name: v, hostPath: {path: /a}}", "- {name: v, hostPath: {path: /b}}"))
      assert.deepInclude(names, { _tag: "VolumeNameDuplicate", volume: "v", line: 8, firstLine: 7 })
      const disks = only(
        [
          container("volumeMounts:", "- {name: a, mountPath: /a}", "- {name: b, mountPath: /b}"),
          "  volumes:",
          "  - {name: a, gcePersistentDisk: {pdName: d}}",
          "  - {name: b, gcePersistentDisk: {pdName: d, partition: 1}}"
        ].join("\n")
      )
      assert.deepInclude(disks, { _tag: "DiskDeclaredTwice", volume: "b", pdName: "d", line: 9, firstLine: 8 })
    })

    it("a disk that is also an unused volume's is not declared twice", () => {
      const text = volume("- {name: v, gcePersistentDisk: {pdName: d}}", "- {name: w, gcePersistentDisk: {pdName: d}}")
      assert.deepEqual(warnings(text), ["VolumeUnused 8:12"])
    })

    it("mount paths that the engine would refuse", () => {
      const tags = (...paths: ReadonlyArray<string>) =>
        places(
          [
            container("volumeMounts:", ...paths.map((path) => `- {name: v, mountPath: ${path}}`)),
            "  volumes: [{name: v, hostPath: {path: /v}}]"
          ].join("\n")
        )
      assert.deepEqual(tags("data"), ["MountPathNotAbsolute 5:28"])
      assert.deepEqual(tags(""), ["MountPathNotAbsolute 5:28"])
      assert.deepEqual(tags("/.."), ["MountPathIsRoot 5:28"])
      assert.deepEqual(tags("/a", "/a/b", "//a/./b/../b/", "/a/"), [
        "MountPathDuplicate 7:28",
        "MountPathDuplicate 8:28"
      ])
    })

    it("images and names that the engine would refuse", () => {
      assert.deepEqual(places("spec: {containers: [{name: a}]}"), ["ImageMissing 1:21"])
      assert.deepEqual(places("spec: {containers: [{image: ''}]}"), ["ImageMissing 1:29"])
      assert.deepInclude(only("spec: {containers: [{image: 'docker://Nginx '}]}"), {
        _tag: "ImageReferenceInvalid",
        image: "docker://Nginx…"
      })
      assert.deepInclude(only("spec: {containers: [{image: Nginx}]}"), { suggestion: "nginx" })
      assert.deepEqual(places(container("name: a/b")), ["ContainerNameInvalid 4:11"])
    })

    it("environment names are never quoted: a value may stand in them", () => {
      const problem = only(container("env:", "- {name: TOKEN=hunter2}"))
      assert.deepInclude(problem, {
        _tag: "EnvironmentNameInvalid",
        path: "spec.containers[0].env[0]",
        found: "equals sign"
      })
      assert.notInclude(JSON.stringify(problem) + renderProblem(problem), "hunter2")
    })

    it("ValueTypeInvalid says what is expected and what was found", () => {
      const cases: ReadonlyArray<readonly [text: string, expected: string, found: string]> = [
        [container("args: --all"), "a list", "text"],
        [container("args: {a: b}"), "a list", "a mapping"],
        [container("env: {A: b}"), "a list", "a mapping"],
        [container("tty: 'true'"), "a boolean", "quoted text"],
        [container("tty: 1"), "a boolean", "a number"],
        [container("tty: !!str yes"), "a boolean", "text"],
        [container("securityContext: []"), "a mapping", "a list"],
        [container("name: {{ name }}"), "text", "a mapping"],
        [container("env: [{name: A, value: [b]}]"), "text", "a list"],
        ["spec: [{containers: []}]", "a mapping", "a list"],
        ["- spec", "a mapping", "a list"],
        [container("? [a, b]", ": c"), "a key", "a list"]
      ]
      for (const [text, expected, found] of cases) {
        const problem = only(text)
        assert.deepEqual(problem._tag === "ValueTypeInvalid" && [problem.expected, problem.found], [expected, found])
      }
    })

    it("escapes cannot put a NUL into a value", () => {
      assert.deepEqual(places(container('args: ["a\\0b"]')), ["CharacterNotAllowed 4:12"])
      assert.deepEqual(places(container('args: ["\\ud800"]')), ["CharacterNotAllowed 4:12"])
    })

    it("one mistake makes one problem", () => {
      assert.deepEqual(places(`${container("volumeMounts:", "- {name: v, mountPath: /v}")}\n  volumes: v`), [
        "ValueTypeInvalid 6:12"
      ])
      assert.deepEqual(places("spec: {containers: nginx}"), ["ValueTypeInvalid 1:20"])
      assert.deepEqual(places("spec: {containers: [nginx]}"), ["ValueTypeInvalid 1:21"])
      assert.deepEqual(places("spec: nginx"), ["ValueTypeInvalid 1:7"])
      assert.deepEqual(places(volume("- {name: [v], hostPath: {path: /v}}")), ["ValueTypeInvalid 7:12"])
      assert.deepEqual(places(volume("- v")), ["ValueTypeInvalid 7:5"])
      assert.deepEqual(places(volume("- {name: v, hostPath: /v}")), ["ValueTypeInvalid 7:25"])
    })

    it("all are found, in the order of the text", () => {
      const text = [
        "spec:",
        "  restartPolicy: Sometimes",
        "  volumes: [{name: v, emptyDir: {medium: Disk}}]",
        "  containers:",
        "  - volumeMounts: [{name: v, mountPath: v}]",
        "    tty: 'no'",
        "    image: NGINX"
      ].join("\n")
      assert.deepEqual(places(text), [
        "InvalidRestartPolicy 2:18",
        "MediumUnsupported 3:42",
        "MountPathNotAbsolute 5:41",
        "ValueTypeInvalid 6:10",
        "ImageReferenceInvalid 7:12"
      ])
    })

    it("lists a hundred and counts the others", () => {
      const text = container("args:", ...Array.from({ length: 1234 }, () => "- []"))
      const failure = invalid(text)
      assert.deepEqual([failure.problems.length, failure.omitted], [100, 1134])
      assert.match(renderDeclarationInvalid(failure), /\n… and 1134 more problems$/)
    })
  })

  it("a failure travels as data, with the messages' facts", () => {
    const failure = invalid(container("tty: 'no'", "image: NGINX", "healthcheck: {}"))
    const codec = Schema.toCodecJson(DeclarationInvalid)
    const data = JSON.parse(JSON.stringify(Schema.encodeUnknownSync(codec)(failure)))
    const copy = Schema.decodeUnknownSync(codec)(data)
    assert.strictEqual(renderDeclarationInvalid(copy), renderDeclarationInvalid(failure))
    assert.deepEqual(
      copy.warnings.map(({ _tag }) => _tag),
      ["KeyDuplicate", "KeyUnsupported"]
    )
  })

  describe("merges and aliases", () => {
    const env = (text: string) => valid(text).workload.containers[0]

    it("a merge counts where it stands: keys after it win, keys before it lose", () => {
      const merged = (...lines: ReadonlyArray<string>) =>
        env([`x-base: &base {image: base, tty: yes}`, container(...lines)].join("\n")).image.text
      assert.deepEqual([merged("<<: *base"), merged("<<: *base", "image: mine")], ["base", "mine"])
    })

    it("of several sources the first wins, and what they set inside mappings is merged too", () => {
      const text = [
        "x-a: &a {image: a, securityContext: {privileged: yes}}",
        "x-b: &b {image: b, securityContext: {}, stdin: yes}",
        "spec: {containers: [{<<: [*a, *b]}]}"
      ].join("\n")
      const { image, privileged, stdin } = env(text)
      assert.deepEqual([image.text, privileged, stdin], ["a", true, true])
    })

    it("only mappings can be merged", () => {
      assert.deepEqual(places(container("<<: [a]")), ["ValueTypeInvalid 4:10"])
      assert.deepEqual(places("x-a: &a [b]\nspec: {containers: [{image: a, <<: *a}]}"), ["ValueTypeInvalid 2:36"])
    })

    it("what an alias brings in is placed where the alias stands", () => {
      assert.deepEqual(places("x-a: &a no\nspec: {restartPolicy: *a, containers: [{image: a}]}"), [
        "InvalidRestartPolicy 2:23"
      ])
    })

    it("an alias stands for the last anchor of its name before it", () => {
      const { args } = env("x-a: [&a one, &a two]\nspec: {containers: [{image: a, args: [*a, &a three, *a]}]}")
      assert.deepEqual(args, ["two", "three", "three"])
    })
  })

  describe("warnings", () => {
    it("unknown keys, and those that only others have", () => {
      const { warnings } = valid(container("frobnicate: 1", "healthchek: /", "env: [{name: A, Hunter2: x}]"))
      assert.deepEqual(
        warnings.map((warning) => [warning._tag, "key" in warning ? warning.key : "", warning.advice]),
        [
          ["KeyUnknown", "frobnicate", "Remove it."],
          ["KeyUnsupported", "healthchek", 'Write a "readinessProbe", or set it in the image (HEALTHCHECK).'],
          ["KeyUnknown", "…", "Remove it."]
        ]
      )
      assert.notInclude(warnings.map(renderProblem).join("\n"), "Hunter2")
    })

    it("nothing is said about what every Pod begins with, nor about keys that hold anchors", () => {
      assert.deepEqual(warnings(`apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nx-env: &a []\n${container()}`), [])
    })

    it("duplicate keys: the last counts", () => {
      const { workload, warnings } = valid(container("tty: true", "tty: false", "name: a", "name: b"))
      assert.deepEqual([workload.containers[0].tty, workload.containers[0].name], [false, "b"])
      assert.deepEqual(
        warnings.map((warning) => warning._tag === "KeyDuplicate" && [warning.key, warning.line, warning.firstLine]),
        [
          ["tty", 5, 4],
          ["name", 7, 6]
        ]
      )
    })

    it("a command line in one word, whose words are not quoted", () => {
      const { warnings } = valid(container("command: ['run --token hunter2']"))
      assert.deepInclude(warnings[0], { _tag: "CommandContainsWhiteSpace", words: 3, line: 4, column: 15 })
      assert.include(warnings[0]?.advice, "--container-arg")
      assert.notInclude(renderProblem(warnings[0]!), "hunter2")
      assert.deepEqual(valid(container("args: ['a b']")).warnings, [])
    })

    it("come with problems too", () => {
      assert.deepEqual(
        invalid(container("healthcheck: {}", "tty: 'no'")).warnings.map(({ _tag }) => _tag),
        ["KeyUnsupported"]
      )
    })
  })

  describe("excerpts", () => {
    it("mark the place", () => {
      assert.strictEqual(
        renderProblem(only(`${container()}\n  restartPolicy: Sometimes # why not`)),
        [
          'declaration.yaml:4:18: error: "Sometimes" is not a restart policy',
          "  4 |   restartPolicy: Sometimes",
          "    |                  ^^^^^^^^^",
          "  Write Always, OnFailure or Never; the default is Always."
        ].join("\n")
      )
    })

    it("shorten long lines around the place", () => {
      const image = "x".repeat(60)
      const problem = only(`spec: {containers: [{image: ${image}, name: ${image}, args: {}, env: [{name: ${image}}]}]}`)
      const [line = "", carets = ""] = problem.excerpt.split("\n")
      assert.isAtMost(line.length, 106)
      assert.strictEqual(carets.indexOf("^"), line.indexOf("{}"))
    })

    it("show no text where its structure is unknown", () => {
      const problem = only(container("env:", "- {name: A, value: hunter2", "tty: true"))
      assert.strictEqual(problem._tag, "SyntaxInvalid")
      assert.notInclude(renderProblem(problem), "hunter2")
      assert.strictEqual(only(container("args: hunter2: hunter2")).excerpt.split("\n")[0], "4 |     args: …")
    })

    it("hide a value that is a secret elsewhere", () => {
      const text = "x: &x Hunter2\nspec: {restartPolicy: *x, containers: [{image: nginx, env: [{name: A, value: *x}]}]}"
      assert.notInclude(renderDeclarationInvalid(invalid(text)), "Hunter2")
    })
  })
})
