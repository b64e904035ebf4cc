import { assert, describe, it } from "@effect/vitest"
import { problemsOf, saidOf, workloadOf } from "./Declared.ts"

const web = (logging: unknown) => ({ containers: [{ image: "nginx", logging }] })
const loggingOf = (logging: unknown) => workloadOf(web(logging)).containers[0].logging

describe("logging", () => {
  it("is a driver with options, as Compose writes it", () => {
    assert.isUndefined(loggingOf(undefined))
    assert.isUndefined(loggingOf(null))
    assert.deepStrictEqual(loggingOf({}), { driver: "json-file", options: {} })
    assert.deepStrictEqual(loggingOf({ options: { "max-file": 5 } }), {
      driver: "json-file",
      options: { "max-file": "5" }
    })
    assert.deepStrictEqual(loggingOf({ driver: "default" }), { driver: "default", options: {} })
    assert.deepStrictEqual(loggingOf({ driver: "loki", options: { "loki-url": "http://x" } }), {
      driver: "loki",
      options: { "loki-url": "http://x" }
    })
  })

  it("has options that the driver has, of which no value is shown", () => {
    assert.deepStrictEqual(problemsOf(web({ driver: "json-file", options: { "max-sise": "hunter2" } })), [
      ['the log driver "json-file" has no option "max-sise"', 'Did you mean "max-size"?']
    ])
    const said = (driver: string, options: object) => saidOf(web({ driver, options }))
    for (const size of ["10m", "1.5g", "100", "1 MiB", "500kb"]) {
      assert.deepStrictEqual(said("json-file", { "max-size": size }), [], size)
    }
    for (const size of ["", "0", "10 apples", "-1", "m"]) {
      assert.deepStrictEqual(said("local", { "max-size": size }), ["LogOptionInvalid"], size)
    }
    for (const count of ["0", "-1", "three", "1.5"]) {
      assert.deepStrictEqual(said("json-file", { "max-file": count }), ["LogOptionInvalid"], count)
    }
    assert.deepStrictEqual(said("journald", { tag: "web" }), [])
    assert.deepStrictEqual(said("journald", { "max-size": "1m" }), ["LogOptionInvalid"])
    assert.deepStrictEqual(said("syslog", { whatever: "it takes" }), [])
    assert.deepStrictEqual(said("default", { tag: "web" }), ["LogOptionInvalid"])
    assert.notInclude(JSON.stringify(problemsOf(web({ driver: "json-file", options: { a: "hunter2" } }))), "hunter2")
  })
})
