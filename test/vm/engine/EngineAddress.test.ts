import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { formatEngineAddress, parseEngineAddress } from "../../../src/vm/engine/EngineAddress.ts"

describe("parseEngineAddress", () => {
  it("takes sockets and hosts", () => {
    for (const [text, address] of [
      ["unix:///run/docker.sock", { _tag: "Socket", path: "/run/docker.sock" }],
      [`unix:///${"x".repeat(107)}`, { _tag: "Socket", path: `/${"x".repeat(107)}` }],
      ["tcp://127.0.0.1:2375", { _tag: "Tcp", host: "127.0.0.1", port: 2375 }],
      ["tcp://engine", { _tag: "Tcp", host: "engine", port: 2375 }],
      ["http://engine:80/", { _tag: "Tcp", host: "engine", port: 80 }],
      ["tcp://[::1]:1234", { _tag: "Tcp", host: "::1", port: 1234 }]
    ] as const) {
      assert.deepStrictEqual(parseEngineAddress(text), Result.succeed(address), text)
    }
  })

  it("says what is wrong with the others, and never what else they hold", () => {
    for (const [text, words] of [
      ["", /must begin with/],
      ["/var/run/docker.sock", /must begin with/],
      ["unix://docker.sock", /absolute path/],
      ["unix://", /absolute path/],
      ["unix:///run/\u001Bdocker.sock", /absolute path/],
      [`unix:///${"s3cr3t".repeat(18)}`, /longer than the 108 bytes/],
      [`unix:///${"é".repeat(54)}`, /longer than the 108 bytes/],
      ["ssh://user:s3cr3t@host", /not supported/],
      ["https://user:s3cr3t@host:2376", /not supported/],
      ["tcp://user:s3cr3t@host:2375", /host and a port/],
      ["tcp://host:0", /host and a port/],
      ["tcp://host:70000", /host and a port/],
      ["tcp://", /host and a port/],
      ["tcp://a\u0001b", /host and a port/],
      ["tcp://a\u2066b", /host and a port/],
      ["unix:///run/\u202Edocker.sock", /absolute path/],
      [`tcp://${"s3cr3t".repeat(50)}`, /host and a port/]
    ] as const) {
      const parsed = parseEngineAddress(text)
      if (Result.isSuccess(parsed)) return assert.fail(text)
      assert.match(parsed.failure, words)
      assert.notInclude(parsed.failure, "s3cr3t")
    }
  })

  it.prop("what it takes, it gives back; what it does not take, it refuses", [Schema.String], ([text]) => {
    for (const candidate of [text, `unix://${text}`, `tcp://${text}`, `unix:///${text}`]) {
      const parsed = parseEngineAddress(candidate)
      if (Result.isFailure(parsed)) continue
      assert.deepStrictEqual(parseEngineAddress(formatEngineAddress(parsed.success)), parsed)
    }
  })
})
