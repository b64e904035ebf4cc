/** A processor for which there is a sandbox's program, in Go's names. */
export type Architecture = "amd64" | "arm64"

/**
 * A static ELF executable: `for (;;) pause()`. One that reaps ignores SIGCHLD first, so that as the first process of a
 * namespace it leaves no zombie of a process whose parent has ended: see wait(2).
 */
export const sandboxProgram = (architecture: Architecture, { reaps }: { readonly reaps: boolean }): Uint8Array => {
  const { machine, ignoreChildren, wait } = programs[architecture]
  const code = reaps ? [...ignoreChildren, ...wait] : wait
  const bytes = new Uint8Array(codeOffset + code.length)
  const view = new DataView(bytes.buffer)
  // Ehdr: magic, 64 bits, little end first, version 1, System V.
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0])
  view.setUint16(16, 2, true) // e_type: ET_EXEC
  view.setUint16(18, machine, true) // e_machine
  view.setUint32(20, 1, true) // e_version
  view.setBigUint64(24, BigInt(loadAddress + codeOffset), true) // e_entry
  view.setBigUint64(32, BigInt(elfHeaderLength), true) // e_phoff
  view.setUint16(52, elfHeaderLength, true) // e_ehsize
  view.setUint16(54, programHeaderLength, true) // e_phentsize
  view.setUint16(56, 1, true) // e_phnum
  // Phdr: the whole file, to be read and executed.
  const at = elfHeaderLength
  view.setUint32(at, 1, true) // p_type: PT_LOAD
  view.setUint32(at + 4, 5, true) // p_flags: PF_R | PF_X
  view.setBigUint64(at + 16, BigInt(loadAddress), true) // p_vaddr
  view.setBigUint64(at + 24, BigInt(loadAddress), true) // p_paddr
  view.setBigUint64(at + 32, BigInt(bytes.length), true) // p_filesz
  view.setBigUint64(at + 40, BigInt(bytes.length), true) // p_memsz
  view.setBigUint64(at + 48, BigInt(largestPage), true) // p_align
  bytes.set(code, codeOffset)
  return bytes
}

const elfHeaderLength = 64
const programHeaderLength = 56
const codeOffset = elfHeaderLength + programHeaderLength
/** Pages of arm64 have up to 64 KiB. */
const largestPage = 0x1_0000
const loadAddress = 0x40_0000

interface Program {
  readonly machine: number
  /**
   * `rt_sigaction(SIGCHLD, {SIG_IGN}, NULL, 8)`; the structure is built on the stack, 32 bytes that are zero but the
   * first.
   */
  readonly ignoreChildren: ReadonlyArray<number>
  readonly wait: ReadonlyArray<number>
}

const wordsOf = (words: ReadonlyArray<number>): ReadonlyArray<number> =>
  words.flatMap((word) => [word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24])

/** The system calls are Linux's own: their numbers and registers never change. */
const programs: Readonly<Record<Architecture, Program>> = {
  amd64: {
    machine: 62,
    ignoreChildren: [
      [0x6a, 0], // push 0, the mask
      [0x6a, 0], // push 0, the restorer
      [0x6a, 0], // push 0, the flags
      [0x6a, 1], // push 1, which is SIG_IGN
      [0x54], // push rsp
      [0x5e], // pop rsi
      [0x6a, 17], // push 17, which is SIGCHLD
      [0x5f], // pop rdi
      [0x31, 0xd2], // xor edx, edx
      [0x6a, 8], // push 8, the length of the mask
      [0x41, 0x5a], // pop r10
      [0x6a, 13], // push 13, which is rt_sigaction
      [0x58], // pop rax
      [0x0f, 0x05] // syscall
    ].flat(),
    wait: [
      [0x6a, 34], // push 34, which is pause
      [0x58], // pop rax
      [0x0f, 0x05], // syscall
      [0xeb, 0xf9] // jmp to the first
    ].flat()
  },
  arm64: {
    machine: 183,
    ignoreChildren: wordsOf([
      0xd280_0020, // mov x0, #1, which is SIG_IGN
      0xa9be_7fe0, // stp x0, xzr, [sp, #-32]!
      0xa901_7fff, // stp xzr, xzr, [sp, #16]
      0xd280_0220, // mov x0, #17, which is SIGCHLD
      0x9100_03e1, // mov x1, sp
      0xd280_0002, // mov x2, #0
      0xd280_0103, // mov x3, #8
      0xd280_10c8, // mov x8, #134, which is rt_sigaction
      0xd400_0001 // svc #0
    ]),
    // It has no pause: ppoll(NULL, 0, NULL, NULL) does the same, as in libc.
    wait: wordsOf([
      0xd280_0000, // mov x0, #0
      0xd280_0001, // mov x1, #0
      0xd280_0002, // mov x2, #0
      0xd280_0003, // mov x3, #0
      0xd280_0928, // mov x8, #73, which is ppoll
      0xd400_0001, // svc #0
      0x17ff_fffa // b to the first
    ])
  }
}
