import * as Result from "effect/Result"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import type { Origin, Target } from "../../convert/targets.ts"
import { finalExitCodes } from "../../text/finalExitCodes.ts"

/** Arguments of `slipway convert` that do not say what to do. */
export class ConvertUnclear extends Schema.TaggedError<ConvertUnclear>()("ConvertUnclear", {
  detail: Schema.String,
  advice: Schema.String
}) {
  override get [Runtime.errorExitCode]() {
    return finalExitCodes.useless
  }
  override get message(): string {
    return this.detail
  }
}

const unclear = (detail: string, advice: string): Result.Result<never, ConvertUnclear> =>
  Result.fail(new ConvertUnclear({ detail, advice }))

/** What is no declaration becomes one, unless something else is said. */
export const chooseTarget = (from: Origin, to: Target | undefined): Result.Result<Target, ConvertUnclear> => {
  if (to !== undefined) return Result.succeed(to)
  if (from !== "declaration") return Result.succeed("declaration")
  return unclear(
    "it is not said what to make of the declaration",
    "Write --to with the form, or --from if the file is something else than a declaration."
  )
}

/** Flags that are for some forms only. */
export interface ChoiceFlags {
  readonly only: ReadonlyArray<string>
  readonly profiles: ReadonlyArray<string>
  readonly envFiles: ReadonlyArray<string>
}

/** Where a flag has no meaning, it is refused rather than ignored. */
export const checkChoice = (
  from: Origin,
  { only, profiles, envFiles }: ChoiceFlags
): Result.Result<void, ConvertUnclear> => {
  if (from === "kubernetes" && only.length > 1) {
    return unclear(
      "several objects of Kubernetes are named by --only",
      "A declaration is one Pod: convert them one by one."
    )
  }
  if (only.length > 0 && from !== "compose" && from !== "kubernetes") {
    return unclear(
      "--only is for --from compose and --from kubernetes",
      from === "inspect" ? "Name the containers to docker inspect." : "Leave it out."
    )
  }
  for (const [flag, given] of [
    ["--profile", profiles],
    ["--dotenv", envFiles]
  ] as const) {
    if (given.length > 0 && from !== "compose") {
      const ofRun = flag === "--dotenv" && from === "docker-run"
      const advice = ofRun ? "Write it into the command as --env-file: the file is read." : "Leave it out."
      return unclear(`${flag} is for --from compose`, advice)
    }
  }
  return Result.void
}

/** What is to be converted. */
export type ConvertSource =
  | { readonly _tag: "Vm" }
  | { readonly _tag: "File"; readonly file: string }
  | { readonly _tag: "Words"; readonly file: string; readonly text: string; readonly words: ReadonlyArray<string> }

/** A file, or after `--from docker-run` the words of a command. */
export const chooseSource = (
  from: Origin,
  given: ReadonlyArray<string>
): Result.Result<ConvertSource, ConvertUnclear> => {
  const [first, ...others] = given
  if (from === "docker-run" && others.length > 0) {
    return Result.succeed({ _tag: "Words", file: "<arguments>", text: "", words: given })
  }
  if (others.length > 0) return unclear("several files are given", "Convert one file at a time.")
  if (first !== undefined) return Result.succeed({ _tag: "File", file: first })
  if (from === "declaration") return Result.succeed({ _tag: "Vm" })
  return unclear("no file is given", "Name the file that is to be converted, or - for standard input.")
}
