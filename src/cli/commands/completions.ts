import * as CliConfig from "effect/cli/CliConfig"
import * as Completions from "effect/cli/Completions"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/** Flags whose value is a path, and arguments. To the command line they are texts, since `-` is standard input. */
const paths: Readonly<Record<string, "file" | "directory" | "either">> = {
  declaration: "file",
  policy: "file",
  settings: "file",
  dotenv: "file",
  svg: "file",
  plot: "file",
  FILE: "file",
  output: "directory",
  "mounted-volumes-path-prefix": "directory",
  "host-proc-path": "directory"
}

const withPaths = (command: Completions.CommandDescriptor): Completions.CommandDescriptor => ({
  ...command,
  flags: command.flags.map(asPath),
  arguments: command.arguments.map(asPath),
  subcommands: command.subcommands.map(withPaths)
})

const asPath = <A extends { readonly name: string; readonly type: Completions.FlagType }>(described: A): A => {
  const pathType = paths[described.name.replace(/\.{3}$/, "")]
  return pathType === undefined ? described : { ...described, type: { _tag: "Path", pathType } }
}

const completions = GlobalFlag.Action({
  flag: GlobalFlag.Completions.flag,
  run: (shell, { command }) =>
    Option.match(shell, {
      onNone: () => Effect.void,
      onSome: (shell) =>
        Console.log(Completions.generate(command.name, shell, withPaths(Completions.fromCommand(command))))
    })
})

/** Effect's flags of every command, of which --completions also completes the names of files. */
export const cliConfig = CliConfig.make({
  builtIns: GlobalFlag.BuiltIns.map((flag) => (flag === GlobalFlag.Completions ? completions : flag))
})
