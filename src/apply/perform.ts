import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { DiskVolume } from "../workload/Workload.ts"
import type { CommandError } from "../vm/host/CommandError.ts"
import type { ContainerSpec } from "../vm/engine/ContainerSpec.ts"
import { type DiskFailed, Disks } from "../vm/storage/Disks.ts"
import type { DockerClient } from "../vm/engine/DockerClient.ts"
import { Firewall, type FirewallFailed } from "../vm/firewall/Firewall.ts"
import { MountFailed, Mounts } from "../vm/storage/Mounts.ts"
import type { Mount } from "../vm/storage/MountTable.ts"
import { confirm, type ContainerFailed, type JobFailed } from "./confirm.ts"
import { makeBringBack } from "./bringBack.ts"
import { makeContainerChanges } from "./containerChanges.ts"
import type { ContainerNameInUse, ContainerStuck } from "./leftover.ts"
import { attempt, tryAgain, unlessDone, withDeadline } from "../timing/Deadlines.ts"
import { makeFormatRecords } from "../observation/FormatRecord.ts"
import { mountPoint } from "../observation/MountPoints.ts"
import { isLost } from "../observation/Observation.ts"
import type { ImagePull, PullError } from "./ImagePull.ts"
import type { HostFileFailed } from "../vm/host/HostFiles.ts"
import { digestLabel } from "../observation/Ownership.ts"
import type { Action } from "../plan/Step.ts"

/** What a step can fail with. */
export type StepError =
  | CommandError
  | ContainerFailed
  | ContainerNameInUse
  | ContainerStuck
  | DiskFailed
  | FirewallFailed
  | HostFileFailed
  | JobFailed
  | MountFailed
  | PullError

/** What a plan is carried out with. `warn` is told of what is no failure. */
export const makePerform = Effect.fnUntraced(function* (
  pull: ImagePull,
  mountRoot: string,
  warn: (text: string) => Effect.Effect<void>
) {
  const containers = yield* makeContainerChanges
  const disks = yield* Disks
  const mounts = yield* Mounts
  const firewall = yield* Firewall
  const records = yield* makeFormatRecords
  const bringBack = yield* makeBringBack(mountRoot)

  const table = mounts.table.pipe(attempt("LIST", "read the mount table"))
  const isMounted = (is: (mount: Mount) => boolean) => Effect.map(table, (table) => table.some(is))
  const at =
    ({ target }: Mount) =>
    (mount: Mount) =>
      mount.target === target

  const holdsExt4 = (volume: DiskVolume) =>
    Effect.map(
      disks.observe(volume.deviceName, volume.partition),
      (found) => found._tag === "Present" && found.content._tag === "Filesystem" && found.content.type === "ext4"
    )

  /** Of two mounts at one place, the one below is left. */
  const unmount = ({ target }: Mount) =>
    Effect.gen(function* () {
      const countAt = Effect.map(table, (table) => table.filter((mount) => mount.target === target).length)
      const before = yield* countAt
      yield* mounts
        .unmount(target)
        .pipe(withDeadline("MOUNT", `unmount ${target}`), unlessDone(Effect.map(countAt, (after) => after < before)))
    })

  /** The container is created from the declared tag, and its label has to say which image that is. */
  const ensureTag = ({ labels }: ContainerSpec) => {
    const digest = labels[digestLabel]
    return digest === undefined ? Effect.void : pull.ensureTag(digest)
  }

  /** Where filesystems are mounted that could not be checked, and what fsck.ext4 said of each. */
  const unchecked = new Map<string, string>()

  /** A filesystem that fsck.ext4 does not know is left to the kernel to judge. */
  const check = Effect.fnUntraced(function* (device: string, volume: DiskVolume) {
    const outcome = yield* disks.check(device)
    // What holds a filesystem that is sound is not half-made, whatever an earlier run left written.
    if (outcome === "clean" || outcome === "repaired") return yield* records.end(volume)
    unchecked.set(mountPoint("", volume), `fsck.ext4 could not check it: ${outcome.detail}`)
    yield* warn(
      `the filesystem on ${device} is newer than this VM's fsck.ext4 (${outcome.detail}), so that it is mounted ` +
        "unchecked. A newer e2fsprogs can check it"
    )
  })

  const mount = (wanted: Mount) =>
    mounts.mount(wanted).pipe(
      Effect.catchTag("MountFailed", (error) => {
        const why = [...unchecked].find(([place]) => wanted.target.endsWith(place))?.[1]
        return why === undefined ? error : new MountFailed({ ...error, detail: `${error.detail}; before that, ${why}` })
      })
    )

  /** Does one step. */
  const perform = (action: Action): Effect.Effect<unknown, StepError, DockerClient> => {
    switch (action._tag) {
      case "Pull":
        return pull.join
      case "Format":
        // A half-made filesystem is neither blank nor a filesystem: once begun it is not interrupted.
        return records.begin(action.volume, action.proof.sizeBytes).pipe(
          Effect.andThen(
            disks.format(action.device).pipe(
              unlessDone(holdsExt4(action.volume)),
              // Whoever else looks at a new disk, as udev does, has it open for a moment.
              tryAgain("MKFS", `format ${action.device}`)
            )
          ),
          Effect.andThen(records.end(action.volume)),
          withDeadline("MKFS", `format ${action.device}`),
          Effect.uninterruptible
        )
      case "Check":
        return check(action.device, action.volume).pipe(withDeadline("FSCK", `check ${action.device}`))
      case "CreateDirectory":
        return mounts.createDirectory(action.path).pipe(withDeadline("MOUNT", `create ${action.path}`))
      case "Mount":
        return mount(action.mount).pipe(
          withDeadline("MOUNT", `mount ${action.mount.target}`),
          unlessDone(
            isMounted(({ source, target }) => source === action.mount.source && target === action.mount.target)
          )
        )
      case "Unmount":
        return unmount(action.mount)
      case "OpenFirewall":
        return firewall.open.pipe(withDeadline("MOUNT", "open the firewall"))
      case "CloseFirewall":
        return firewall.close.pipe(withDeadline("MOUNT", "close the firewall"))
      case "Stop":
        return containers.stop(action.container, action.grace)
      case "SetAside":
        return containers.setAside(action.container, action.name)
      case "Create":
        return Effect.andThen(ensureTag(action.spec), containers.create(action.spec))
      case "Start":
        return containers.start(action.name)
      case "Confirm":
        return confirm(action.name, action.restartPolicy, action.window, action.restartsBefore)
      case "Remove":
        return containers.discard(action.container, action.name, action.grace)
    }
  }

  /**
   * Takes back a step that was begun, whether or not it came to have an effect. `none` for what leaves nothing to
   * take back: an image, a filesystem, an open firewall.
   */
  const undo = (action: Action): Option.Option<Effect.Effect<unknown, StepError, DockerClient>> => {
    switch (action._tag) {
      case "Mount":
        return Option.some(
          isMounted(at(action.mount)).pipe(
            Effect.flatMap((mounted) => (mounted ? mounts.unmount(action.mount.target) : Effect.void)),
            withDeadline("MOUNT", `unmount ${action.mount.target}`)
          )
        )
      case "Unmount":
        return Option.some(
          isMounted(at(action.mount)).pipe(
            Effect.flatMap((mounted) => (mounted ? Effect.void : mounts.mount(action.mount))),
            withDeadline("MOUNT", `mount ${action.mount.target}`)
          )
        )
      case "Stop":
        // Of one that is lost it is not known on what it was.
        return Option.some(
          isLost(action.container) ? containers.startAgain(action.container) : bringBack(action.container, action.grace)
        )
      case "SetAside":
        return Option.some(containers.restore(action.container))
      case "Create":
        return Option.some(containers.clear(action.spec.name))
      default:
        return Option.none()
    }
  }

  return { perform, undo }
})
