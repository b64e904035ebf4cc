import { assert, describe, it } from "@effect/vitest"
import { ofLibrary, ofTesting } from "../scripts/apiReference.ts"
import { signatureOf } from "../scripts/api/signatureOf.ts"

const exported = new Map([...ofLibrary(), ...ofTesting()].map((one) => [one.name, one]))

const shown = (name: string) => {
  const { kind, code } = signatureOf(exported.get(name)!)
  return `${kind}: ${code}`
}

describe("the API reference shows", () => {
  it("an error with its fields, as they are decoded, with their docstrings, and those that all problems have", () => {
    assert.strictEqual(
      shown("PortNameDuplicate"),
      `error: class PortNameDuplicate {
  readonly name: string
  /** Of the first port with it. */
  readonly firstLine: number
  // Where something was found: fields of every problem and every warning.
  readonly file: string; readonly line: number; readonly column: number; readonly excerpt: string
}`
    )
    assert.include(shown("HostPortInUse"), '  readonly protocol: "tcp" | "udp" | "sctp"\n')
    assert.include(shown("HostPortInUse"), "  readonly takenBy?: string\n")
    assert.match(shown("CommandContainsWhiteSpace"), /^class: class/)
  })

  it("a service with its contract and its layers", () => {
    const client = shown("DockerClient")
    assert.include(
      client,
      "  /** No error if it is already running. */\n  readonly startContainer: (id: string) => Effect"
    )
    assert.include(client, "  static layer(address?: EngineAddress)\n}")
  })

  it("a function with its parameters, and an Effect as none", () => {
    assert.strictEqual(shown("agent"), "function: agent(settings: Settings, options?: AgentOptions): Effect<…>")
    assert.match(
      shown("fromDockerRun"),
      /^function: fromDockerRun\(\{ file, command, envFiles \}: DockerRunSource\): Result/
    )
    assert.match(shown("runFleet"), /^function: runFleet<E extends/)
    assert.strictEqual(
      shown("readStatus"),
      "constant: const readStatus: Effect.Effect<Option.Option<Status>, StatusUnreadable, StatusFile>"
    )
    assert.strictEqual(shown("statusNow"), "constant: const statusNow: Effect<…>")
  })

  it("a schema, constants in it by their values and fields of another by their types", () => {
    assert.include(shown("GuestStatus"), '  readonly verdict: "as declared" | "not as declared" | "unknown"\n')
    assert.include(shown("TimelineJson"), "  readonly version: 1\n  readonly number: number\n")
    assert.include(shown("DockerErrorReason"), "schema DockerErrorReason =\n  | EngineUnreachable\n")
  })

  it("what a namespace has, and what of it has no other name", () => {
    assert.match(shown("EngineReason"), /^namespace: .*NotFound/)
    assert.match(shown("EngineReason.Conflict"), /^error: /)
  })

  it("a type as it is written", () => {
    assert.strictEqual(shown("Operation"), "type: type Operation = keyof typeof deadlineTable")
    assert.match(shown("StepRecord"), /^interface: interface StepRecord/)
  })
})
