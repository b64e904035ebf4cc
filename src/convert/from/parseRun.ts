import * as Result from "effect/Result"
import { nearest, orElse } from "../../text/nearest.ts"
import { runAliases, runFlags } from "./dockerRunFlags.ts"
import type { Word } from "./ShellWords.ts"
import { SourceInvalid } from "./SourceInvalid.ts"

/** A flag as it is written, and its value: `true` or `false` of a switch. */
export interface WrittenFlag {
  readonly name: string
  readonly value: string
  readonly word: Word
}

export interface RunCommand {
  readonly flags: ReadonlyArray<WrittenFlag>
  /** Options of `docker` itself. */
  readonly ofDocker: ReadonlyArray<Word>
  readonly image: Word
  readonly command: ReadonlyArray<Word>
}

const programs: ReadonlySet<string> = new Set(["docker", "podman", "nerdctl"])

const shorts: ReadonlyMap<string, string> = new Map(
  Object.entries(runFlags).flatMap(([name, { short }]) => (short === undefined ? [] : [[short, name]]))
)

/** Whether words are a `docker run`. */
export const isRun = (words: ReadonlyArray<Word>): boolean => commandAt(words) !== undefined

/** The words of `docker run`, told apart as it does: flags end at the first word that is none, which is the image. */
export const parseRun = (file: string, words: ReadonlyArray<Word>): Result.Result<RunCommand, SourceInvalid> => {
  const fail = (word: Word | undefined, detail: string, advice: string) =>
    Result.fail(
      SourceInvalid.of(file, {
        line: (word ?? words[0])?.line,
        path: word === undefined ? "" : nameOf(word),
        detail,
        advice
      })
    )
  const start = commandAt(words)
  if (start === undefined) {
    return fail(
      words[0],
      "it is no docker run command",
      'Give the whole command line: "docker run", its flags, the image and what follows.'
    )
  }
  const flags: Array<WrittenFlag> = []
  let at = start.flags
  const next = (): Word | undefined => words[at++]
  while (words[at]?.text.startsWith("-") === true && words[at]?.text !== "-") {
    const word = next()!
    if (word.text === "--") break
    if (word.text.startsWith("--")) {
      const [, written = "", given] = /^--([^=]*)(?:=([^]*))?$/.exec(word.text) ?? []
      const name = runAliases[written] ?? written
      const flag = Object.hasOwn(runFlags, name) ? runFlags[name] : undefined
      if (flag === undefined) {
        const suggestion = nearest(written, Object.keys(runFlags))
        const advice = orElse(
          suggestion && `--${suggestion}`,
          "Remove it: whether the next word is its value cannot be told."
        )
        return fail(word, "docker run has no such flag", advice)
      }
      const value = given ?? (flag.isSwitch === true ? "true" : next())
      const said = typeof value === "object" ? value.text : value
      const text = flag.isSwitch === true && said !== undefined ? switchOf(said) : said
      if (text === undefined) return fail(word, "the flag has no value", "Write its value after it.")
      flags.push({ name, value: text, word: typeof value === "object" ? joined(word, value) : word })
      continue
    }
    // -it, -p80:80, -e=A=b
    for (let index = 1; index < word.text.length; index++) {
      const name = shorts.get(word.text[index]!)
      if (name === undefined)
        return fail(word, `docker run has no flag "-${word.text[index]}"`, "See `docker run --help`.")
      const rest = word.text.slice(index + 1)
      if (runFlags[name]?.isSwitch === true && !rest.startsWith("=")) flags.push({ name, value: "true", word })
      else {
        const value = rest === "" ? next() : undefined
        if (rest === "" && value === undefined) return fail(word, "the flag has no value", "Write its value after it.")
        flags.push({
          name,
          value: value?.text ?? (runFlags[name]?.isSwitch === true ? switchOf : asIs)(rest.replace(/^=/, "")),
          word: value === undefined ? word : joined(word, value)
        })
        break
      }
    }
  }
  const image = words[at]
  if (image === undefined) return fail(undefined, "the command names no image", "Write the image after the flags.")
  return Result.succeed({ flags, ofDocker: start.ofDocker, image, command: words.slice(at + 1) })
}

/** As Go reads a boolean. */
const switchOf = (text: string): string => (/^(?:0|f|F|false|FALSE|False)$/.test(text) ? "false" : "true")

const asIs = (text: string): string => text

/** With the value's references, whose word may be another. */
const joined = (flag: Word, value: Word): Word => ({ ...flag, references: [...flag.references, ...value.references] })

/** A flag without its value, which may be a secret. */
const nameOf = ({ text }: Word): string =>
  text.startsWith("--") ? (text.split("=")[0] ?? "") : text.startsWith("-") ? text.slice(0, 2) : ""

/** They start the program that follows. */
const starters: ReadonlySet<string> = new Set(["sudo", "exec", "env", "time", "nohup", "command"])

/** Options of sudo whose value is the next word. */
const sudosValue = /^-(?:[ugphCDRrTt]|-(?:user|group|prompt|host|chdir|chroot))$/

/** What stands before the flags: assignments, sudo, `docker` with options of its own, `run`. */
const commandAt = (
  words: ReadonlyArray<Word>
): { readonly flags: number; readonly ofDocker: ReadonlyArray<Word> } | undefined => {
  const ofDocker: Array<Word> = []
  let at = 0
  const text = () => words[at]?.text ?? ""
  if (text() === "$" || text() === "#") at++
  for (; /^\w+=/.test(text()) || starters.has(text()); at++) {
    if (text().includes("=")) ofDocker.push(words[at]!)
    if (text() === "sudo")
      for (; words[at + 1]?.text.startsWith("-") === true; at++) if (sudosValue.test(words[at + 1]!.text)) at++
  }
  if (!programs.has(text().split("/").at(-1) ?? "")) return undefined
  at++
  for (; text().startsWith("-"); at++) {
    ofDocker.push(words[at]!)
    if (/^(?:-[Hcl]|--(?:host|context|config|log-level|tlscacert|tlscert|tlskey))$/.test(text())) at++
  }
  if (text() === "container") at++
  if (text() !== "run" && text() !== "create") return undefined
  return { flags: at + 1, ofDocker }
}
