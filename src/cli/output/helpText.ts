import * as Option from "effect/Option"
import type { ArgDoc, FlagDoc, HelpDoc } from "effect/cli/HelpDoc"

/** The columns of the narrowest terminal that people use. */
const width = 80

/** A flag or an argument, as it is written on a command line and explained. */
export interface Described {
  /** `--format`, `-h`; of an argument its name. */
  readonly names: ReadonlyArray<string>
  /** What follows the name: `FILE`, `text|json`; empty if nothing does. */
  readonly value: string
  /** Sentences. */
  readonly text: string
}

/** Effect adds the choices to the description, after whatever ends it. */
const choicesPattern = /\s*\(choices: ([^)]*)\)$/

export const describeFlag = ({ name, aliases, type, description }: FlagDoc): Described => {
  const written = Option.getOrElse(description, () => "")
  const [, choices] = choicesPattern.exec(written) ?? []
  return {
    names: [`--${name}`, ...aliases],
    value: type === "boolean" ? "" : choices === undefined ? type : valueOf(type, choices.split(", ").join("|")),
    text: asSentence(written.replace(choicesPattern, ""))
  }
}

/** A value that may be left out is in brackets, with its equals sign. */
const valueOf = (type: string, choices: string): string => (type.startsWith("[=") ? `[=${choices}]` : choices)

export const describeArgument = ({ name, variadic, description }: ArgDoc): Described => ({
  names: [variadic ? `${name.replace(/\.{3}$/, "")}...` : name],
  value: "",
  text: asSentence(Option.getOrElse(description, () => ""))
})

/** A text that stands for itself ends as a sentence does. */
export const asSentence = (text: string): string => (text === "" || /[.:]\)?$/.test(text) ? text : `${text}.`)

/** The help of a command, in lines that fit a terminal. */
export const helpText = (doc: HelpDoc): string => {
  const { subcommands = [], examples = [], flags, inheritedFlags = [], globalFlags = [] } = doc
  const inherited = new Set(inheritedFlags.map(({ name }) => name))
  const own = flags.filter(({ name }) => !inherited.has(name))
  const commands = subcommands.flatMap((group) => group.commands)
  const column = Math.max(...commands.map(({ name }) => name.length), 0) + 2
  // Those of a command with others below it are for all of them.
  const [specific, general] = commands.length === 0 ? [own, inheritedFlags] : [[], [...own, ...inheritedFlags]]
  return [
    wrapped(asSentence(doc.description), "", ""),
    section("USAGE", [`  ${doc.usage}`]),
    section(
      "COMMANDS",
      commands.map(({ name, shortDescription, description }) =>
        wrapped(asSentence(shortDescription ?? description), `  ${name.padEnd(column)}`, " ".repeat(column + 2))
      )
    ),
    section("ARGUMENTS", (doc.args ?? []).map(describeArgument).map(entry)),
    section("FLAGS", specific.map(describeFlag).map(entry)),
    section("FLAGS OF EVERY COMMAND", [...general, ...globalFlags].map(describeFlag).map(entry)),
    section(
      "EXAMPLES",
      examples.flatMap(({ command, description }, index) => [
        ...(index === 0 ? [] : [""]),
        ...(description === undefined ? [] : [wrapped(description, "  # ", "  # ")]),
        `  ${command}`
      ])
    )
  ]
    .filter((part) => part !== "")
    .join("\n\n")
}

const section = (title: string, lines: ReadonlyArray<string>): string =>
  lines.length === 0 ? "" : [title, ...lines].join("\n")

const entry = ({ names, value, text }: Described): string => {
  const joined = value === "" || value.startsWith("[=") ? value : ` ${value}`
  return [`  ${names.join(", ")}${joined}`, wrapped(text, "      ", "      ")]
    .filter((line) => line.trim() !== "")
    .join("\n")
}

/** Words in lines of the width. A word that is wider stands alone. */
const wrapped = (text: string, first: string, others: string): string => {
  const lines: Array<string> = []
  let line = first
  let isEmpty = true
  for (const word of text.split(" ")) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line)
      line = others
      isEmpty = true
    }
    line += isEmpty ? word : ` ${word}`
    isEmpty = false
  }
  return [...lines, line].join("\n").trimEnd()
}
