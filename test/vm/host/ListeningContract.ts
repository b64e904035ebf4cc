import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { ListeningPorts } from "../../../src/vm/host/ListeningPorts.ts"
import { HostFixture, type HostTest } from "./HostFixture.ts"

export const listeningContract = (test: HostTest) => {
  test(
    "what listens on the host is seen, whatever it is",
    Effect.gen(function* () {
      const { observe } = yield* ListeningPorts
      const { listening } = yield* HostFixture
      const { port, address } = yield* listening
      const found = (yield* observe).filter((one) => one.port === port)
      assert.deepStrictEqual([...new Set(found.map(({ protocol }) => protocol))], ["tcp"])
      assert.deepStrictEqual([...new Set(found.map((one) => one.address))], [address])
    })
  )
}
