import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as PlatformError from "effect/PlatformError"
import type { CommandError } from "./CommandError.ts"
import { CommandRunner } from "./CommandRunner.ts"
import { type FileKind, kinds } from "./FileKind.ts"
import { directoryMaker, filesOfCommands, removeTree } from "./filesOfCommands.ts"
import { HostFileFailed } from "./HostFileFailed.ts"
import { parentOf } from "./parentOf.ts"
import type { WriteOptions } from "./WriteOptions.ts"

export { HostFileFailed } from "./HostFileFailed.ts"
export { parentOf } from "./parentOf.ts"
export type { FileKind } from "./FileKind.ts"
export type { WriteOptions } from "./WriteOptions.ts"

/** Small files on the host's own disk, its directories and links. Paths are absolute. */
export class HostFiles extends Context.Service<
  HostFiles,
  {
    /** `none` if there is no such file. */
    readonly read: (path: string) => Effect.Effect<Option.Option<string>, CommandError | HostFileFailed>
    /** No more than the last so many bytes. `none` if there is no such file. */
    readonly readEnd: (
      path: string,
      bytes: number
    ) => Effect.Effect<Option.Option<string>, CommandError | HostFileFailed>
    /**
     * Atomic: written to `<path>.new`, with its mode set before anything is in it, then renamed. A symbolic link at
     * either path is replaced, and its target is left alone.
     */
    readonly write: (
      path: string,
      content: string | Uint8Array,
      options: WriteOptions
    ) => Effect.Effect<void, CommandError | HostFileFailed>
    /** Creates missing parents too; `mode` is that of the directory itself, if it is created. */
    readonly makeDirectory: (path: string, mode?: string) => Effect.Effect<void, CommandError | HostFileFailed>
    readonly setMode: (path: string, mode: string) => Effect.Effect<void, CommandError | HostFileFailed>
    /** Creates an empty file of mode 0644. One that is there stays as it is; its directory has to be there. */
    readonly createFile: (path: string) => Effect.Effect<void, CommandError | HostFileFailed>
    /** Renames a file or a directory, to where no directory is. */
    readonly move: (from: string, to: string) => Effect.Effect<void, CommandError | HostFileFailed>
    readonly setGroup: (path: string, gid: number) => Effect.Effect<void, CommandError | HostFileFailed>
    /** `none` if there is nothing, or a link that leads to nothing. */
    readonly kindOf: (path: string) => Effect.Effect<Option.Option<FileKind>, CommandError | HostFileFailed>
    /** The names in a directory, in any order; none if there is no such directory. For names without line feeds. */
    readonly list: (path: string) => Effect.Effect<ReadonlyArray<string>, CommandError | HostFileFailed>
    /**
     * Removes what is there and all below it. Links are removed, never followed; what is mounted below is left, which is
     * an error. No error if there is nothing.
     */
    readonly removeTree: (path: string) => Effect.Effect<void, CommandError | HostFileFailed>
    /** No error if there is none. */
    readonly remove: (path: string) => Effect.Effect<void, CommandError | HostFileFailed>
    /** The final target of a link; `none` if the link or its target is missing. */
    readonly resolve: (path: string) => Effect.Effect<Option.Option<string>, CommandError | HostFileFailed>
    /**
     * The same, whether or not the target exists: links are followed as far as there are any; the rest is kept,
     * normalized.
     */
    readonly locate: (path: string) => Effect.Effect<string, CommandError | HostFileFailed>
    /** The content of a symbolic link; `none` if the path itself is not one. */
    readonly readLink: (path: string) => Effect.Effect<Option.Option<string>, CommandError | HostFileFailed>
  }
>()("slipway/vm/HostFiles") {
  /** For a process that sees the host's files as its own. A call takes a fiftieth of the time of a program. */
  static readonly layer = Layer.effect(
    HostFiles,
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const runner = yield* CommandRunner

      const told =
        (operation: HostFileFailed["operation"], path: string) =>
        <A>(effect: Effect.Effect<A, PlatformError.PlatformError>) =>
          Effect.mapError(effect, (error) => new HostFileFailed({ operation, path, detail: wordsOf(error) }))

      // Node gives the mode to every directory that it creates.
      const makeDirectory = (path: string, mode?: string) =>
        mode === undefined
          ? files.makeDirectory(path, { recursive: true })
          : Effect.andThen(
              files.makeDirectory(parentOf(path), { recursive: true }),
              files.makeDirectory(path, { recursive: true, mode: parseInt(mode, 8) })
            )

      const write = Effect.fnUntraced(function* (
        path: string,
        content: string | Uint8Array,
        { mode, isSynced }: WriteOptions
      ) {
        const draft = `${path}.new`
        yield* files.remove(draft, { force: true })
        const file = yield* files.open(draft, { flag: "wx", mode: parseInt(mode, 8) & ownerOnly })
        yield* file.writeAll(typeof content === "string" ? new TextEncoder().encode(content) : content)
        // Set here and not in open(2), where the process's umask would apply.
        yield* files.chmod(draft, parseInt(mode, 8))
        if (isSynced === true) yield* file.sync
        yield* files.rename(draft, path)
        if (isSynced === true) yield* Effect.flatMap(files.open(parentOf(path)), (directory) => directory.sync)
      }, Effect.scoped)

      const readEnd = Effect.fnUntraced(function* (path: string, bytes: number) {
        const file = yield* files.open(path)
        const { size } = yield* file.stat
        if (size > bytes) yield* file.seek(size - BigInt(bytes), "start")
        return Option.match(yield* file.readAlloc(bytes), { onNone: () => "", onSome: decode })
      }, Effect.scoped)

      const readLink = (path: string) =>
        files.lstat(path).pipe(
          missingAsNone,
          Effect.flatMap((info) =>
            Option.exists(info, ({ type }) => type === "SymbolicLink")
              ? missingAsNone(files.readLink(path))
              : Effect.succeedNone
          )
        )

      const locate = Effect.fnUntraced(function* (path: string): Effect.fn.Return<string, PlatformError.PlatformError> {
        // A circle of links is an error.
        const found = yield* missingAsNone(files.realPath(path))
        if (Option.isSome(found)) return found.value
        const names = path.split("/").filter((name) => name !== "" && name !== ".")
        const name = names.pop()
        if (name === undefined) return "/"
        const parent = yield* locate(`/${names.join("/")}`)
        if (name === "..") return parentOf(parent)
        const link = yield* readLink(below(parent, name))
        if (Option.isNone(link)) return below(parent, name)
        return yield* locate(link.value.startsWith("/") ? link.value : below(parent, link.value))
      })

      return HostFiles.of({
        read: (path) => told("read", path)(missingAsNone(Effect.map(files.readFile(path), decode))),
        readEnd: (path, bytes) => told("read", path)(missingAsNone(readEnd(path, bytes))),
        write: (path, content, options) =>
          write(path, content, options).pipe(
            Effect.catchIf(isMissing, () =>
              Effect.andThen(makeDirectory(parentOf(path), options.directoryMode), write(path, content, options))
            ),
            told("write", path)
          ),
        makeDirectory: (path, mode) =>
          mode !== undefined && isBeyondMkdir(mode)
            ? directoryMaker(runner)(path, mode)
            : told("create directory", path)(makeDirectory(path, mode)),
        setMode: (path, mode) => told("set mode of", path)(files.chmod(path, parseInt(mode, 8))),
        move: (from, to) => told("move", from)(files.rename(from, to)),
        setGroup: (path, gid) => told("set the group of", path)(files.chown(path, -1, gid)),
        createFile: (path) =>
          told("create", path)(Effect.scoped(Effect.asVoid(files.open(path, { flag: "a", mode: 0o644 })))),
        kindOf: (path) =>
          told("inspect", path)(missingAsNone(Effect.map(files.stat(path), ({ type }) => kinds.get(type) ?? "Other"))),
        list: (path) =>
          told(
            "list",
            path
          )(missingAsNone(files.readDirectory(path))).pipe(Effect.map((names) => Option.getOrElse(names, () => []))),
        removeTree: removeTree(runner),
        remove: (path) => told("remove", path)(files.remove(path, { force: true })),
        resolve: (path) => told("resolve", path)(missingAsNone(files.realPath(path))),
        locate: (path) => told("resolve", path)(locate(path)),
        readLink: (path) => told("resolve", path)(readLink(path))
      })
    })
  )

  /**
   * Uses the host's cat, tail, tee, dd, install, mkdir, chmod, chgrp, mv, sync, rm, stat, ls and readlink: a container
   * sees the host's files through them.
   */
  static readonly layerCommands = Layer.effect(
    HostFiles,
    Effect.map(CommandRunner, (runner) => HostFiles.of(filesOfCommands(runner)))
  )
}

/** Permissions of others are added once the content is complete. */
const ownerOnly = 0o600

/** A umask may take these from what mkdir(2) is asked for, or mkdir(2) does not know them. */
const isBeyondMkdir = (mode: string): boolean => (parseInt(mode, 8) & 0o7077) !== 0

const below = (directory: string, name: string): string => `${directory === "/" ? "" : directory}/${name}`

// A byte-order mark is part of the content.
const decode = (bytes: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)

const isMissing = ({ reason }: PlatformError.PlatformError): boolean => reason._tag === "NotFound"

const missingAsNone = <A>(effect: Effect.Effect<A, PlatformError.PlatformError>) =>
  Effect.catchIf(Effect.asSome(effect), isMissing, () => Effect.succeedNone)

/** The system's own message: `EROFS: read-only file system, open '/etc/x'`. */
const wordsOf = ({ reason }: PlatformError.PlatformError): string =>
  reason._tag !== "BadArgument" && reason.cause instanceof Error ? reason.cause.message : reason.message
