import { assert, describe, it } from "@effect/vitest"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { inNamespace, namespaceResult, namespaceToEnter } from "../../src/vm/HostNamespace.ts"
import { result } from "./FakeCommands.ts"

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

describe("namespaceResult", () => {
  const reasonOf = (stderr: string, exitCode: number) => {
    const read = namespaceResult(command, result({ exitCode, stderr }))
    return Result.isFailure(read) ? read.failure.reason : undefined
  }

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
