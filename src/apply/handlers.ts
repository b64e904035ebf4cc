import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { makeFormatRecords } from "../observation/FormatRecord.ts"
import { mountPoint } from "../observation/MountPoints.ts"
import { isLost } from "../observation/Observation.ts"
import { digestLabel, networkLabel } from "../observation/Ownership.ts"
import type { Action } from "../plan/Step.ts"
import { observeHeld } from "../observation/observe.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { unlessDone } from "../timing/LostAnswer.ts"
import { attempt, retrying } from "../timing/Retries.ts"
import { type ImageUserRefused, refusalOf } from "../plan/ImageUserRefused.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { Firewall, type FirewallFailed } from "../vm/firewall/Firewall.ts"
import type { CommandError } from "../vm/host/CommandError.ts"
import { EmptyDirFolder } from "../vm/host/EmptyDirFolder.ts"
import { TerminationMessages } from "../vm/host/TerminationMessages.ts"
import type { ContainerSpec } from "../vm/engine/ContainerSpec.ts"
import { withMessageFile } from "../vm/engine/terminationMessageLabel.ts"
import { type HostFileFailed, HostFiles } from "../vm/host/HostFiles.ts"
import { DiskFailed, Disks } from "../vm/storage/Disks.ts"
import { MountFailed, Mounts } from "../vm/storage/Mounts.ts"
import type { Mount } from "../vm/storage/MountTable.ts"
import type { Filesystem } from "../workload/Filesystem.ts"
import type { DiskVolume } from "../workload/Workload.ts"
import { makeBringBack } from "./bringBack.ts"
import { confirm, type ContainerFailed, type JobFailed } from "./confirm.ts"
import { makeContainerChanges } from "./containerChanges.ts"
import type { ImagePulls, PullError } from "./ImagePull.ts"
import type { ContainerNameInUse, ContainerStuck } from "./leftover.ts"
import { addressed, type PodAddressUnknown } from "./podAddress.ts"
import { joiningProcesses } from "./joinedProcesses.ts"
import { SandboxUnsupported } from "./SandboxUnsupported.ts"
import { sandboxArchitecture, sandboxImageOf } from "../vm/engine/SandboxImage.ts"
import type { ImageReference } from "../workload/ImageReference.ts"
import type { ProbeFailed } from "./ProbeFailed.ts"
import { makeProbing } from "./probing.ts"
import { runToEnd } from "./runToEnd.ts"
import { makeSetGroup } from "./setGroup.ts"

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

/** How to perform one kind of action, and how to roll it back. */
export interface Handler<A> {
  readonly perform: (action: A) => Effect.Effect<unknown, StepError, DockerClient | TerminationMessages>
  /**
   * Rolls back an action that was begun, whether or not it took effect. Absent where nothing can be rolled back: an
   * image, a filesystem, an open firewall.
   */
  readonly undo?: (action: A) => Effect.Effect<unknown, StepError, DockerClient | TerminationMessages>
}

export type Handlers = { readonly [A in Action as A["_tag"]]: Handler<A> }

/** The handler of an action. */
export const handlerOf = <A extends Action>(handlers: Handlers, action: A): Handler<A> =>
  // Each tag's handler takes the action of that tag, which the compiler cannot follow through a union.
  handlers[action._tag] as unknown as Handler<A>

/** What applying a plan needs. `warn` is given what is not a failure. */
export const makeHandlers = Effect.fnUntraced(function* (
  pulls: ImagePulls,
  mountRoot: string,
  warn: (text: string) => Effect.Effect<void>
) {
  const containers = yield* makeContainerChanges
  const disks = yield* Disks
  const mounts = yield* Mounts
  const files = yield* HostFiles
  const emptyDirs = yield* EmptyDirFolder
  const messages = yield* TerminationMessages
  const firewall = yield* Firewall
  const records = yield* makeFormatRecords
  const probing = yield* makeProbing
  const bringBack = yield* makeBringBack(mountRoot)
  const setGroup = yield* makeSetGroup(warn)

  const table = mounts.table.pipe(attempt("LIST", "read the mount table"))
  const isMounted = (is: (mount: Mount) => boolean) => Effect.map(table, (table) => table.some(is))
  const at =
    ({ target }: Mount) =>
    (mount: Mount) =>
      mount.target === target

  const holds = (volume: DiskVolume, filesystem: Filesystem) =>
    Effect.map(
      disks.observe(volume.deviceName, volume.partition),
      (found) => found._tag === "Present" && found.content._tag === "Filesystem" && found.content.type === filesystem
    )

  /** The mount points of filesystems that could not be checked, and what fsck.ext4 said of each. */
  const unchecked = new Map<string, string>()

  /** A filesystem that fsck.ext4 does not know is left to the kernel to judge. */
  const check = Effect.fnUntraced(function* (device: string, volume: DiskVolume, words: string | undefined) {
    const outcome = yield* disks
      .check(device)
      .pipe(
        Effect.catchTag(
          "DiskFailed",
          (error) => new DiskFailed(words === undefined ? error : { ...error, holds: words })
        )
      )
    // A disk that holds a sound filesystem is not half-formatted, whatever an earlier run left written.
    if (outcome === "clean" || outcome === "repaired") return yield* records.end(volume)
    unchecked.set(mountPoint("", volume), `fsck.ext4 could not check it: ${outcome.detail}`)
    yield* warn(
      `the filesystem on ${device} is newer than this VM's fsck.ext4 (${outcome.detail}), so that it is mounted ` +
        "unchecked. A newer e2fsprogs can check it"
    )
  })

  const mount = (wanted: Mount, words: string | undefined) =>
    mounts.mount(wanted).pipe(
      Effect.catchTag("MountFailed", (error) => {
        const why = [...unchecked].find(([place]) => wanted.target.endsWith(place))?.[1]
        const detail = [error.detail, why && `before that, ${why}`, words && `the disk holds ${words}`]
        return new MountFailed({ ...error, detail: detail.filter((part) => part !== undefined).join("; ") })
      })
    )

  const forget = (volume: DiskVolume) =>
    records.end(volume).pipe(withDeadline("FILE", `forget that ${volume.deviceName} was being formatted`))

  /** Of two mounts at one place, the one below is left. */
  const unmount = ({ target }: Mount) =>
    Effect.gen(function* () {
      const countAt = Effect.map(table, (table) => table.filter((mount) => mount.target === target).length)
      const before = yield* countAt
      yield* mounts
        .unmount(target)
        .pipe(withDeadline("MOUNT", `unmount ${target}`), unlessDone(Effect.map(countAt, (after) => after < before)))
    })

  const docker = yield* DockerClient
  const importSandbox = Effect.fnUntraced(function* ({ image }: { readonly image: ImageReference }) {
    const found = yield* docker.architecture.pipe(attempt("INSPECT", "ask the engine for its architecture"))
    const architecture = sandboxArchitecture(found)
    if (architecture === undefined) return yield* new SandboxUnsupported({ architecture: found })
    const { archive, changes } = sandboxImageOf(image)
    yield* docker
      .importImage(archive(architecture), image, changes)
      .pipe(attempt("INSPECT", `import image ${image.text}`))
  })

  /** The file is made with the container: another one's words are not its own. */
  const withMessage = Effect.fnUntraced(function* (spec: ContainerSpec) {
    if (spec.terminationMessage === undefined) return spec
    const made = messages.make(spec.name)
    return withMessageFile(spec, yield* made.pipe(withDeadline("FILE", `make the termination message of ${spec.name}`)))
  })

  const handlers: Handlers = {
    Pull: {
      perform: ({ image }) => pulls.of(image).join
    },
    JudgeUser: {
      perform: ({ containerName: container, declared, image, policy }) =>
        Effect.flatMap(observeHeld(image), ({ local }) =>
          Option.match(
            Option.flatMap(local, ({ config }) =>
              refusalOf(
                { container, image: declared.text, ...(policy === undefined ? {} : { policy }) },
                config.user ?? ""
              )
            ),
            { onNone: () => Effect.void, onSome: Effect.fail }
          )
        )
    },
    Format: {
      // A half-made filesystem is neither blank nor a filesystem: once begun, a format is not interrupted.
      perform: ({ device, volume, filesystem, proof }) =>
        records.begin(volume, proof.sizeBytes).pipe(
          Effect.andThen(
            disks.format(device, filesystem, { force: proof._tag === "BegunBefore" }).pipe(
              unlessDone(holds(volume, filesystem)),
              // Other programs that look at a new disk, such as udev, have it open for a moment.
              retrying("MKFS", `format ${device}`)
            )
          ),
          Effect.andThen(records.end(volume)),
          withDeadline("MKFS", `format ${device}`),
          Effect.uninterruptible
        )
    },
    Check: {
      perform: ({ device, volume, holds }) => check(device, volume, holds).pipe(withDeadline("FSCK", `check ${device}`))
    },
    CreateDirectory: {
      perform: ({ path, mode }) => files.makeDirectory(path, mode).pipe(withDeadline("MOUNT", `create ${path}`))
    },
    CreateFile: {
      perform: ({ path }) => files.createFile(path).pipe(withDeadline("MOUNT", `create ${path}`))
    },
    MakeEmptyDir: {
      perform: ({ path }) => emptyDirs.make(path).pipe(withDeadline("FILE", `make ${path}`))
    },
    RemoveEmptyDir: {
      perform: ({ path }) => emptyDirs.remove(path).pipe(withDeadline("FILE", `remove ${path}`))
    },
    Mount: {
      perform: (action) =>
        mount(action.mount, action.disk?.holds).pipe(
          withDeadline("MOUNT", `mount ${action.mount.target}`),
          unlessDone(
            // The table has the device of a bind, not its source.
            isMounted(
              ({ source, target }) =>
                target === action.mount.target &&
                (source === action.mount.source || action.mount.options.includes("bind"))
            )
          ),
          // Nothing checks xfs: that it can be mounted is what shows that it is whole.
          Effect.andThen(
            action.disk !== undefined && action.mount.type === "xfs" ? forget(action.disk.volume) : Effect.void
          )
        ),
      undo: ({ mount }) =>
        isMounted(at(mount)).pipe(
          Effect.flatMap((mounted) => (mounted ? mounts.unmount(mount.target) : Effect.void)),
          withDeadline("MOUNT", `unmount ${mount.target}`)
        )
    },
    SetGroup: {
      perform: setGroup
    },
    Grow: {
      perform: ({ mounted }) => disks.grow(mounted).pipe(withDeadline("GROW", `grow ${mounted.device}`))
    },
    Unmount: {
      perform: ({ mount }) => unmount(mount),
      undo: ({ mount }) =>
        isMounted(at(mount)).pipe(
          Effect.flatMap((mounted) => (mounted ? Effect.void : mounts.mount(mount))),
          withDeadline("MOUNT", `mount ${mount.target}`)
        )
    },
    OpenFirewall: {
      perform: () => firewall.open.pipe(withDeadline("FIREWALL", "open the firewall"))
    },
    OpenPorts: {
      perform: ({ ports }) => firewall.openPorts(ports).pipe(withDeadline("FIREWALL", "open the firewall"))
    },
    CloseFirewall: {
      perform: () => firewall.close.pipe(withDeadline("FIREWALL", "close the firewall"))
    },
    ImportImage: {
      perform: importSandbox
    },
    CreateNetwork: {
      perform: ({ network }) => {
        const isThere = docker.listNetworks(networkLabel).pipe(
          attempt("LIST", "list networks"),
          Effect.map((networks) => networks.some(({ name }) => name === network.name))
        )
        // A second network of the same name is refused, also if a lost request created the first.
        return docker.createNetwork(network).pipe(
          unlessDone(isThere, () => true),
          attempt("INSPECT", `create network ${network.name}`)
        )
      }
    },
    Stop: {
      perform: ({ container, grace }) => containers.stop(container, grace),
      // The mounts of a lost container are not known.
      undo: ({ container, grace }) =>
        isLost(container) ? containers.startAgain(container) : bringBack(container, grace)
    },
    SetAside: {
      perform: ({ container, name }) => containers.setAside(container, name),
      undo: ({ container }) => containers.restore(container)
    },
    Create: {
      // The container is created from the declared tag, and its label has to say which image that is.
      perform: ({ spec, image }) => {
        const digest = spec.labels[digestLabel]
        const tagged = digest === undefined ? Effect.void : pulls.of(image).ensureTag(digest)
        return tagged.pipe(
          Effect.andThen(addressed(spec)),
          Effect.flatMap(joiningProcesses),
          Effect.flatMap(withMessage),
          Effect.flatMap(containers.create)
        )
      },
      undo: ({ spec }) => Effect.andThen(containers.clear(spec.name), probing.forget(spec.name))
    },
    Start: {
      perform: (start) => Effect.andThen(probing.beforeStart(start), containers.start(start.name))
    },
    PostStart: {
      perform: (hook) => probing.hook(hook)
    },
    RunToEnd: {
      perform: ({ name, restartPolicy, retriedFor }) => runToEnd(name, restartPolicy, retriedFor)
    },
    Confirm: {
      perform: ({ name, restartPolicy, window, restartsBefore }) => confirm(name, restartPolicy, window, restartsBefore)
    },
    Probe: {
      perform: (probe) => probing.await(probe)
    },
    Remove: {
      perform: ({ container, name, grace }) => containers.discard(container, name, grace)
    }
  }
  return handlers
})
