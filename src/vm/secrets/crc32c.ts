/** The polynomial of Castagnoli, its bits reversed (RFC 3720, appendix B.4). */
const polynomial = 0x82f63b78

/**
 * The CRC32C of some bytes, as Google's services have it. Bit by bit, without a table: a secret has at most 64 KiB, which
 * takes a millisecond or two.
 */
export const crc32c = (bytes: Uint8Array): number => {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}
