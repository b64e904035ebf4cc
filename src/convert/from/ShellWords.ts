import * as Result from "effect/Result"
import { SourceInvalid } from "./SourceInvalid.ts"

/** A word of a command line. */
export interface Word {
  readonly text: string
  /** From 1; undefined where the words were given one by one. */
  readonly line: number | undefined
  /** Variables and commands in it that a shell would have replaced, as in `$HOME`; of a command without what it runs. */
  readonly references: ReadonlyArray<string>
}

/** Words that somebody else has split. */
export const givenWords = (words: ReadonlyArray<string>): ReadonlyArray<Word> =>
  words.map((text) => ({ text, line: undefined, references: [] }))

/**
 * Splits a script into its commands, and these into words, as a POSIX shell does (XCU 2.2 and 2.3), `$'…'` included, and
 * replaces nothing: what would be replaced stays as written and is noted. Packages that do this give no lines, take line
 * continuations for blanks, or lose which dollars were quoted.
 */
export const splitScript = (
  file: string,
  source: string
): Result.Result<ReadonlyArray<ReadonlyArray<Word>>, SourceInvalid> =>
  new Splitter(file, source.replaceAll("\r\n", "\n"), { isScript: true }).split()

/** The same of a text that is one command: a line's end is a blank, and "#" is a character like others. */
export const splitCommand = (file: string, command: string): Result.Result<ReadonlyArray<string>, SourceInvalid> =>
  Result.map(new Splitter(file, command, { isScript: false }).split(), (commands) =>
    commands.flat().map(({ text }) => text)
  )

class Splitter {
  readonly #file: string
  readonly #text: string
  readonly #isScript: boolean
  #at = 0
  readonly #commands: Array<ReadonlyArray<Word>> = []
  #words: Array<Word> = []
  /** Undefined between words. */
  #word: string | undefined
  #wordLine = 1
  #lines = 1
  #counted = 0
  #references: Array<string> = []

  constructor(file: string, text: string, { isScript }: { readonly isScript: boolean }) {
    this.#file = file
    this.#text = text
    this.#isScript = isScript
  }

  split(): Result.Result<ReadonlyArray<ReadonlyArray<Word>>, SourceInvalid> {
    const text = this.#text
    while (this.#at < text.length) {
      const character = text[this.#at]!
      const next = text[this.#at + 1]
      const slip =
        this.#isScript && this.#word === undefined ? continuationSlip(text.slice(this.#at, this.#at + 200)) : undefined
      if (slip !== undefined) return this.#fail(...slip)
      if (character === "\\" && next === "\n") this.#at += 2
      else if (character === " " || character === "\t" || (character === "\n" && !this.#isScript)) {
        this.#endWord()
        this.#at++
      } else if (character === "#" && this.#word === undefined && this.#isScript) this.#skipLine()
      else if (operators.includes(character) && this.#isScript) {
        // The number of what is redirected is no word.
        if ("<>".includes(character) && /^\d+$/.test(this.#word ?? "")) this.#word = undefined
        this.#endCommand()
        this.#at++
      } else if (operators.includes(character)) {
        return this.#fail(
          `a shell would take the "${character}" for an operator, and no shell runs it`,
          'Put what has it into quotes, or write a list: ["/bin/sh", "-c", "…"].'
        )
      } else {
        const failure = this.#readPart(character, next)
        if (failure !== undefined) return failure
      }
    }
    this.#endCommand()
    return Result.succeed(this.#commands)
  }

  #readPart(character: string, next: string | undefined): Result.Result<never, SourceInvalid> | undefined {
    this.#begin()
    switch (character) {
      case "\\":
        this.#add(next ?? "\\", 2)
        return undefined
      case "'":
        return this.#quoted("'", 1, (text) => text)
      case '"':
        return this.#doubleQuoted()
      case "`":
        this.#backquoted()
        return undefined
      case "$":
        if (next === "'") return this.#quoted("'", 2, unescape)
        this.#reference()
        return undefined
      default:
        this.#add(character, 1)
        return undefined
    }
  }

  #begin(): void {
    if (this.#word !== undefined) return
    this.#word = ""
    this.#wordLine = this.#line()
    this.#references = []
  }

  #add(text: string, length: number): void {
    this.#word += text
    this.#at += length
  }

  #endWord(): void {
    if (this.#word === undefined) return
    this.#words.push({ text: this.#word, line: this.#wordLine, references: this.#references })
    this.#word = undefined
  }

  #endCommand(): void {
    this.#endWord()
    if (this.#words.length > 0) this.#commands.push(this.#words)
    this.#words = []
  }

  /** `$'…'` has escapes, `'…'` has none. */
  #quoted(
    quote: string,
    opening: number,
    read: (text: string) => string
  ): Result.Result<never, SourceInvalid> | undefined {
    const pattern = opening === 1 ? /[^']*'/y : /(?:[^'\\]|\\[^])*'/y
    pattern.lastIndex = this.#at + opening
    const found = pattern.exec(this.#text)
    if (found === null) return this.#fail(`a ${quote} is opened and not closed`, "Close the quote.")
    this.#add(read(found[0].slice(0, -1)), opening + found[0].length)
    return undefined
  }

  #doubleQuoted(): Result.Result<never, SourceInvalid> | undefined {
    const opened = this.#at
    this.#at++
    for (;;) {
      const character = this.#text[this.#at]
      const next = this.#text[this.#at + 1]
      if (character === undefined) {
        this.#at = opened
        return this.#fail('a " is opened and not closed', "Close the quote.")
      }
      if (character === '"') {
        this.#at++
        return undefined
      }
      if (character === "`") this.#backquoted()
      else if (character === "\\" && next === "\n") this.#at += 2
      else if (character === "\\" && next !== undefined && '$`"\\'.includes(next)) this.#add(next, 2)
      else if (character === "$") this.#reference()
      else this.#add(character, 1)
    }
  }

  /** Kept as it is written. */
  #reference(): void {
    const rest = this.#text.slice(this.#at, this.#at + 300)
    const [variable] = /^\$(?:[A-Za-z_]\w*|\{[^}\n]*\}|[0-9@*#?!$-])/.exec(rest) ?? []
    if (variable !== undefined) this.#references.push(/^\$\{?\w+/.exec(variable)?.[0].replace("{", "") ?? variable)
    else if (rest.startsWith("$(")) this.#references.push("$(…)")
    if (rest.startsWith("$(")) this.#substitution()
    else this.#add(variable ?? "$", variable?.length ?? 1)
  }

  /** Up to its closing bracket. */
  #substitution(): void {
    let depth = 0
    let end = this.#at + 1
    for (; end < this.#text.length; end++) {
      if (this.#text[end] === "(") depth++
      if (this.#text[end] === ")" && --depth === 0) break
    }
    this.#add(this.#text.slice(this.#at, end + 1), end + 1 - this.#at)
  }

  #backquoted(): void {
    const end = this.#text.indexOf("`", this.#at + 1)
    this.#references.push("`…`")
    const text = this.#text.slice(this.#at, end === -1 ? undefined : end + 1)
    this.#add(text, text.length)
  }

  #skipLine(): void {
    while (this.#at < this.#text.length && this.#text[this.#at] !== "\n") this.#at++
  }

  /** Counted on from where it was asked for before. */
  #line(): number {
    for (; this.#counted < this.#at; this.#counted++) if (this.#text[this.#counted] === "\n") this.#lines++
    return this.#lines
  }

  #fail(detail: string, advice: string): Result.Result<never, SourceInvalid> {
    return Result.fail(SourceInvalid.of(this.#file, { line: this.#line(), path: "", detail, advice }))
  }
}

/** What was meant to continue a line at its end, and does not in a shell; with what to do about it. */
const continuationSlip = (text: string): readonly [detail: string, advice: string] | undefined => {
  const [, character] = /^([\\^`])([ \t]*)\n/.exec(text) ?? []
  if (character === undefined || text.startsWith("\\\n")) return undefined
  return character === "\\"
    ? [
        'white space is behind the "\\", so that it does not continue the line',
        "Remove the white space at the end of the line."
      ]
    : [`"${character}" continues a line in Windows' shells alone`, 'Write "\\" at the end of the line.']
}

/** They end a command, and begin another or name a file. */
const operators = "\n;&|<>()"

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  e: "\x1B",
  f: "\f",
  v: "\v"
}

/** Of `$'…'`. */
const unescape = (text: string): string =>
  text.replaceAll(
    /\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|([0-7]{1,3})|([^]))/g,
    (_, hex?: string, unicode?: string, octal?: string, other?: string) => {
      const code = hex ?? unicode
      if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8))
      return escapes[other ?? ""] ?? other ?? ""
    }
  )
