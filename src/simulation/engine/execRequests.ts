import * as Effect from "effect/Effect"
import type { DockerError } from "../../vm/engine/DockerError.ts"
import type { ExecResult } from "../../vm/engine/Inspection.ts"
import type { EngineParts } from "./EngineParts.ts"
import { refused } from "./refused.ts"

/** How the simulated engine runs commands in containers: as their image says of the words, each to its end. */
export const execRequests = ({ calls, containers, requests: { receive } }: EngineParts) => ({
  exec: (id: string, command: ReadonlyArray<string>): Effect.Effect<ExecResult, DockerError> => {
    const operation = `run a command in container ${id}`
    const words = command.join(" ")
    const behaviour = containers.named(id)?.image.behaviourWith(words)
    return receive({
      name: "exec",
      subject: id,
      latencyMillis: 20 + (behaviour?._tag === "Exits" ? behaviour.afterMillis : 0),
      answer: Effect.flatMap(containers.find(operation, id), (container) => {
        if (!container.isUp) return refused(operation, 409, `Container ${container.id} is not running`)
        if (behaviour?._tag !== "Exits") {
          const [program = ""] = command
          const output = `OCI runtime exec failed: exec failed: unable to start container process: exec: "${program}": executable file not found in $PATH: unknown\r\n`
          return Effect.succeed({ exitCode: 127, output })
        }
        const output = (behaviour.log ?? []).map((line) => `${line}\n`).join("")
        return Effect.map(calls.now, (now) => ({
          exitCode: container.isUnwellAt(now, behaviour.spells) ? 1 : behaviour.exitCode,
          output
        }))
      })
    })
  }
})
