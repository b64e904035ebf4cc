import { execFileSync, spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import {
  reapingSandboxImage,
  sandboxArchitecture,
  sandboxImage,
  sandboxImageOf
} from "../../../src/vm/engine/SandboxImage.ts"
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
    // The second register is the zero register and the base is sp in each; offsets are signed, in steps of 8 bytes.
    const offset = ((word << 10) >> 25) * 8
    const first = (word & 31) === 31 ? "xzr" : `x${word & 31}`
    if ((word & 0xffc0_7fe0) >>> 0 === 0xa980_7fe0) return `stp ${first}, xzr, [sp, #${offset}]!`
    if ((word & 0xffc0_7fe0) >>> 0 === 0xa900_7fe0) return `stp ${first}, xzr, [sp, #${offset}]`
    if ((word & 0xffff_ffe0) >>> 0 === 0x9100_03e0) return `mov ${first}, sp`
    if ((word & 0xffe0_001f) >>> 0 === 0xd400_0001) return `svc #${(word >>> 5) & 0xffff}`
    if (word >>> 26 === 0b00_0101) return `b ${index + ((word << 6) >> 6)}`
    return `unknown ${word.toString(16)}`
  })

const programs = {
  amd64: { machine: 62, length: 127, reapingLength: 151, emulator: undefined },
  arm64: { machine: 183, length: 148, reapingLength: 184, emulator: "/usr/bin/qemu-aarch64-static" }
} as const satisfies Record<Architecture, unknown>

describe("the sandbox's image", () => {
  let directory = ""
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "slipway-sandbox-"))
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  for (const architecture of ["amd64", "arm64"] as const) {
    const { machine, emulator } = programs[architecture]

    it(`has static programs for ${architecture}, loaded whole, to be read and executed`, () => {
      for (const reaps of [false, true]) {
        const length = programs[architecture][reaps ? "reapingLength" : "length"]
        const bytes = sandboxProgram(architecture, { reaps })
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
      }
    })

    const runner = emulator ?? (process.arch === "x64" ? "" : undefined)
    // Emulators come with Debian's qemu-user-static.
    for (const reaps of [false, true]) {
      it.skipIf(runner === undefined || (runner !== "" && !existsSync(runner)))(
        `has a program for ${architecture} that ${reaps ? "ignores the ends of children and " : ""}waits until it is killed`,
        async () => {
          const path = join(directory, `${architecture}-${reaps}`)
          writeFileSync(path, sandboxProgram(architecture, { reaps }))
          chmodSync(path, 0o755)
          const child = runner === "" ? spawn(path) : spawn(runner!, ["-strace", path])
          // It waits once the call has begun, of which the kernel tells, or the emulator.
          if (runner === "") {
            const told = (file: string) => readFileSync(`/proc/${child.pid}/${file}`, "utf8")
            while (!told("syscall").startsWith("34 ")) await new Promise((resolve) => setImmediate(resolve))
            const [, ignored = ""] = /^SigIgn:\s*(\w+)$/m.exec(told("status")) ?? []
            assert.strictEqual((BigInt(`0x${ignored}`) >> 16n) & 1n, reaps ? 1n : 0n)
          } else {
            let trace = ""
            for await (const chunk of child.stderr) if ((trace += chunk).includes("ppoll(0,0,0,0,")) break
            const [ignoring] = /rt_sigaction\(SIGCHLD,.*/.exec(trace) ?? []
            if (reaps) assert.match(ignoring ?? "", /^rt_sigaction\(SIGCHLD,0x[0-9a-f]+,NULL\) = 0$/)
            else assert.isUndefined(ignoring)
          }
          const ended = new Promise((resolve) => child.on("exit", (code, signal) => resolve([code, signal])))
          assert.deepStrictEqual([child.exitCode, child.signalCode], [null, null])
          child.kill("SIGKILL")
          assert.deepStrictEqual(await ended, [null, "SIGKILL"])
        }
      )
    }
  }

  it("calls pause(2) in a loop on amd64", () => {
    const { code } = readElf(sandboxProgram("amd64", { reaps: false }))
    // push imm8; pop rax; syscall; jmp rel8, relative to what follows it.
    assert.deepStrictEqual([...code.subarray(0, 6)], [0x6a, 34, 0x58, 0x0f, 0x05, 0xeb])
    assert.strictEqual(code.length + new DataView(code.buffer, code.byteOffset).getInt8(6), 0)
  })

  it("calls ppoll(NULL, 0, NULL, NULL) in a loop on arm64, which has no pause(2)", () => {
    assert.deepStrictEqual(disassembleArm64(readElf(sandboxProgram("arm64", { reaps: false })).code), [
      "movz x0, #0",
      "movz x1, #0",
      "movz x2, #0",
      "movz x3, #0",
      "movz x8, #73",
      "svc #0",
      "b 0"
    ])
  })

  it("that reaps calls rt_sigaction(SIGCHLD, {SIG_IGN}, NULL, 8) before that", () => {
    const { code } = readElf(sandboxProgram("amd64", { reaps: true }))
    // push 0 (three times); push 1; push rsp; pop rsi; push 17; pop rdi; xor edx, edx; push 8; pop r10; push 13; pop
    // rax; syscall.
    const words = "6a00 6a00 6a00 6a01 54 5e 6a11 5f 31d2 6a08 415a 6a0d 58 0f05".replaceAll(" ", "")
    assert.strictEqual(Buffer.from(code.subarray(0, 24)).toString("hex"), words)
    assert.deepStrictEqual(code.subarray(24), readElf(sandboxProgram("amd64", { reaps: false })).code)
    assert.deepStrictEqual(disassembleArm64(readElf(sandboxProgram("arm64", { reaps: true })).code), [
      "movz x0, #1",
      "stp x0, xzr, [sp, #-32]!",
      "stp xzr, xzr, [sp, #16]",
      "movz x0, #17",
      "mov x1, sp",
      "movz x2, #0",
      "movz x3, #8",
      "movz x8, #134",
      "svc #0",
      "movz x0, #0",
      "movz x1, #0",
      "movz x2, #0",
      "movz x3, #0",
      "movz x8, #73",
      "svc #0",
      "b 9"
    ])
  })

  it("has a name for each program, and the one without reaping stays what it was", () => {
    assert.deepStrictEqual(
      [sandboxImage, reapingSandboxImage].map(({ reference }) => reference.text),
      ["localhost/slipway/sandbox:1", "localhost/slipway/sandbox:2"]
    )
    for (const image of [sandboxImage, reapingSandboxImage]) assert.strictEqual(sandboxImageOf(image.reference), image)
    const hash = createHash("sha256").update(sandboxImage.archive("amd64")).update(sandboxImage.archive("arm64"))
    assert.strictEqual(hash.digest("hex"), "0f91a330297de3b66b313bbfc0dbf34d14e4c49767ac9a4ff9e87c7e31a6f1ef")
    assert.notDeepEqual(reapingSandboxImage.archive("amd64"), sandboxImage.archive("amd64"))
  })

  it("is a tar of that program alone, the same each time", () => {
    const archive = sandboxImage.archive("arm64")
    assert.deepStrictEqual(archive, sandboxImage.archive("arm64"))
    const tar = (...args: ReadonlyArray<string>) => execFileSync("tar", args, { cwd: directory, input: archive })
    assert.match(tar("-tvf", "-").toString(), /^-rwxr-xr-x 0\/0 +148 1970-01-01 \S+ pause\n$/)
    assert.deepStrictEqual([...tar("-xOf", "-", "pause")], [...sandboxProgram("arm64", { reaps: false })])
    tar("-xf", "-")
    assert.strictEqual(statSync(join(directory, "pause")).mode & 0o777, 0o755)
  })

  it("is not there for other machines", () => {
    assert.deepStrictEqual(["amd64", "arm64", "riscv64"].map(sandboxArchitecture), ["amd64", "arm64", undefined])
  })
})
