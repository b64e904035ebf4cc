import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { withDeadline } from "../timing/Deadlines.ts"
import { attempt } from "../timing/Retries.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import { messageFileIn } from "../vm/engine/terminationMessageLabel.ts"
import { longestMessage, TerminationMessages } from "../vm/host/TerminationMessages.ts"

/** Kubernetes' limits where the log counts. */
const logLineCount = 80
const logBytes = 2048

/** Kubernetes' limit for all messages of a Pod, which its containers share equally. */
const longestOfAll = 12 * 1024

/** The last words of a container that has ended; undefined where it has none. They say so where they cannot be read. */
export const terminationMessageOf = Effect.fnUntraced(function* (
  { id, name, labels, exitCode }: Pick<ContainerInspection, "id" | "name" | "labels" | "exitCode">,
  containerCount = 1
) {
  const where = messageFileIn(labels)
  if (Option.isNone(where)) return undefined
  const { file, policy } = where.value
  const messages = yield* TerminationMessages
  const docker = yield* DockerClient
  const written = yield* messages.read(file).pipe(
    withDeadline("FILE", `read the termination message of ${name}`),
    Effect.catch((error) => Effect.succeed(`(it could not be read: ${error.message})`))
  )
  const isLogAsked = written === "" && policy === "FallbackToLogsOnError" && exitCode !== 0
  const text = isLogAsked
    ? yield* docker.lastLogLines(id, logLineCount).pipe(
        attempt("INSPECT", `read the log of ${name}`),
        Effect.map((lines) => endOf(lines.join("\n"), logBytes)),
        // The failure says itself that the log could not be read.
        Effect.orElseSucceed(() => "")
      )
    : written
  const shown = endOf(text, Math.min(longestMessage, Math.floor(longestOfAll / containerCount))).trimEnd()
  return shown === "" ? undefined : shown
})

/** Whether a failure's last log lines are in its termination message already, or that is among them. */
export const isMessageOfLog = ({
  terminationMessage,
  lastLogLines = []
}: {
  readonly terminationMessage?: string | undefined
  readonly lastLogLines?: ReadonlyArray<string>
}): boolean => {
  if (terminationMessage === undefined || lastLogLines.length === 0) return false
  const [message, log] = [terminationMessage, lastLogLines.join("\n").trimEnd()]
  return message.endsWith(log) || log.endsWith(message)
}

/** Without the rest of a character that is cut. */
const endOf = (text: string, bytes: number): string => {
  const all = new TextEncoder().encode(text)
  if (all.length <= bytes) return text
  return new TextDecoder().decode(all.subarray(all.length - bytes)).replace(/^\uFFFD+/, "")
}
