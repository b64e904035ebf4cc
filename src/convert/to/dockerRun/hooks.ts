import * as Redacted from "effect/Redacted"
import type { KnownContainer } from "../../known/KnownContainer.ts"
import type { Losses } from "../../Losses.ts"
import { quote } from "./shell.ts"

/** What the script does once the container has been started. */
export const afterStart = ({ declared: { lifecycle = {} } }: KnownContainer, name: string): ReadonlyArray<string> => {
  const { postStart } = lifecycle
  if (postStart?._tag === "Exec") {
    return [`docker exec ${quote(name)} ${Redacted.value(postStart.command).map(quote).join(" ")}`]
  }
  return postStart?._tag === "Sleep" ? [`sleep ${postStart.seconds}`] : []
}

export const addHookLosses = ({ declared: { lifecycle = {} }, path }: KnownContainer, losses: Losses): void => {
  if (lifecycle.postStart?._tag === "HttpGet") {
    losses.add(`${path}.lifecycle.postStart`, 'The script asks nothing by HTTP: write it as "exec".')
  }
  if (lifecycle.preStop !== undefined) {
    losses.add(`${path}.lifecycle.preStop`, "Docker does nothing before it stops a container.")
  }
}
