import { type Argument, bare, flagged, ifGiven, word } from "./Arguments.ts"
import type { KnownContainer } from "../../known/KnownContainer.ts"
import { knownResources } from "../../known/resources.ts"
import { joined } from "../../known/Text.ts"
import type { Losses } from "../../Losses.ts"
import { healthFlags } from "./health.ts"

/** What `docker run` is told of a container by itself: neither name nor network, volumes or namespaces. */
export const containerFlags = (container: KnownContainer, losses: Losses): ReadonlyArray<Argument> => {
  const { declared, env, path, role } = container
  const { workingDir, lifecycle, gracePeriod, imagePullPolicy = "Always" } = declared
  if (declared.stdinOnce) {
    losses.add(`${path}.stdinOnce`, "docker run keeps standard input open when the first client has gone.")
  }
  return [
    flagged("--pull", pulls[imagePullPolicy]),
    ...(role === "init"
      ? []
      : [flagged("--restart", restarts[role === "sidecar" ? "Always" : declared.restartPolicy])]),
    ...env.map(({ name, value }) => flagged("--env", joined(`${name}=`, value))),
    ...ifGiven("--workdir", workingDir),
    ...(declared.stdin ? [bare("--interactive")] : []),
    ...(declared.tty ? [bare("--tty")] : []),
    ...(declared.privileged ? [bare("--privileged")] : []),
    ...securityFlags(container),
    ...resourceFlags(container),
    ...(role === "init" ? [] : healthFlags(container, losses)),
    ...logFlags(container),
    ...ifGiven("--stop-signal", lifecycle?.stopSignal),
    ...ifGiven("--stop-timeout", gracePeriod)
  ]
}

/** The image, and what its program is told. What replaces the entrypoint is one word to docker, the rest goes before args. */
export const programOf = ({
  declared,
  command,
  args = []
}: KnownContainer): {
  readonly entrypoint: ReadonlyArray<Argument>
  readonly words: ReadonlyArray<Argument>
} => {
  const [program, ...rest] = command ?? []
  return {
    entrypoint: program === undefined ? [] : [flagged("--entrypoint", program)],
    words: [word(declared.image.text), ...[...rest, ...args].map(word)]
  }
}

const pulls = { Always: "always", IfNotPresent: "missing", Never: "never" } as const

const restarts = { Always: "always", OnFailure: "on-failure", Never: "no" } as const

/** Where an operator of Slipway puts profiles. */
const seccompFolder = "/var/lib/slipway/seccomp"

const securityFlags = ({ declared: { security = {} } }: KnownContainer): ReadonlyArray<Argument> => {
  const { runAsUser, runAsGroup, supplementalGroups = [], capabilities, seLinuxOptions = {} } = security
  const { seccompProfile: seccomp, appArmorProfile: appArmor } = security
  const option = (text: string) => flagged("--security-opt", text)
  return [
    ...ifGiven("--user", runAsUser === undefined ? undefined : userText(runAsUser, runAsGroup)),
    ...[...new Set(supplementalGroups)].map((group) => flagged("--group-add", String(group))),
    ...(capabilities?.add ?? []).map((name) => flagged("--cap-add", name)),
    ...(capabilities?.drop ?? []).map((name) => flagged("--cap-drop", name)),
    ...(security.readOnlyRootFilesystem ? [bare("--read-only")] : []),
    ...(security.allowPrivilegeEscalation === false ? [option("no-new-privileges")] : []),
    ...(seccomp === undefined
      ? []
      : [option(`seccomp=${seccomp._tag === "Unconfined" ? "unconfined" : `${seccompFolder}/${seccomp.path}`}`)]),
    ...(appArmor === undefined || appArmor._tag === "RuntimeDefault"
      ? []
      : [option(`apparmor=${appArmor._tag === "Unconfined" ? "unconfined" : appArmor.name}`)]),
    ...Object.entries(seLinuxOptions).flatMap(([part, value]) =>
      value === "" ? [] : [option(`label=${part}:${value}`)]
    ),
    ...(security.procMount === undefined ? [] : [option("systempaths=unconfined")])
  ]
}

const userText = (user: number, group: number | undefined): string =>
  group === undefined ? `${user}` : `${user}:${group}`

const resourceFlags = ({ declared: { resources } }: KnownContainer): ReadonlyArray<Argument> => {
  if (resources === undefined) return []
  const { cpus, cpuShares, memoryBytes, reservationBytes, gpus } = knownResources(resources)
  return [
    ...ifGiven("--cpus", cpus),
    ...ifGiven("--cpu-shares", cpuShares),
    ...ifGiven("--memory", memoryBytes),
    // The limit of memory and swap together: no swap.
    ...ifGiven("--memory-swap", memoryBytes),
    ...ifGiven("--memory-reservation", reservationBytes),
    ...ifGiven("--gpus", gpus)
  ]
}

/** konlet's driver and options, unless others are declared. */
const logFlags = ({
  declared: { logging = { driver: "json-file", options: {} } }
}: KnownContainer): ReadonlyArray<Argument> => {
  const { driver, options } = logging
  if (driver === "default") return []
  const all = driver === "json-file" ? { "max-size": "500m", "max-file": "3", ...options } : options
  return [
    flagged("--log-driver", driver),
    ...Object.entries(all).map(([name, value]) => flagged("--log-opt", `${name}=${value}`))
  ]
}
