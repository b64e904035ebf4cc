import * as Redacted from "effect/Redacted"
import type { KnownContainer } from "../../known/KnownContainer.ts"
import type { Losses } from "../../Losses.ts"
import { type Line, line, words } from "./unitText.ts"

const podman = "/usr/bin/podman"

/** How systemd restarts a container, and what it does at its beginning and end. */
export const serviceLines = (
  { declared, role, path }: KnownContainer,
  name: string,
  losses: Losses
): ReadonlyArray<Line> => {
  const { lifecycle = {}, gracePeriod = 10, restartPolicy } = declared
  const policy = role === "sidecar" ? "Always" : restartPolicy
  const hook = (key: "postStart" | "preStop", command: string): ReadonlyArray<Line> => {
    const found = lifecycle[key]
    if (found === undefined) return []
    if (found._tag === "Exec") return [words(command, podman, "exec", name, ...Redacted.value(found.command))]
    if (found._tag === "Sleep") return [words(command, "/usr/bin/sleep", String(found.seconds))]
    losses.add(`${path}.lifecycle.${key}`, 'The unit asks nothing by HTTP: write it as "exec".')
    return []
  }
  return [
    ...(role === "init" ? [line("Type", "oneshot"), line("RemainAfterExit", "yes")] : []),
    line("Restart", role === "init" && policy !== "Never" ? "on-failure" : restarts[policy]),
    ...(policy === "Never" ? [] : [line("RestartSec", role === "init" ? "10" : "1")]),
    // A pull may take its time.
    line("TimeoutStartSec", role === "init" ? "infinity" : "900"),
    // Beyond the grace period: systemd's own is 90 s.
    ...(gracePeriod > 60 ? [line("TimeoutStopSec", String(gracePeriod + 30))] : []),
    ...hook("postStart", "ExecStartPost"),
    // What fails in it keeps nothing from being stopped.
    ...hook("preStop", "ExecStop").map((stop) => ({ ...stop, words: prefixed(stop.words) }))
  ]
}

const prefixed = (all: Line["words"]): Line["words"] => {
  const [first, ...rest] = all
  return first === undefined ? all : [Redacted.make(["-", ...Redacted.value(first)]), ...rest]
}

const restarts = { Always: "always", OnFailure: "on-failure", Never: "no" } as const
