import * as NodeServices from "@effect/platform-node/NodeServices"
import type { HelpDoc } from "effect/cli/HelpDoc"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { runCli } from "../../src/cli/commands/slipway.ts"

/** A command as `--help` has it, and the commands below it. */
export interface CommandDoc {
  readonly name: string
  readonly doc: HelpDoc
  readonly subcommands: ReadonlyArray<CommandDoc>
}

/** What is printed to standard output, and what is said in answer to `--help`, before it becomes a text. */
const run = Effect.fnUntraced(function* (args: ReadonlyArray<string>) {
  const docs: Array<HelpDoc> = []
  const lines: Array<string> = []
  const formatHelpDoc = (doc: HelpDoc) => {
    docs.push(doc)
    return ""
  }
  const code = yield* runCli(args, {
    version: "",
    formatHelpDoc,
    platform: {
      layerVm: () => Layer.effectContext(Effect.die("help needs no VM")),
      layerHost: Layer.effectContext(Effect.die("help runs no program")),
      layerHttp: Layer.effectContext(Effect.die("help asks nobody")),
      program: ["/usr/bin/slipway"],
      isTerminal: false,
      isJournal: false,
      rewrite: undefined,
      write: () => Effect.void,
      signalListeners: new Set()
    }
  }).pipe(
    Effect.provideService(Console.Console, {
      ...console,
      log: (...texts: ReadonlyArray<unknown>) => void lines.push(texts.join(" "))
    }),
    Effect.provide(Layer.merge(NodeServices.layer, ConfigProvider.layer(ConfigProvider.fromEnv({ env: {} }))))
  )
  if (code !== 0) return yield* Effect.die(new Error(`slipway ${args.join(" ")} ended with ${code}`))
  return { doc: docs[0], text: lines.map((line) => `${line}\n`).join("") }
})

/** The whole command line, by asking each command for its help. */
export const commandTree = (path: ReadonlyArray<string> = []): Effect.Effect<CommandDoc> =>
  Effect.gen(function* () {
    const { doc } = yield* run([...path, "--help"])
    if (doc === undefined) return yield* Effect.die(new Error(`slipway ${path.join(" ")} has no help`))
    const names = (doc.subcommands ?? []).flatMap(({ commands }) => commands.map(({ name }) => name))
    const subcommands = yield* Effect.forEach(names, (name) => commandTree([...path, name]))
    return { name: ["slipway", ...path].join(" "), doc, subcommands }
  })

/** What a shell is given to complete commands and flags. */
export const completions = (shell: "bash" | "zsh" | "fish"): Effect.Effect<string> =>
  Effect.map(run(["--completions", shell]), ({ text }) => text)
