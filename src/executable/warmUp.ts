import { queryObjects, setFlagsFromString } from "node:v8"
import * as Clock from "effect/Clock"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Metric from "effect/Metric"
import { runCli } from "../cli/commands/slipway.ts"
import { answerOf } from "./answers.ts"
import { filesInMemory } from "./filesInMemory.ts"
import { live } from "./live.ts"
import { replaceNode } from "./nodeInMemory.ts"

const env = { PATH: "/usr/bin", SLIPWAY_CONFIRM: "0s", SLIPWAY_OPEN_IPTABLES: "false" }
const files = {
  "/proc/sys/kernel/random/boot_id": "boot\n",
  "/proc/sys/kernel/hostname": "vm\n",
  "/proc/self/mounts": "/dev/root / ext4 rw,relatime 0 0\n"
}

/** What a boot's host programs print. The one that holds the lock waits for its input's end. */
const outputOf = (program: string): string | undefined => (program === "flock" ? undefined : "COMMIT\n")

/** Says nothing. */
const silence: Console.Console = new Proxy({} as Console.Console, { get: () => () => {} })

/** The same instant at all times, as a reading of the clock would differ from build to build. No deadline passes. */
const stopped: Clock.Clock = {
  currentTimeMillisUnsafe: () => 0,
  currentTimeMillis: Effect.succeed(0),
  currentTimeNanosUnsafe: () => 0n,
  currentTimeNanos: Effect.succeed(0n),
  monotonicTimeNanosUnsafe: () => 0n,
  monotonicTimeNanos: Effect.succeed(0n),
  sleep: () => Effect.never
}

/** Two, since the first leaves behind what the second reads. */
const boots = Effect.gen(function* () {
  const boot = runCli(["up", "--log-format", "plain"], {
    version: "",
    platform: {
      ...live,
      program: [],
      isTerminal: false,
      isJournal: false,
      rewrite: undefined,
      write: () => Effect.void,
      signalListeners: new Set()
    }
  })
  const codes = [yield* boot, yield* boot]
  if (codes.some((code) => code !== 0)) {
    return yield* Effect.die(new Error(`a boot to warm up ended with ${codes.join(", ")}`))
  }
}).pipe(Effect.provideService(FileSystem.FileSystem, filesInMemory(files)))

/**
 * V8 writes down no snapshot while callbacks of collected objects are pending. Counting objects collects those in no
 * use.
 */
const collectGarbage = Effect.gen(function* () {
  for (let turn = 0; turn < 3; turn++) {
    yield* Effect.sync(() => queryObjects(DataView))
    yield* Effect.callback((resume) => void setImmediate(() => resume(Effect.void)))
  }
})

/**
 * What loading the program made V8 compile runs no more. V8 keeps it for as long as it has been used of late, unless told
 * otherwise; with it goes what Node's own modules have compiled, so those that a boot uses are loaded after it.
 */
const forgetCode = Effect.gen(function* () {
  setFlagsFromString("--stress-flush-code")
  yield* collectGarbage
  setFlagsFromString("--no-stress-flush-code")
  for (const name of ["child_process", "crypto", "net"]) process.getBuiltinModule(name)
})

/**
 * Boots of a VM, to be run before a start-up snapshot is taken: what they made V8 compile is then in it, which a boot
 * need not do. The live layers run, over Node's modules in memory and in the same order each time: time, chance,
 * environment and the machine have no part in them. Node's own HTTP client cannot be in a snapshot anyway. Nothing
 * waits for a real disk: what V8 does meanwhile would depend on how long that takes.
 */
export const warmUp = Effect.gen(function* () {
  yield* forgetCode
  yield* Effect.acquireUseRelease(
    Effect.sync(() => replaceNode(answerOf, outputOf)),
    () => boots,
    (restore) => Effect.sync(restore)
  )
  yield* collectGarbage
}).pipe(
  Effect.provideService(Console.Console, silence),
  // What is counted here is no run of the VM's.
  Effect.provideService(Metric.MetricRegistry, new Map()),
  Effect.provideService(Clock.Clock, stopped),
  Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env, preserveEmptyStrings: true })))
)
