import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { SimulatedVm } from "../../../src/simulation/SimulatedVm.ts"
import { runInVirtualTime } from "../../../src/simulation/host/VirtualTime.ts"
import { onVm, slipway } from "../CommandLine.ts"
import { declaration, declared, images, job, outputOf, secret } from "../declared.ts"

describe("slipway up", () => {
  it.effect("starts the container, reports on standard output and tells what it does on standard error", () =>
    Effect.gen(function* () {
      const layer = yield* onVm({ declaration: declared, images })
      const run = yield* slipway(["up"], { layerVm: () => layer })
      assert.strictEqual(run.exitCode, 0)
      assert.match(run.stdout, /^klt-web-[a-z]{4} was started: running, registry\.example\/web:1 \(sha256:/)
      assert.match(run.stdout, /\n {2}pull registry\.example\/web:1 +█+ +\d+(\.\d+)? s\n/)
      assert.match(run.stderr, /^\d{4}-\d\d-\d\dT[\d:.]+Z info pull registry\.example\/web:1, because the engine does/m)
      assert.match(
        run.stderr,
        /^\S+ info done: pull registry\.example\/web:1 \(\d+(\.\d+)? s, 60\.0 MB in 4 layers\)$/m
      )
      assert.notInclude(outputOf(run), secret)
      const again = yield* slipway(["up"], { layerVm: () => layer })
      assert.strictEqual(again.exitCode, 0)
      assert.match(again.stdout, /^klt-web-[a-z]{4} was as declared: running/)
      assert.strictEqual(again.stderr, "")
    }).pipe(runInVirtualTime)
  )

  const openings: ReadonlyArray<readonly [flags: ReadonlyArray<string>, isOpened: boolean]> = [
    [[], true],
    [["--open-iptables"], true],
    [["--open-iptables", "all"], true],
    [["--open-iptables=all"], true],
    [["-open-iptables=true"], true],
    [["--no-open-iptables"], false],
    [["--open-iptables=no"], false],
    [["--open-iptables", "no"], false],
    [["-open-iptables=false"], false]
  ]
  it.effect.each(openings)("opens the firewall, or not: %s", ([flags, isOpened]) =>
    Effect.gen(function* () {
      const layer = yield* onVm({ declaration: declared, images })
      const run = yield* slipway(["up", ...flags], { layerVm: () => layer })
      assert.strictEqual(run.exitCode, 0, run.stderr)
      const { transcript } = yield* Effect.provide(SimulatedVm, layer)
      assert.strictEqual(transcript.map(({ name }) => name).includes("run iptables-restore"), isOpened)
    }).pipe(runInVirtualTime)
  )

  it.effect("refuses another choice of what the firewall accepts", () =>
    Effect.gen(function* () {
      const run = yield* slipway(["up", "--open-iptables=some"])
      assert.strictEqual(run.exitCode, 78)
      assert.match(run.stderr, /^slipway: .*--open-iptables.*\nTry: slipway up --help\n$/)
    })
  )

  it.effect("reads the declaration from a file or from standard input", () =>
    Effect.gen(function* () {
      const layerVm = () => SimulatedVm.layer({ images })
      const file = yield* slipway(["up", "--declaration", "web.yaml"], { layerVm, files: { "web.yaml": declared } })
      assert.strictEqual(file.exitCode, 0)
      const input = yield* slipway(["up", "--declaration", "-"], { layerVm, stdin: declared })
      assert.strictEqual(input.stdout, file.stdout)
      const variable = yield* slipway(["up"], {
        layerVm,
        files: { "web.yaml": declared },
        env: { SLIPWAY_DECLARATION: "web.yaml" }
      })
      assert.strictEqual(variable.stdout, file.stdout)
    }).pipe(runInVirtualTime)
  )

  it.effect("where there is no metadata, what is said of a disk in a file is about the disk", () =>
    Effect.gen(function* () {
      const disk = `      volumeMounts: [{ name: data, mountPath: /data }]
  volumes:
    - name: data
      gcePersistentDisk: { pdName: shop-data }
`
      const layerVm = () => SimulatedVm.layer({ images, metadata: false })
      const files = { "web.yaml": declaration("registry.example/web:1", disk), "bare.yaml": declared }
      const run = yield* slipway(["up", "--declaration", "web.yaml"], { layerVm, files })
      assert.strictEqual(run.exitCode, 1)
      assert.match(
        run.stderr,
        /^slipway: whether the declaration's gcePersistentDisk "shop-data" is attached .*ENOTFOUND/m
      )
      assert.match(run.stderr, /mount the disk yourself and declare its mount point as a hostPath/)
      assert.notInclude(run.stderr, "--declaration")
      assert.strictEqual((yield* slipway(["up", "--declaration", "bare.yaml"], { layerVm, files })).exitCode, 0)
    }).pipe(runInVirtualTime)
  )

  it.effect("does nothing where nothing is declared", () =>
    Effect.gen(function* () {
      const run = yield* slipway(["up"], { layerVm: () => SimulatedVm.layer() })
      assert.strictEqual(run.exitCode, 0)
      assert.strictEqual(run.stdout, "The VM declares no container: nothing to do.\n")
    }).pipe(runInVirtualTime)
  )

  it.effect("a container that does not stay up: 1, its exit code, its last words, and the old one runs again", () =>
    Effect.gen(function* () {
      const layer = yield* onVm({ declaration: declared, images: [...images, job] })
      yield* slipway(["up"], { layerVm: () => layer })
      const run = yield* slipway(["up", "--declaration", "job.yaml"], {
        layerVm: () => layer,
        files: { "job.yaml": declaration("registry.example/job") }
      })
      assert.strictEqual(run.exitCode, 1)
      assert.strictEqual(run.stdout, "")
      assert.match(
        run.stderr,
        /^slipway: the container klt-web-[a-z]{4} ended right after its start, .*, exit code 3\nThe last lines of its log:\n {2}no database\nCorrect .*\nDeclared: klt-web-[a-z]{4}, from registry.example\/job\.\nRunning in its place: the earlier klt-web-[a-z]{4}, from registry.example\/web:1, running since 2026-01-01T.*\.\nIt is not retried for 10s, unless .*\n$/m
      )
      assert.match(run.stderr, /the container that ran before runs again: klt-web-[a-z]{4}$/m)
      assert.notInclude(outputOf(run), secret)
      const { engine } = yield* Effect.provide(SimulatedVm, layer)
      assert.deepStrictEqual(
        engine.containers.map(({ status }) => status),
        ["running"]
      )
    }).pipe(runInVirtualTime)
  )

  it.effect("a declaration that cannot work: 78, its place, and nothing is asked for", () =>
    Effect.gen(function* () {
      const layer = yield* onVm({ declaration: declaration("registry.example/web:1", "  restartPolicy: Allways\n") })
      const run = yield* slipway(["up"], { layerVm: () => layer })
      assert.strictEqual(run.exitCode, 78)
      assert.strictEqual(run.stdout, "")
      assert.match(run.stderr, /^slipway: the declaration cannot be used, nothing was changed:$/m)
      assert.match(run.stderr, /^metadata:gce-container-declaration:9:18: error: /m)
      assert.notInclude(outputOf(run), secret)
      const { transcript } = yield* Effect.provide(SimulatedVm, layer)
      // It only sees that the engine is there, whether a dead run has left a container stopped, and what runs.
      assert.deepStrictEqual(
        transcript.filter(({ name }) => name.startsWith("docker ")).map(({ name }) => name),
        ["docker ping", "docker list", "docker list"]
      )
    }).pipe(runInVirtualTime)
  )

  it.effect("attached, standard output is the container's alone, and its exit code becomes ours", () =>
    Effect.gen(function* () {
      const run = yield* slipway(["up", "--no-detached", "--confirm", "0s", "--declaration", "job.yaml"], {
        layerVm: () => SimulatedVm.layer({ images: [job] }),
        files: { "job.yaml": declaration("registry.example/job", "  restartPolicy: Never\n") }
      })
      assert.strictEqual(run.exitCode, 3)
      assert.strictEqual(run.stdout, "no database\n")
      assert.match(run.stderr, /klt-web-[a-z]{4} was started/)
    }).pipe(runInVirtualTime)
  )

  it.effect("on a terminal, one line about the pull is written over the last, and cleared", () =>
    Effect.gen(function* () {
      const run = yield* slipway(["up"], {
        layerVm: () => SimulatedVm.layer({ declaration: declared, images }),
        isTerminal: true
      })
      assert.isAbove(run.rewritten.length, 2)
      assert.match(
        run.rewritten[0]!,
        /^pulling registry\.example\/web:1: \d of 4 layers, [\d.]+ of [\d.]+ MB, [\d.]+ MB\/s$/
      )
      assert.strictEqual(run.rewritten.at(-1), "")
      assert.notMatch(run.stderr, /^\d{4}-|^<|pulling/m)
    }).pipe(runInVirtualTime)
  )

  it.effect("elsewhere, there is a line about a long pull every ten seconds", () =>
    Effect.gen(function* () {
      const run = yield* slipway(["up"], {
        layerVm: () => SimulatedVm.layer({ declaration: declared, images, bytesPerSecond: 1_700_000 })
      })
      assert.lengthOf(run.stderr.match(/ info pulling .* layers, /g) ?? [], 3)
    }).pipe(runInVirtualTime)
  )

  it.effect("konlet's flags are understood, and reach the layers", () =>
    Effect.gen(function* () {
      const run = yield* slipway(
        [
          "up",
          "-show-welcome=false",
          "-open-iptables=false",
          "-token=",
          "-host-proc-path=/host_proc",
          "--detached=true"
        ],
        {
          layerVm: () => SimulatedVm.layer({ declaration: declared, images }),
          env: { DOCKER_HOST: "tcp://10.0.0.1:2375" }
        }
      )
      assert.strictEqual(run.exitCode, 0)
      assert.deepStrictEqual(run.hosts, [
        {
          engine: { _tag: "Tcp", host: "10.0.0.1", port: 2375 },
          hostProcPath: "/host_proc",
          lockPath: "/run/slipway/lock",
          welcomeScriptPath: "/etc/profile.d/gce-containers-welcome.sh",
          statePath: "/var/lib/slipway",
          statusPath: "/run/slipway/status.json"
        }
      ])
      assert.notInclude(run.stderr, "firewall")
    }).pipe(runInVirtualTime)
  )

  it.effect("settings that cannot be used: 78, all at once, without their values, and nothing is built", () =>
    Effect.gen(function* () {
      const run = yield* slipway(["up", "--confirm", secret, "--mounted-volumes-path-prefix", secret], {
        env: { DOCKER_HOST: secret, SLIPWAY_DETACHED: secret, SLIPWAY_CREATE_TIMEOUT: secret, SLIPWAY_TOKEN: secret }
      })
      assert.strictEqual(run.exitCode, 78)
      assert.deepStrictEqual(run.hosts, [])
      assert.strictEqual(run.stdout, "")
      for (const name of ["--confirm", "--mounted-volumes-path-prefix", "DOCKER_HOST", "SLIPWAY_DETACHED"])
        assert.include(run.stderr, `\n  ${name} `)
      assert.include(run.stderr, "\n  SLIPWAY_CREATE_TIMEOUT ")
      assert.notInclude(run.stderr, secret)
    })
  )

  it.effect("a deadline can be set", () =>
    Effect.gen(function* () {
      const run = yield* slipway(["up"], {
        layerVm: () => SimulatedVm.layer({ declaration: declared, images, bytesPerSecond: 1_000_000 }),
        env: { SLIPWAY_PULL_TIMEOUT: "4s" }
      })
      assert.strictEqual(run.exitCode, 1)
      assert.match(
        run.stderr,
        /^slipway: pull .* timed out after 4s\nIf it needs longer, raise SLIPWAY_PULL_TIMEOUT\.$/m
      )
    }).pipe(runInVirtualTime)
  )

  it.effect("a bug of ours: 1, one line; its stack only at the level debug", () =>
    Effect.gen(function* () {
      const layerVm = () => Layer.effectContext(Effect.die(new Error("not thought of")))
      const run = yield* slipway(["up"], { layerVm })
      assert.strictEqual(run.exitCode, 1)
      assert.match(run.stderr, /^slipway: a bug in Slipway.*\n$/)
      const debug = yield* slipway(["up", "--log-level", "debug"], { layerVm })
      assert.include(debug.stderr, "Error: not thought of")
    })
  )

  it.effect("what a program reads, it can read: priorities for journald, JSON for others, failures too", () =>
    Effect.gen(function* () {
      const layerVm = () => SimulatedVm.layer({ declaration: declared })
      const journal = yield* slipway(["up"], { layerVm, isJournal: true })
      assert.strictEqual(journal.exitCode, 1)
      assert.match(journal.stderr, /^<6>.*\n/)
      for (const line of journal.stderr.trimEnd().split("\n")) assert.match(line, /^<[2-7]>/)
      assert.match(journal.stderr, /^<3>.*registry\.example\/web:1/m)
      const json = yield* slipway(["up", "--log-format", "json", "--log-level", "none"], { layerVm })
      const { level, message } = JSON.parse(json.stderr) as { level: string; message: string }
      assert.strictEqual(level, "ERROR")
      assert.include(message, "registry.example/web:1")
    }).pipe(runInVirtualTime)
  )
})
