import { promisify } from "node:util"
import { constants, gzipSync, zstdCompress } from "node:zlib"

/** Without a name or a time of the file. Node's own writes the machine's operating system into it: 255 is unknown. */
export const gzip = (bytes: Uint8Array): Buffer => {
  const packed = gzipSync(bytes, { level: 9 })
  packed[9] = 255
  return packed
}

/**
 * By one thread, so that it is the same on every machine. The window is the largest that every zstd unpacks without being
 * asked to.
 */
export const zstd = (bytes: Uint8Array, level: number): Promise<Buffer> =>
  promisify(zstdCompress)(bytes, {
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_windowLog]: 27,
      [constants.ZSTD_c_checksumFlag]: 1
    }
  })
