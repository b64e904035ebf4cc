import type * as Effect from "effect/Effect"
import type { Action } from "../plan/Step.ts"
import type { ImageUserRefused } from "../plan/ImageUserRefused.ts"
import type { DockerClient } from "../vm/engine/DockerClient.ts"
import type { FirewallFailed } from "../vm/firewall/Firewall.ts"
import type { CommandError } from "../vm/host/CommandError.ts"
import type { HostFileFailed } from "../vm/host/HostFiles.ts"
import type { TerminationMessages } from "../vm/host/TerminationMessages.ts"
import type { DiskFailed } from "../vm/storage/Disks.ts"
import type { MountFailed } from "../vm/storage/Mounts.ts"
import type { ContainerFailed, JobFailed } from "./confirm.ts"
import type { PullError } from "./ImagePull.ts"
import type { ContainerNameInUse, ContainerStuck } from "./leftover.ts"
import type { PodAddressUnknown } from "./podAddress.ts"
import type { ProbeFailed } from "./ProbeFailed.ts"
import type { SandboxUnsupported } from "./SandboxUnsupported.ts"

/** What a step can fail with. */
export type StepError =
  | CommandError
  | ContainerFailed
  | ContainerNameInUse
  | ContainerStuck
  | DiskFailed
  | FirewallFailed
  | HostFileFailed
  | ImageUserRefused
  | JobFailed
  | MountFailed
  | ProbeFailed
  | PodAddressUnknown
  | PullError
  | SandboxUnsupported

/** What the next run sees by itself, and rolls back. */
export const leftForNextRun = Symbol("left for the next run")

/** There was nothing to roll back: the step had changed nothing. */
export const nothingDone = Symbol("nothing done")

/** What was rolled back, in words, where it came to something else than the step's own. */
export class UndoneOtherwise {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** How to perform one kind of action, and how to roll it back. */
export interface Handler<A> {
  readonly perform: (action: A) => Effect.Effect<unknown, StepError, DockerClient | TerminationMessages>
  /**
   * Rolls back an action that was begun, whether or not it took effect. Absent where nothing can be rolled back: an
   * image, a filesystem, an open firewall. Gives `leftForNextRun` where it is not rolled back after all,
   * `nothingDone` where it is known not to have taken effect, and may give an `UndoneOtherwise`.
   */
  readonly undo?: (action: A) => Effect.Effect<unknown, StepError, DockerClient | TerminationMessages>
}

export type Handlers = { readonly [A in Action as A["_tag"]]: Handler<A> }
