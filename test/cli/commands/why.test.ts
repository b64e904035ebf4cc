import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { SimulatedVm } from "../../../src/simulation/SimulatedVm.ts"
import { runInVirtualTime } from "../../../src/simulation/host/VirtualTime.ts"
import { onVm, slipway } from "../CommandLine.ts"
import { declaration, declared, images, job, outputOf, secret } from "../declared.ts"

/** Without what differs from one machine to the next. */
const plain = (text: string) =>
  text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replaceAll(/klt-web-[a-z]{4}/g, "klt-web-abcd")
    .replaceAll(/sha256:[0-9a-f]{64}/g, "sha256:DIGEST")
    .replaceAll(/sha256 [0-9a-f]{12}/g, "sha256 HASH")
    .replaceAll(/aside-always-[0-9a-f]{12}/g, "aside-always-ID")
    .replaceAll(/ +\d+(\.\d+)? s\b/g, " N s")

describe("slipway why", () => {
  it.effect("explains the last run, and what later ones had to add", () =>
    Effect.gen(function* () {
      const layer = yield* onVm({ declaration: declared, images })
      const layerVm = () => layer
      const none = yield* slipway(["why"], { layerVm })
      assert.deepStrictEqual([none.exitCode, none.stdout], [4, ""])
      assert.strictEqual(none.stderr, "slipway: no run of this machine is kept\n`slipway up` keeps its run.\n")
      yield* slipway(["up"], { layerVm })
      const first = yield* slipway(["why"], { layerVm })
      assert.deepStrictEqual([first.exitCode, first.stderr], [0, ""])
      assert.strictEqual(
        plain(first.stdout),
        `Run 1 of TIME came up after N s.
Declared:
  metadata:gce-container-declaration, sha256 HASH
  web, from registry.example/web:1
Found:
  no container of ours
  registry.example/web:1: the engine does not hold it; wanted is sha256:DIGEST
Plan: klt-web-abcd is to be started: 5 steps.
  done N s   pull registry.example/web:1
                          because the engine does not hold registry.example/web:1
  done N s   open the firewall for tcp, udp and icmp
                          because our IPv4 and IPv6 rules are not all there
  done N s   create klt-web-abcd
                          because there is no such container yet
  done N s   start klt-web-abcd
                          because it is declared to run
  done N s   see that klt-web-abcd stays up for 3s
                          because a container that ends at once has not started
At its end:
  klt-web-abcd, from registry.example/web:1, running since TIME
`
      )
      for (let run = 0; run < 2; run++) yield* slipway(["up"], { layerVm })
      const later = yield* slipway(["why"], { layerVm })
      assert.strictEqual(
        plain(later.stdout),
        `${plain(first.stdout).trimEnd()}\nSince then:\n  2 other runs have ended in the same way and done nothing, the last at TIME\n`
      )
    }).pipe(runInVirtualTime)
  )

  it.effect("explains what failed, what runs instead, and why nothing is done now", () =>
    Effect.gen(function* () {
      const layer = yield* onVm({ declaration: declared, images: [...images, job] })
      const layerVm = () => layer
      yield* slipway(["up"], { layerVm })
      const vm = yield* Effect.provide(SimulatedVm, layer)
      vm.setDeclaration(declaration(job.reference))
      yield* slipway(["up"], { layerVm })
      const failed = yield* slipway(["why"], { layerVm })
      assert.strictEqual(
        plain(failed.stdout),
        `Run 2 of TIME failed after N s.
Declared:
  metadata:gce-container-declaration, sha256 HASH
  web, from registry.example/job
Found:
  klt-web-abcd, from registry.example/web:1, running since TIME
  registry.example/job:latest: the engine does not hold it; wanted is sha256:DIGEST
Plan: klt-web-abcd is to be started: 7 steps.
  done N s   pull registry.example/job
                          because the engine does not hold registry.example/job:latest
  rolled back N s   set klt-web-abcd aside as klt-aside-always-ID
                          because it comes back if a new container fails
  rolled back N s   stop klt-web-abcd, with a grace period of 10s
                          because its declaration has changed: image
  rolled back N s   create klt-web-abcd
                          because it takes the place of the old one
  done N s   start klt-web-abcd
                          because it is declared to run
  failed N s   see that klt-web-abcd stays up for 3s
                          because a container that ends at once has not started
                          the container klt-web-abcd ended right after its start, against its restart policy "always", exit code 3
  not begun               remove the old klt-web-abcd, set aside as klt-aside-always-ID
                          because its successor is confirmed
Failed:
  the container klt-web-abcd ended right after its start, against its restart policy "always", exit code 3
  Correct the declaration or the image.
The last lines of its log:
  no database
At its end:
  klt-web-abcd, from registry.example/web:1, running since TIME
Next try:
  not before TIME, or when the declaration or the image changes
`
      )
      yield* slipway(["up"], { layerVm })
      // What it is held back for is what explains it.
      const since = yield* slipway(["why"], { layerVm })
      assert.strictEqual(
        plain(since.stdout),
        `${plain(failed.stdout)}Since then:\n  another run has been held back for that and done nothing, the last at TIME\n`
      )
      const held = yield* slipway(["why", "--run", "3"], { layerVm })
      assert.match(plain(held.stdout), /^Run 3 of TIME was held back after N s\.\n/)
      assert.match(
        plain(held.stdout),
        /\nPlan: none was made; nothing was changed\.\nHeld back:\n {2}the declared container /
      )
      const earlier = yield* slipway(["why", "--run", "2"], { layerVm })
      assert.strictEqual(earlier.stdout, failed.stdout)
      const json = yield* slipway(["why", "--run", "2", "--format", "json"], { layerVm })
      const run = JSON.parse(json.stdout)
      assert.strictEqual(run.version, 1)
      assert.deepStrictEqual([run.number, run.result, run.error.tag], [2, "failed", "ContainerFailed"])
      const missing = yield* slipway(["why", "--run", "9"], { layerVm })
      assert.deepStrictEqual(
        [missing.exitCode, missing.stderr],
        [78, "slipway: run 9 is not kept: those that are have the numbers 1, 2, 3\n"]
      )
      for (const output of [failed, held, earlier, json]) assert.notInclude(outputOf(output), secret)
    }).pipe(runInVirtualTime)
  )
})
