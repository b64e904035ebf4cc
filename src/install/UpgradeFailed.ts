import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { finalExitCodes } from "../text/finalExitCodes.ts"

/** This program is none that a download could take the place of. */
export class NotReplaceable extends Schema.TaggedError<NotReplaceable>()("NotReplaceable", {
  path: Schema.String,
  owner: Schema.Literals(["package manager", "Node"])
}) {
  get advice() {
    return this.owner === "Node"
      ? "Put the single executable of a release in /usr/local/bin, and run `slipway install` from there."
      : "Install the newer package: apt-get install ./slipway_VERSION_ARCH.deb"
  }
  override get [Runtime.errorExitCode]() {
    return finalExitCodes.useless
  }
  override get message() {
    return this.owner === "Node"
      ? `${this.path} is run by Node: --url can replace a single executable only`
      : `${this.path} is the package manager's: --url would change it behind its back`
  }
}

/** The newer executable could not be fetched. `detail` is curl's own words. */
export class DownloadFailed extends Schema.TaggedError<DownloadFailed>()("DownloadFailed", {
  url: Schema.String,
  detail: Schema.String
}) {
  get advice() {
    return "Nothing was changed. Is the address right, and can this VM reach it?"
  }
  override get message() {
    return `${this.url} cannot be fetched: ${this.detail}`
  }
}

/** What was fetched is something else than was meant. */
export class DownloadDiffers extends Schema.TaggedError<DownloadDiffers>()("DownloadDiffers", {
  url: Schema.String,
  expected: Schema.String,
  found: Schema.String
}) {
  get advice() {
    return "Nothing was changed. The digest is that of the executable itself, not of its archive: SHA256SUMS of the release has it."
  }
  override get [Runtime.errorExitCode]() {
    return finalExitCodes.useless
  }
  override get message() {
    return `${this.url} has the SHA-256 ${this.found}, and not ${this.expected}`
  }
}

/** What was fetched is what was meant, and does not run on this VM. */
export class DownloadUnusable extends Schema.TaggedError<DownloadUnusable>()("DownloadUnusable", {
  url: Schema.String,
  detail: Schema.String
}) {
  get advice() {
    return "Nothing was changed. Is it an executable for this VM's architecture? `uname -m` says x86_64 (x64) or aarch64 (arm64)."
  }
  override get [Runtime.errorExitCode]() {
    return finalExitCodes.useless
  }
  override get message() {
    return `${this.url} does not run here: ${this.detail}`
  }
}

/** The newer executable's first run failed, and the old one is back. */
export class UpgradeRolledBack extends Schema.TaggedError<UpgradeRolledBack>()("UpgradeRolledBack", {
  path: Schema.String,
  why: Schema.String,
  /** What has become of the old one. */
  now: Schema.String
}) {
  get advice() {
    return "`journalctl --unit slipway` has what the newer one said."
  }
  override get message() {
    return `the newer executable failed: ${this.why}. ${this.path} is the old one again: ${this.now}`
  }
}

/** The newer executable's first run failed, and the old one could not be put back. */
export class RollbackFailed extends Schema.TaggedError<RollbackFailed>()("RollbackFailed", {
  path: Schema.String,
  why: Schema.String,
  detail: Schema.String
}) {
  get advice() {
    return `By hand: mv ${this.path}.old ${this.path}, then systemctl restart slipway.`
  }
  override get message() {
    return `the newer executable failed: ${this.why}. The old one could not be put back in ${this.path}: ${this.detail}`
  }
}
