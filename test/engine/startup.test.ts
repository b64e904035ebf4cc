import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import { inject } from "vitest"
import { HostFixture } from "../vm/HostContract.ts"
import { bench, boot, clear, layerVm, Vm } from "./Vm.ts"

describe.skipIf(inject("bench") === undefined)("startup on a real engine", () => {
  layer(layerVm, { timeout: 60_000, excludeTestServices: true })((it) => {
    it.effect("first boot", () =>
      Effect.gen(function* () {
        yield* clear
        const vm = yield* Vm
        const host = yield* HostFixture
        const disk = yield* host.attach("blank")
        vm.metadata.disks = [{ deviceName: disk, mode: "READ_WRITE" }]
        const report = yield* boot(`
spec:
  containers:
  - name: web
    image: ${bench().registry}/app:1
    env:
    - name: MODE
      value: production
    volumeMounts:
    - name: data
      mountPath: /data
    - name: scratch
      mountPath: /scratch
  volumes:
  - name: data
    gcePersistentDisk:
      pdName: ${disk}
      fsType: ext4
  - name: scratch
    emptyDir:
      medium: Memory
  restartPolicy: Always
`)
        console.log(JSON.stringify(report, null, 1).slice(0, 3000))
        assert.strictEqual(report._tag, "Running")
      })
    )
  })
})
void TestClock
