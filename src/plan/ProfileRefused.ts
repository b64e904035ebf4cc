import * as Schema from "effect/Schema"
import { named } from "../text/named.ts"

/** A seccomp profile of the host that a container names is not there, or is none. */
export class SeccompProfileUnusable extends Schema.TaggedError<SeccompProfileUnusable>()("SeccompProfileUnusable", {
  /** As it is declared. */
  container: Schema.String,
  path: Schema.String,
  why: Schema.String
}) {
  override get message() {
    return (
      `the seccomp profile of the container ${named(this.container)}cannot be used: ${this.path}: ${this.why}. ` +
      "Put the profile there, or correct localhostProfile."
    )
  }
}

/** What a container is to be limited by, the VM does not have. */
export class SecurityUnavailable extends Schema.TaggedError<SecurityUnavailable>()("SecurityUnavailable", {
  /** As it is declared. */
  container: Schema.String,
  what: Schema.Literals(["AppArmor", "seccomp", "AppArmor profile"]),
  /** The profile, if it is that which is missing. */
  profile: Schema.optionalKey(Schema.String)
}) {
  override get message() {
    const { container, what, profile = "" } = this
    if (what === "AppArmor profile") {
      return (
        `the kernel has no AppArmor profile "${profile}", which the container ${named(container)}is to have. Load it ` +
        "(apparmor_parser --replace FILE), or correct localhostProfile."
      )
    }
    const key = what === "AppArmor" ? "appArmorProfile" : "seccompProfile"
    return (
      `the container ${named(container)}declares ${what === "AppArmor" ? "an" : "a"} ${key}, but the VM has no ${what}. ` +
      `Enable it in the VM's kernel, or declare Unconfined.`
    )
  }
}
