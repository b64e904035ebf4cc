import { assert, describe, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { inject } from "vitest"
import { konletUnit } from "../../src/install/unit.ts"
import { CommandRunner } from "../../src/vm/host/CommandRunner.ts"
import { Mounts } from "../../src/vm/storage/Mounts.ts"
import type { VmServices } from "../../src/vm/VmServices.ts"
import { servicesOf, slipway } from "../cli/CommandLine.ts"
import { HostFixture } from "../vm/host/HostContract.ts"
import { bench, layerVm, onClearVm, Vm } from "./Vm.ts"

/** What systemd says on Container-Optimized OS of konlet's unit, and of ours, which is not there. */
const shown: Readonly<Record<string, string>> = {
  [konletUnit]: `LoadState=loaded\nUnitFileState=enabled\nFragmentPath=/usr/lib/systemd/system/${konletUnit}\nExecStart={ path=/usr/share/gce-containers/konlet-startup ; argv[]=/usr/share/gce-containers/konlet-startup ; ignore_errors=no ; pid=0 }\n`
}
const notFound = "LoadState=not-found\nUnitFileState=\nFragmentPath=\nExecStart=\n"

describe.skipIf(inject("bench") === undefined)("slipway migrate, on a real engine", () => {
  layer(layerVm)((it) => {
    const test = onClearVm(it)

    test("finds konlet's container, mounts and rules, and changes nothing", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const mounts = yield* Mounts
        const { mountRoot } = yield* HostFixture
        const runner = yield* CommandRunner
        const image = `${bench().registry}/app:1`
        yield* vm.docker("pull", "--quiet", image)
        const run = ["run", "--detach", "--network", "host", "--restart", "always"]
        yield* vm.docker(...run, "--name", "klt-web-aaaa", image)
        yield* vm.docker(...run, "--name", "somebody", image)
        yield* mounts.mount({ source: "tmpfs", target: `${mountRoot}/tmpfss/cache`, type: "tmpfs", options: ["rw"] })
        // As konlet appends them, at each of two runs.
        for (const protocol of ["tcp", "udp", "icmp", "tcp", "udp", "icmp"]) {
          for (const chain of ["INPUT", "FORWARD"]) {
            const args = ["-A", chain, "-p", protocol, "-j", "ACCEPT"]
            assert.strictEqual((yield* runner.run({ program: "iptables", args })).exitCode, 0)
          }
        }
        vm.metadata.attributes["gce-container-declaration"] = JSON.stringify({
          spec: {
            containers: [
              { name: "web", image, workingDir: "/", volumeMounts: [{ name: "cache", mountPath: "/cache" }] }
            ],
            volumes: [{ name: "cache", emptyDir: { medium: "Memory" } }],
            restartPolicy: "Always"
          }
        })
        const before = yield* vm.inspect("klt-web-aaaa")
        const services = servicesOf(yield* Effect.context<VmServices>())
        const withSystemd = CommandRunner.of({
          ...runner,
          run: (command) =>
            command.program === "systemctl"
              ? Effect.succeed({ exitCode: 0, stdout: shown[command.args.at(-1)!] ?? notFound, stderr: "" })
              : runner.run(command)
        })
        const layerHere = Layer.succeedContext(Context.add(services, CommandRunner, withSystemd))
        const { exitCode, stdout, stderr } = yield* slipway(["migrate", "--format", "json"], {
          layerVm: () => layerHere,
          env: { SLIPWAY_MOUNTED_VOLUMES_PATH_PREFIX: mountRoot }
        })
        assert.strictEqual(exitCode, 0, stderr)
        const json = JSON.parse(stdout) as {
          readonly has: string
          readonly konlet: Readonly<Record<string, unknown>>
          readonly differences: ReadonlyArray<{ readonly kind: string; readonly text: string }>
          readonly plan: { readonly steps: ReadonlyArray<unknown> }
        }
        assert.strictEqual(json.has, "konlet")
        assert.deepStrictEqual(json.konlet["containers"], [{ name: "klt-web-aaaa", image, status: "running" }])
        assert.deepStrictEqual(json.konlet["mounts"], [
          { source: "tmpfs", target: `${mountRoot}/tmpfss/cache`, type: "tmpfs" }
        ])
        assert.strictEqual(json.konlet["firewallRules"], 12)
        const texts = json.differences.map(({ text }) => text)
        assert.isTrue(texts.some((text) => text.startsWith(`klt-web-aaaa (${image}), which konlet runs, is replaced`)))
        assert.include(texts, "line 1: spec.containers[0].workingDir takes effect, which konlet ignored")
        assert.isAbove(json.plan.steps.length, 0)
        const after = yield* vm.inspect("klt-web-aaaa")
        assert.deepStrictEqual([after.Id, after.State.StartedAt], [before.Id, before.State.StartedAt])
        assert.sameMembers([...(yield* vm.containers)], ["klt-web-aaaa", "somebody"])
      }))
  })
})
