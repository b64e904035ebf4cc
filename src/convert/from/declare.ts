import type * as Result from "effect/Result"
import { type DeclarationText, textOf } from "../../workload/DeclarationText.ts"
import type { Converted } from "../Converted.ts"
import type { ForeignOrigin } from "../targets.ts"
import { fromCompose } from "./fromCompose.ts"
import { fromDockerRun } from "./fromDockerRun.ts"
import { fromInspect } from "./fromInspect.ts"
import { fromKubernetes } from "./fromKubernetes.ts"
import type { SourceInvalid } from "./SourceInvalid.ts"

/** What is converted: a text, or a command's words. */
export interface ConvertInput extends DeclarationText {
  /** Of a `docker run` command that a shell has split already; then the text is of no account. */
  readonly words?: ReadonlyArray<string>
  /** The name of the folder that a file is in, if that is known. */
  readonly folder?: string
}

/** A declaration of what another program's text says. */
export const declare = (input: ConvertInput, from: ForeignOrigin): Result.Result<Converted, SourceInvalid> => {
  const { file, text, words, folder } = input
  switch (from) {
    case "docker-run":
      return fromDockerRun({ file, command: words ?? textOf(input) })
    case "compose":
      return fromCompose({ file, text, ...(folder !== undefined && { folder }) })
    case "inspect":
      return fromInspect({ file, text })
    case "kubernetes":
      return fromKubernetes({ file, text })
  }
}
