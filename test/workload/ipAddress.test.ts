import { isIP } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import { isIpAddress, isUnspecified } from "../../src/workload/ipAddress.ts"

const pieces = Schema.Literals([
  "0",
  "1",
  "255",
  "256",
  "01",
  "a",
  "ffff",
  "fffff",
  ":",
  "::",
  ".",
  "1.2.3.4",
  "%1",
  ""
])
const text = Arbitrary.map(Arbitrary.array(Arbitrary.schema(pieces), { maxLength: 17 }), (parts) => parts.join(""))
const groups = Arbitrary.map(
  Arbitrary.array(Arbitrary.schema(Schema.Literals(["0", "1", "fd00", "", "1.2.3.4"])), { maxLength: 10 }),
  (parts) => parts.join(":")
)

describe("an IP address", () => {
  it.prop("is one to Node as well", [text, groups], ([text, groups]) => {
    for (const address of [text, groups]) {
      // Node takes a zone, which means nothing outside of one host.
      assert.strictEqual(isIpAddress(address), isIP(address) !== 0 && !address.includes("%"), address)
    }
  })

  it("may be unspecified", () => {
    for (const address of ["0.0.0.0", "::", "0:0:0:0:0:0:0:0", "::0"]) assert.isTrue(isUnspecified(address), address)
    for (const address of ["127.0.0.1", "::1", "0.0.0.1"]) assert.isFalse(isUnspecified(address), address)
  })
})
