import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Processes } from "../../../src/vm/host/Processes.ts"

const at = (procPath?: string) => Processes.layer(procPath).pipe(Layer.provide(NodeServices.layer))
const isAlive = (identity: string) => Effect.flatMap(Processes, (processes) => processes.isAlive(identity))

/** A process as its line in /proc has it: its state, and when it was started. */
const stat = (pid: number, name: string, state: string, startTicks: number) =>
  `${pid} (${name}) ${state} 1 ${"0 ".repeat(17)}${startTicks} 0 0\n`

/** A /proc of this PID namespace with these processes; our own may be in one below it. */
const makeProc = Effect.fnUntraced(function* (
  stats: Readonly<Record<string, string>>,
  { namespace = "pid:[1]", numbers = "7" } = {}
) {
  const files = yield* FileSystem.FileSystem
  const path = yield* files.makeTempDirectoryScoped()
  const own = numbers.includes("\t") ? "pid:[9]" : namespace
  for (const [process, link] of Object.entries({ 1: namespace, self: own })) {
    mkdirSync(`${path}/${process}/ns`, { recursive: true })
    symlinkSync(link, `${path}/${process}/ns/pid`)
  }
  writeFileSync(`${path}/self/status`, `Name:\tnode\nNSpid:\t${numbers}\nNSsid:\t7\n`)
  for (const [pid, text] of Object.entries(stats)) {
    mkdirSync(`${path}/${pid}`, { recursive: true })
    writeFileSync(`${path}/${pid}/stat`, text)
  }
  return path
})

describe("the processes of a host", () => {
  it.live("a process knows itself, and one that has ended is dead", () =>
    Effect.gen(function* () {
      const { self } = yield* Processes
      const own = Option.getOrThrow(yield* self)
      assert.match(own, new RegExp(`^pid:\\[\\d+\\] ${process.pid} \\d+$`))
      assert.deepStrictEqual(yield* isAlive(own), Option.some(true))
      const child = spawn("true", { stdio: "ignore" })
      yield* Effect.promise(() => once(child, "exit"))
      assert.deepStrictEqual(yield* isAlive(own.replace(` ${process.pid} `, ` ${child.pid} `)), Option.some(false))
    }).pipe(Effect.provide(at()))
  )

  it.live("a number that another process has by now is another's, a zombie is dead, a name may say anything", () =>
    Effect.gen(function* () {
      const procPath = yield* makeProc({
        self: stat(7, "node", "S", 500),
        "7": stat(7, "a) R 1 (", "S", 500),
        "8": stat(8, "node", "Z", 600)
      })
      const [own, same, later, zombie, none] = yield* Effect.gen(function* () {
        const { self } = yield* Processes
        return [
          yield* self,
          yield* isAlive("pid:[1] 7 500"),
          yield* isAlive("pid:[1] 7 400"),
          yield* isAlive("pid:[1] 8 600"),
          yield* isAlive("pid:[1] 9 600")
        ] as const
      }).pipe(Effect.provide(at(procPath)))
      assert.deepStrictEqual(own, Option.some("pid:[1] 7 500"))
      assert.deepStrictEqual([same, later, zombie, none].map(Option.getOrThrow), [true, false, false, false])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live("a container that has the host's /proc knows itself as the host does", () =>
    Effect.gen(function* () {
      const procPath = yield* makeProc({ self: stat(70, "node", "S", 500) }, { numbers: "70\t7" })
      const own = yield* Effect.flatMap(Processes, ({ self }) => self).pipe(Effect.provide(at(procPath)))
      assert.deepStrictEqual(own, Option.some("pid:[1] 70 500"))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live("nothing is said of a process in another namespace, or from a /proc that does not show it", () =>
    Effect.gen(function* () {
      const other = yield* makeProc({ "7": stat(7, "node", "S", 500) }, { namespace: "pid:[2]" })
      const said = yield* Effect.gen(function* () {
        const { self } = yield* Processes
        return [yield* self, yield* isAlive("pid:[1] 7 500"), yield* isAlive("no identity")] as const
      }).pipe(Effect.provide(at(other)))
      assert.deepStrictEqual(said, [Option.none(), Option.none(), Option.none()])
      const missing = yield* isAlive("pid:[1] 7 500").pipe(Effect.provide(at(`${other}/none`)))
      assert.deepStrictEqual(missing, Option.none())
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
