import { sha256 } from "./sha256.ts"

export const shortHash = (text: string): string => sha256(text).slice(0, 16)

/** What any volume's name can be written as; a long one need not be readable. */
export const folderName = (volume: string): string => {
  const written = encodeURIComponent(volume)
  return written.length > 128 ? shortHash(volume) : written
}
