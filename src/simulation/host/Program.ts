import type { CommandResult } from "../../vm/host/Command.ts"
import type { ProgramName } from "../CallName.ts"

/** A program of the simulated host, which understands exactly the command lines that `vm/` uses. */
export interface Program {
  /** How long it runs, in milliseconds. */
  readonly millis: number
  /** Its effect and result; undefined for a command line that it does not understand. */
  readonly run: (args: ReadonlyArray<string>, stdin: string) => CommandResult | undefined
  /** Its effect if it is killed half-way. None by default. */
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

/** The operands after `options --`; undefined if the options or the number of operands differ. */
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
