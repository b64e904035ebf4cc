import { resolve } from "node:path"
import { startupSnapshot } from "node:v8"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { runMain, type SignalListener } from "./cli/runMain.ts"
import { live } from "./executable/live.ts"
import * as memory from "./executable/memory.ts"
import { runCli } from "./cli/commands/slipway.ts"
import { warmUp } from "./executable/warmUp.ts"

/** From package.json, by the bundler. */
declare const SLIPWAY_VERSION: string
/** Whether it is bundled to be started from a V8 start-up snapshot. */
declare const SLIPWAY_SNAPSHOT: boolean

const main = () => {
  // What an empty variable means is for each setting to say.
  const layerEnvironment = ConfigProvider.layer(ConfigProvider.fromEnv({ preserveEmptyStrings: true }))

  const { stdout, stderr } = process
  const isTerminal = stderr.isTTY ?? false

  // Whoever read what we print may have gone; the run goes on.
  for (const stream of [stdout, stderr]) stream.on("error", () => {})

  const listeners = new Set<SignalListener>()
  const run = runCli(process.argv.slice(2), {
    version: SLIPWAY_VERSION,
    platform: {
      ...live,
      program: SLIPWAY_SNAPSHOT ? [process.execPath] : [process.execPath, resolve(process.argv[1] ?? "")],
      isTerminal,
      isJournal: process.env["JOURNAL_STREAM"] !== undefined && !isTerminal,
      rewrite: isTerminal
        ? (line) => void stderr.write(`\r\u001B[K${line.slice(0, (stderr.columns ?? 80) - 1)}\r`)
        : undefined,
      write: (channel, bytes) =>
        Effect.callback((resume) => void { stdout, stderr }[channel].write(bytes, () => resume(Effect.void))),
      signalListeners: listeners,
      memory
    }
  }).pipe(Effect.provide(Layer.merge(NodeServices.layer, layerEnvironment)))
  runMain(run, {
    listeners,
    // As soon as all is written: left to itself, Node takes 5 ms more to give back memory, and waits for a read that hangs.
    end: (code) => void stdout.write("", () => stderr.write("", () => process.exit(code)))
  })
}

// In a snapshot all that is loaded above is there already; what a run reads of its process, it reads now.
if (SLIPWAY_SNAPSHOT) {
  startupSnapshot.setDeserializeMainFunction(main)
  // Node sets them as it starts from one. What they were while it was made would make each one differ.
  startupSnapshot.addSerializeCallback(() => {
    for (const [name, value] of Object.entries({ pid: 0, execPath: "", argv0: "", argv: [], execArgv: [] })) {
      Object.defineProperty(process, name, { value, configurable: true, enumerable: true, writable: true })
    }
  })
  void Effect.runPromise(Effect.provide(warmUp, NodeServices.layer))
} else main()
