import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as PlatformError from "effect/PlatformError"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import * as Result from "effect/Result"
import { CommandRunner } from "../../../src/vm/host/CommandRunner.ts"
import type { Command } from "../../../src/vm/host/Command.ts"
import { layerHost } from "../../../src/vm/host/Host.ts"
import { inNamespace, namespaceResult, namespaceToEnter } from "../../../src/vm/host/HostNamespace.ts"
import { fakeCommands, result } from "./FakeCommands.ts"

const command = { program: "mkfs.ext4", args: ["-q", "--", "/dev/sdb"], stdin: "text" }

describe("inNamespace", () => {
  it("hands on the program, its arguments and its input as they are", () => {
    assert.deepStrictEqual(inNamespace("/host_proc/1/ns/mnt", command), {
      program: "nsenter",
      args: ["--mount=/host_proc/1/ns/mnt", "--", "mkfs.ext4", "-q", "--", "/dev/sdb"],
      stdin: "text"
    })
  })
})

const reasonOf = (stderr: string, exitCode: number) => {
  const read = namespaceResult(command, result({ exitCode, stderr }))
  return Result.isFailure(read) ? read.failure.reason : undefined
}

describe("namespaceResult", () => {
  it("leaves the program's own answers alone, 127 and 1 among them", () => {
    for (const exitCode of [0, 1, 126, 127]) {
      const own = result({ exitCode, stderr: "mkfs.ext4: No such file or directory\n" })
      assert.deepStrictEqual(namespaceResult(command, own), Result.succeed(own))
    }
  })

  it("knows a program that the host has not", () => {
    const stderr = "nsenter: failed to execute mkfs.ext4: No such file or directory\n"
    for (const exitCode of [127, 1]) {
      const reason = reasonOf(stderr, exitCode)
      assert.strictEqual(reason?._tag, "ProgramMissing")
      assert.strictEqual(reason?.program, "mkfs.ext4")
      assert.strictEqual(reason?.argumentCount, 3)
    }
  })

  it("knows a namespace that cannot be entered, and a program that cannot be started", () => {
    const denied = reasonOf("nsenter: cannot open /proc/1/ns/mnt: Permission denied\n", 1)
    assert.strictEqual(denied?._tag, "ProgramFailed")
    assert.include(denied?.message, "cannot open /proc/1/ns/mnt: Permission denied")
    assert.strictEqual(
      reasonOf("nsenter: failed to execute mkfs.ext4: Permission denied\n", 126)?._tag,
      "ProgramFailed"
    )
  })
})

describe("namespaceToEnter", () => {
  const ours = Option.some("mnt:[1]")
  const other = Option.some("mnt:[2]")
  const none = Option.none()

  it.each([
    ["ours is the host's", "/proc", ours, ours, none],
    ["ours is not the host's", "/proc", ours, other, Option.some("/proc/1/ns/mnt")],
    ["in a container with the host's /proc", "/host_proc", ours, other, Option.some("/host_proc/1/ns/mnt")],
    ["the host's /proc, seen from the host itself", "/host_proc", ours, ours, none],
    ["not root", "/proc", ours, none, none],
    ["no /proc at all", "/proc", none, none, none],
    ["a host's /proc that cannot be read", "/host_proc", ours, none, Option.some("/host_proc/1/ns/mnt")]
  ] as const)("%s", (_, procPath, ours, hosts, entered) => {
    assert.deepStrictEqual(namespaceToEnter({ procPath, ours, hosts }), entered)
  })
})

const run = (program: string, args: ReadonlyArray<string>) =>
  Effect.flatMap(CommandRunner, (runner) => runner.run({ program, args }))

describe("CommandRunner.layerHost", () => {
  const held: Command = { program: "flock", args: ["x"], stdin: "me\n" }
  const entered = "nsenter --mount=/host_proc/1/ns/mnt --"

  it.effect("runs and holds every command in the host's namespace", () => {
    const commands = fakeCommands({ [`${entered} cat /x`]: { stdout: "text" }, [`${entered} flock x`]: "held" })
    return Effect.gen(function* () {
      const runner = yield* CommandRunner
      assert.strictEqual((yield* run("cat", ["/x"])).stdout, "text")
      assert.deepStrictEqual(yield* runner.hold(held), Option.none())
      assert.strictEqual(commands.ran[1]?.stdin, "me\n")
    }).pipe(Effect.provide(CommandRunner.layerHost("/host_proc").pipe(Layer.provide(commands.layer))))
  })

  it.effect("knows what the host has not", () => {
    const missing = { exitCode: 127, stderr: "nsenter: failed to execute flock: No such file or directory\n" }
    const commands = fakeCommands({ [`${entered} flock x`]: missing })
    return Effect.gen(function* () {
      const runner = yield* CommandRunner
      assert.strictEqual((yield* Effect.flip(runner.run(held))).reason._tag, "ProgramMissing")
      assert.strictEqual((yield* Effect.flip(runner.hold(held))).reason._tag, "ProgramMissing")
    }).pipe(Effect.provide(CommandRunner.layerHost("/host_proc").pipe(Layer.provide(commands.layer))))
  })
})

describe("layerHost", () => {
  const notFound = PlatformError.systemError({ _tag: "PermissionDenied", module: "FileSystem", method: "readLink" })

  /** The program that is spawned for `true` on a host with these links. */
  const spawned = (links: Readonly<Record<string, string>>, procPath?: string) => {
    const programs: Array<string> = []
    const files = FileSystem.layerNoop({
      exists: (path) => Effect.succeed(path in links),
      readLink: (path) => (path in links ? Effect.succeed(links[path]!) : Effect.fail(notFound))
    })
    const spawner = ChildProcessSpawner.make((command) =>
      Effect.suspend(() => {
        programs.push(command._tag === "StandardCommand" ? [command.command, ...command.args].join(" ") : "")
        return Effect.fail(notFound)
      })
    )
    const layer = layerHost(procPath).pipe(
      Layer.provide(Layer.merge(files, Layer.succeed(ChildProcessSpawner.ChildProcessSpawner, spawner)))
    )
    return Effect.as(Effect.provide(Effect.flip(run("true", [])), layer), programs)
  }

  it.effect.each([
    ["our own namespace", { "/proc/self/ns/mnt": "1", "/proc/1/ns/mnt": "1" }, undefined, "true"],
    ["not root", { "/proc/self/ns/mnt": "1" }, undefined, "true"],
    [
      "a unit that hides the host's mounts",
      { "/proc/self/ns/mnt": "2", "/proc/1/ns/mnt": "1" },
      undefined,
      "nsenter --mount=/proc/1/ns/mnt -- true"
    ],
    [
      "konlet's container",
      { "/proc/self/ns/mnt": "2", "/proc/1/ns/mnt": "2", "/host_proc": "", "/host_proc/1/ns/mnt": "1" },
      undefined,
      "nsenter --mount=/host_proc/1/ns/mnt -- true"
    ],
    [
      "another place for the host's /proc",
      { "/proc/self/ns/mnt": "2", "/proc/1/ns/mnt": "2", "/p/1/ns/mnt": "1" },
      "/p",
      "nsenter --mount=/p/1/ns/mnt -- true"
    ]
  ] as const)("%s", ([, links, procPath, command]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* spawned(links, procPath), [command])
    })
  )
})
