import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { CloudInitOptions, System } from "../../install/cloudInit.ts"
import { isSource } from "../../install/downloadScript.ts"
import type { FlagValue } from "./flags.ts"
import { readPolicyText } from "./readPolicy.ts"
import { SettingsInvalid } from "./SettingsInvalid.ts"
import { readSettingsFile } from "./readSettingsFile.ts"

interface Flags {
  readonly system: System
  readonly url: Option.Option<string>
  readonly sha256: Option.Option<string>
  readonly once: boolean
  readonly takeover: boolean
  readonly settings: Option.Option<string>
  readonly policy: FlagValue
}

/** Reads what user data is made of. It ends up in a shell script on a VM, so everything is checked, all at once. */
export const readUserData = Effect.fn("readUserData")(function* (flags: Flags) {
  const problems: Array<string> = []
  const checked = <A, R>(effect: Effect.Effect<A, SettingsInvalid, R>) =>
    effect.pipe(
      Effect.asSome,
      Effect.catchTag("SettingsInvalid", (invalid) => {
        problems.push(...invalid.problems)
        return Effect.succeedNone
      })
    )
  const url = Option.getOrElse(flags.url, () => "")
  if (!isSource(url)) {
    problems.push("--url must name the executable, as in https://host/slipway or gs://bucket/slipway")
  }
  const sha256 = Option.getOrElse(flags.sha256, () => "").toLowerCase()
  if (!/^[0-9a-f]{64}$/.test(sha256)) {
    problems.push("--sha256 must be its 64 hexadecimal digits, as sha256sum prints them")
  }
  const settings = Option.isNone(flags.settings)
    ? Option.none()
    : yield* checked(readSettingsFile("--settings", flags.settings.value))
  const policy = Option.isNone(flags.policy)
    ? Option.none()
    : Option.flatten(yield* checked(readPolicyText(flags.policy)))
  if (Option.isSome(policy) && Option.exists(settings, ({ values }) => values.has("SLIPWAY_POLICY"))) {
    problems.push("--settings: leave out SLIPWAY_POLICY, which --policy sets")
  }
  const [first, ...others] = problems
  if (first !== undefined) return yield* new SettingsInvalid({ problems: [first, ...others] })
  const options: CloudInitOptions = {
    system: flags.system,
    url,
    sha256,
    runs: flags.once ? "up" : "agent",
    takeover: flags.takeover,
    settings: Option.getOrUndefined(settings)?.text,
    policy: Option.getOrUndefined(policy)?.text
  }
  return options
})

/** Refuses flags of user data where none is printed. */
export const refuseUserData = (flags: Omit<Flags, "system" | "once" | "takeover">) => {
  const [first, ...others] = (["url", "sha256", "settings", "policy"] as const)
    .filter((name) => Option.isSome(flags[name]))
    .map((name) => `--${name} goes into user data: print it with --print cloud-init`)
  return first === undefined ? Effect.void : Effect.fail(new SettingsInvalid({ problems: [first, ...others] }))
}
