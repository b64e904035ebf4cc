/**
 * Of a single executable's blob, what V8 compiled of Node's built-in modules, for those that are asked for alone. Node adds
 * it for all of its 388, also for those that the start-up snapshot has loaded already, maps the whole and copies it at each
 * start: 3.7 MB, of which this program can use a tenth. A module without it is compiled when it is loaded.
 *
 * Source: `src/node_sea.cc`, `src/node_snapshotable.cc` and `src/blob_serializer_deserializer-inl.h` of Node 24.
 */
export const keepCodeCache = (blob: Buffer, isKept: (module: string) => boolean): Buffer => {
  const reader = makeReader(blob)
  expect(reader.u32(), executableMagic, "the executable's mark")
  if ((reader.u32() & usesSnapshot) === 0) throw new Error("the blob has no start-up snapshot")
  reader.skip(1) // where further options may come from
  reader.text() // the program's path
  const sizeAt = reader.at()
  const snapshotSize = reader.u64()
  const snapshotAt = reader.at()
  expect(reader.u32(), snapshotMagic, "the snapshot's mark")
  reader.skip(1) // its kind
  for (const _ of ["version", "architecture", "platform"]) reader.text()
  reader.skip(4) // its flags
  reader.skip(reader.u32()) // V8's own
  reader.skip(8 * reader.u64()) // primitive values
  skipNamed(reader) // templates
  reader.skip(4 * 8) // asynchronous hooks
  reader.skip(8 * reader.u64())
  reader.skip(9 * 8) // ticks, immediates, timers, performance, exit, streams, uncaught exceptions
  const loaded = new Set(Array.from({ length: reader.u64() }, () => reader.text()))
  skipNamed(reader) // persistent values
  skipNamed(reader) // native objects
  reader.skip(8) // the context
  const cacheAt = reader.at()
  const kept: Array<Buffer> = []
  for (let left = reader.u64(); left > 0; left--) {
    const from = reader.at()
    const module = reader.text()
    reader.skip(reader.u64())
    if (!loaded.has(module) && isKept(module)) kept.push(blob.subarray(from, reader.at()))
  }
  expect(reader.at() - snapshotAt, snapshotSize, "the snapshot's size")
  const snapshot = Buffer.concat([blob.subarray(snapshotAt, cacheAt), u64(kept.length), ...kept])
  return Buffer.concat([blob.subarray(0, sizeAt), u64(snapshot.length), snapshot, blob.subarray(reader.at())])
}

const executableMagic = 0x143da20
const snapshotMagic = 0x143da19
/** Among the blob's flags. */
const usesSnapshot = 2

const expect = (found: number, wanted: number, what: string): void => {
  if (found !== wanted) throw new Error(`another Node's blob: ${what} is ${found}, not ${wanted}`)
}

const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

type Reader = ReturnType<typeof makeReader>

const makeReader = (blob: Buffer) => {
  let at = 0
  const past = (size: number): number => {
    const from = at
    at += size
    if (at > blob.length) throw new Error("another Node's blob: it ends too soon")
    return from
  }
  const number = () => Number(blob.readBigUInt64LE(past(8)))
  return {
    at: () => at,
    skip: (size: number): void => void past(size),
    u32: () => blob.readUInt32LE(past(4)),
    u64: number,
    text: () => {
      const size = number()
      const from = past(size)
      return blob.toString("utf8", from, from + size)
    }
  }
}

/** A list of names, each with two numbers. */
const skipNamed = (reader: Reader): void => {
  for (let left = reader.u64(); left > 0; left--) {
    reader.text()
    reader.skip(4 + 8)
  }
}
