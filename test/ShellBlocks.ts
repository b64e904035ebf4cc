/** A command of a document: what its program is, its words, and the file that its output goes to. */
export interface DocumentedCommand {
  /** As it stands there, on one line. */
  readonly line: string
  readonly program: string
  readonly args: ReadonlyArray<string>
  readonly into: string | undefined
}

/** What the words of a command hold in the place of a variable of the shell. */
const variables: Readonly<Record<string, string>> = {
  URL: "gs://my-bucket/slipway",
  SHA256: "0".repeat(64)
}

/** A line that only gives a variable of the shell its value. */
const assignment = /^[A-Z]\w*=(?:"[^"]*"|\S*)$/

/**
 * The commands in the blocks of a document that are marked `sh`, in order. Ones of a pipe, or joined by `&&`, count
 * each.
 */
export const commandsOf = (document: string): ReadonlyArray<DocumentedCommand> =>
  [...document.matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap(([, block = ""]) =>
    block
      .replaceAll("\\\n", " ")
      .split("\n")
      .flatMap((line) => line.split(/ && | \| (?![^"]*")/))
      .map((line) => line.replace(/(?:^|\s+)#.*$/, "").trim())
      .filter((line) => line !== "" && !assignment.test(line))
      .map(commandOf)
  )

const commandOf = (line: string): DocumentedCommand => {
  const [command = "", into] = line.split(/\s+>\s+(\S+)$/)
  // A substitution stands for one word.
  const words = [...command.replaceAll(/"\$\([^"]*\)"/g, "0".repeat(64)).matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)]
    .map(([, double, single, bare]) => double ?? single ?? bare ?? "")
    .map((word) => word.replaceAll(/\$([A-Z]\w*)/g, (whole, name: string) => variables[name] ?? whole))
    .filter((word, index) => !(index === 0 && word === "sudo"))
  const isNode = words[0] === "node" && words[1] === "dist/slipway.cjs"
  const [program = "", ...args] = isNode ? ["slipway", ...words.slice(2)] : words
  return { line, program, args, into }
}
