import * as Redacted from "effect/Redacted"
import { cpusOf, enginePulls, engineSecurity } from "../../known/engineWords.ts"
import type { KnownContainer } from "../../known/KnownContainer.ts"
import { chooseProbe, probeKeys } from "../../known/probes.ts"
import { joined, mapText } from "../../known/Text.ts"
import type { Losses } from "../../Losses.ts"
import { quote } from "../dockerRun/shell.ts"
import { type Line, line, lineIf, words } from "./unitText.ts"
import { grantedLogging } from "../../../workload/Logging.ts"
import { grantedResources } from "../../../workload/grantedResources.ts"

/** What the section Container says of a container by itself: neither network, volumes nor namespaces. */
export const containerLines = (
  container: KnownContainer,
  name: string,
  firstGpu: number,
  losses: Losses
): ReadonlyArray<Line> => {
  const { declared, env, command, args = [], path } = container
  const { lifecycle, gracePeriod } = declared
  const security = engineSecurity(declared)
  const [user, group] = security.user?.split(":") ?? []
  const [program, ...rest] = command ?? []
  const podman = (...flags: ReadonlyArray<string>) => flags.map((flag) => words("PodmanArgs", flag))
  if (declared.stdinOnce) {
    losses.add(`${path}.stdinOnce`, "Podman keeps standard input open when the first client has gone.")
  }
  const following = [...rest, ...args]
  return [
    line("Image", declared.image.text),
    line("ContainerName", name),
    line("Pull", enginePulls[declared.imagePullPolicy ?? "Always"]),
    ...(program === undefined ? [] : [line("Entrypoint", joined('["', mapText(program, inJson), '"]'))]),
    ...(following.length === 0 ? [] : [words("Exec", ...following)]),
    ...lineIf("WorkingDir", declared.workingDir),
    ...env.map(({ name, value }) => words("Environment", joined(`${name}=`, value))),
    ...lineIf("User", user),
    ...lineIf("Group", group),
    ...security.groups.map((group) => line("GroupAdd", group)),
    ...security.capAdd.map((name) => line("AddCapability", name)),
    ...security.capDrop.map((name) => line("DropCapability", name)),
    ...(security.readOnly ? [line("ReadOnly", "true"), line("ReadOnlyTmpfs", "false")] : []),
    ...(security.noNewPrivileges ? [line("NoNewPrivileges", "true")] : []),
    ...lineIf("SeccompProfile", security.seccomp),
    ...(security.appArmor === undefined ? [] : podman(`--security-opt=apparmor=${security.appArmor}`)),
    ...podman(...security.labels.map((label) => `--security-opt=label=${label}`)),
    ...(security.unmasked ? [line("Unmask", "ALL")] : []),
    ...(declared.privileged ? podman("--privileged") : []),
    ...(declared.stdin ? podman("--interactive") : []),
    ...(declared.tty ? podman("--tty") : []),
    ...resourceLines(container, firstGpu),
    ...healthLines(container, losses),
    ...logLines(container, losses),
    ...lineIf("StopSignal", lifecycle?.stopSignal),
    ...lineIf("StopTimeout", gracePeriod)
  ]
}

/** A part of a text in JSON. */
const inJson = (text: string): string => JSON.stringify(text).slice(1, -1)

const resourceLines = ({ declared: { resources } }: KnownContainer, firstGpu: number): ReadonlyArray<Line> => {
  if (resources === undefined) return []
  const { cpuMillis, cpuShares, memoryBytes, reservationBytes, gpus = 0 } = grantedResources(resources)
  const flag = (name: string, value: string | number | undefined) =>
    value === undefined ? [] : [words("PodmanArgs", `--${name}=${value}`)]
  return [
    ...flag("cpus", cpusOf(cpuMillis)),
    ...flag("cpu-shares", cpuShares),
    ...flag("memory", memoryBytes),
    // The limit of memory and swap together: no swap.
    ...flag("memory-swap", memoryBytes),
    ...flag("memory-reservation", reservationBytes),
    ...Array.from({ length: gpus }, (_, index) => line("AddDevice", `nvidia.com/gpu=${firstGpu + index}`))
  ]
}

const healthLines = (container: KnownContainer, losses: Losses): ReadonlyArray<Line> => {
  if (container.role === "init") return []
  const chosen = chooseProbe(container, ["liveness", "readiness", "startup"], "Podman", losses)
  if (chosen === undefined) return []
  const { kind, probe } = chosen
  const command = Redacted.value(chosen.command)
  const path = `${container.path}.${probeKeys[kind]}`
  if (kind === "liveness")
    losses.add(path, "Podman kills the container that fails it, without preStop hook and grace period.")
  else if (kind === "startup") losses.add(path, "The unit is up when it has succeeded; what fails it is not restarted.")
  if (probe.successThreshold > 1) losses.add(`${path}.successThreshold`, "One success is success to Podman.")
  if (probe.terminationGracePeriodSeconds !== undefined) {
    losses.add(`${path}.terminationGracePeriodSeconds`, "Podman kills at once.")
  }
  return [
    // One word alone is read by the image's shell.
    line("HealthCmd", command.length === 1 ? quote(command[0]!) : JSON.stringify(command)),
    line("HealthInterval", `${probe.periodSeconds}s`),
    line("HealthTimeout", `${probe.timeoutSeconds}s`),
    line("HealthRetries", `${probe.failureThreshold}`),
    ...(probe.initialDelaySeconds > 0 ? [line("HealthStartPeriod", `${probe.initialDelaySeconds}s`)] : []),
    ...(kind === "liveness" ? [line("HealthOnFailure", "kill")] : [line("Notify", "healthy")])
  ]
}

const drivers: Readonly<Record<string, string>> = {
  "json-file": "k8s-file",
  "k8s-file": "k8s-file",
  journald: "journald",
  none: "none"
}

/** The options that Podman has, of all drivers. */
const logOptions = new Set(["max-size", "tag", "path"])

const logLines = ({ declared, path }: KnownContainer, losses: Losses): ReadonlyArray<Line> => {
  const logging = grantedLogging(declared.logging)
  if (logging === undefined) return []
  const driver = drivers[logging.driver]
  if (driver === undefined) {
    losses.add(`${path}.logging`, "Podman has no such driver: its default is used, journald.")
    return []
  }
  for (const name of Object.keys(declared.logging?.options ?? {})) {
    if (!logOptions.has(name)) losses.add(`${path}.logging.options.${name}`, "Podman has no such option.")
  }
  return [
    line("LogDriver", driver),
    ...Object.entries(logging.options).flatMap(([name, value]) =>
      logOptions.has(name) ? [words("LogOpt", `${name}=${value}`)] : []
    )
  ]
}
