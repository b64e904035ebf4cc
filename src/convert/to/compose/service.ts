import * as Redacted from "effect/Redacted"
import { cpusOf, enginePolicies, enginePulls, engineSecurity, securityOptions } from "../../known/engineWords.ts"
import type { KnownContainer } from "../../known/KnownContainer.ts"
import { type CommandProbe, chooseProbe, probeKeys, type ProbeKind } from "../../known/probes.ts"
import type { Text } from "../../known/Text.ts"
import type { Losses } from "../../Losses.ts"
import { given, object } from "../kubernetes/words.ts"
import type { Interpolated } from "./Interpolated.ts"
import { grantedLogging } from "../../../workload/Logging.ts"
import { grantedResources } from "../../../workload/grantedResources.ts"

export interface ServiceContext {
  readonly losses: Losses
  /** A text that Compose may have to fill in, of this place in the declaration. */
  readonly fill: (text: Text, path: string) => Interpolated
}

/** What a service says of a container by itself: neither network, volumes nor what it waits for. */
export const serviceOf = (container: KnownContainer, { losses, fill }: ServiceContext) => {
  const { declared, env, command, args = [], path, role } = container
  const { lifecycle, gracePeriod } = declared
  const security = engineSecurity(declared)
  if (declared.stdinOnce) {
    losses.add(`${path}.stdinOnce`, "Compose keeps standard input open when the first client has gone.")
  }
  if (role === "init" && declared.restartPolicy !== "Never") {
    losses.add(
      "spec.restartPolicy",
      "Compose does not retry a container that others wait for: one that fails ends docker compose up."
    )
  }
  const health = role === "init" ? undefined : healthOf(container, losses)
  return {
    image: declared.image.text,
    pull_policy: enginePulls[declared.imagePullPolicy ?? "Always"],
    restart: role === "init" ? "no" : enginePolicies[role === "sidecar" ? "Always" : declared.restartPolicy],
    entrypoint: command?.map((word) => fill(word, `${path}.command`)),
    command: given(args.map((word) => fill(word, `${path}.args`))),
    working_dir: declared.workingDir,
    environment: object(Object.fromEntries(env.map(({ name, place, value }) => [name, fill(value, place)]))),
    stdin_open: declared.stdin || undefined,
    tty: declared.tty || undefined,
    privileged: declared.privileged || undefined,
    user: security.user,
    group_add: given(security.groups),
    cap_add: given(security.capAdd),
    cap_drop: given(security.capDrop),
    read_only: security.readOnly || undefined,
    security_opt: given(securityOptions(security)),
    ...resourcesOf(container),
    healthcheck: health && healthcheckOf(health),
    logging: grantedLogging(declared.logging),
    stop_signal: lifecycle?.stopSignal,
    stop_grace_period: gracePeriod === undefined ? undefined : `${gracePeriod}s`,
    ...hooksOf(container, losses)
  }
}

const kinds: Readonly<Record<KnownContainer["role"], ReadonlyArray<ProbeKind>>> = {
  main: ["readiness", "liveness", "startup"],
  // What comes after a sidecar waits for this one.
  sidecar: ["startup", "readiness", "liveness"],
  init: []
}

const healthOf = (container: KnownContainer, losses: Losses): CommandProbe | undefined => {
  const chosen = chooseProbe(container, kinds[container.role], "Compose", losses)
  if (chosen === undefined) return undefined
  const isAwaited = container.role === "sidecar" && chosen.kind === "startup"
  if (!isAwaited) {
    losses.add(
      `${container.path}.${probeKeys[chosen.kind]}`,
      "As a health check its result is shown, docker compose up --wait waits for it, and nothing is restarted for it" +
        (chosen.probe.successThreshold > 1 ? "; one success is success." : ".")
    )
  }
  return chosen
}

/** Whether others can wait until a service is healthy. */
export const hasHealth = ({ declared: { probes = {} } }: KnownContainer): boolean =>
  probes.startup?.handler._tag === "Exec"

const healthcheckOf = ({ probe, command }: CommandProbe) => ({
  test: ["CMD", ...Redacted.value(command)],
  interval: `${probe.periodSeconds}s`,
  timeout: `${probe.timeoutSeconds}s`,
  retries: probe.failureThreshold,
  start_period: probe.initialDelaySeconds > 0 ? `${probe.initialDelaySeconds}s` : undefined
})

const resourcesOf = ({ declared: { resources } }: KnownContainer) => {
  if (resources === undefined) return {}
  const { cpuMillis, cpuShares, memoryBytes, reservationBytes, gpus } = grantedResources(resources)
  return {
    cpus: cpusOf(cpuMillis),
    cpu_shares: cpuShares,
    mem_limit: memoryBytes,
    // The limit of memory and swap together: no swap.
    memswap_limit: memoryBytes,
    mem_reservation: reservationBytes,
    gpus: gpus === undefined ? undefined : [{ driver: "nvidia", count: gpus }]
  }
}

const hooksOf = ({ declared: { lifecycle = {} }, path }: KnownContainer, losses: Losses) => {
  const of = (key: "postStart" | "preStop") => {
    const hook = lifecycle[key]
    if (hook?._tag === "Exec") return [{ command: Redacted.value(hook.command) }]
    if (hook !== undefined) losses.add(`${path}.lifecycle.${key}`, 'Compose runs commands alone: write it as "exec".')
    return undefined
  }
  return { post_start: of("postStart"), pre_stop: of("preStop") }
}
