/** What systemd says of our unit as it starts. Source: org.freedesktop.systemd1(5), systemctl(1), show. */
export interface UnitState {
  readonly active: string
  readonly sub: string
  readonly result: string
  readonly exitCode: string
  /** Of its last start: another start has another. */
  readonly invocation: string
}

export const unitProperties = ["ActiveState", "SubState", "Result", "ExecMainStatus", "InvocationID"] as const

/** What `systemctl show` prints of these properties, one a line, in any order. */
export const parseUnitState = (text: string): UnitState => {
  const value = (name: (typeof unitProperties)[number]) =>
    new RegExp(`^${name}=(.*)$`, "m").exec(text)?.[1]?.trim() ?? ""
  return {
    active: value("ActiveState"),
    sub: value("SubState"),
    result: value("Result"),
    exitCode: value("ExecMainStatus"),
    invocation: value("InvocationID")
  }
}

/** Whether the unit is meant to run: then another executable is to run in its place. */
export const isWanted = ({ active }: UnitState): boolean => active !== "" && active !== "inactive"

export type FirstRun =
  | { readonly _tag: "UnderWay" }
  | { readonly _tag: "Up" }
  | { readonly _tag: "Failed"; readonly why: string }

/**
 * Pure: how the start went that came after that of `before`. The agent is up once its first run has ended well, or a
 * container of ours runs all the same; a unit that runs `up`, once that has ended well. What ends by itself has failed,
 * also where systemd starts it again.
 */
export const judgeFirstRun = (
  { active, sub, result, exitCode, invocation }: UnitState,
  before: UnitState
): FirstRun => {
  if (invocation === before.invocation) return { _tag: "UnderWay" }
  if (active === "active") return { _tag: "Up" }
  const hasEnded = active === "failed" || active === "inactive" || sub === "auto-restart"
  if (!hasEnded) return { _tag: "UnderWay" }
  return { _tag: "Failed", why: howEnded(result, exitCode) }
}

/** Of what a signal has ended, systemd has the signal for the exit code. */
const howEnded = (result: string, exitCode: string): string => {
  if (result === "signal" || result === "core-dump") return `signal ${exitCode} ended it`
  if (result === "watchdog") return "it hung, and systemd's watchdog ended it"
  const how = ["", "success", "exit-code"].includes(result) ? "" : ` (${result})`
  return `it ended with exit code ${exitCode === "" ? "unknown" : exitCode}${how}`
}
