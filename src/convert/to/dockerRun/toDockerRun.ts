import * as Redacted from "effect/Redacted"
import { addCommonLosses } from "../../known/commonLosses.ts"
import { type KnownContainer, knownContainers } from "../../known/KnownContainer.ts"
import { podShape } from "../../known/PodShape.ts"
import type { Converted } from "../../Converted.ts"
import { Losses } from "../../Losses.ts"
import { containerNameOf, podNameOf } from "../../names.ts"
import type { Source } from "../../Source.ts"
import { sandboxImage } from "../sandboxImage.ts"
import { type Argument, bare, flagged, word } from "./Arguments.ts"
import { containerFlags, programOf } from "./containerFlags.ts"
import { addHookLosses, afterStart } from "./hooks.ts"
import { loginLines } from "./login.ts"
import { holderFlags, joinFlags, sharedFlags } from "./podFlags.ts"
import { Variables } from "./Variables.ts"
import { mountFlag, prepareVolume } from "./volumes.ts"

/**
 * A shell script that does once by hand what `up` does: what the declaration needs of the VM, then a `docker run` for each
 * container. No word of the declaration is read by the shell as anything but a word.
 */
export const toDockerRun = (source: Source): Converted => {
  const losses = new Losses()
  const containers = knownContainers(source)
  const shape = podShape(source.workload)
  const pod = podNameOf(source)
  const sandbox = `${pod}-pod`
  const variables = new Variables(source.workload.network._tag === "Pod" ? sandbox : undefined)
  const context = { source, pod, variables, losses }
  addCommonLosses(source, containers, "docker run", losses)

  const volumes = source.workload.volumes.flatMap((volume) => prepareVolume(volume, context))
  const logins = loginLines(source, losses)
  const sideBySide = containers.filter(({ role }) => role !== "init").map(({ declared }) => declared)
  const shared = sharedFlags(source)
  const holder = holderFlags(source, shape, sideBySide)
  const ofSandbox = [
    bare("--detach"),
    flagged("--name", sandbox),
    flagged("--restart", "always"),
    ...holder,
    ...shared.filter(({ flag }) => flag !== "--pid" && flag !== "--ipc"),
    word(sandboxImage)
  ]
  const runs = containers.flatMap((container): ReadonlyArray<string> => {
    const name = dockerName(containerNameOf(source, container))
    const mounts = container.mounts.map((mount) => mountFlag(mount, context))
    const { entrypoint, words } = programOf(container)
    const isInit = container.role === "init"
    const args = [
      bare(isInit ? "--rm" : "--detach"),
      flagged("--name", name),
      ...(shape.needsSandbox ? joinFlags(source, shape, sandbox) : isInit ? networkOf(holder) : holder),
      ...shared,
      ...containerFlags(container, losses),
      ...mounts.flatMap(({ flags }) => flags),
      ...entrypoint,
      ...words
    ]
    addHookLosses(container, losses)
    const run = dockerRun(args, variables)
    return [
      "",
      `# ${titles[container.role]} ${comment(container.declared.name || name)}`,
      ...mounts.flatMap(({ before }) => before),
      ...(isInit ? untilDone(run, container) : [run]),
      ...afterStart(container, name)
    ]
  })
  const sandboxRun = shape.needsSandbox
    ? ["", "# Holds what the containers share", dockerRun(ofSandbox, variables), ...variables.lines("on the network")]
    : []

  const lines = [
    "#!/bin/sh",
    `# ${comment(source.file)}, as docker commands. Made by slipway convert; has the values of env in it.`,
    "set -eu",
    ...section("What only the VM can tell", variables.lines("before")),
    ...section("Registries", logins),
    ...section("Volumes", volumes),
    ...sandboxRun,
    ...runs
  ]
  const file = {
    name: `${pod}.sh`,
    text: Redacted.make(`${lines.join("\n")}\n`),
    isSecret: true,
    isExecutable: true
  } as const
  return { files: [file], ...losses.found }
}

const titles = { main: "Container", init: "Before the containers:", sidecar: "Before the containers, and beside them:" }

const section = (title: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : ["", `# ${title}`, ...lines]

/** The engine takes names of two characters or more. */
const dockerName = (name: string): string => (name.length < 2 ? `${name}-1` : name)

/** An init container that runs before the only container has the same network, and publishes nothing. */
const networkOf = (holder: ReadonlyArray<Argument>): ReadonlyArray<Argument> =>
  holder.filter(({ flag }) => flag !== "--publish" && flag !== "--expose")

/** One flag a line; the image and its words on the last. */
const dockerRun = (args: ReadonlyArray<Argument>, variables: Variables): string => {
  const flags = args.filter(({ flag }) => flag !== undefined)
  const words = args.filter(({ flag }) => flag === undefined)
  const text = ({ flag, value }: Argument) =>
    [...(flag === undefined ? [] : [flag]), ...(value === undefined ? [] : [variables.word(value)])].join(" ")
  return ["docker run", ...flags.map(text), words.map(text).join(" ")].join(" \\\n  ")
}

/** As often as it takes, unless it is not to be started again. */
const untilDone = (run: string, { declared }: KnownContainer): ReadonlyArray<string> =>
  declared.restartPolicy === "Never" ? [run] : [`until ${run}`, "do sleep 10; done"]

/** Nothing of a name ends the comment that it is in. */
const comment = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, "?")
