import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { WelcomeScript } from "../../../src/vm/host/WelcomeScript.ts"
import { HostFixture, type HostTest, readFile } from "./HostFixture.ts"

export const welcomeContract = (test: HostTest) => {
  test(
    "writes a script, and writes over it",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const welcome = yield* WelcomeScript
      yield* welcome.write(["first"])
      yield* welcome.write(["it's the second", "$HOME"])
      const text = yield* readFile(host.scriptPath)
      assert.notInclude(text, "first")
      assert.include(text, "the second")
      assert.include(text, "$HOME")
    })
  )
}
