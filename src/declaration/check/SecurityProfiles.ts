import * as Schema from "effect/Schema"
import type { AppArmorProfile, SeccompProfile } from "../../workload/SecurityContext.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import type { Place } from "../yaml/Places.ts"
import { position } from "../yaml/Position.ts"
import type { Check } from "./Check.ts"
import { checkChoice, type SecurityChoiceInvalid } from "./SecurityChoice.ts"

/** A profile of the host that cannot be, is not named, or is named although another kind is declared. */
export class LocalhostProfileInvalid extends Schema.TaggedError<LocalhostProfileInvalid>()("LocalhostProfileInvalid", {
  ...position,
  /** As in `spec.securityContext.seccompProfile.localhostProfile`. */
  path: Schema.String,
  of: Schema.Literals(["seccompProfile", "appArmorProfile"]),
  why: Schema.Literals(["missing", "unexpected", "absolute", "leads out", "white space", "too long"])
}) {
  override get message(): string {
    switch (this.why) {
      case "missing":
        return `${this.path} is missing, which the type Localhost needs`
      case "unexpected":
        return `${this.path} is written, but the type is not Localhost`
      case "absolute":
        return `${this.path} must be relative to the folder of profiles`
      case "leads out":
        return `${this.path} must not have ".." in it`
      case "white space":
        return `${this.path} begins or ends with white space`
      case "too long":
        return `${this.path} is longer than ${maximumLength} bytes`
    }
  }
  get advice(): string {
    if (this.why === "unexpected") return 'Remove it, or write "type: Localhost".'
    return this.of === "seccompProfile"
      ? "Write the path of a file below the folder seccomp in SLIPWAY_STATE (/var/lib/slipway), such as profiles/web.json."
      : "Write the name of a profile that is loaded on the host, as `aa-status` shows it."
  }
}

export type ProfileProblem = LocalhostProfileInvalid | SecurityChoiceInvalid

type DeclaredProfiles = Pick<DeclaredContainer["securityContext"], "seccompProfile" | "appArmorProfile">
type ProfileCheck = Check<ProfileProblem, never>

/** Paths and names are at most as long as a path of Linux. */
const maximumLength = 4095

const types = ["RuntimeDefault", "Unconfined", "Localhost"] as const

export interface DeclaredSeccomp {
  readonly profile: SeccompProfile | "RuntimeDefault"
  readonly place: Place
}

/** Undefined where none is declared, or none that is good. */
export const checkSeccompProfile = (owner: DeclaredProfiles, check: ProfileCheck): DeclaredSeccomp | undefined => {
  const place = check.at(owner, "seccompProfile")
  const declared = owner.seccompProfile
  if (declared === undefined || place.invalid) return undefined
  const type = checkChoice(declared, "type", types, check)
  const path = checkLocalhost(declared, "seccompProfile", type, check)
  if (type === undefined) return undefined
  if (type === "RuntimeDefault") return { profile: type, place }
  if (type === "Unconfined") return { profile: { _tag: type }, place }
  return path === undefined ? undefined : { profile: { _tag: type, path }, place }
}

/** Undefined where none is declared, or none that is good. */
export const checkAppArmorProfile = (owner: DeclaredProfiles, check: ProfileCheck): AppArmorProfile | undefined => {
  const declared = owner.appArmorProfile
  if (declared === undefined || check.at(owner, "appArmorProfile").invalid) return undefined
  const type = checkChoice(declared, "type", types, check)
  const name = checkLocalhost(declared, "appArmorProfile", type, check)
  if (type === undefined) return undefined
  if (type !== "Localhost") return { _tag: type }
  return name === undefined ? undefined : { _tag: type, name }
}

type DeclaredProfile = NonNullable<DeclaredProfiles["seccompProfile"]>

/** The profile of the host that is named, if it is good and wanted. */
const checkLocalhost = (
  declared: DeclaredProfile,
  of: LocalhostProfileInvalid["of"],
  type: (typeof types)[number] | undefined,
  check: ProfileCheck
): string | undefined => {
  const { localhostProfile } = declared
  const place = check.at(declared, "localhostProfile")
  if (place.invalid || type === undefined) return undefined
  const why = type === "Localhost" ? whyNone(localhostProfile ?? "", of) : isWritten(localhostProfile)
  if (why !== undefined) check.slip(place, LocalhostProfileInvalid, { path: place.path, of, why })
  return why === undefined && type === "Localhost" ? localhostProfile : undefined
}

const isWritten = (profile: string | undefined): "unexpected" | undefined =>
  profile === undefined ? undefined : "unexpected"

/** As Kubernetes' validation has it, which wants a path below its folder, and a name without white space around it. */
const whyNone = (
  profile: string,
  of: LocalhostProfileInvalid["of"]
): Exclude<LocalhostProfileInvalid["why"], "unexpected"> | undefined => {
  if (profile === "") return "missing"
  if (new TextEncoder().encode(profile).length > maximumLength) return "too long"
  if (of === "appArmorProfile") return profile.trim() === profile ? undefined : "white space"
  if (profile.startsWith("/")) return "absolute"
  return profile.split("/").includes("..") ? "leads out" : undefined
}
