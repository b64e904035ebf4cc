import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import { judgeFirstRun, parseUnitState } from "../../src/install/FirstRun.ts"
import { unitPath, unitText } from "../../src/install/unit.ts"
import { CommandRunner } from "../../src/vm/host/CommandRunner.ts"
import type { Command } from "../../src/vm/host/Command.ts"
import { HostFiles } from "../../src/vm/host/HostFiles.ts"
import { slipway } from "../cli/CommandLine.ts"

const path = "/usr/local/bin/slipway"
const url = "https://downloads.example/slipway"
const digest = (text: string) => createHash("sha256").update(text).digest("hex")

/** What becomes of a unit that runs an executable, a look at a time: systemd's words, and the exit code of its end. */
type Life = ReadonlyArray<readonly [active: string, sub: string, exitCode?: number]>
interface Executable {
  readonly life: Life
  /** What `slipway status` exits with once it runs. */
  readonly status?: number
  readonly version?: number
  readonly install?: number
}
const starting = ["activating", "start"] as const
const good: Executable = { life: [["deactivating", "stop-sigterm"], starting, starting, ["active", "running"]] }

/** A VM whose unit runs the executable that is in its place, by its text. */
const makeVm = (newer: Executable, { served = "newer", isRunning = true, unit = agentUnit, old = good } = {}) => {
  const executables: Readonly<Record<string, Executable>> = { old, newer }
  const files = new Map([
    [path, "old"],
    [unitPath, unit]
  ])
  const done: Array<string> = []
  let invocation = 1
  let looks = isRunning ? Infinity : -1
  const own = () => executables[files.get(path) ?? ""]!
  const now = () => (looks < 0 ? (["inactive", "dead"] as const) : own().life[Math.min(looks, own().life.length - 1)]!)
  const answer = ({ program, args, stdin = "" }: Command): readonly [code: number, stdout?: string] => {
    const last = args.at(-1)!
    if (program === "systemctl" && args[0] === "show" && args[1]!.includes("LoadState")) {
      const isOurs = last === "slipway.service"
      return [
        0,
        `LoadState=${isOurs ? "loaded" : "not-found"}\nUnitFileState=${isOurs ? "enabled" : ""}\nFragmentPath=\n`
      ]
    }
    if (program === "systemctl" && args[0] === "show") {
      const [active, sub, exitCode = 0] = now()
      // Until the job has begun, the unit is what it was.
      const isBegun = looks > 0
      if (looks >= 0) looks++
      const state = isBegun || invocation === 1 ? invocation : invocation - 1
      const result = exitCode === 0 ? "success" : "exit-code"
      return [
        0,
        `ActiveState=${active}\nSubState=${sub}\nResult=${result}\nExecMainStatus=${exitCode}\nInvocationID=${state}\n`
      ]
    }
    if (program === "cat") return files.has(last) ? [0, files.get(last)!] : [1]
    if (program === "sha256sum") return files.has(last) ? [0, `${digest(files.get(last)!)}  ${last}\n`] : [1]
    const text = files.get(program)
    if (text !== undefined && args[0] === "--version") return [executables[text]!.version ?? 0, `slipway ${text}\n`]
    if (text !== undefined && args[0] === "status") return [executables[text]!.status ?? 0]
    done.push([program === "sh" ? "fetch" : program, ...(program === "sh" ? [last] : args)].join(" "))
    if (text !== undefined) {
      const code = executables[text]!.install ?? 0
      if (code === 0) files.set(unitPath, `${text}'s unit`)
      return [code, code === 0 ? `write ${unitPath}\n` : ""]
    }
    if (program === "sh") {
      files.set(last, served)
      return [served === "" ? 22 : 0]
    }
    if (program === "dd") files.set(args[0]!.replace("of=", ""), String(stdin))
    if (program === "cp" || program === "mv") files.set(last, files.get(args.at(-2)!)!)
    if (program === "mv") files.delete(args.at(-2)!)
    if (program === "rm") files.delete(last)
    if (program === "systemctl" && args[0] === "restart") {
      invocation++
      looks = 0
    }
    return [0]
  }
  const layerRunner = Layer.succeed(CommandRunner, {
    run: (command) =>
      Effect.sync(() => {
        const [exitCode, stdout = ""] = answer(command)
        return { exitCode, stdout, stderr: exitCode === 0 ? "" : "No such file" }
      }),
    hold: () => Effect.die("nothing is held")
  })
  return { written: files, done, layerHost: HostFiles.layerCommands.pipe(Layer.provideMerge(layerRunner)) }
}
const agentUnit = unitText({ program: [path], runs: "agent" })

const args = (text = "newer") => ["install", "--url", url, "--sha256", digest(text)]

/** Runs the command line to its end, however long that takes. */
const run = Effect.fnUntraced(function* (vm: ReturnType<typeof makeVm>, ...more: ReadonlyArray<string>) {
  const fiber = yield* Effect.forkChild(slipway([...args(), ...more], vm))
  yield* TestClock.adjust("1 hour")
  return yield* Fiber.join(fiber)
})

describe("a newer executable", () => {
  it.effect("takes the old one's place, which is kept, and its first run is waited for", () =>
    Effect.gen(function* () {
      const vm = makeVm(good)
      const { exitCode, stdout, stderr } = yield* run(vm)
      assert.strictEqual(exitCode, 0, stderr)
      assert.deepStrictEqual(stdout.trimEnd().split("\n"), [
        `fetched ${url}: slipway newer`,
        `put it in the place of ${path}, which is kept as ${path}.old`,
        `write ${unitPath}`,
        "systemctl restart slipway.service",
        "its first run went well"
      ])
      assert.deepStrictEqual(
        [...vm.written],
        [
          [path, "newer"],
          [unitPath, "newer's unit"],
          [`${path}.old`, "old"]
        ]
      )
    })
  )

  const failures: ReadonlyArray<readonly [what: string, newer: Executable, why: RegExp]> = [
    ["cannot work", { life: [starting, ["failed", "failed", 78]] }, /it ended with exit code 78\./],
    ["crashes again and again", { life: [starting, ["activating", "auto-restart", 1]] }, /it ended with exit code 1\./],
    ["ends as if it were done", { life: [starting, ["inactive", "dead"]] }, /it ended with exit code 0\./],
    ["does not come up", { life: [starting] }, /its first run had not ended well after 10m/],
    ["leaves something else running", { ...good, status: 3 }, /not what is declared any more/],
    ["cannot install its unit", { ...good, install: 78 }, /slipway install: No such file \(exit code 78\)/]
  ]
  it.effect.each(failures)(
    "that %s is taken back, with the old one's unit, and the exit code says so",
    ([, newer, why]) =>
      Effect.gen(function* () {
        const vm = makeVm(newer)
        const { exitCode, stderr } = yield* run(vm)
        assert.strictEqual(exitCode, 1, stderr)
        assert.match(stderr, why)
        assert.include(stderr, `${path} is the old one again: its unit was restarted, and is up`)
        assert.strictEqual(vm.written.get(path), "old")
        assert.strictEqual(vm.written.get(unitPath), agentUnit)
        assert.isFalse(vm.written.has(`${path}.new`))
      })
  )

  it.effect("is given no longer than --within", () =>
    Effect.gen(function* () {
      const vm = makeVm({ life: [starting] })
      assert.match((yield* run(vm, "--within", "90s")).stderr, /not ended well after 1m 30s/)
    })
  )

  it.effect("is taken back when the upgrade is interrupted", () =>
    Effect.gen(function* () {
      const vm = makeVm({ life: [starting] })
      const fiber = yield* Effect.forkChild(slipway(args(), vm))
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(vm.written.get(path), "newer")
      const stopping = yield* Effect.forkChild(Fiber.interrupt(fiber))
      yield* TestClock.adjust("5 minutes")
      yield* Fiber.join(stopping)
      assert.strictEqual(vm.written.get(path), "old")
      assert.strictEqual(vm.done.at(-1), "systemctl restart --no-block slipway.service")
    })
  )

  it.effect("stays where what runs was not what is declared before it came either", () =>
    Effect.gen(function* () {
      const vm = makeVm({ ...good, status: 3 }, { old: { ...good, status: 3 } })
      assert.strictEqual((yield* run(vm)).exitCode, 0)
      assert.strictEqual(vm.written.get(path), "newer")
    })
  )

  it.effect("is only put in its place where the unit does not run: its first run is at the next boot", () =>
    Effect.gen(function* () {
      const vm = makeVm({ life: [["failed", "failed", 1]] }, { isRunning: false })
      const { exitCode, stdout } = yield* run(vm)
      assert.strictEqual(exitCode, 0)
      assert.match(stdout, /`systemctl start slipway` starts it, else the next boot does\n$/)
      assert.strictEqual(vm.written.get(path), "newer")
      assert.notInclude(vm.done.join(), "restart")
    })
  )

  it.effect("has a unit that runs `up` run it still, and one that runs the agent the agent", () =>
    Effect.gen(function* () {
      const life: Life = [starting, ["active", "exited"]]
      const once = makeVm({ life }, { unit: unitText({ program: [path], runs: "up" }) })
      assert.strictEqual((yield* run(once)).exitCode, 0)
      assert.include(once.done, `${path} install --once`)
      const agent = makeVm(good)
      yield* run(agent)
      assert.include(agent.done, `${path} install`)
    })
  )

  it.effect("a dry run says what it would do, and fetches nothing", () =>
    Effect.gen(function* () {
      const vm = makeVm(good)
      const { stdout } = yield* slipway([...args(), "--dry-run"], vm)
      assert.match(stdout, /^would fetch [^]*would systemctl restart slipway\.service, and go back/)
      assert.deepStrictEqual(vm.done, [])
    })
  )
})

describe("nothing is changed", () => {
  const refused = Effect.fnUntraced(function* (
    vm: ReturnType<typeof makeVm>,
    words: ReadonlyArray<string>,
    program?: ReadonlyArray<string>
  ) {
    const run = yield* slipway(words, program === undefined ? vm : { ...vm, program })
    assert.strictEqual(vm.written.get(path), "old")
    assert.isFalse(vm.written.has(`${path}.new`))
    assert.isFalse(vm.written.has(`${path}.old`))
    return run
  })

  it.effect("where what is fetched is something else, or does not run here, or cannot be fetched", () =>
    Effect.gen(function* () {
      const other = yield* refused(makeVm(good, { served: "evil" }), args())
      assert.strictEqual(other.exitCode, 78)
      assert.include(other.stderr, `has the SHA-256 ${digest("evil")}, and not ${digest("newer")}`)
      const foreign = yield* refused(makeVm({ ...good, version: 126 }), args())
      assert.strictEqual(foreign.exitCode, 78)
      assert.include(foreign.stderr, "does not run here")
      const missing = yield* refused(makeVm(good, { served: "" }), args())
      assert.strictEqual(missing.exitCode, 1)
      assert.include(missing.stderr, `${url} cannot be fetched`)
    })
  )

  it.effect("where this program is the package manager's, or is run by Node", () =>
    Effect.gen(function* () {
      const packaged = yield* refused(makeVm(good), args(), ["/usr/bin/slipway"])
      assert.strictEqual(packaged.exitCode, 78)
      assert.match(packaged.stderr, /package manager's[^]*apt-get install/)
      const node = yield* refused(makeVm(good), args(), ["/usr/bin/node", "/opt/slipway.cjs"])
      assert.match(node.stderr, /run by Node/)
    })
  )

  it.effect("where the flags do not say what to fetch, all that is wrong at once", () =>
    Effect.gen(function* () {
      const alone = yield* refused(makeVm(good), ["install", "--url", url])
      assert.strictEqual(alone.exitCode, 78)
      assert.include(alone.stderr, "--sha256 must be its 64")
      const wrong = yield* refused(makeVm(good), ["install", "--sha256", "12", "--within", "soon"])
      assert.match(wrong.stderr, /--within must[^]*--url must[^]*--sha256 must/)
    })
  )

  it.effect("where it is that executable already", () =>
    Effect.gen(function* () {
      const same = yield* refused(makeVm(good), args("old"))
      assert.strictEqual(same.stdout, `${path} is that executable already\n`)
    })
  )
})

describe("a first run", () => {
  const state = (text: string) => parseUnitState(text.replaceAll(" ", "\n"))
  const before = state("ActiveState=active InvocationID=a")

  it("is judged by the start that came after, and by how that ended", () => {
    const judged = (text: string) => judgeFirstRun(state(text), before)
    assert.deepStrictEqual(judged("ActiveState=active InvocationID=a"), { _tag: "UnderWay" })
    assert.deepStrictEqual(judged("ActiveState=activating SubState=start InvocationID=b"), { _tag: "UnderWay" })
    assert.deepStrictEqual(judged("ActiveState=active SubState=running InvocationID=b"), { _tag: "Up" })
    for (const [result, why] of [
      ["exit-code", "it ended with exit code 9"],
      ["resources", "it ended with exit code 9 (resources)"],
      ["signal", "signal 9 ended it"],
      ["watchdog", "it hung, and systemd's watchdog ended it"]
    ] as const) {
      assert.deepStrictEqual(
        judged(`ActiveState=activating SubState=auto-restart Result=${result} ExecMainStatus=9 InvocationID=b`),
        { _tag: "Failed", why }
      )
    }
  })
})
