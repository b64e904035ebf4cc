import * as Redacted from "effect/Redacted"
import { joined } from "../../known/Text.ts"
import type { KnownContainer } from "../../known/KnownContainer.ts"
import { chooseProbe, probeKeys } from "../../known/probes.ts"
import type { Losses } from "../../Losses.ts"
import { type Argument, flagged } from "./Arguments.ts"
import { quote } from "./shell.ts"

/** Docker shows whether a container is healthy, and does nothing about it. */
export const healthFlags = (container: KnownContainer, losses: Losses): ReadonlyArray<Argument> => {
  const chosen = chooseProbe(container, ["readiness", "liveness", "startup"], "docker run", losses)
  if (chosen === undefined) return []
  const { kind, probe, command } = chosen
  losses.add(
    `${container.path}.${probeKeys[kind]}`,
    "As a health check it runs by the image's /bin/sh, docker ps shows its result, and nothing waits for it or acts on it" +
      (probe.successThreshold > 1 ? "; one success is success." : ".")
  )
  const seconds = (flag: string, value: number) => flagged(flag, `${value}s`)
  return [
    flagged("--health-cmd", joined(Redacted.value(command).map(quote).join(" "))),
    seconds("--health-interval", probe.periodSeconds),
    seconds("--health-timeout", probe.timeoutSeconds),
    flagged("--health-retries", String(probe.failureThreshold)),
    ...(probe.initialDelaySeconds > 0 ? [seconds("--health-start-period", probe.initialDelaySeconds)] : [])
  ]
}
