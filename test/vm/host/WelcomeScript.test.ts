import { spawnSync } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { WelcomeScript, welcomeScript } from "../../../src/vm/host/WelcomeScript.ts"
import { fakeCommands } from "./FakeCommands.ts"

/** What a POSIX shell prints that sources the script, and then says that it lives on. */
const printed = (script: string) => {
  const { status, stderr, stdout } = spawnSync("sh", ["-eu"], { input: `${script}\nprintf %s end\n`, encoding: "utf8" })
  assert.strictEqual(stderr, "")
  assert.strictEqual(status, 0)
  assert.isTrue(stdout.endsWith("end"))
  return stdout.slice(0, -"end".length)
}

const Line = Schema.Array(
  Schema.Literals([
    "'",
    '"',
    "\\",
    "$HOME",
    "`id`",
    "$(id)",
    "%s",
    "%",
    " ",
    "\\n",
    "!",
    "-n",
    "EOF",
    "#",
    "~",
    "*",
    "ü",
    "🚢",
    ";",
    "exit 1"
  ])
)

describe("welcomeScript", () => {
  it.prop(
    "prints its lines as they are",
    [Schema.Array(Line)],
    ([parts]) => {
      const lines = parts.map((line) => line.join(""))
      assert.strictEqual(printed(welcomeScript(lines)), lines.map((line) => `${line}\n`).join(""))
    },
    { arbitrary: { seed: 5, runs: 40 } }
  )

  it("prints nothing where there is nothing to print", () => {
    assert.strictEqual(printed(welcomeScript([])), "")
  })

  it("takes out what commands a terminal, and keeps a line one line", () => {
    const hostile = "\u001b[2Jred\u001b]0;title\u0007 a\r\nb\tc\u0000\u009b1m\u202e\u2066d\u2028"
    assert.strictEqual(printed(welcomeScript([hostile])), "[2Jred]0;title a b c1md\n")
  })
})

describe("WelcomeScript", () => {
  const path = "/etc/profile.d/gce-containers-welcome.sh"

  it.effect("writes beside, then moves into place", () => {
    const commands = fakeCommands({
      [`install -m 0755 -T -- /dev/null ${path}.new`]: {},
      [`tee -- ${path}.new`]: { stdout: "the script" },
      [`mv -f -T -- ${path}.new ${path}`]: {}
    })
    return Effect.gen(function* () {
      const welcome = yield* WelcomeScript
      yield* welcome.write(["hello"])
      assert.deepStrictEqual(
        commands.ran.map(({ program }) => program),
        ["install", "tee", "mv"]
      )
      assert.strictEqual(commands.ran[1]?.stdin, welcomeScript(["hello"]))
    }).pipe(Effect.provide(WelcomeScript.layer().pipe(Layer.provide(commands.layer))))
  })

  it.effect("leaves the old one where the new one cannot be written, and does not quote it", () => {
    const commands = fakeCommands({
      [`install -m 0755 -T -- /dev/null ${path}.new`]: {},
      [`tee -- ${path}.new`]: { exitCode: 1, stdout: "hello", stderr: "tee: No space left on device\n" }
    })
    return Effect.gen(function* () {
      const welcome = yield* WelcomeScript
      const error = yield* Effect.flip(welcome.write(["hello"]))
      assert.strictEqual(error.message, `write ${path}: tee: No space left on device (exit code 1)`)
    }).pipe(Effect.provide(WelcomeScript.layer().pipe(Layer.provide(commands.layer))))
  })
})
