import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"

/** One thing that an operator can set: by a flag where it has one, else by its variable. */
export interface Setting<A> {
  /** Without its dashes; undefined where a variable alone sets it. */
  readonly flag: string | undefined
  readonly variable: string
  readonly kind: Kind<A>
  /** What it is where nothing sets it. */
  readonly fallback: A
  /** The same, as the help and the documents have it. */
  readonly default: string
  /** What it is for: the beginning of a sentence. */
  readonly help: string
  /** A setting that protects: a variable that is empty, or cannot be read, is refused, where others take it for unset. */
  readonly isStrict?: boolean
}

/** What is written for a setting. */
export type Written = string | Redacted.Redacted

/** What can be written for a setting, and what it is read as. */
export interface Kind<A> {
  /** What stands for the value in the help; of a choice, all that can be chosen; undefined for yes or no. */
  readonly placeholder: string | ReadonlyArray<string> | undefined
  readonly makeFlag: (name: string) => Flag.Flag<Written>
  /** The error says what is expected, in words that follow the setting's name, without the value. */
  readonly parse: (text: string) => Result.Result<A, string>
}

/** A setting as it was given. */
export interface Given<A> {
  readonly value: A
  /** The flag or the variable that it was given by; the variable where nothing was. */
  readonly name: string
}

/** The flag of this name that sets it, with its help. */
export const makeFlag = <A>(name: string, { variable, kind, help, default: shown }: Setting<A>) => {
  const made = kind.makeFlag(name)
  return (typeof kind.placeholder === "string" ? Flag.withMetavar(made, kind.placeholder) : made).pipe(
    Flag.withDescription(`${help} (default: ${shown}). Also ${variable}`),
    Flag.optional
  )
}

/** What the flag says, else the variable, else the default. Fails with what is wrong with it. */
export const readSetting = Effect.fnUntraced(function* <A>(
  { flag, variable, kind, fallback, isStrict = false }: Setting<A>,
  written: Option.Option<Written> = Option.none()
) {
  const parse = (name: string, text: string) =>
    Result.match(kind.parse(text), {
      onSuccess: (value): Effect.Effect<Given<A>, string> => Effect.succeed({ value, name }),
      onFailure: (expected) => Effect.fail(`${name} ${expected}`)
    })
  if (Option.isSome(written)) {
    const { value } = written
    return yield* parse(`--${flag}`, Redacted.isRedacted(value) ? Redacted.value(value) : value)
  }
  const given = yield* Effect.catch(Config.option(Config.String(variable)), () =>
    isStrict ? Effect.fail(`${variable} cannot be read`) : Effect.succeedNone
  )
  // An empty variable is how a unit leaves one out.
  if (Option.isNone(given) || (given.value === "" && !isStrict)) return { value: fallback, name: variable }
  return yield* parse(variable, given.value)
})
