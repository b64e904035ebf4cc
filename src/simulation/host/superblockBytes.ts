import type { SimulatedContent } from "./SimulatedDisks.ts"

const blockBytes = 4096

/** The journal that a simulated xfs has on its disk. */
export const logBytes = 10 * 1024 ** 2

/** The first bytes of a device, as `od -A n -v -t x1` prints them: a superblock, where it has one. */
export const superblockBytes = (content: SimulatedContent, count: number): string => {
  const view = new DataView(new ArrayBuffer(count))
  if (content._tag === "Ext4") {
    view.setUint32(1024 + 4, content.sizeBytes / blockBytes, true)
    view.setUint32(1024 + 24, Math.log2(blockBytes / 1024), true)
    view.setUint16(1024 + 56, 0xef53, true)
  }
  if (content._tag === "Xfs") {
    view.setUint32(0, 0x58465342)
    view.setUint32(4, blockBytes)
    view.setBigUint64(8, BigInt(content.sizeBytes / blockBytes))
    view.setBigUint64(48, 1n)
    view.setUint32(96, logBytes / blockBytes)
    view.setUint8(126, content.fault === "unfinished" ? 1 : 0)
  }
  const bytes = Array.from(new Uint8Array(view.buffer), (byte) => byte.toString(16).padStart(2, "0"))
  const lines = Array.from(
    { length: count / 16 },
    (_, index) => ` ${bytes.slice(16 * index, 16 * index + 16).join(" ")}`
  )
  return `${lines.join("\n")}\n`
}
