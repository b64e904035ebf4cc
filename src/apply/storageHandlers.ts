import * as Effect from "effect/Effect"
import { makeFormatRecords } from "../observation/FormatRecord.ts"
import { mountPoint } from "../observation/MountPoints.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { unlessDone } from "../timing/LostAnswer.ts"
import { attempt, retrying } from "../timing/Retries.ts"
import { EmptyDirFolder } from "../vm/host/EmptyDirFolder.ts"
import { HostFiles } from "../vm/host/HostFiles.ts"
import { DiskFailed, Disks } from "../vm/storage/Disks.ts"
import { MountFailed, Mounts } from "../vm/storage/Mounts.ts"
import type { Mount } from "../vm/storage/MountTable.ts"
import type { Filesystem } from "../workload/Filesystem.ts"
import type { DiskVolume } from "../workload/Workload.ts"
import { mountExactly } from "./bindExactly.ts"
import { makeBindSubPath } from "./bindSubPath.ts"
import type { Handlers } from "./Handler.ts"
import { makeSetGroup } from "./setGroup.ts"
import { makeWriteFiles } from "./writeFiles.ts"

/** Disks, directories and mounts. `warn` is given what is not a failure. */
export const makeStorageHandlers = Effect.fnUntraced(function* (warn: (text: string) => Effect.Effect<void>) {
  const disks = yield* Disks
  const mounts = yield* Mounts
  const files = yield* HostFiles
  const emptyDirs = yield* EmptyDirFolder
  const records = yield* makeFormatRecords
  const bindSubPath = yield* makeBindSubPath
  const setGroup = yield* makeSetGroup(warn)
  const volumeFiles = yield* makeWriteFiles

  const table = mounts.table.pipe(attempt("LIST", "read the mount table"))
  const isMounted = (is: (mount: Mount) => boolean) => Effect.map(table, (table) => table.some(is))
  const at =
    ({ target }: Pick<Mount, "target">) =>
    (mount: Mount) =>
      mount.target === target
  const unmountIfMounted = ({ target }: Pick<Mount, "target">) =>
    isMounted(at({ target })).pipe(
      Effect.flatMap((mounted) => (mounted ? mounts.unmount(target) : Effect.void)),
      withDeadline("MOUNT", `unmount ${target}`)
    )

  const holds = (volume: DiskVolume, filesystem: Filesystem) =>
    Effect.map(
      disks.observe(volume.deviceName, volume.partition),
      (found) => found._tag === "Present" && found.content._tag === "Filesystem" && found.content.type === filesystem
    )

  /** The mount points of filesystems that could not be checked, and what fsck.ext4 said of each. */
  const unchecked = new Map<string, string>()

  const remember = (volume: DiskVolume, sizeBytes: number) =>
    records.begin(volume, sizeBytes).pipe(withDeadline("FILE", `remember that ${volume.deviceName} is being formatted`))

  const forget = (volume: DiskVolume) =>
    records.end(volume).pipe(withDeadline("FILE", `forget that ${volume.deviceName} was being formatted`))

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
    if (outcome === "clean" || outcome === "repaired") return yield* forget(volume)
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

  /** Of two mounts at one place, the one below is left. */
  const unmount = ({ target }: Mount) =>
    Effect.gen(function* () {
      const countAt = Effect.map(table, (table) => table.filter((mount) => mount.target === target).length)
      const before = yield* countAt
      yield* mounts
        .unmount(target)
        .pipe(withDeadline("MOUNT", `unmount ${target}`), unlessDone(Effect.map(countAt, (after) => after < before)))
    })

  return {
    Format: {
      // A half-made filesystem is neither blank nor a filesystem: once begun, a format is not interrupted.
      perform: ({ device, volume, filesystem, proof }) =>
        remember(volume, proof.sizeBytes).pipe(
          Effect.andThen(
            disks.format(device, filesystem, { force: proof._tag === "BegunBefore" }).pipe(
              unlessDone(holds(volume, filesystem)),
              // Other programs that look at a new disk, such as udev, have it open for a moment.
              retrying("MKFS", `format ${device}`)
            )
          ),
          Effect.andThen(forget(volume)),
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
    WriteFiles: {
      perform: volumeFiles.perform,
      undo: volumeFiles.undo
    },
    RemoveFiles: {
      perform: ({ path }) => volumeFiles.remove(path)
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
      undo: ({ mount }) => unmountIfMounted(mount)
    },
    BindSubPath: {
      perform: bindSubPath,
      undo: unmountIfMounted
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
          Effect.flatMap((mounted) => (mounted ? Effect.void : mountExactly(mounts, mount))),
          withDeadline("MOUNT", `mount ${mount.target}`)
        )
    }
  } satisfies Partial<Handlers>
})
