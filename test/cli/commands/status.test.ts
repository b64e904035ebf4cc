import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { SimulatedVm } from "../../../src/simulation/SimulatedVm.ts"
import { runInVirtualTime } from "../../../src/simulation/host/VirtualTime.ts"
import { DockerClient } from "../../../src/vm/engine/DockerClient.ts"
import { onVm, slipway } from "../CommandLine.ts"
import { declaration, declared, images, job, outputOf, secret } from "../declared.ts"

/** Without what differs from one machine to the next. */
const plain = (text: string) =>
  text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replaceAll(/klt-web-[a-z]{4}/g, "klt-web-abcd")
    .replaceAll(/sha256:[0-9a-f]{12}/g, "sha256:DIGEST")
    .replaceAll(/sha256 [0-9a-f]{12}/g, "sha256 HASH")
    .replaceAll(/\d+(\.\d+)? s\b/g, "N s")

describe("slipway status", () => {
  it.effect("before the first run of a boot: not known, exit 4", () =>
    Effect.gen(function* () {
      const layer = yield* onVm({ declaration: declared, images })
      const run = yield* slipway(["status"], { layerVm: () => layer })
      assert.strictEqual(run.exitCode, 4)
      assert.strictEqual(
        run.stdout,
        "Not known whether what runs is what is declared:\n  no run has written its status in this boot\n"
      )
      assert.strictEqual(run.stderr, "")
    }).pipe(runInVirtualTime)
  )

  it.effect("says what is declared, what runs and how it went: as declared, exit 0; gone, exit 3", () =>
    Effect.gen(function* () {
      const layer = yield* onVm({ declaration: declared, images })
      const up = yield* slipway(["up"], { layerVm: () => layer })
      const run = yield* slipway(["status"], { layerVm: () => layer })
      assert.deepStrictEqual([run.exitCode, run.stderr], [0, ""])
      assert.strictEqual(
        plain(run.stdout),
        `As declared.
Declared:  metadata:gce-container-declaration, sha256 HASH
           web, from registry.example/web:1
Runs:      klt-web-abcd, from registry.example/web:1 (sha256:DIGEST), running since TIME
Last run:  came up at TIME, after N s, 5 steps
`
      )
      yield* slipway(["up"], { layerVm: () => layer })
      const again = yield* slipway(["status"], { layerVm: () => layer })
      assert.match(
        plain(again.stdout),
        /\nLast run: {2}came up at TIME, after N s, with nothing to do, the 2nd in a row\n$/
      )

      const [, name = ""] = /^(klt-web-[a-z]{4})/.exec(up.stdout) ?? []
      yield* Effect.flatMap(DockerClient, (docker) =>
        Effect.andThen(docker.stopContainer(name, Duration.zero), docker.removeContainer(name))
      ).pipe(Effect.provide(layer))
      const gone = yield* slipway(["status"], { layerVm: () => layer })
      assert.strictEqual(gone.exitCode, 3)
      assert.match(
        plain(gone.stdout),
        /^Not as declared:\n {2}klt-web-abcd, which the last run left, was removed\nDeclared: /
      )
      assert.match(plain(gone.stdout), /\nRuns: {6}klt-web-abcd, from \S+ \(sha256:DIGEST\), not there any more\n/)
      const json = yield* slipway(["status", "--format", "json"], { layerVm: () => layer })
      assert.strictEqual(json.exitCode, 3)
      const { verdict, containers, status } = JSON.parse(json.stdout)
      assert.deepStrictEqual(
        [verdict, containers.length, containers[0].status, status.version, status.lastRun.result],
        ["not as declared", 1, "gone", 1, "done"]
      )
      for (const { stdout } of [run, again, gone, json]) assert.notInclude(stdout, secret)
    }).pipe(runInVirtualTime)
  )

  it.effect("a change that does not come up: why, what runs in its place, and when it is tried again", () =>
    Effect.gen(function* () {
      const layer = yield* onVm({ declaration: declared, images: [...images, job] })
      yield* slipway(["up"], { layerVm: () => layer })
      const vm = yield* Effect.provide(SimulatedVm, layer)
      vm.setDeclaration(declaration(job.reference))
      assert.strictEqual((yield* slipway(["up"], { layerVm: () => layer })).exitCode, 1)
      const failed = yield* slipway(["status"], { layerVm: () => layer })
      assert.strictEqual(failed.exitCode, 3)
      assert.strictEqual(
        plain(failed.stdout),
        `Not as declared:
  the container klt-web-abcd ended right after its start, against its restart policy "always", exit code 3
Declared:  metadata:gce-container-declaration, sha256 HASH
           web, from registry.example/job
Runs:      klt-web-abcd, from registry.example/web:1 (sha256:DIGEST), running since TIME
Last run:  failed at TIME, after N s
Advice:    Correct the declaration or the image.
Next try:  not before TIME, or when the declaration or the image changes
`
      )
      yield* slipway(["up"], { layerVm: () => layer })
      const held = yield* slipway(["status"], { layerVm: () => layer })
      assert.strictEqual(held.exitCode, 3)
      assert.match(plain(held.stdout), /\nLast run: {2}held back at TIME, after N s\n/)
      assert.notInclude(outputOf(failed) + outputOf(held), secret)
    }).pipe(runInVirtualTime)
  )

  it.effect("while a run is under way: what it does, since when, and for which declaration", () =>
    Effect.gen(function* () {
      const layer = yield* onVm({ declaration: declared, images, bytesPerSecond: 1_000_000 })
      const up = yield* Effect.forkChild(slipway(["up"], { layerVm: () => layer }))
      yield* Effect.sleep("10 seconds")
      const run = yield* slipway(["status"], { layerVm: () => layer })
      assert.strictEqual(run.exitCode, 4)
      assert.strictEqual(
        plain(run.stdout),
        `Not known whether what runs is what is declared:
  no run has ended in this boot: the first is under way
Run:       under way since TIME, for metadata:gce-container-declaration, sha256 HASH
           since TIME: pull registry.example/web:1
`
      )
      yield* Fiber.join(up)
    }).pipe(runInVirtualTime)
  )

  it.effect("watches: prints it again when it has changed, and not otherwise", () =>
    Effect.gen(function* () {
      const layer = yield* onVm({ declaration: declared, images })
      const watching = yield* Effect.forkChild(
        slipway(["status", "--watch", "--format", "json"], { layerVm: () => layer })
      )
      yield* Effect.sleep("7 seconds")
      yield* slipway(["up"], { layerVm: () => layer })
      yield* Effect.sleep("1 minute")
      const { host, transcript } = yield* Effect.provide(SimulatedVm, layer)
      const looks = transcript.filter(({ name }) => name === "docker inspect container").length
      assert.isBelow(looks, 60)
      // It ends once there is nothing that it could read.
      host.files.remove("/run/slipway/status.json")
      host.files.link("/run/slipway/status.json", "/etc/passwd")
      const { exitCode, stdout, stderr } = yield* Fiber.join(watching)
      assert.deepStrictEqual(
        stdout
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line))
          .map(({ verdict, run }) => [verdict, run])
          // While it is under way it is told what it does, as often as that changes.
          .filter(([, run], index, all) => run === null || run !== all[index - 1]?.[1]),
        [
          ["unknown", null],
          ["unknown", "under way"],
          ["as declared", null]
        ]
      )
      assert.deepStrictEqual([exitCode, stderr.split(",")[0]], [4, "slipway: the status cannot be read"])
    }).pipe(runInVirtualTime)
  )

  it.effect("where nothing is declared", () =>
    Effect.gen(function* () {
      const layer = yield* onVm({ images })
      yield* slipway(["up"], { layerVm: () => layer })
      const run = yield* slipway(["status"], { layerVm: () => layer })
      assert.deepStrictEqual(
        [run.exitCode, plain(run.stdout)],
        [0, "The VM declares no container.\nRuns:      nothing\nLast run:  nothing declared at TIME, after N s\n"]
      )
    }).pipe(runInVirtualTime)
  )

  it.effect("a file that cannot be read: what to do, exit 4", () =>
    Effect.gen(function* () {
      const layer = yield* onVm({ declaration: declared, images, links: { "/run/slipway/status.json": "/etc/passwd" } })
      const up = yield* slipway(["up"], { layerVm: () => layer })
      assert.strictEqual(up.exitCode, 0)
      assert.match(up.stderr, / warn the status is not written: .*symbolic link.*SLIPWAY_STATUS$/m)
      const run = yield* slipway(["status"], { layerVm: () => layer })
      assert.deepStrictEqual([run.exitCode, run.stdout], [4, ""])
      assert.match(
        run.stderr,
        /^slipway: the status cannot be read, \/run\/slipway\/status\.json: it is a symbolic link/
      )
    }).pipe(runInVirtualTime)
  )
})
