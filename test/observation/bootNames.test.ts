import { assert, describe, it } from "@effect/vitest"
import { bootNames, nameFor } from "../../src/observation/bootNames.ts"
import type { LostContainer } from "../../src/observation/Observation.ts"

const first = "klt-web-abcd"
const names = bootNames(first)

const lost = (name: string): LostContainer => ({
  id: name,
  name,
  imageId: "",
  labels: {},
  status: "dead",
  exitCode: undefined,
  why: "the engine cannot inspect it"
})

describe("the names of one boot's container", () => {
  it("begin with the first, look like it, and are all different", () => {
    assert.strictEqual(names[0], first)
    assert.strictEqual(new Set(names).size, names.length)
    assert.isAtLeast(names.length, 10)
    for (const name of names) assert.match(name, /^klt-web-[a-z]{4}$/)
    for (const name of bootNames("klt--abcd")) assert.match(name, /^klt--[a-z]{4}$/)
  })

  it("follow from the first alone: a release that changed them would not know its own containers", () => {
    assert.deepStrictEqual(names.slice(1, 4), ["klt-web-agwa", "klt-web-vkoo", "klt-web-fzed"])
    assert.deepStrictEqual(bootNames(first), names)
    assert.notDeepEqual(bootNames("klt-web-abce").slice(1), names.slice(1))
  })

  it("the next to give is the first that nothing has which cannot be moved", () => {
    const none = { containers: [], lost: [], unusableNames: [] }
    assert.strictEqual(nameFor(names, none), first)
    assert.strictEqual(nameFor(names, { ...none, lost: [lost(first)] }), names[1])
    assert.strictEqual(nameFor(names, { ...none, lost: [lost(first)], unusableNames: [{ name: names[1]! }] }), names[2])
    assert.strictEqual(nameFor(names, { ...none, lost: [lost("klt-web-zzzz")] }), first)
    // With all of them taken, the engine's refusal of the first says why.
    assert.strictEqual(nameFor(names, { ...none, unusableNames: names.map((name) => ({ name })) }), first)
  })
})
