import { execFileSync, spawn } from "node:child_process"
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { sandboxArchitecture, sandboxImage } from "../../../src/vm/engine/SandboxImage.ts"
import { type Architecture, sandboxProgram } from "../../../src/vm/engine/SandboxProgram.ts"

/** The one segment of an ELF executable for a 64-bit little-endian machine, and where it begins to run. Source: elf(5). */
const readElf = (bytes: Uint8Array) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const number = (offset: number) => Number(view.getBigUint64(offset, true))
  assert.deepStrictEqual([...bytes.subarray(0, 16)], [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  const at = number(32)
  assert.deepStrictEqual(
    { type: view.getUint16(16, true), headers: view.getUint16(56, true), size: view.getUint16(54, true) },
    { type: 2, headers: 1, size: 56 }
  )
  const segment = {
    type: view.getUint32(at, true),
    flags: view.getUint32(at + 4, true),
    offset: number(at + 8),
    address: number(at + 16),
    fileSize: number(at + 32),
    memorySize: number(at + 40),
    alignment: number(at + 48)
  }
  const entry = number(24)
  const code = bytes.subarray(entry - segment.address + segment.offset)
  return { machine: view.getUint16(18, true), segment, code }
}

/** What the few instructions mean that are in there, each as an assembler writes it. Source: Arm's manual, C6.2. */
const disassembleArm64 = (code: Uint8Array): ReadonlyArray<string> =>
  Array.from({ length: code.length / 4 }, (_, index) => {
    const word = new DataView(code.buffer, code.byteOffset + index * 4, 4).getUint32(0, true)
    if (word >>> 21 === 0b110_1001_0100) return `movz x${word & 31}, #${(word >>> 5) & 0xffff}`
    if ((word & 0xffe0_001f) >>> 0 === 0xd400_0001) return `svc #${(word >>> 5) & 0xffff}`
    if (word >>> 26 === 0b00_0101) return `b ${index + ((word << 6) >> 6)}`
    return `unknown ${word.toString(16)}`
  })

const programs = {
  amd64: { machine: 62, length: 127, emulator: undefined },
  arm64: { machine: 183, length: 148, emulator: "/usr/bin/qemu-aarch64-static" }
} as const satisfies Record<Architecture, unknown>

describe("the sandbox's image", () => {
  let directory = ""
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "slipway-sandbox-"))
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  for (const architecture of ["amd64", "arm64"] as const) {
    const { machine, length, emulator } = programs[architecture]

    it(`has a static program for ${architecture}, loaded whole, to be read and executed`, () => {
      const bytes = sandboxProgram(architecture)
      const elf = readElf(bytes)
      assert.strictEqual(elf.machine, machine)
      assert.deepStrictEqual(elf.segment, {
        type: 1,
        flags: 5,
        offset: 0,
        address: 0x40_0000,
        fileSize: length,
        memorySize: length,
        alignment: 0x1_0000
      })
      assert.strictEqual(bytes.length, length)
    })

    const runner = emulator ?? (process.arch === "x64" ? "" : undefined)
    // Emulators come with Debian's qemu-user-static.
    it.skipIf(runner === undefined || (runner !== "" && !existsSync(runner)))(
      `has a program for ${architecture} that waits until it is killed`,
      async () => {
        const path = join(directory, architecture)
        writeFileSync(path, sandboxProgram(architecture))
        chmodSync(path, 0o755)
        const child = runner === "" ? spawn(path) : spawn(runner!, ["-strace", path])
        // It waits once the call has begun, of which the kernel tells, or the emulator.
        if (runner === "") {
          const waits = () => readFileSync(`/proc/${child.pid}/syscall`, "utf8").startsWith("34 ")
          while (!waits()) await new Promise((resolve) => setImmediate(resolve))
        } else {
          let trace = ""
          for await (const chunk of child.stderr) if ((trace += chunk).includes("ppoll(0,0,0,0,")) break
        }
        const ended = new Promise((resolve) => child.on("exit", (code, signal) => resolve([code, signal])))
        assert.deepStrictEqual([child.exitCode, child.signalCode], [null, null])
        child.kill("SIGKILL")
        assert.deepStrictEqual(await ended, [null, "SIGKILL"])
      }
    )
  }

  it("calls pause(2) in a loop on amd64", () => {
    const { code } = readElf(sandboxProgram("amd64"))
    // push imm8; pop rax; syscall; jmp rel8, relative to what follows it.
    assert.deepStrictEqual([...code.subarray(0, 6)], [0x6a, 34, 0x58, 0x0f, 0x05, 0xeb])
    assert.strictEqual(code.length + new DataView(code.buffer, code.byteOffset).getInt8(6), 0)
  })

  it("calls ppoll(NULL, 0, NULL, NULL) in a loop on arm64, which has no pause(2)", () => {
    assert.deepStrictEqual(disassembleArm64(readElf(sandboxProgram("arm64")).code), [
      "movz x0, #0",
      "movz x1, #0",
      "movz x2, #0",
      "movz x3, #0",
      "movz x8, #73",
      "svc #0",
      "b 0"
    ])
  })

  it("is a tar of that program alone, the same each time", () => {
    const archive = sandboxImage.archive("arm64")
    assert.deepStrictEqual(archive, sandboxImage.archive("arm64"))
    const tar = (...args: ReadonlyArray<string>) => execFileSync("tar", args, { cwd: directory, input: archive })
    assert.match(tar("-tvf", "-").toString(), /^-rwxr-xr-x 0\/0 +148 1970-01-01 \S+ pause\n$/)
    assert.deepStrictEqual([...tar("-xOf", "-", "pause")], [...sandboxProgram("arm64")])
    tar("-xf", "-")
    assert.strictEqual(statSync(join(directory, "pause")).mode & 0o777, 0o755)
  })

  it("is not there for other machines", () => {
    assert.deepStrictEqual(["amd64", "arm64", "riscv64"].map(sandboxArchitecture), ["amd64", "arm64", undefined])
  })
})
