import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { CommandError } from "../../../src/vm/host/CommandError.ts"
import { CommandRunner } from "../../../src/vm/host/CommandRunner.ts"
import type { Command, CommandResult } from "../../../src/vm/host/Command.ts"
import { HostFiles } from "../../../src/vm/host/HostFiles.ts"

/** What a scripted command does: leaves a result, fails, or (where it is to be held) speaks and lives on. */
export type Answer = Partial<CommandResult> | CommandError | "held"

export const result = (answer: Partial<CommandResult>): CommandResult => ({
  exitCode: 0,
  stdout: "",
  stderr: "",
  ...answer
})

/**
 * A runner that answers from a script: command lines, as their words joined by spaces, to what each of their runs does
 * in turn; the last answer stays. Files are read and written by commands too. A command that is not in the script is a
 * defect. `ran` lists what was run, in order.
 */
export const fakeCommands = (script: Readonly<Record<string, Answer | ReadonlyArray<Answer>>>) => {
  const ran: Array<Command> = []
  const counts = new Map<string, number>()
  const answerTo = (command: Command) =>
    Effect.suspend((): Effect.Effect<CommandResult | "held", CommandError> => {
      const line = commandLine(command)
      const found = script[line]
      if (found === undefined) return Effect.die(new Error(`unscripted command: ${line}`))
      ran.push(command)
      const answers = Array.isArray(found) ? found : [found]
      const count = counts.get(line) ?? 0
      counts.set(line, count + 1)
      const answer: Answer = answers[Math.min(count, answers.length - 1)]
      if (answer === "held") return Effect.succeed(answer)
      return "reason" in answer ? Effect.fail(answer) : Effect.succeed(result(answer))
    })
  const layerRunner = Layer.succeed(CommandRunner, {
    run: Effect.fnUntraced(function* (command) {
      const answer = yield* answerTo(command)
      return answer === "held" ? yield* Effect.die(new Error(`to be held, not run: ${commandLine(command)}`)) : answer
    }),
    hold: (command) =>
      Effect.map(answerTo(command), (answer) => (answer === "held" ? Option.none() : Option.some(answer)))
  })
  const layer = Layer.provideMerge(HostFiles.layerCommands, layerRunner)
  return { layer, ran, lines: () => ran.map(commandLine) }
}

export const commandLine = ({ program, args }: Command): string => [program, ...args].join(" ")
