import { assert, describe, it } from "@effect/vitest"
import * as Option from "effect/Option"
import * as EngineAnswer from "../../../src/vm/engine/EngineAnswer.ts"

const died = (exitCode: unknown) =>
  EngineAnswer.event(JSON.stringify({ Action: "die", Actor: { Attributes: { exitCode } } }))

describe("event", () => {
  it("tells a container's end with its exit code", () => {
    assert.deepStrictEqual(died("137"), Option.some({ _tag: "Died", exitCode: 137 }))
    assert.deepStrictEqual(EngineAnswer.event('{"Action":"die"}'), Option.some({ _tag: "Died", exitCode: 0 }))
  })

  it("is of no concern where its exit code is none", () => {
    for (const exitCode of ["", "x", "NaN", "1.5", "1e999", "0x10", "9".repeat(30), 1]) {
      assert.deepStrictEqual(died(exitCode), Option.none(), String(exitCode))
    }
  })
})

describe("inspection", () => {
  const inspected = (Status: string) =>
    Option.map(
      EngineAnswer.inspection({
        Id: "1",
        Name: "/web",
        Image: "sha256:0",
        State: { Status, ExitCode: 0 },
        Config: {},
        HostConfig: {}
      }),
      ({ status }) => status
    )

  for (const [said, meant] of [
    ["running", "running"],
    ["stopping", "running"],
    ["stopped", "exited"],
    ["initialized", "created"],
    ["configured", "created"]
  ] as const) {
    it(`takes the status "${said}" for ${meant}`, () => assert.deepStrictEqual(inspected(said), Option.some(meant)))
  }

  it("is none where the engine does not know the status itself", () => {
    for (const said of ["unknown", "bad state", "", "toString"]) {
      assert.deepStrictEqual(inspected(said), Option.none(), said)
    }
  })
})
