import type * as Result from "effect/Result"
import { type DeclarationText, textOf } from "../../workload/DeclarationText.ts"
import type { Converted } from "../Converted.ts"
import type { ConvertOptions, ForeignOrigin, Origin } from "../targets.ts"
import type { VariableFile } from "./composeVariables.ts"
import { type ComposeSource, filesIn, fromCompose } from "./fromCompose.ts"
import { type DockerRunSource, envFilesOfRuns, fromDockerRun } from "./fromDockerRun.ts"
import { fromInspect } from "./fromInspect.ts"
import { fromKubernetes } from "./fromKubernetes.ts"
import type { SourceInvalid } from "./SourceInvalid.ts"

/** What is converted: a text, or a command's words. */
export interface ConvertInput extends DeclarationText {
  /** Of a `docker run` command that a shell has split already; then the text is of no account. */
  readonly words?: ReadonlyArray<string>
  /** The name of the folder that a file is in, if that is known. */
  readonly folder?: string
  /** Of a Compose file: files of the variables that are replaced in it, as `.env` is one. */
  readonly variableFiles?: ReadonlyArray<VariableFile>
  /** The content of the files that it names (see `filesNamed`), as far as it is at hand. */
  readonly files?: ReadonlyMap<string, string>
}

/** A declaration of what another program's text says. */
export const declare = (
  input: ConvertInput,
  from: ForeignOrigin,
  { only, profiles }: Pick<ConvertOptions, "only" | "profiles"> = {}
): Result.Result<Converted, SourceInvalid> => {
  const { file, text } = input
  switch (from) {
    case "docker-run":
      return fromDockerRun(runOf(input))
    case "compose":
      return fromCompose({ ...composeOf(input), ...(only && { only }), ...(profiles && { profiles }) })
    case "inspect":
      return fromInspect({ file, text })
    case "kubernetes":
      return fromKubernetes({ file, text, ...(only?.[0] !== undefined && { only: only[0] }) })
  }
}

/**
 * The files that a text names, as they are written, whose content is to be given with it: of variables (`env_file`,
 * docker's `--env-file`), and of a Compose file's `configs`.
 */
export const filesNamed = (input: ConvertInput, from: Origin): ReadonlyArray<string> => {
  const named =
    from === "compose" ? filesIn(composeOf(input)) : from === "docker-run" ? envFilesOfRuns(runOf(input)) : []
  return [...new Set(named)]
}

const runOf = (input: ConvertInput): DockerRunSource => {
  const { file, words, files } = input
  return { file, command: words ?? textOf(input), ...(files && { envFiles: files }) }
}

const composeOf = ({ file, text, folder, variableFiles, files }: ConvertInput): ComposeSource => ({
  file,
  text,
  ...(folder !== undefined && { folder }),
  ...(variableFiles && { variableFiles }),
  ...(files && { files })
})
