import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decodeDeclaration } from "../../src/declaration/Declaration.ts"
import { resolvedAlone } from "./check/Declared.ts"
import type { Dialect } from "../../src/workload/Dialect.ts"

const decode = (spec: unknown, dialect: Dialect = "slipway") =>
  decodeDeclaration({ file: "d.json", text: JSON.stringify({ spec }), dialect })

/** What is said of a container that has more than its image, its volumes beside it. */
const saidOf = (container: object, volumes: ReadonlyArray<object> = [], dialect: Dialect = "slipway") => {
  const decoded = decode({ containers: [{ image: "nginx", ...container }], volumes }, dialect)
  return Result.isSuccess(decoded)
    ? decoded.success.warnings
    : [...decoded.failure.problems, ...decoded.failure.warnings]
}
const kinds = (...args: Parameters<typeof saidOf>) => saidOf(...args).map(({ _tag }) => _tag)

const placeholders = [
  "${TAG}",
  "${var.tag}",
  "$(ref.x.y)",
  "{{ tag }}",
  "{{tag}}",
  "{% x %}",
  "<%= tag %>",
  "#{tag}",
  "$TAG"
]

describe("a placeholder that nobody filled in", () => {
  it("is refused in an image, a disk's name and a container's name, in either dialect", () => {
    for (const placeholder of placeholders) {
      for (const dialect of ["slipway", "konlet"] as const) {
        const image = kinds({ image: `gcr.io/acme/app:${placeholder}` }, [], dialect)
        assert.include(image, "PlaceholderLeft", placeholder)
        assert.deepEqual(kinds({ name: placeholder }, [], dialect), ["PlaceholderLeft"], placeholder)
        const mount = { volumeMounts: [{ name: "v", mountPath: "/v" }] }
        const disk = kinds(mount, [{ name: "v", gcePersistentDisk: { pdName: placeholder } }], dialect)
        assert.deepEqual(disk, ["PlaceholderLeft"], placeholder)
      }
    }
    for (const image of [
      "gcr.io/[PROJECT-ID]/app",
      "gcr.io/<project>/app",
      "gcr.io/%PROJECT%/app",
      "gcr.io/$project/a"
    ]) {
      assert.deepEqual(kinds({ image }), ["PlaceholderLeft"], image)
    }
  })

  it("is refused in paths, and in names of volumes and variables; konlet took them as they are", () => {
    for (const placeholder of placeholders) {
      const mounts = (name: string, mountPath: string) => ({ volumeMounts: [{ name, mountPath }] })
      const cases: ReadonlyArray<Parameters<typeof saidOf>> = [
        [mounts("v", `/srv/${placeholder}`), [{ name: "v", hostPath: { path: "/v" } }]],
        [mounts("v", "/v"), [{ name: "v", hostPath: { path: `/srv/${placeholder}` } }]],
        [mounts(placeholder, "/v"), [{ name: placeholder, hostPath: { path: "/v" } }]],
        [{ env: [{ name: placeholder.replace("=", ""), value: "x" }] }]
      ]
      for (const [container, volumes = []] of cases) {
        assert.deepEqual(kinds(container, volumes), ["PlaceholderLeft"], JSON.stringify(container))
        assert.deepEqual(kinds(container, volumes, "konlet"), ["Tolerated"])
      }
    }
  })

  it("is warned of in values, which are never shown", () => {
    const values = ["${TAG}", "${var.tag}", "x-$(ref.x.y)", "{{ tag }}", "{{ tag | default('hunter2') }}", "<%= tag %>"]
    const more = ["${{ secrets.x }}", "{{ .Values.tag }}", "$(OTHER)", "--tag=$NAME"]
    for (const value of [...values, ...more].map((text) => `hunter2${text}`)) {
      const places = [
        {
          env: [
            { name: "NAME", value: "x" },
            { name: "VALUE", value }
          ]
        },
        { args: ["a", value], env: [{ name: "NAME", value: "x" }] },
        { command: ["server", value], env: [{ name: "NAME", value: "x" }] }
      ]
      for (const container of places) {
        const said = saidOf(container)
        assert.deepEqual(
          said.map(({ _tag }) => _tag),
          ["PlaceholderInValue"],
          value
        )
        assert.notInclude(JSON.stringify(said) + said[0]!.message, "hunter2")
      }
    }
  })

  it("says of a reference to a variable that it is not expanded", () => {
    const env = [{ name: "HOST", value: "x" }]
    for (const word of ["$(HOST)", "http://$HOST/", "$(HOST):80"]) {
      const [said] = saidOf({ args: [word, "b"], env }, [], "konlet")
      assert.match(said!.message, /args\[0\] refers to a variable.*not expanded/)
    }
  })

  it("is none where a variable that is declared before is referred to", () => {
    const later = { name: "LATER", value: "$(HOST)" }
    const host = { name: "HOST", value: "x" }
    for (const word of ["$(HOST)", "$(HOST):80", "$(HOST)/$(LATER)"]) {
      assert.deepEqual(kinds({ args: [word, "b"], env: [host, later] }), [])
    }
    const [said, ...others] = saidOf({ image: "x", env: [later, host] })
    assert.lengthOf(others, 0)
    assert.match(said!.message, /env\[0\]\.value refers by "\$\(…\)" to a variable that is declared after it/)
    assert.match(said!.advice, /before/)
    assert.deepEqual(kinds({ args: ["http://$HOST/", "b"], env: [host] }), ["PlaceholderInValue"])
  })

  it("is not seen where a shell, or a program's own templates, will expand it", () => {
    const env = [{ name: "PORT", value: "80" }]
    const silent: ReadonlyArray<object> = [
      { command: ["/bin/sh", "-c", "echo ${HOME} $PORT $(date) {{ x }}"] },
      { command: ["bash"], args: ["-ec", "echo ${HOME}"] },
      { command: ["/usr/bin/tini", "--", "/bin/bash", "-c", "exec x --port $PORT"] },
      { command: ["env", "A=b", "sh", "-c"], args: ["echo $(PORT)"] },
      { args: ["-c", "exec server --port ${PORT}"] },
      { command: ["python3", "-c", "print(f'${x}')"] },
      { command: ["node", "-e", "console.log(`${x}`)"] },
      { args: ["--format", "{{.Name}}", "{{ .Status }}", "{{json .}}", "{{range .}}{{end}}", "{{ $x }}"] },
      { args: ["^a$", "$1", "${1}", "a$$(b)", "100$", "$ {x}", "{{}}", "a{{b"] },
      { env: [...env, { name: "SCRIPT", value: "#!/bin/sh\necho ${HOME} $PORT\n" }] },
      { env: [...env, { name: "PASSWORD", value: "pa$word{{x" }] }
    ]
    for (const container of silent) assert.deepEqual(kinds({ env, ...container }), [], JSON.stringify(container))
  })
})

describe("variables of one name", () => {
  it("are warned of at the later one, with the line of the one before, and never by name", () => {
    const text =
      "spec:\n  containers:\n  - image: x\n    env:\n    - {name: HUNTER2}\n    - {name: B}\n    - {name: HUNTER2}\n    - {name: HUNTER2}"
    const { warnings, workload } = Result.getOrThrow(decodeDeclaration({ file: "d.yaml", text }))
    assert.deepEqual(
      warnings.map((found) => [found._tag, found.line, "firstLine" in found ? found.firstLine : 0]),
      [
        ["EnvironmentNameDuplicate", 7, 5],
        ["EnvironmentNameDuplicate", 8, 7]
      ]
    )
    assert.notInclude(JSON.stringify(warnings), "HUNTER2")
    assert.lengthOf(workload.containers[0].env, 4)
  })
})

describe("a value that a comment cuts", () => {
  const value = (written: string) => {
    const text = `spec:\n  containers:\n  - image: x\n    env:\n    - name: A\n      value: ${written}\n`
    const { warnings, workload } = Result.getOrThrow(decodeDeclaration({ file: "d.yaml", text }))
    return { warnings, value: resolvedAlone(workload).containers[0].env[0]!.value }
  }

  it("is warned of at the #", () => {
    assert.deepInclude(value("abc #def").warnings[0], {
      _tag: "ValueCutByComment",
      line: 6,
      column: 18,
      isEmpty: false
    })
    assert.deepInclude(value("#fff").warnings[0], { _tag: "ValueCutByComment", line: 6, column: 14, isEmpty: true })
  })

  it("is not seen in comments that look like some, nor in what is no comment", () => {
    for (const written of [
      "abc # def",
      "abc #",
      "abc ##",
      '"abc #def"',
      "'abc #def'",
      '"abc" #def',
      "abc#def",
      "\n      #def",
      "|\n        abc #def"
    ]) {
      assert.deepEqual(value(written).warnings, [], written)
    }
  })

  it.prop("quoted, every text arrives whole and in silence", [Schema.String], ([text]) => {
    const found = value(JSON.stringify(`x ${text.replaceAll(/[^\x20-\x7E]/g, "")} #y`))
    assert.isFalse(found.warnings.some(({ _tag }) => _tag === "ValueCutByComment"))
    assert.isTrue(found.value.endsWith(" #y"))
  })
})

describe("a disk's device as a hostPath", () => {
  const mount = { volumeMounts: [{ name: "v", mountPath: "/v" }] }
  const volume = (path: string) => [{ name: "v", hostPath: { path } }]

  it("is refused, with what to write; konlet took it, and a privileged container may want it", () => {
    for (const path of ["/dev/disk/by-id/google-data", "/dev//disk/by-id/google-data", "/dev/sdb", "/dev/nvme0n2p1"]) {
      assert.deepEqual(kinds(mount, volume(path)), ["HostPathIsDisk"], path)
      assert.deepEqual(kinds(mount, volume(path), "konlet"), ["Tolerated"])
      assert.deepEqual(kinds({ ...mount, securityContext: { privileged: true } }, volume(path)), [])
    }
    const [problem] = saidOf(mount, volume("/dev/disk/by-id/google-data-part2"))
    assert.include(problem?.advice, "gcePersistentDisk: {pdName: data, partition: 2}")
  })

  it("is not seen in other paths", () => {
    for (const path of ["/dev/shm", "/dev", "/dev/disk/by-id", "/dev/fuse", "/dev/dri/card0", "/mnt/disks/dev/sdb"]) {
      assert.deepEqual(kinds(mount, volume(path)), [], path)
    }
  })
})

describe("an image that no registry has", () => {
  const cases: ReadonlyArray<readonly [image: string, advice: RegExp]> = [
    ["us-central1.pkg.dev/p/r/i:1", /"us-central1-docker\.pkg\.dev\/p\/r\/i:1"/],
    ["europe-npm.pkg.dev/p/r/i", /"europe-docker\.pkg\.dev\/p\/r\/i"/],
    ["us-docker.pkg.dev/p/i", /full name/],
    ["gcr.io/app:1", /full name/],
    ["eu.gcr.io/app", /full name/],
    ["hub.docker.com/r/grafana/grafana", /"docker\.io\/grafana\/grafana"/],
    ["github.com/acme/app:1", /"ghcr\.io\/acme\/app:1"/],
    ["console.cloud.google.com/p/r/i", /full name/]
  ]

  it("is warned of, with what was probably meant", () => {
    for (const [image, advice] of cases) {
      const said = saidOf({ image })
      assert.deepEqual(
        said.map(({ _tag }) => _tag),
        ["ImageRegistryDoubtful"],
        image
      )
      assert.match(said[0]!.advice, advice)
    }
  })

  it("is not seen in those that one has", () => {
    const good =
      "nginx us-docker.pkg.dev/p/r/i gcr.io/p/i gcr.io/example.com/p/i k8s.gcr.io/pause mirror.gcr.io/nginx ghcr.io/a/b localhost:5000/x us-central1-docker.pkg.dev/p/r/a/b:1"
    for (const image of good.split(" ")) assert.deepEqual(kinds({ image }), [], image)
  })
})
