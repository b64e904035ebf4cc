/**
 * A 64-bit little-endian ELF executable without what only debuggers and linkers read (symbols, and the table of sections,
 * which come after all that is loaded), and without the tables by which C++ exceptions find their way up: Node is compiled
 * without exceptions, and what would throw one, as memory that is not there, ends it either way. No `strip` of any version
 * has a part in what comes out.
 * Source: elf(5), and the Linux Standard Base, "Exception Frames".
 */
export const stripElf = (file: Buffer): Buffer => {
  // The class and the byte order come after the magic number.
  if (file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2 || file[5] !== 1) {
    throw new Error("not a 64-bit little-endian ELF file")
  }
  const segments = segmentsOf(file)
  const end = Math.max(
    ...segments.map(({ at }) => at + segmentSize),
    ...segments.map(({ offset, size }) => offset + size)
  )
  const stripped = withoutUnwindTables(Buffer.from(file.subarray(0, end)))
  // No table of sections, no sections, no names of theirs.
  stripped.writeBigUInt64LE(0n, 40)
  stripped.writeUInt16LE(0, 60)
  stripped.writeUInt16LE(0, 62)
  return stripped
}

/** Of a program header. */
const segmentSize = 56
const unused = 0
const loaded = 1
const unwindTables = 0x6474e550

/** The program headers, in the file's order: where each is, and what it says. */
const segmentsOf = (file: Buffer) => {
  const number = (at: number) => Number(file.readBigUInt64LE(at))
  const first = number(32)
  return Array.from({ length: file.readUInt16LE(56) }, (_, index) => {
    const at = first + index * segmentSize
    return {
      at,
      type: file.readUInt32LE(at),
      offset: number(at + 8),
      size: number(at + 32),
      sizeInMemory: number(at + 40),
      alignment: number(at + 48)
    }
  })
}

/**
 * GNU's linker puts the tables (`.eh_frame_hdr`, `.eh_frame`, `.gcc_except_table`) last into what is loaded to be read
 * only. So that segment ends before them, and what follows it in the file moves up by whole pages.
 */
const withoutUnwindTables = (file: Buffer): Buffer => {
  const segments = segmentsOf(file)
  const tables = segments.find(({ type }) => type === unwindTables)
  if (tables === undefined) return file
  const holder = segments.find(
    ({ type, offset, size }) => type === loaded && offset <= tables.offset && tables.offset < offset + size
  )
  const next = segments.find(({ type, offset }) => type === loaded && offset > tables.offset)
  if (holder === undefined || next === undefined || holder.size !== holder.sizeInMemory) return file
  const moved = Math.floor((next.offset - tables.offset) / next.alignment) * next.alignment
  for (const { at, type, offset } of segments) {
    if (offset >= next.offset) file.writeBigUInt64LE(BigInt(offset - moved), at + 8)
    if (type === unwindTables) file.fill(0, at, at + segmentSize).writeUInt32LE(unused, at)
  }
  for (const field of [32, 40]) file.writeBigUInt64LE(BigInt(tables.offset - holder.offset), holder.at + field)
  return Buffer.concat([file.subarray(0, next.offset - moved), file.subarray(next.offset)])
}
