import * as Schema from "effect/Schema"
import { engineFields } from "./engineFields.ts"
import type { FailureOrigin } from "./FailureOrigin.ts"

/** The container's command is not in its image. */
export class CommandNotFound extends Schema.TaggedError<CommandNotFound>()("CommandNotFound", engineFields) {
  get origin(): FailureOrigin {
    return "declaration"
  }
  get isRetryable() {
    return false
  }
  get meaning() {
    return "there is no such program in the image"
  }
  get advice() {
    return "`command` replaces the image's entrypoint: its first entry is one program, the rest its arguments, and no shell reads them. A script's first line may also name an interpreter that is not there, or end in a carriage return."
  }
}

/** The container's command exists, but cannot be executed. */
export class CommandNotExecutable extends Schema.TaggedError<CommandNotExecutable>()(
  "CommandNotExecutable",
  engineFields
) {
  get origin(): FailureOrigin {
    return "image"
  }
  get isRetryable() {
    return false
  }
  get meaning() {
    return "the command cannot be executed"
  }
  get advice() {
    return "Give the file its x bit where the image is built (`chmod +x`). A directory is no program, and a volume that is mounted noexec holds none."
  }
}

/** The container's program is for another processor, or is a script without a #! line. */
export class ExecutableForeign extends Schema.TaggedError<ExecutableForeign>()("ExecutableForeign", engineFields) {
  get origin(): FailureOrigin {
    return "image"
  }
  get isRetryable() {
    return false
  }
  get meaning() {
    return "the program is not built for this machine's processor"
  }
  get advice() {
    return "Build the image for this machine, as in `docker buildx build --platform linux/amd64,linux/arm64 --push`. A script needs a first line, as in #!/bin/sh."
  }
}

/** The image wants a user or group that it does not define. */
export class UserUnknown extends Schema.TaggedError<UserUnknown>()("UserUnknown", engineFields) {
  get origin(): FailureOrigin {
    return "image"
  }
  get isRetryable() {
    return false
  }
  get advice() {
    return "The image's USER must be in its /etc/passwd, or be a number."
  }
}

/** A device, or the driver for one, is not on this VM. */
export class DeviceMissing extends Schema.TaggedError<DeviceMissing>()("DeviceMissing", engineFields) {
  get origin(): FailureOrigin {
    return "host"
  }
  get isRetryable() {
    return false
  }
  get advice() {
    return "Is the device attached to this VM, and its driver installed?"
  }
}

/** A port that the container needs is in use. */
export class PortTaken extends Schema.TaggedError<PortTaken>()("PortTaken", engineFields) {
  get origin(): FailureOrigin {
    return "host"
  }
  get isRetryable() {
    return false
  }
  get meaning() {
    return "a port of the host is already in use"
  }
  get advice() {
    return "`ss --listening --tcp --udp --processes` shows by whom. All containers share the host's ports."
  }
}

/** A path of the host cannot be mounted at its place in the container. */
export class MountRefused extends Schema.TaggedError<MountRefused>()("MountRefused", engineFields) {
  get origin(): FailureOrigin {
    return "declaration"
  }
  get isRetryable() {
    return false
  }
  get advice() {
    return "Does the host's path exist, and is it of the same kind as the mount point: a directory on a directory, a file on a file? A symbolic link that leads to nothing is neither. On Container-Optimized OS only /home, /var and /mnt/disks can be written to."
  }
}

/** What is to be mounted of an image is not in it, or a link leads out of it. */
export class ImagePartMissing extends Schema.TaggedError<ImagePartMissing>()("ImagePartMissing", engineFields) {
  get origin(): FailureOrigin {
    return "declaration"
  }
  get isRetryable() {
    return false
  }
  get meaning() {
    return "a volume's image does not have what is to be mounted of it"
  }
  get advice() {
    return "Is the subPath a path in the image, and no symbolic link that leads out of it?"
  }
}

/** The engine lacks the privileges that the container needs. */
export class RightsMissing extends Schema.TaggedError<RightsMissing>()("RightsMissing", engineFields) {
  get origin(): FailureOrigin {
    return "host"
  }
  get isRetryable() {
    return false
  }
  get meaning() {
    return "the engine may not grant the container these privileges"
  }
  get advice() {
    return "An engine that is itself confined, rootless or in a container, cannot give a container more than it has."
  }
}

/** Why the engine refused to start a container, as far as its message tells. */
export const StartReason = Schema.Union([
  CommandNotFound,
  CommandNotExecutable,
  ExecutableForeign,
  UserUnknown,
  DeviceMissing,
  PortTaken,
  MountRefused,
  ImagePartMissing,
  RightsMissing
])
export type StartReason = typeof StartReason.Type
