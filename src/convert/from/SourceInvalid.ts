import * as Arr from "effect/Array"
import * as Order from "effect/Order"
import * as Result from "effect/Result"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { oneLine } from "../../text/printable.ts"
import { finalExitCodes } from "../../text/finalExitCodes.ts"

/** One of the reasons why something cannot be converted. Holds no values that may be secrets. */
export interface SourceProblem extends Schema.Schema.Type<typeof SourceProblem> {}
export const SourceProblem = Schema.Struct({
  /** What is converted, or a file that it names. */
  file: Schema.String,
  /** From 1; undefined where the source has no lines. */
  line: Schema.UndefinedOr(Schema.Int),
  /** As in `services.web.image`, or `--publish`; empty for the whole. */
  path: Schema.String,
  /** What is wrong. */
  detail: Schema.String,
  /** What to write instead. */
  advice: Schema.String
})

/**
 * What was given to be converted cannot be: it is not what it should be, or nothing that runs can be made of it. Has
 * all the reasons, in the order of the text.
 */
export class SourceInvalid extends Schema.TaggedError<SourceInvalid>()("SourceInvalid", {
  file: Schema.String,
  problems: Schema.NonEmptyArray(SourceProblem)
}) {
  /** Of a source with one problem. */
  static of(file: string, problem: Omit<SourceProblem, "file">): SourceInvalid {
    return new SourceInvalid({ file, problems: [{ file, ...problem }] })
  }
  /** The problems of all, each once. */
  static join([first, ...others]: Arr.NonEmptyReadonlyArray<SourceInvalid>): SourceInvalid {
    const problems = Arr.appendAll(
      first.problems,
      others.flatMap(({ problems }) => problems)
    )
    const each = Arr.dedupeWith(problems, (one, other) => placed(one) === placed(other))
    return new SourceInvalid({ file: first.file, problems: Arr.sort(each, byLine) })
  }
  /** The same, of a source that names the files in which problems are. Its own come first. */
  in(file: string): SourceInvalid {
    const isElsewhere = Order.mapInput(Order.Boolean, (problem: SourceProblem) => problem.file !== file)
    return new SourceInvalid({ file, problems: Arr.sort(this.problems, isElsewhere) })
  }
  get heading(): string {
    return oneLine(`${this.file} cannot be converted:`, 300)
  }
  override get [Runtime.errorExitCode]() {
    return finalExitCodes.useless
  }
  override get message(): string {
    return this.problems.map((problem) => `${placed(problem)}\n  ${problem.advice}`).join("\n")
  }
}

const byLine = Order.mapInput(
  Order.Tuple([Order.String, Order.Number]),
  ({ file, line }: SourceProblem) => [file, line ?? 0] as const
)

const placed = ({ file, line, path, detail }: SourceProblem): string => {
  const place = line === undefined ? file : `${file}:${line}`
  return oneLine(`${place}: ${path === "" ? "" : `${oneLine(path, 300)}: `}${detail}`, 1000)
}

/** The values of all; where one fails, the problems of all that do. */
export const allOf = <const I extends Results>(results: I): ReturnType<typeof Result.all<I>> => {
  const all: ReadonlyArray<Result.Result<unknown, SourceInvalid>> = Object.values(results)
  const failures = all.flatMap((one) => (Result.isFailure(one) ? [one.failure] : []))
  return (
    Arr.isArrayNonEmpty(failures) ? Result.fail(SourceInvalid.join(failures)) : Result.all(results)
  ) as ReturnType<typeof Result.all<I>>
}

type Results =
  | ReadonlyArray<Result.Result<unknown, SourceInvalid>>
  | Readonly<Record<string, Result.Result<unknown, SourceInvalid>>>

/** A result, or, where something else has failed, all that has. */
export const withAlso = <A>(
  failed: ReadonlyArray<SourceInvalid>,
  result: Result.Result<A, SourceInvalid>
): Result.Result<A, SourceInvalid> => {
  const all = [...failed, ...(Result.isFailure(result) ? [result.failure] : [])]
  return Arr.isArrayNonEmpty(all) ? Result.fail(SourceInvalid.join(all)) : result
}
