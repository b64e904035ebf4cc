import * as Redacted from "effect/Redacted"
import type { Losses } from "../../Losses.ts"
import type { Source } from "../../Source.ts"
import { quote } from "./shell.ts"

/** Docker keeps the credentials, for each registry one pair. */
export const loginLines = ({ workload: { pullSecrets = [] } }: Source, losses: Losses): ReadonlyArray<string> => {
  const pairs = new Map<string, string>()
  for (const [index, secret] of pullSecrets.entries()) {
    const path = `spec.imagePullSecrets[${index}]`
    if (secret._tag === "Secret") {
      losses.note(path, 'It is in Secret Manager: run "docker login" with what it says before.')
      continue
    }
    for (const { place, credentials } of secret.config) {
      const registry = place.split("/", 1)[0] ?? place
      const isPart = registry !== place || place.includes("*")
      if (isPart || pairs.has(registry)) {
        losses.add(path, "Docker has one pair of user and password for each registry, and none for a part of one.")
      }
      if (pairs.has(registry)) continue
      const password = quote(Redacted.value(credentials.password))
      pairs.set(
        registry,
        `printf %s ${password} | docker login --username ${quote(credentials.username)} --password-stdin ${quote(registry)}`
      )
    }
  }
  return [...pairs.values()]
}
