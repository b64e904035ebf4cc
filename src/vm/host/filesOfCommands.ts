import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Command } from "./Command.ts"
import type { CommandError } from "./CommandError.ts"
import type { CommandRunner } from "./CommandRunner.ts"
import { complaint } from "./Complaint.ts"
import { HostFileFailed } from "./HostFileFailed.ts"
import { type FileKind, kinds } from "./FileKind.ts"
import type { WriteOptions } from "./WriteOptions.ts"
import { parentOf } from "./parentOf.ts"

type Runner = CommandRunner["Service"]

/** The host's files by its programs. */
export const filesOfCommands = (runner: Runner) => {
  const run = runIn(runner)

  const makeDirectory = directoryMaker(runner)

  const write = Effect.fnUntraced(function* (
    path: string,
    content: string | Uint8Array,
    { mode, isSynced }: WriteOptions
  ) {
    const draft = `${path}.new`
    const step = (program: string, args: ReadonlyArray<string>, stdin?: string | Uint8Array) =>
      run("write", path, { program, args, stdin })
    yield* step("install", ["-m", mode, "-T", "--", "/dev/null", draft])
    yield* isSynced === true
      ? step("dd", [`of=${draft}`, "conv=fsync", "status=none"], content)
      : step("tee", ["--", draft], content)
    yield* step("mv", ["-f", "-T", "--", draft, path])
    if (isSynced === true) yield* step("sync", ["--", parentOf(path)])
  })

  // A missing target is exit code 1, without a message.
  const shown = (args: ReadonlyArray<string>) =>
    Effect.map(runner.run({ program: "readlink", args }), ({ exitCode, stdout }) =>
      exitCode === 0 ? Option.some(withoutLineFeed(stdout)) : Option.none()
    )

  return {
    read: (path: string) =>
      run("read", path, { program: "cat", args: ["--", path] }).pipe(
        Effect.asSome,
        Effect.catchIf(saysMissing, () => Effect.succeedNone)
      ),
    readEnd: (path: string, bytes: number) =>
      run("read", path, { program: "tail", args: ["-c", String(bytes), "--", path] }).pipe(
        Effect.asSome,
        Effect.catchIf(saysMissing, () => Effect.succeedNone)
      ),
    write: (path: string, content: string | Uint8Array, options: WriteOptions) =>
      Effect.catchIf(write(path, content, options), saysMissing, () =>
        Effect.andThen(makeDirectory(parentOf(path), options.directoryMode), write(path, content, options))
      ),
    makeDirectory,
    setMode: (path: string, mode: string) =>
      Effect.asVoid(run("set mode of", path, { program: "chmod", args: [mode, "--", path] })),
    move: (from: string, to: string) =>
      Effect.asVoid(run("move", from, { program: "mv", args: ["-f", "-T", "--", from, to] })),
    setGroup: (path: string, gid: number) =>
      Effect.asVoid(run("set the group of", path, { program: "chgrp", args: ["-h", "--", String(gid), path] })),
    createFile: (path: string) =>
      Effect.asVoid(run("create", path, { program: "tee", args: ["-a", "--", path], stdin: "" })),
    kindOf: (path: string) =>
      run("inspect", path, { program: "stat", args: ["-L", "-c", "%F", "--", path] }).pipe(
        Effect.map((word): Option.Option<FileKind> => Option.some(kinds.get(withoutLineFeed(word)) ?? "Other")),
        Effect.catchIf(saysMissing, () => Effect.succeedNone)
      ),
    list: (path: string) =>
      run("list", path, { program: "ls", args: ["-A", "--", path] }).pipe(
        Effect.map((text) => text.split("\n").filter((name) => name !== "")),
        Effect.catchIf(saysMissing, () => Effect.succeed<ReadonlyArray<string>>([]))
      ),
    removeTree: removeTree(runner),
    remove: (path: string) => Effect.asVoid(run("remove", path, { program: "rm", args: ["-f", "--", path] })),
    resolve: (path: string) => shown(["-e", "--", path]),
    locate: (path: string) =>
      Effect.map(run("resolve", path, { program: "readlink", args: ["-m", "--", path] }), withoutLineFeed),
    readLink: (path: string) => shown(["--", path])
  }
}

const runIn = (runner: Runner) =>
  Effect.fnUntraced(function* (operation: HostFileFailed["operation"], path: string, command: Command) {
    const result = yield* runner.run(command)
    if (result.exitCode === 0) return result.stdout
    // Never its stdout, which may be the file's content.
    const detail = `${command.program}: ${complaint({ ...result, stdout: "" })}`
    return yield* new HostFileFailed({ operation, path, detail: detail.replace(/^(\w+): \1: /, "$1: ") })
  })

/** With the mode exactly, whatever our umask is. A link that takes its place meanwhile is not followed. */
export const directoryMaker = (runner: Runner) => (path: string, mode?: string) =>
  Effect.asVoid(
    runIn(runner)("create directory", path, {
      program: "mkdir",
      args: ["-p", ...(mode === undefined ? [] : ["-m", mode]), "--", path]
    })
  )

/** Used by both layers: rm(1) follows no link, and is not led astray by who renames things meanwhile. */
export const removeTree = (runner: Runner) => (path: string) =>
  Effect.asVoid(runIn(runner)("remove", path, { program: "rm", args: ["-r", "-f", "--one-file-system", "--", path] }))

const withoutLineFeed = (text: string): string => text.replace(/\n$/, "")

const saysMissing = (error: CommandError | HostFileFailed): boolean =>
  error._tag === "HostFileFailed" && /no such file/i.test(error.detail)
