import { createHash } from "node:crypto"

export const shortHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16)

/** What any volume's name can be written as; a long one need not be readable. */
export const folderName = (volume: string): string => {
  const written = encodeURIComponent(volume)
  return written.length > 128 ? shortHash(volume) : written
}
