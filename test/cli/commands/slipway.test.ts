import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { slipway } from "../CommandLine.ts"

describe("the command line", () => {
  it.effect("builds no layers for help, version, completions and check", () =>
    Effect.gen(function* () {
      for (const args of [
        ["--help"],
        ["--version"],
        ["up", "--help"],
        ["plan", "--help"],
        ["check", "--help"],
        ["schema", "--help"],
        ["rehearse", "--help"],
        ["--completions", "bash"]
      ]) {
        const run = yield* slipway(args)
        assert.strictEqual(run.exitCode, 0, args.join(" "))
        assert.deepStrictEqual(run.hosts, [])
        assert.strictEqual(run.stderr, "")
        assert.isNotEmpty(run.stdout)
      }
      assert.match((yield* slipway(["--version"])).stdout, /1\.2\.3/)
    })
  )

  it.effect("every command's help has examples, and every flag of up its variable", () =>
    Effect.gen(function* () {
      for (const command of ["up", "plan", "check", "schema", "rehearse"]) {
        assert.match((yield* slipway([command, "--help"])).stdout, new RegExp(`EXAMPLES\\n[^]*slipway ${command}`))
      }
      const { stdout } = yield* slipway(["up", "--help"])
      for (const name of ["DECLARATION", "TOKEN", "OPEN_IPTABLES", "SHOW_WELCOME", "DETACHED", "CONFIRM"]) {
        assert.include(stdout, `SLIPWAY_${name}`)
      }
    })
  )

  it.effect("every help fits a terminal of 80 columns, and shows the choices where a value stands", () =>
    Effect.gen(function* () {
      const { stdout: top } = yield* slipway(["--help"])
      const [, list = ""] = /COMMANDS\n([^]*?)\n\n/.exec(top) ?? []
      const commands = [...list.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name!)
      assert.includeMembers(commands, ["up", "agent", "migrate"])
      for (const args of [[], ...commands.map((name) => [name])]) {
        const { stdout } = yield* slipway([...args, "--help"])
        for (const text of stdout.split("\n")) {
          // An example is one line, as it is typed; a flag stands on its line alone.
          if (!/^ {2}(slipway|docker|--)/.test(text)) assert.isAtMost(text.length, 80, text)
        }
        assert.notInclude(stdout, "(choices:")
      }
      const { stdout } = yield* slipway(["convert", "--help"])
      assert.match(stdout, /\n {2}--format text\|json\n {6}Print text for people/)
      assert.match(stdout, /\n {2}FILE\.\.\.\n {6}\w/)
      assert.match((yield* slipway(["up", "--help"])).stdout, /\n {2}--open-iptables\[=all\|declared\|no\]\n/)
    })
  )

  it.effect("a usage error: 78, one line and where help is", () =>
    Effect.gen(function* () {
      const flag = yield* slipway(["up", "--nope"])
      assert.strictEqual(flag.exitCode, 78)
      assert.strictEqual(flag.stdout, "")
      assert.match(flag.stderr, /^slipway: .*--nope.*\nTry: slipway up --help\n$/)
      assert.strictEqual((yield* slipway(["bring-down"])).exitCode, 78)
      assert.strictEqual((yield* slipway(["check"])).exitCode, 78)
      assert.strictEqual((yield* slipway(["up", "-detached=perhaps"])).exitCode, 78)
    })
  )

  it.effect("commands of others are answered in one line, with what there is", () =>
    Effect.gen(function* () {
      const pointers: ReadonlyArray<readonly [command: string, ...found: ReadonlyArray<string>]> = [
        ["ps", "slipway status", "docker ps --all --filter label=slipway.workload"],
        ["logs", "docker logs NAME", "journalctl --unit slipway"],
        ["run", "slipway up"],
        ["start", "slipway up"],
        ["restart", "systemctl restart slipway"],
        ["stop", "slipway down"],
        ["exec", "docker exec"],
        ["version", "slipway --version"],
        ["help", "slipway --help"]
      ]
      for (const [command, ...found] of pointers) {
        for (const args of [[command], [command, "web"], [command, "--follow", "web"]]) {
          const { exitCode, stdout, stderr } = yield* slipway(args)
          assert.strictEqual(exitCode, 78)
          assert.strictEqual(stdout, "")
          const [line = "", ...others] = stderr.split("\n")
          for (const text of [`slipway: Slipway has no command "${command}": `, ...found]) assert.include(line, text)
          assert.deepStrictEqual(others, ["Try: slipway --help", ""], args.join(" "))
        }
      }
      assert.match((yield* slipway(["frobnicate"])).stderr, /^slipway: .*frobnicate.*\nTry: slipway --help\n$/)
      assert.match((yield* slipway(["constructor"])).stderr, /^slipway: .*constructor.*\nTry: slipway --help\n$/)
    })
  )

  it.effect("usage errors are few and short, and command no terminal", () =>
    Effect.gen(function* () {
      for (const args of [[`-${"xyz".repeat(20_000)}`], [`--${"x".repeat(100_000)}`], ["--no\u009B2J\u202Epe"]]) {
        const { exitCode, stderr } = yield* slipway(["plan", ...args])
        assert.strictEqual(exitCode, 78)
        assert.isBelow(stderr.length, 6000)
        assert.notMatch(stderr, /[^\P{Cc}\n]|[\u2028-\u202E\u2066-\u2069]/u)
        assert.match(stderr, /\nTry: slipway plan --help\n$/)
      }
    })
  )
})
