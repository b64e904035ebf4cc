import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { engineFailure, thrown } from "../../../src/vm/engine/EngineFailure.ts"

const reasonOf = (cause: unknown) => engineFailure("an operation", "unix:///x", thrown(cause)).reason

describe("engineFailure", () => {
  it("names what the engine answered", () => {
    for (const [statusCode, tag, isRetryable] of [
      [400, "RequestRefused", false],
      [404, "NotFound", false],
      [409, "Conflict", false],
      [500, "EngineFailed", true],
      [503, "EngineFailed", true]
    ] as const) {
      const reason = reasonOf({ statusCode, json: { message: "its own words" }, message: "(HTTP code) not these" })
      assert.strictEqual(reason._tag, tag)
      assert.strictEqual(reason.isRetryable, isRetryable)
      assert.strictEqual(reason.detail, "its own words")
    }
    const full = reasonOf({ statusCode: 500, json: { message: "write /x: no space left on device" } })
    assert.strictEqual(full._tag, "NoSpace")
  })

  it("tells an engine that is not there from an answer that was lost", () => {
    for (const code of ["ENOENT", "ECONNREFUSED", "ENOTFOUND"]) {
      const reason = reasonOf(Object.assign(new Error("connect"), { code }))
      assert.strictEqual(reason._tag, "EngineUnreachable")
      assert.include(reason.detail, "unix:///x")
    }
    for (const code of ["ECONNRESET", "EPIPE"]) {
      assert.strictEqual(reasonOf(Object.assign(new Error("hang up"), { code }))._tag, "AnswerLost")
    }
    assert.strictEqual(reasonOf(new Error("socket hang up"))._tag, "AnswerLost")
  })

  it("takes a socket that may not be opened for what stays so, and a firewall's no for what may pass", () => {
    for (const code of ["EACCES", "EPERM"]) {
      const cause = thrown(Object.assign(new Error("connect"), { code }))
      const error = engineFailure("ping the engine", "unix:///var/run/docker.sock", cause)
      assert.strictEqual(error.reason._tag, "EngineAccessDenied")
      assert.isFalse(error.isRetryable)
      assert.strictEqual(
        error.message,
        "ping the engine: unix:///var/run/docker.sock may not be opened: permission denied"
      )
      assert.include(error.advice, "Run as root")
      const remote = engineFailure("ping the engine", "tcp://192.0.2.7:2375", cause)
      assert.strictEqual(remote.reason._tag, "EngineUnreachable")
    }
  })

  it("takes a status that is none for a lost answer", () => {
    for (const statusCode of [404.5, -1, 0, 1e300, Number.NaN, "500"]) {
      assert.strictEqual(reasonOf({ statusCode, message: "words" })._tag, "AnswerLost", String(statusCode))
    }
  })

  it("quotes no code that is not the system's", () => {
    for (const code of ["x".repeat(100_000), "\u001B[31m", ""]) {
      const { detail } = reasonOf({ code, message: "hung up" })
      assert.strictEqual(detail, "the connection to unix:///x broke: hung up")
    }
  })

  it("takes the client's own prefix off", () => {
    const message = "(HTTP code 500) unexpected - Head http://x: no basic auth credentials "
    assert.strictEqual(reasonOf({ statusCode: 500, message }).detail, "Head http://x: no basic auth credentials")
  })

  it.prop("never fails on what is thrown, and says it on one bounded line", [Schema.Json], ([value]) => {
    const { detail } = reasonOf({ statusCode: 500, json: { message: value }, message: value })
    assert.notMatch(detail, /\p{Cc}/u)
    assert.isAtMost(detail.length, 601)
  })
})
