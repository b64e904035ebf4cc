import * as ByteSize from "effect/ByteSize"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as PlatformError from "effect/PlatformError"

/** Files in memory, in directories that are all there. */
export const filesInMemory = (initial: Readonly<Record<string, string>>): FileSystem.FileSystem => {
  const contents = new Map<string, Uint8Array>(
    Object.entries(initial).map(([path, text]) => [path, new TextEncoder().encode(text)] as const)
  )
  const contentOf = (method: string, path: string) =>
    Effect.suspend(() => {
      const content = contents.get(path)
      return content === undefined ? Effect.fail(missing(method, path)) : Effect.succeed(content)
    })

  const handleOf = (path: string): FileSystem.File =>
    ({
      writeAll: (bytes) => Effect.sync(() => void contents.set(path, bytes)),
      sync: Effect.void,
      stat: Effect.map(contentOf("stat", path), infoOf),
      seek: () => Effect.succeed(0n),
      readAlloc: () => Effect.asSome(contentOf("read", path))
    }) satisfies Partial<FileSystem.File> as unknown as FileSystem.File

  return FileSystem.makeNoop({
    chmod: () => Effect.void,
    makeDirectory: () => Effect.void,
    open: (path, options) =>
      Effect.sync(() => {
        if (options?.flag?.startsWith("w")) contents.set(path, new Uint8Array())
        return handleOf(path)
      }),
    readFile: (path) => contentOf("readFile", path),
    readFileString: (path) => Effect.map(contentOf("readFile", path), (content) => new TextDecoder().decode(content)),
    readDirectory: (path) =>
      Effect.sync(() =>
        [...contents.keys()].filter((each) => each.startsWith(`${path}/`)).map((each) => each.slice(path.length + 1))
      ),
    remove: (path) => Effect.sync(() => void contents.delete(path)),
    rename: (from, to) =>
      Effect.map(contentOf("rename", from), (content) => {
        contents.set(to, content)
        contents.delete(from)
      }),
    stat: (path) => Effect.map(contentOf("stat", path), infoOf)
  })
}

const infoOf = (content: Uint8Array): FileSystem.File.Info => ({
  type: "File",
  size: ByteSize.bytes(content.length),
  mode: 0o600,
  dev: 0n,
  mtime: Option.none(),
  atime: Option.none(),
  birthtime: Option.none(),
  ino: Option.none(),
  nlink: Option.none(),
  uid: Option.none(),
  gid: Option.none(),
  rdev: Option.none(),
  blksize: Option.none(),
  blocks: Option.none()
})

const missing = (method: string, path: string) =>
  PlatformError.systemError({ _tag: "NotFound", module: "FileSystem", method, pathOrDescriptor: path })
