import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { defaultSettings } from "../../src/startup/Settings.ts"
import { startup } from "../../src/startup/startup.ts"
import { declare, refused, running, started, test } from "./SimulatedBoot.ts"

const own = "slipway-declaration"
const konlets = "gce-container-declaration"

/** What leaves the container without its variables: konlet went on. */
const misspelt = declare({ env: undefined, enviroment: [] })

describe("a key that is added while a run asks for it", () => {
  for (const declarationKey of [own, konlets] as const) {
    test(`${declarationKey} is not told to be misspelt`, { declarationKey }, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        // The list of keys has it already.
        vm.setMetadataManners({ late: "reads" })
        vm.setDeclaration(declare())
        assert.deepStrictEqual(yield* startup(defaultSettings), { _tag: "NothingDeclared" })
      })
    )
  }
})

describe("under konlet's key", () => {
  test("a misspelt key is a warning: what ran under konlet goes on", { declaration: misspelt }, () =>
    Effect.gen(function* () {
      const report = yield* startup(defaultSettings)
      assert.strictEqual(report._tag, "Running")
      assert.match(report._tag === "Running" ? report.warnings.join() : "", /:1:\d+: .*"enviroment"; it is ignored/)
    })
  )

  test("it stays one for the last good declaration", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(misspelt)
      yield* vm.reboot
      vm.setFaults(({ name }) => (name.startsWith("metadata") ? "fail" : undefined))
      const report = yield* started(undefined)
      assert.match(report.degraded.join(), /last declaration that came up/)
      assert.match(report.warnings.join(), /\(last good\):1:\d+: .*"enviroment"/)
    })
  )

  test("and for one that an earlier version kept", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(misspelt)
      const path = "/var/lib/slipway/declaration"
      const { machine, text } = JSON.parse(vm.host.files.read(path) ?? "") as { machine: string; text: string }
      const { dialect, ...earlier } = JSON.parse(text) as Record<string, string>
      assert.strictEqual(dialect, "konlet")
      vm.host.files.write(path, JSON.stringify({ machine, text: JSON.stringify(earlier) }))
      vm.setFaults(({ name }) => (name.startsWith("metadata") ? "fail" : undefined))
      assert.isTrue((yield* started(undefined)).kept)
    })
  )
})

describe("under our key", () => {
  test("a misspelt key is refused, and what runs is left", { declarationKey: own }, () =>
    Effect.gen(function* () {
      const before = yield* started(declare())
      const error = yield* refused(misspelt)
      assert.strictEqual(error._tag, "DeclarationInvalid")
      assert.match(error.message, /metadata:slipway-declaration:1:\d+: error: a container has no key "enviroment"/)
      assert.deepStrictEqual(yield* running, [before.name])
    })
  )

  test("the last good declaration is read as strictly", { declarationKey: own }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      const path = "/var/lib/slipway/declaration"
      assert.include(vm.host.files.read(path) ?? "", String.raw`\"dialect\":\"slipway\"`)
    })
  )
})

describe("an empty declaration under our key", () => {
  for (const empty of ["", "\n", "# nothing yet\n", "---\n...\n"]) {
    test(
      `gives way to konlet's, which is said: ${JSON.stringify(empty)}`,
      { declarationKey: konlets, attributes: { [own]: empty } },
      () =>
        Effect.gen(function* () {
          const report = yield* started(declare())
          assert.match(
            report.warnings.join(),
            /"slipway-declaration" is empty, .* "gce-container-declaration" was taken/
          )
        })
    )
  }

  test("is refused where there is no other, or an empty one", { declaration: "", declarationKey: own }, () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* Effect.flip(startup(defaultSettings)))._tag, "DeclarationInvalid")
    })
  )

  test("is refused beside another empty one", { declaration: "", attributes: { [own]: " " } }, () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(startup(defaultSettings))
      assert.match(error.message, /^metadata:slipway-declaration:/)
    })
  )

  test("goes before konlet's where it is not empty, without a word", { attributes: { [own]: declare() } }, () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* started("nonsense")).warnings, [])
    })
  )
})

describe("a declaration under a key that nothing reads", () => {
  const misspellings =
    "gce_container_declaration docker-container-declaration slipway_declaration Slipway-Declaration slipway-declarations " +
    "gce-container-declartion container-declaration slipway-declaration-v2 slipwaydeclaration google-container-manifest"
  for (const key of misspellings.split(" ")) {
    test(`is refused with what it was found under: ${key}`, { attributes: { [key]: declare() } }, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(startup(defaultSettings))
        assert.strictEqual(error._tag, "DeclarationKeyMisspelt")
        assert.include(error.message, `"${key}"`)
      })
    )
  }

  test("is not asked for where there is one", { attributes: { gce_container_declaration: "x" } }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      assert.isFalse(vm.transcript.some(({ name }) => name === "metadata keys"))
    })
  )

  const others = { "gce-software-declaration": "{}", "slipway-settings": "x", "startup-script": "x", "user-data": "x" }
  test("is not seen in other keys", { attributes: others }, () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* startup(defaultSettings))._tag, "NothingDeclared")
    })
  )

  test("what metadata said of the declaration stands, though its keys cannot be listed", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      vm.setDeclaration(undefined)
      vm.setFaults(({ name }) => (name === "metadata keys" ? "fail" : undefined))
      const error = yield* Effect.flip(startup(defaultSettings))
      assert.strictEqual(error._tag, "MetadataError")
    })
  )
})
