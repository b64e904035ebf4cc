import type { CommandResult } from "../../vm/host/Command.ts"
import type { ProgramName } from "../CallName.ts"

/** A program of the simulated host: it understands exactly the command lines that `vm/` issues. */
export interface Program {
  /** How long it runs, in milliseconds. */
  readonly millis: number
  /** What it does at its end; undefined for a command line that it does not understand. */
  readonly run: (args: ReadonlyArray<string>, stdin: string) => CommandResult | undefined
  /** What it leaves when it is killed half-way. Nothing, where absent. */
  readonly half?: (args: ReadonlyArray<string>) => void
}

/** Programs by their names. */
export type Programs = Readonly<Partial<Record<ProgramName, Program>>>

export const printed = (stdout: string): CommandResult => ({ exitCode: 0, stdout, stderr: "" })

export const failed = (exitCode: number, stderr: string): CommandResult => ({
  exitCode,
  stdout: "",
  stderr: `${stderr}\n`
})

/** The operands behind `options --`; undefined where the options are others, or the operands not that many. */
export const operands = (
  args: ReadonlyArray<string>,
  options: ReadonlyArray<string>,
  count: number
): ReadonlyArray<string> | undefined => {
  const expected = [...options, "--"]
  return args.length === expected.length + count && expected.every((option, index) => args[index] === option)
    ? args.slice(expected.length)
    : undefined
}
