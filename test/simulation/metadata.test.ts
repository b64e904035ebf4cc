import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { runInVirtualTime } from "../../src/simulation/host/VirtualTime.ts"
import type { MetadataManners } from "../../src/simulation/network/SimulatedMetadata.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { MetadataProvider } from "../../src/vm/metadata/MetadataProvider.ts"

/**
 * What whoever waits is told of a VM on which `one`, then `two` was declared, after how long, and what whoever reads
 * is.
 */
const asked = (manners: MetadataManners) =>
  Effect.gen(function* () {
    const vm = yield* SimulatedVm
    const metadata = yield* MetadataProvider
    vm.setDeclaration("one")
    vm.setDeclaration("two")
    const first = yield* metadata.declarationAfter(Option.none())
    vm.setMetadataManners(manners)
    const began = yield* vm.now
    const second = yield* metadata.declarationAfter(first.tag)
    const took = (yield* vm.now) - began
    return {
      told: Option.getOrThrow(second.declaration).text,
      read: Option.getOrThrow(yield* metadata.declaration).text,
      isOldTag: !Option.contains(second.tag, Option.getOrThrow(first.tag)),
      hasWaited: took > 50_000
    }
  }).pipe(Effect.provide(SimulatedVm.layer()), runInVirtualTime)

describe("a simulated metadata server", () => {
  it.effect("has whoever waits wait, and tells the present", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* asked({}), { told: "two", read: "two", isOldTag: false, hasWaited: true })
    })
  )

  it.effect("answers at once, with an old tag, or late, where it is told to", () =>
    Effect.gen(function* () {
      const well = { told: "two", read: "two", isOldTag: false, hasWaited: true }
      assert.deepStrictEqual(yield* asked({ polls: "at once" }), { ...well, hasWaited: false })
      assert.deepStrictEqual(yield* asked({ polls: "with an old tag" }), { ...well, isOldTag: true })
      assert.deepStrictEqual(yield* asked({ late: "polls" }), { ...well, told: "one" })
      assert.deepStrictEqual(yield* asked({ late: "reads" }), { ...well, read: "one" })
    })
  )
})
