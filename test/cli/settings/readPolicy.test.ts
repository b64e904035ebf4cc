import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { SimulatedVm } from "../../../src/simulation/SimulatedVm.ts"
import { runInVirtualTime } from "../../../src/simulation/host/VirtualTime.ts"
import { onVm, slipway } from "../CommandLine.ts"
import { declaration, declared, images, outputOf, secret } from "../declared.ts"

const strict = 'privileged: false\nhostPaths: [/srv]\nregistries: ["registry.example"]\n'
const open = "{}"
const typo = "privilegd: false\nhostPaths: [srv]\n"
const greedy = declaration(
  "quay.io/web:1",
  "      securityContext: { privileged: true }\n  volumes: [{ name: etc, hostPath: { path: /srv/../etc } }]\n"
)
const files = { "host.yaml": strict, "open.yaml": open, "typo.yaml": typo, "web.yaml": declared, "greedy.yaml": greedy }

const refused = (file: string) => [
  new RegExp(`^${file}:4:14: error: the host's policy host\\.yaml does not allow the image "quay\\.io/web:1"$`, "m"),
  new RegExp(`^${file}:9:38: error: the host's policy host\\.yaml does not allow a privileged container$`, "m"),
  new RegExp(
    `^${file}:10:44: error: the host's policy host\\.yaml does not allow the hostPath "/srv/\\.\\./etc" of`,
    "m"
  )
]

describe("--policy", () => {
  it.effect("check: what it does not allow are problems of the declaration", () =>
    Effect.gen(function* () {
      const run = yield* slipway(["check", "--policy", "host.yaml", "web.yaml", "greedy.yaml"], { files })
      assert.strictEqual(run.exitCode, 78)
      assert.strictEqual(run.stdout, "web.yaml: ok\n")
      for (const line of refused("greedy\\.yaml")) assert.match(run.stderr, line)
      assert.notInclude(outputOf(run), secret)
      const json = yield* slipway(["check", "--policy", "host.yaml", "--format", "json", "greedy.yaml"], { files })
      const [checked] = JSON.parse(json.stdout) as [{ findings: ReadonlyArray<{ kind: string }> }]
      assert.includeMembers(
        checked.findings.map(({ kind }) => kind),
        ["ImageNotAllowed", "PrivilegedNotAllowed", "HostPathNotAllowed"]
      )
      assert.strictEqual((yield* slipway(["check", "greedy.yaml"], { files })).exitCode, 0)
      assert.strictEqual((yield* slipway(["check", "--policy", "open.yaml", "greedy.yaml"], { files })).exitCode, 0)
    })
  )

  for (const command of ["up", "plan"]) {
    it.effect(`${command}: holds for the VM's metadata and for files, before the engine is asked`, () =>
      Effect.gen(function* () {
        const layer = yield* onVm({ declaration: greedy, images })
        const layerVm = () => layer
        const runs = [
          [yield* slipway([command], { layerVm, files, env: { SLIPWAY_POLICY: "host.yaml" } }), "metadata:\\S+"],
          [
            yield* slipway([command, "--policy", "host.yaml", "--declaration", "greedy.yaml"], { layerVm, files }),
            "greedy\\.yaml"
          ],
          // The flag goes before the variable.
          [
            yield* slipway([command, "--policy", "host.yaml"], {
              layerVm,
              files,
              env: { SLIPWAY_POLICY: "open.yaml" }
            }),
            "metadata:\\S+"
          ]
        ] as const
        for (const [run, file] of runs) {
          assert.strictEqual(run.exitCode, 78)
          assert.strictEqual(run.stdout, "")
          assert.match(run.stderr, /^slipway: the declaration cannot be used, nothing was changed:$/m)
          for (const line of refused(file)) assert.match(run.stderr, line)
          assert.notInclude(outputOf(run), secret)
        }
        const { transcript } = yield* Effect.provide(SimulatedVm, layer)
        assert.notMatch(transcript.map(({ name }) => name).join(), /docker (?!ping|list)/)
      }).pipe(runInVirtualTime)
    )
  }

  it.effect("up: what it allows is started", () =>
    Effect.gen(function* () {
      const layerVm = () => SimulatedVm.layer({ declaration: declared, images })
      const run = yield* slipway(["up", "--policy", "host.yaml"], { layerVm, files })
      assert.strictEqual(run.exitCode, 0, run.stderr)
    }).pipe(runInVirtualTime)
  )

  it.effect("rehearse: the sample too must be allowed", () =>
    Effect.gen(function* () {
      const sample = yield* slipway(["rehearse"], { files, env: { SLIPWAY_POLICY: "host.yaml" } })
      assert.strictEqual(sample.exitCode, 78)
      assert.match(sample.stderr, /^sample\.yaml:5:14: error: the host's policy host\.yaml does not allow the image /m)
      const greedy = yield* slipway(["rehearse", "--policy", "host.yaml", "greedy.yaml"], { files })
      assert.strictEqual(greedy.exitCode, 78)
      for (const line of refused("greedy\\.yaml")) assert.match(greedy.stderr, line)
      assert.strictEqual((yield* slipway(["rehearse", "--policy", "host.yaml", "web.yaml"], { files })).exitCode, 0)
    })
  )

  it.effect("one that cannot be used is told whole, with the other settings, and nothing is built", () =>
    Effect.gen(function* () {
      const run = yield* slipway(["up", "--policy", "typo.yaml", "--confirm", "soon"], { files })
      assert.strictEqual(run.exitCode, 78)
      assert.deepStrictEqual(run.hosts, [])
      assert.strictEqual(
        run.stderr,
        [
          "slipway: these settings cannot be used, nothing was changed:",
          '  --confirm must be a length of time, as in 500ms, 30s, 5m, 1h or "3 seconds"',
          '  --policy: typo.yaml:1:1: error: a policy has no key "privilegd"',
          "    1 | privilegd: …",
          "      | ^^^^^^^^^",
          '    Did you mean "privileged"?',
          '  --policy: typo.yaml:2:13: error: hostPaths[0] is not an absolute path without ".." and wildcards',
          "    2 | hostPaths: [srv]",
          "      |             ^^^",
          '    Write the directory itself, beginning with "/": what is below it is allowed with it.',
          ""
        ].join("\n")
      )
    })
  )

  for (const args of [["up"], ["plan"], ["check", "web.yaml"], ["rehearse"]]) {
    it.effect(`${args[0]}: a policy that is not there is never none`, () =>
      Effect.gen(function* () {
        const runs: ReadonlyArray<readonly [flags: ReadonlyArray<string>, env: Record<string, string>, told: string]> =
          [
            [["--policy", "gone.yaml"], {}, "--policy: gone.yaml cannot be read: there is no such file"],
            [[], { SLIPWAY_POLICY: "gone.yaml" }, "SLIPWAY_POLICY: gone.yaml cannot be read: there is no such file"],
            [["--policy", ""], {}, "--policy must name a file"],
            [["--policy", "-"], {}, "--policy must name a file"],
            [[], { SLIPWAY_POLICY: "" }, "SLIPWAY_POLICY must name a file"],
            [["--policy"], {}, "Missing value for flag --policy"],
            [["--policy", "host.yaml", "--policy", "open.yaml"], {}, "Invalid value for flag --policy"]
          ]
        for (const [flags, env, told] of runs) {
          const run = yield* slipway([...args, ...flags], { files, env, stdin: open })
          assert.strictEqual(run.exitCode, 78, flags.join(" "))
          assert.deepStrictEqual(run.hosts, [])
          assert.strictEqual(run.stdout, "")
          assert.include(run.stderr, told)
        }
      })
    )
  }
})
