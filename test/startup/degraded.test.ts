import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { app, boot, declare, disk, onDisk, other, refused, running, secret, started, test } from "./SimulatedBoot.ts"

const image = (reference: string) => declare({ image: reference })

describe("a registry that is away", () => {
  const cutOff = (name: string) => (/^docker (resolve digest|pull)$/.test(name) ? ("fail" as const) : undefined)

  test("starts what the engine holds, and says so and how old it is", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      yield* vm.reboot
      vm.setFaults(({ name }) => cutOff(name))
      const report = yield* started(declare())
      assert.match(report.degraded.join(), /cached registry\.example\/app:1 \(pulled [^)]*\)/)
      assert.deepStrictEqual(yield* running, [report.name])
      assert.match(
        vm.host.files.read("/etc/profile.d/gce-containers-welcome.sh") ?? "",
        /CAUTION: the image is the cached/
      )
      // The same again: the container that runs is the best that can be had, and is left alone.
      const again = yield* started(declare())
      assert.isTrue(again.kept)
      // Once the registry is back there is nothing to do about it either.
      vm.setFaults(undefined)
      const healed = yield* started(declare())
      assert.isTrue(healed.kept)
      assert.deepStrictEqual(healed.degraded, [])
    })
  )

  test("leaves the old container running where the new image is not there, and fails", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const before = yield* started(declare())
      vm.setFaults(({ name }) => cutOff(name))
      const error = yield* refused(image(other.reference))
      assert.strictEqual(error._tag, "DockerError")
      assert.deepStrictEqual(yield* running, [before.name])
    })
  )

  test("is an end where that is wished", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      yield* vm.reboot
      vm.setFaults(({ name }) => cutOff(name))
      assert.strictEqual((yield* refused(declare(), { pullFallback: "never" }))._tag, "DockerError")
    })
  )

  test("but not a registry that says no", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      yield* vm.reboot
      vm.withdraw(app.reference)
      const error = yield* refused(declare())
      assert.match(error.message, /manifest unknown/)
    })
  )
})

describe("metadata that is away", () => {
  const cutOff = (name: string) => (name.startsWith("metadata") ? ("fail" as const) : undefined)
  const path = "/var/lib/slipway/declaration"

  test(
    "starts the last declaration that came up, disks included, and says so",
    { disks: [disk({ _tag: "Blank" })] },
    () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        yield* started(onDisk())
        assert.strictEqual(vm.host.files.mode(path), "0600")
        yield* vm.reboot
        vm.setFaults(({ name }) => cutOff(name))
        const report = yield* started(onDisk())
        assert.match(report.degraded.join(), /last declaration that came up/)
        assert.deepStrictEqual(yield* running, [report.name])
        assert.strictEqual(vm.disk("data").formatted, 1)
      })
  )

  test("is an end where that is wished, and where another machine kept it", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      vm.setFaults(({ name }) => cutOff(name))
      assert.strictEqual((yield* refused(declare(), { lastGood: false }))._tag, "MetadataError")
      vm.host.files.write("/sys/class/dmi/id/product_uuid", "another\n")
      assert.strictEqual((yield* refused(declare()))._tag, "MetadataError")
    })
  )

  test("does not bring back a declaration that did not come up", { images: [app] }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      yield* refused(image("registry.example/none:1"))
      assert.include(vm.host.files.read(path) ?? "", app.reference)
      vm.setFaults(({ name }) => cutOff(name))
      assert.isTrue((yield* started(undefined)).kept)
    })
  )

  test("keeps to the host's policy, which may be newer, and leaves what runs", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const before = yield* started(declare({ securityContext: { privileged: true } }))
      vm.setFaults(({ name }) => cutOff(name))
      const policy = { file: "host.yaml", privileged: false, hostPaths: undefined, registries: undefined }
      const error = yield* refused(undefined, { policy: Option.some(policy) })
      assert.strictEqual(error._tag, "DeclarationInvalid")
      assert.match(
        error.message,
        /\(last good\):1:\d+: error: the host's policy host\.yaml does not allow a privileged/
      )
      assert.deepStrictEqual(yield* running, [before.name])
    })
  )

  test("a state folder that cannot be written is a warning", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.setFaults(({ name }) => (name === "run install" ? "fail" : undefined))
      const report = yield* started(declare())
      assert.deepStrictEqual(yield* running, [report.name])
    })
  )
})

describe("a mkfs that was killed half-way", () => {
  const record = "/var/lib/slipway/format-data-0"
  const crash = ({ name }: { readonly name: string }) =>
    name === "run mkfs.ext4" ? ("crash half" as const) : undefined

  test("is begun again by its record, and the record is gone then", { disks: [disk({ _tag: "Blank" })] }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.setFaults(crash)
      assert.isTrue(Exit.isFailure(yield* Effect.exit(boot(onDisk()))))
      assert.strictEqual(vm.disk("data").content._tag, "Data")
      vm.restartAgent()
      vm.setFaults(undefined)
      yield* started(onDisk())
      assert.strictEqual(vm.disk("data").content._tag, "Ext4")
      assert.isUndefined(vm.host.files.read(record))
    })
  )

  test("is left alone without its record, or with another machine's", { disks: [disk({ _tag: "Blank" })] }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.setFaults(crash)
      yield* Effect.exit(boot(onDisk()))
      vm.restartAgent()
      vm.setFaults(undefined)
      vm.host.files.write("/sys/class/dmi/id/product_uuid", "another\n")
      assert.strictEqual((yield* refused(onDisk()))._tag, "PlanRefused")
      assert.strictEqual(vm.disk("data").content._tag, "Data")
    })
  )

  test("a record that is too old for the disk is taken away", { disks: [disk({ _tag: "Blank" })] }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      // The format was done, its record not yet removed.
      vm.setFaults(({ name, subject }) => (name === "run rm" && subject === record ? "crash" : undefined))
      yield* Effect.exit(boot(onDisk()))
      assert.isDefined(vm.host.files.read(record))
      vm.restartAgent()
      vm.setFaults(undefined)
      yield* started(onDisk())
      assert.isUndefined(vm.host.files.read(record))
      assert.strictEqual(vm.disk("data").formatted, 1)
      assert.notInclude(JSON.stringify(vm.transcript), secret)
    })
  )
})

describe("an answer that is lost", () => {
  for (const program of ["mount", "umount", "mkfs.ext4"]) {
    test(`of ${program}: it is looked again, and the run goes on`, { disks: [disk({ _tag: "Blank" })] }, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        let lost = 0
        if (program === "umount") yield* started(onDisk())
        vm.setFaults(({ name }) => (name === `run ${program}` && lost++ === 0 ? "lose" : undefined))
        yield* started(program === "umount" ? declare() : onDisk())
        assert.isAbove(lost, 0)
        assert.isAtMost(vm.disk("data").formatted, 1)
      })
    )
  }
})
