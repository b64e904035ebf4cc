import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { CommandError } from "../host/CommandError.ts"
import { CommandRunner } from "../host/CommandRunner.ts"
import { complaint } from "../host/Complaint.ts"
import { type HostFileFailed, HostFiles, parentOf } from "../host/HostFiles.ts"
import { type MountInfo, parseMountInfo } from "./MountInfo.ts"
import { type Mount, parseMountTable } from "./MountTable.ts"
import { groupCommand, type VolumeOwner, owner, ownerCommand, rootCommands } from "./VolumeOwner.ts"

/** A mount call failed. `detail` is the host's own message. */
export class MountFailed extends Schema.TaggedError<MountFailed>()("MountFailed", {
  operation: Schema.Literals([
    "read",
    "resolve",
    "mount",
    "unmount",
    "create directory",
    "measure",
    "set the group of"
  ]),
  target: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `${this.operation} ${this.target}: ${this.detail}`
  }
}

/** The host's mounts and mount points. */
export class Mounts extends Context.Service<
  Mounts,
  {
    /**
     * The mount table of the namespace that commands run in, in its order. Devices have the kernel's names, not those
     * of links.
     */
    readonly table: Effect.Effect<ReadonlyArray<Mount>, CommandError | MountFailed>
    /**
     * A path as the mount table shows it: the kernel follows symbolic links before it mounts. A path that does not
     * exist yet resolves to where it would be created.
     */
    readonly resolve: (path: string) => Effect.Effect<string, CommandError | MountFailed>
    /** What the table does not tell of the mounts, in the same order. */
    readonly details: Effect.Effect<ReadonlyArray<MountInfo>, CommandError | MountFailed>
    /**
     * Creates the mount point if it is missing and mounts onto it. `options` as for `mount -o`; with `bind` among them the
     * source is a path, which must lead to a directory or a file.
     */
    readonly mount: (mount: Mount) => Effect.Effect<void, CommandError | MountFailed>
    readonly unmount: (target: string) => Effect.Effect<void, CommandError | MountFailed>
    /** Creates the directory and missing parents. */
    readonly createDirectory: (path: string) => Effect.Effect<void, CommandError | MountFailed>
    /** Free bytes, without root's reserve, on the filesystem of the path. */
    readonly freeBytes: (path: string) => Effect.Effect<number, CommandError | MountFailed>
    /** How many bytes the filesystem of the path has, without what its own structures take. */
    readonly totalBytes: (path: string) => Effect.Effect<number, CommandError | MountFailed>
    /** The group and the permissions of a file or directory. */
    readonly owner: (path: string) => Effect.Effect<VolumeOwner, CommandError | MountFailed>
    /**
     * Gives a directory and all below it to a group, as the kubelet does: see VolumeOwner. `onCount` is given how many more
     * files it has come to. Gives the complaint about those that it could not change, if there are any.
     */
    readonly setGroup: (
      path: string,
      gid: number,
      onCount?: (more: number) => Effect.Effect<void>
    ) => Effect.Effect<Option.Option<string>, CommandError | MountFailed>
  }
>()("slipway/vm/Mounts") {
  /** Uses the host's mount, umount and stat. */
  static readonly layer = Layer.effect(
    Mounts,
    Effect.gen(function* () {
      const runner = yield* CommandRunner
      const files = yield* HostFiles

      const run = Effect.fnUntraced(function* (
        operation: MountFailed["operation"],
        target: string,
        program: string,
        args: ReadonlyArray<string>
      ) {
        const result = yield* runner.run({ program, args })
        if (result.exitCode === 0) return result.stdout
        return yield* new MountFailed({ operation, target, detail: complaint(result) })
      })

      const said = <A>(
        operation: MountFailed["operation"],
        target: string,
        effect: Effect.Effect<A, CommandError | HostFileFailed>
      ) => Effect.catchTag(effect, "HostFileFailed", ({ detail }) => new MountFailed({ operation, target, detail }))
      const createDirectory = (path: string) => said("create directory", path, files.makeDirectory(path))

      /** A number of blocks, and the bytes of one. */
      const measure = Effect.fnUntraced(function* (path: string, format: string) {
        const said = yield* run("measure", path, "stat", ["-f", "-c", format, "--", path])
        const [, blocks, size] = /^(\d+) (\d+)$/.exec(said.trim()) ?? []
        if (blocks === undefined) return yield* new MountFailed({ operation: "measure", target: path, detail: said })
        return Number(blocks) * Number(size)
      })

      /** What is no directory can be bound over a file only. */
      const createMountPoint = Effect.fnUntraced(function* ({ source, target, options }: Mount) {
        const kind = options.includes("bind") ? yield* said("mount", target, files.kindOf(source)) : Option.none()
        if (Option.isNone(kind) || kind.value === "Directory") return yield* createDirectory(target)
        yield* createDirectory(parentOf(target))
        yield* said("mount", target, files.createFile(target))
      })

      const readTable = (path: string) =>
        said("read", path, files.read(path)).pipe(
          Effect.flatMap(
            Option.match({
              onNone: () => new MountFailed({ operation: "read", target: path, detail: "there is no such file" }),
              onSome: Effect.succeed
            })
          )
        )

      // A direct mount(2) leaves in the table whatever path it was given.
      const withDevice = (mount: Mount) =>
        deviceLinks.test(mount.source)
          ? files.resolve(mount.source).pipe(
              Effect.map((device) => ({ ...mount, source: Option.getOrElse(device, () => mount.source) })),
              (resolved) => said("resolve", mount.source, resolved)
            )
          : Effect.succeed(mount)

      return Mounts.of({
        table: readTable("/proc/self/mounts").pipe(
          Effect.flatMap((text) => Effect.forEach(parseMountTable(text), withDevice)),
          Effect.withSpan("Mounts.table")
        ),
        details: Effect.map(readTable("/proc/self/mountinfo"), parseMountInfo).pipe(Effect.withSpan("Mounts.details")),
        resolve: Effect.fn("Mounts.resolve")(function* (path) {
          return yield* said("resolve", path, files.locate(path))
        }),
        mount: Effect.fn("Mounts.mount")(function* (mount) {
          const { source, target, type, options } = mount
          yield* createMountPoint(mount)
          yield* run("mount", target, "mount", ["-t", type, "-o", options.join(","), "--", source, target])
        }),
        unmount: Effect.fn("Mounts.unmount")(function* (target) {
          yield* run("unmount", target, "umount", ["--", target])
        }),
        createDirectory: Effect.fn("Mounts.createDirectory")(function* (path) {
          yield* createDirectory(path)
        }),
        freeBytes: Effect.fn("Mounts.freeBytes")(function* (path) {
          return yield* measure(path, "%a %S")
        }),
        totalBytes: Effect.fn("Mounts.totalBytes")(function* (path) {
          return yield* measure(path, "%b %S")
        }),
        owner: Effect.fn("Mounts.owner")(function* (path) {
          const { program, args } = ownerCommand(path)
          const said = yield* run("measure", path, program, args)
          return owner(said) ?? (yield* new MountFailed({ operation: "measure", target: path, detail: said }))
        }),
        setGroup: Effect.fn("Mounts.setGroup")(function* (path, gid, onCount) {
          const onStdout = onCount && ((bytes: Uint8Array) => onCount(bytes.length))
          const result = yield* runner.run({ ...groupCommand(path, gid), ...(onStdout && { onStdout }) })
          for (const { program, args } of rootCommands(path, gid)) {
            yield* run("set the group of", path, program, args)
          }
          return result.exitCode === 0 ? Option.none() : Option.some(complaint({ ...result, stdout: "" }))
        })
      })
    })
  )
}

/** Directories of links to devices. */
const deviceLinks = /^\/dev\/(?:disk|mapper)\//
