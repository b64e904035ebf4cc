import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { CloudInitOptions, System } from "../../install/cloudInit.ts"
import { isSource } from "../../install/downloadScript.ts"
import type { FlagValue } from "./flags.ts"
import { duration } from "./kinds.ts"
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
  const { url, sha256 } = sourceOf(flags, problems)
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

/** Where the executable is, and its digest. What is wrong with them is added to the problems. */
const sourceOf = (flags: Pick<Flags, "url" | "sha256">, problems: Array<string>) => {
  const url = Option.getOrElse(flags.url, () => "")
  if (!isSource(url)) {
    problems.push("--url must name the executable, as in https://host/slipway or gs://bucket/slipway")
  }
  const sha256 = Option.getOrElse(flags.sha256, () => "").toLowerCase()
  if (!/^[0-9a-f]{64}$/.test(sha256)) {
    problems.push("--sha256 must be its 64 hexadecimal digits, as sha256sum prints them")
  }
  return { url, sha256 }
}

/** A newer executable that is to be installed; none where no flag speaks of one. */
export const readNewer = (flags: Pick<Flags, "url" | "sha256"> & { readonly within: Option.Option<string> }) => {
  const problems: Array<string> = []
  const within = Option.map(flags.within, duration.parse)
  if (Option.isSome(within) && Result.isFailure(within.value)) problems.push(`--within ${within.value.failure}`)
  const isAsked = [flags.url, flags.sha256, flags.within].some(Option.isSome)
  const source = isAsked ? sourceOf(flags, problems) : undefined
  const [first, ...others] = problems
  if (first !== undefined) return Effect.fail(new SettingsInvalid({ problems: [first, ...others] }))
  return Effect.succeed(
    source && { ...source, within: Option.getOrElse(Option.flatMap(within, Result.getSuccess), () => firstRunLimit) }
  )
}

/** A first run may have to pull an image of some gigabytes. */
const firstRunLimit = Duration.minutes(10)

/** Refuses flags of user data where none is printed. */
export const refuseUserData = (flags: Pick<Flags, "settings" | "policy">) => {
  const [first, ...others] = (["settings", "policy"] as const)
    .filter((name) => Option.isSome(flags[name]))
    .map((name) => `--${name} goes into user data: print it with --print cloud-init`)
  return first === undefined ? Effect.void : Effect.fail(new SettingsInvalid({ problems: [first, ...others] }))
}
