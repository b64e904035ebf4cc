import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import {
  allCapabilities,
  capabilityOf,
  linuxCapabilities,
  resolveCapabilities
} from "../../src/workload/capabilities.ts"

describe("capabilities", () => {
  it("are known with and without CAP_, in any case", () => {
    for (const text of ["NET_ADMIN", "CAP_NET_ADMIN", "net_admin", "cap_Net_Admin"]) {
      assert.strictEqual(capabilityOf(text), "CAP_NET_ADMIN")
    }
    assert.strictEqual(capabilityOf("all"), "ALL")
    for (const text of ["", "CAP_", "CAP_ALL", "NET_ADMN", "CAP_CAP_CHOWN", "CHOWN "]) {
      assert.isUndefined(capabilityOf(text), text)
    }
    assert.lengthOf(linuxCapabilities, 41)
  })

  const few = ["ALL", "CAP_CHOWN", "CAP_KILL", "CAP_SYS_TIME", "CAP_SYS_ADMIN"]
  const usual: ReadonlySet<string> = new Set(["CAP_CHOWN", "CAP_KILL"])
  const everything = few.filter((name) => name !== allCapabilities)
  const list = Arbitrary.array(
    Arbitrary.map(
      Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: few.length - 1 }))),
      (index) => few[index]!
    ),
    { maxLength: 4 }
  )

  /** As containerd applies them, one after the other. */
  const containerd = (add: ReadonlyArray<string>, drop: ReadonlyArray<string>) => {
    const start = drop.includes("ALL") ? [] : add.includes("ALL") ? everything : [...usual]
    const all = new Set([...start, ...add.filter((name) => name !== "ALL")])
    for (const name of drop) all.delete(name)
    return [...all].toSorted()
  }

  /** As the engine does. Source: TweakCapabilities in moby's oci/caps. */
  const engine = (add: ReadonlyArray<string>, drop: ReadonlyArray<string>) => {
    if (add.includes("ALL")) return everything.filter((name) => !drop.includes(name)).toSorted()
    if (drop.includes("ALL")) return [...add].toSorted()
    return [...new Set([...[...usual].filter((name) => !drop.includes(name)), ...add])].toSorted()
  }

  it.prop("come to what containerd makes of them", { add: list, drop: list }, ({ add, drop }) => {
    const resolved = resolveCapabilities({ add, drop })
    assert.deepStrictEqual(engine(resolved.add, resolved.drop), containerd(add, drop))
    assert.deepStrictEqual(resolveCapabilities(resolved), resolved)
    assert.isFalse(resolved.add.some((name) => resolved.drop.includes(name)))
  })
})
