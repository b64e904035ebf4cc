import * as Redacted from "effect/Redacted"
import type { Probe, Probes } from "../../workload/Probe.ts"
import type { Losses } from "../Losses.ts"
import type { KnownContainer } from "./KnownContainer.ts"

export type ProbeKind = keyof Probes

/** The one of a container's probes that an engine can carry out: a command in the container. */
export interface CommandProbe {
  readonly kind: ProbeKind
  readonly probe: Probe
  readonly command: Redacted.Redacted<ReadonlyArray<string>>
}

export const probeKeys = {
  startup: "startupProbe",
  readiness: "readinessProbe",
  liveness: "livenessProbe"
} as const satisfies Record<ProbeKind, string>

/**
 * Of an engine that has one health check for a container: the first of these kinds that is a command. The others are
 * lost.
 */
export const chooseProbe = (
  { declared: { probes = {} }, path }: KnownContainer,
  kinds: ReadonlyArray<ProbeKind>,
  program: string,
  losses: Losses
): CommandProbe | undefined => {
  const chosen = kinds.flatMap((kind): ReadonlyArray<CommandProbe> => {
    const probe = probes[kind]
    return probe?.handler._tag === "Exec" ? [{ kind, probe, command: probe.handler.command }] : []
  })[0]
  for (const [kind, key] of Object.entries(probeKeys) as ReadonlyArray<[ProbeKind, string]>) {
    const probe = probes[kind]
    if (probe === undefined || kind === chosen?.kind) continue
    losses.add(
      `${path}.${key}`,
      probe.handler._tag === "Exec"
        ? `${program} has one health check for a container, which is another of its probes.`
        : `${program} can only run a command in the container: write the probe as "exec", with a program that the image has.`
    )
  }
  return chosen
}
