import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { HostIdentity } from "../../../src/vm/host/HostIdentity.ts"
import { isIpV4 } from "../../../src/workload/ipAddress.ts"
import type { HostTest } from "./HostFixture.ts"

export const identityContract = (test: HostTest): void => {
  test(
    "a host has a name, an identity that stays, and no loopback for an address",
    Effect.gen(function* () {
      const identity = yield* HostIdentity
      assert.match(yield* identity.name, /^[\w.-]+$/)
      const machine = yield* identity.machine
      assert.isNotEmpty(machine)
      assert.strictEqual(yield* identity.machine, machine)
      const address = Option.getOrUndefined(yield* identity.address)
      if (address === undefined) return
      assert.isTrue(isIpV4(address))
      assert.notMatch(address, /^127\./)
    })
  )
}
