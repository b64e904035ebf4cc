import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { endOnOneLine, oneLine } from "../text/printable.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { ContainerInspection, ExecResult } from "../vm/engine/Inspection.ts"
import type { ProbeAnswer } from "../vm/probes/ProbeAnswer.ts"
import type { ExecHandler } from "../workload/Handler.ts"
import { makeMask } from "./mask.ts"

/** How much of a command's output a message shows on one line: its end. */
const outputLimit = 300

/** How many of its last lines a failure shows. */
const lineCount = 20

/** Runs a command to its end. Its output may quote the words of the command: they are hidden, except the program's. */
export const runInContainer = Effect.fnUntraced(function* (
  { id }: Pick<ContainerInspection, "id">,
  { command }: ExecHandler
) {
  const docker = yield* DockerClient
  const words = Redacted.value(command)
  const mask = makeMask(words.slice(1).map((value) => ({ name: "exec.command", value })))
  const result = yield* Effect.mapError(docker.exec(id, words), (error) => error.mapDetail(mask))
  const { exitCode } = result
  const program = JSON.stringify(oneLine(words[0] ?? "", 100))
  const unfit = unfitness(result)
  if (unfit !== undefined) {
    const answer: ProbeAnswer = {
      isSuccess: false,
      ...(unfit === "missing"
        ? { detail: `there is no program ${program} in the container`, hasNoProgram: true }
        : { detail: `${program} in the container cannot be executed` })
    }
    return answer
  }
  const output = mask(result.output)
  const said = endOnOneLine(output, outputLimit)
  const lines = output.split("\n").map((line) => line.trimEnd())
  const answer: ProbeAnswer = {
    isSuccess: exitCode === 0,
    detail: `exit code ${exitCode}${said === "" ? "" : `, ${said}`}`,
    ...(exitCode === 0 || said === ""
      ? {}
      : { written: { exitCode, lastLines: lines.filter((line) => line !== "").slice(-lineCount) } })
  }
  return answer
})

/** What the engine's runtime says in place of a program that it could not start; undefined of one that ran. */
const unfitness = ({ exitCode, output }: ExecResult): "missing" | "not executable" | undefined => {
  if (![126, 127, 255].includes(exitCode) || !runtimeWords.test(output)) return undefined
  if (/executable file .*not found|no such file or directory/i.test(output)) return "missing"
  return /permission denied|is a directory/i.test(output) ? "not executable" : undefined
}

/** runc's and crun's. */
const runtimeWords = /^(OCI runtime exec failed|exec failed|Error: (OCI runtime|crun))/i
