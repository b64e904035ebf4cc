import { type Argument, bare, flagged, ifGiven, word } from "./Arguments.ts"
import type { KnownContainer } from "../../known/KnownContainer.ts"
import { cpusOf, enginePolicies, enginePulls, engineSecurity, securityOptions } from "../../known/engineWords.ts"
import { joined } from "../../known/Text.ts"
import type { Losses } from "../../Losses.ts"
import { healthFlags } from "./health.ts"
import { grantedLogging } from "../../../workload/Logging.ts"
import { grantedResources } from "../../../workload/grantedResources.ts"

/** What `docker run` is told of a container by itself: neither name nor network, volumes or namespaces. */
export const containerFlags = (container: KnownContainer, losses: Losses): ReadonlyArray<Argument> => {
  const { declared, env, path, role } = container
  const { workingDir, lifecycle, gracePeriod, imagePullPolicy = "Always" } = declared
  if (declared.stdinOnce) {
    losses.add(`${path}.stdinOnce`, "docker run keeps standard input open when the first client has gone.")
  }
  return [
    flagged("--pull", enginePulls[imagePullPolicy]),
    ...(role === "init"
      ? []
      : [flagged("--restart", enginePolicies[role === "sidecar" ? "Always" : declared.restartPolicy])]),
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

/**
 * The image, and what its program is told. What replaces the entrypoint is one word to docker, the rest goes before
 * args.
 */
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

const securityFlags = ({ declared }: KnownContainer): ReadonlyArray<Argument> => {
  const security = engineSecurity(declared)
  const { user, groups, capAdd, capDrop, readOnly } = security
  return [
    ...ifGiven("--user", user),
    ...groups.map((group) => flagged("--group-add", group)),
    ...capAdd.map((name) => flagged("--cap-add", name)),
    ...capDrop.map((name) => flagged("--cap-drop", name)),
    ...(readOnly ? [bare("--read-only")] : []),
    ...securityOptions(security).map((option) => flagged("--security-opt", option))
  ]
}

const resourceFlags = ({ declared: { resources } }: KnownContainer): ReadonlyArray<Argument> => {
  if (resources === undefined) return []
  const { cpuMillis, cpuShares, memoryBytes, reservationBytes, gpus } = grantedResources(resources)
  return [
    ...ifGiven("--cpus", cpusOf(cpuMillis)),
    ...ifGiven("--cpu-shares", cpuShares),
    ...ifGiven("--memory", memoryBytes),
    // The limit of memory and swap together: no swap.
    ...ifGiven("--memory-swap", memoryBytes),
    ...ifGiven("--memory-reservation", reservationBytes),
    ...ifGiven("--gpus", gpus)
  ]
}

const logFlags = ({ declared }: KnownContainer): ReadonlyArray<Argument> => {
  const logging = grantedLogging(declared.logging)
  if (logging === undefined) return []
  return [
    flagged("--log-driver", logging.driver),
    ...Object.entries(logging.options).map(([name, value]) => flagged("--log-opt", `${name}=${value}`))
  ]
}
