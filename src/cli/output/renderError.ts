import * as Predicate from "effect/Predicate"
import type { StepError } from "../../apply/perform.ts"
import { describeAftermath } from "../../progress/Aftermath.ts"
import type { Failure } from "./Failure.ts"
import { printable } from "../../text/printable.ts"
import { RunFailed } from "./RunFailed.ts"

/** What to do about an error, by its tag, where the error itself has no advice. */
const advice: Readonly<Record<string, string>> = {
  ProgramMissing: "Install it, or run where it is installed.",
  MetadataUnreachable:
    "Outside of Google Cloud there is no metadata server: name a declaration with --declaration, or a server with GCE_METADATA_HOST.",
  AttachedDisksUnknown:
    "Outside of Google Cloud, mount the disk yourself and declare its mount point as a hostPath; or name a metadata server that lists it with GCE_METADATA_HOST.",
  DeclarationKeyMisspelt: 'Put it under "slipway-declaration".',
  KonletPresent:
    "`slipway install --takeover` stops it, and keeps it from starting again; its container runs on until the first run replaces it.",
  ProgramTransient: "Install it where it stays, as in /usr/local/bin, and run `slipway install` from there.",
  SystemdFailed:
    "It takes root, and a host whose init is systemd. `slipway install --print unit` prints the unit only.",
  LockBusy: "Wait for it, or see what it does: `journalctl --unit slipway`.",
  FirewallFailed: "It takes root and the host's iptables; --no-open-iptables goes without.",
  ContainerFailed:
    "Correct the declaration or the image; `docker logs NAME` has the whole log for as long as the container is there.",
  JobFailed: "It is not started again in this boot. `slipway up --retry` starts it again.",
  StartHeldBack: "Correct the declaration, push another image, or try at once with `slipway up --retry`.",
  ContainerStuck:
    "Whatever holds its process lets go with a restart of the engine (`systemctl restart docker`) or of the VM; the next run goes on from there.",
  ContainerNameInUse:
    "A restart of the engine (`systemctl restart docker`) makes it forget names that no container has.",
  LockFailed: "Its place is a setting: SLIPWAY_LOCK, a path in a directory that you may write to."
}

/** What the message of an error begins with, where that does not say what it is about. */
const headings: Readonly<Record<string, string>> = {
  DeclarationInvalid: "the declaration cannot be used, nothing was changed:\n",
  PlanRefused: "the VM cannot be made to match its declaration, nothing was changed:\n",
  SettingsInvalid: "these settings cannot be used, nothing was changed:\n"
}

/** One short paragraph for the operator: what failed, on what, why, and what to do. Never a stack trace, never a secret. */
export const renderError = (error: Failure): string => {
  if (error instanceof RunFailed) {
    return printable([renderError(error.error), ...describeAftermath(error.aftermath)].join("\n"))
  }
  const reason =
    Predicate.hasProperty(error, "reason") && Predicate.hasProperty(error.reason, "_tag") ? error.reason : error
  const tag = String(reason._tag)
  const lines = [`${headings[error._tag] ?? ""}${error.message}`]
  if (hasLog(error)) {
    lines.push(
      ...(error.lastLogLines.length === 0
        ? ["It wrote nothing to its log."]
        : ["The last lines of its log:", ...error.lastLogLines.map((line) => `  ${line}`)])
    )
  }
  if (tag === "OperationTimeout" && Predicate.hasProperty(reason, "setting")) {
    lines.push(`It may take longer with SLIPWAY_${String(reason.setting)}_TIMEOUT, as in 10m.`)
  } else {
    const advised = adviceOf(error) ?? advice[tag]
    if (advised !== undefined) lines.push(advised)
  }
  return printable(lines.join("\n"))
}

const adviceOf = (error: Failure): string | undefined =>
  Predicate.hasProperty(error, "advice") && typeof error.advice === "string" ? error.advice : undefined

type Logged = Extract<StepError, { readonly lastLogLines: ReadonlyArray<string> }>
const hasLog = (error: { readonly _tag: string }): error is Logged =>
  error._tag === "ContainerFailed" || error._tag === "JobFailed"
