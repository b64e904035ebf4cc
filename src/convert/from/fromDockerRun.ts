import * as Arr from "effect/Array"
import * as Result from "effect/Result"
import type { Converted } from "../Converted.ts"
import { Losses } from "../Losses.ts"
import { dockerPod } from "./dockerPod.ts"
import type { DockerContainer } from "./DockerContainer.ts"
import { isRun, parseRun, type RunCommand, type WrittenFlag } from "./parseRun.ts"
import { runContainer } from "./runContainer.ts"
import { runFlags } from "./dockerRunFlags.ts"
import { givenWords, splitScript, type Word } from "./ShellWords.ts"
import { SourceInvalid, withAlso } from "./SourceInvalid.ts"
import type { Origin } from "./Value.ts"
import { withSandboxes } from "./withSandboxes.ts"
import { writeDeclaration } from "./writeDeclaration.ts"

/** A `docker run` command line. */
export interface DockerRunSource {
  /** Names it, in errors. */
  readonly file: string
  /** As a shell reads it, or split already. */
  readonly command: string | ReadonlyArray<string>
  /** The content of the files that `--env-file` names, as far as it is at hand. */
  readonly envFiles?: ReadonlyMap<string, string>
}

/**
 * A declaration of what `docker run` commands start, with all of their flags carried over or listed. The containers of
 * several become one Pod.
 */
export const fromDockerRun = ({
  file,
  command,
  envFiles = new Map()
}: DockerRunSource): Result.Result<Converted, SourceInvalid> =>
  Result.gen(function* () {
    const commands = typeof command === "string" ? yield* splitScript(file, command) : [givenWords(command)]
    const runs = commands.filter(isRun)
    const losses = new Losses()
    const isOne = runs.length < 2
    // What is no such command is an error where there is none.
    const read = (runs.length === 0 ? [commands[0] ?? []] : runs).map((words) =>
      readRun(file, words, { losses, envFiles, isOne })
    )
    const containers = Arr.getSuccesses(read)
    for (const words of commands) {
      if (!runs.includes(words))
        losses.add(lineOf(words[0]), "It is no docker run command: nothing of it is carried over.")
    }
    const failed = Arr.getFailures(read)
    if (containers.length === 0 && Arr.isArrayNonEmpty(failed)) return yield* Result.fail(SourceInvalid.join(failed))
    const pod = dockerPod(withSandboxes(containers), { at: { path: "docker run", line: runs[0]?.[0]?.line } }, losses)
    const written = writeDeclaration({
      file,
      source: `${isOne ? "a " : ""}docker run command${isOne ? "" : "s"}`,
      documents: [pod],
      losses
    })
    return yield* withAlso(failed, written)
  })

/** The files that `--env-file` names, as they are written. */
export const envFilesOfRuns = ({ file, command }: DockerRunSource): ReadonlyArray<string> => {
  const commands = typeof command === "string" ? splitScript(file, command) : Result.succeed([givenWords(command)])
  return Result.getOrElse(commands, () => [])
    .filter(isRun)
    .flatMap((words) =>
      Result.getOrElse(
        Result.map(parseRun(file, words), ({ flags }) => flags),
        () => []
      )
    )
    .flatMap(({ name, value }) => (name === "env-file" ? [value] : []))
}

const readRun = (
  file: string,
  words: ReadonlyArray<Word>,
  {
    losses,
    envFiles,
    isOne
  }: { readonly losses: Losses; readonly envFiles: ReadonlyMap<string, string>; readonly isOne: boolean }
): Result.Result<DockerContainer, SourceInvalid> =>
  Result.gen(function* () {
    const run = yield* parseRun(file, words)
    // Of several commands the line tells which one is meant.
    const originOf = (flag: WrittenFlag): Origin => {
      const path = pathOf(flag)
      return { path: isOne ? path : `line ${flag.word.line}: ${path}`, line: flag.word.line }
    }
    reportWords(run, originOf, losses)
    for (const flag of run.flags) {
      const { lost, isOn, isSwitch } = runFlags[flag.name] ?? {}
      const isDefault = isSwitch === true && flag.value === (isOn === true ? "true" : "false")
      if (lost !== undefined && !isDefault) losses.add(originOf(flag).path, lost)
      if (flag.name === "network-alias" && isOne)
        losses.add(originOf(flag).path, "Nothing else is on the Pod's network that could look it up.")
    }
    return yield* runContainer(file, run, { losses, envFiles, originOf })
  })

/** A command's line, with its program, if that is no more than a word. */
const lineOf = (first: Word | undefined): string =>
  `line ${first?.line}${/^[a-z][\w.-]{0,40}$/.test(first?.text ?? "") ? `: ${first?.text}` : ""}`

/** A flag, with as much of its value as can be no secret. */
const pathOf = ({ name, value }: WrittenFlag): string => {
  const flag = `--${name}`
  const shown = namesFirst.has(name)
    ? (/^([^=]*)=/.exec(value)?.[1] ?? (name === "env" ? value : undefined))
    : whole.has(name)
      ? value
      : targetOf(name, value)
  return shown === undefined || shown === "" ? flag : `${flag} ${shown}`
}

/** What stands before the "=" is a name. */
const namesFirst = new Set(["env", "label", "annotation", "log-opt", "sysctl", "storage-opt", "security-opt"])
const whole = new Set(
  ["publish", "expose", "volume", "tmpfs", "add-host", "cap-add", "cap-drop", "device", "dns", "dns-option"].concat([
    "dns-search",
    "env-file",
    "gpus",
    "group-add",
    "link",
    "network",
    "restart",
    "ulimit",
    "volumes-from"
  ])
)

const targetOf = (name: string, value: string): string | undefined =>
  name === "mount" ? /(?:^|,)((?:target|dst|destination)=[^,"]*)/.exec(value)?.[1] : undefined

/** What a shell would have put in, and what is before `run`. */
const reportWords = (
  { flags, ofDocker, image, command }: RunCommand,
  originOf: (flag: WrittenFlag) => Origin,
  losses: Losses
): void => {
  for (const { text } of ofDocker)
    losses.add(text.split("=")[0] ?? "", "It is about the command that starts the container, not about the container.")
  const report = (path: string, { references }: Word, isOpen: boolean) => {
    for (const name of references) {
      const what = isOpen ? name : "What a shell would replace in it"
      losses.add(path, `${what} is not replaced: write what it stands for.`)
    }
  }
  for (const flag of flags) report(originOf(flag).path, flag.word, open.has(flag.name))
  report("the image", image, true)
  for (const [index, word] of command.entries()) report(`word ${index + 1} after the image`, word, false)
}

/** Their values are no secrets, nor is what looks like a variable in them. */
const open = new Set([
  "name",
  "publish",
  "volume",
  "network",
  "hostname",
  "memory",
  "cpus",
  "user",
  "env-file",
  "workdir"
])
