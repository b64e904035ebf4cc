import { assert, describe, it } from "@effect/vitest"
import { isDnsLabel, isDnsName } from "../../src/workload/dnsName.ts"

/** As Kubernetes' own tests of IsDNS1123Label and IsDNS1123Subdomain have them. */
describe("a DNS name", () => {
  it("of one label is as in Kubernetes", () => {
    for (const name of ["a", "ab", "a1", "a-1", "a--1--2--b", "0", "01", "1-a", "a".repeat(63)]) {
      assert.isTrue(isDnsLabel(name), name)
    }
    for (const name of ["", "A", "aBc", "-", "a-", "-a", "_", "a_", "a.b", "a b", " a", "a\n", "é", "a".repeat(64)]) {
      assert.isFalse(isDnsLabel(name), name)
    }
  })

  it("of several labels is as in Kubernetes", () => {
    for (const name of ["a", "a.b.c", "0.a", "a-1.b-1", "a".repeat(253)]) assert.isTrue(isDnsName(name), name)
    for (const name of ["", ".", "a.", ".a", "a..b", "a.-b", "A.a", "a_b", "a b", "a".repeat(254)]) {
      assert.isFalse(isDnsName(name), name)
    }
  })
})
