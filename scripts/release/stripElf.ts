/**
 * A 64-bit little-endian ELF executable without what only debuggers and linkers read: symbols, and the table of sections,
 * which come after all that is loaded. No `strip` of any version has a part in what comes out.
 * Source: elf(5).
 */
export const stripElf = (file: Buffer): Buffer => {
  // The class and the byte order come after the magic number.
  if (file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2 || file[5] !== 1) {
    throw new Error("not a 64-bit little-endian ELF file")
  }
  const offset = Number(file.readBigUInt64LE(32))
  const size = file.readUInt16LE(54)
  const segments = Array.from({ length: file.readUInt16LE(56) }, (_, index) => offset + index * size)
  const ends = segments.map((at) => Number(file.readBigUInt64LE(at + 8)) + Number(file.readBigUInt64LE(at + 32)))
  const stripped = Buffer.from(file.subarray(0, Math.max(offset + segments.length * size, ...ends)))
  // No table of sections, no sections, no names of theirs.
  stripped.writeBigUInt64LE(0n, 40)
  stripped.writeUInt16LE(0, 60)
  stripped.writeUInt16LE(0, 62)
  return stripped
}
