import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import { keepCodeCache } from "../../scripts/release/codeCache.ts"

const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer)
const u64 = (value: number) => Buffer.from(BigUint64Array.of(BigInt(value)).buffer)
const text = (value: string | Buffer) => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)])
const list = (items: ReadonlyArray<Buffer>) => Buffer.concat([u64(items.length), ...items])
const named = list([Buffer.concat([text("a name"), u32(1), u64(2)])])

interface Cached {
  readonly module: string
  readonly code: string
}

/** A blob as Node 24 writes it, options after its snapshot and all. */
const blobOf = (loaded: ReadonlyArray<string>, cached: ReadonlyArray<Cached>): Buffer => {
  const snapshot = Buffer.concat([
    u32(0x143da19),
    Buffer.from([1]),
    ...["24.21.0", "x64", "linux"].map(text),
    u32(0),
    u32(3),
    Buffer.from("v8 "),
    list([u64(7), u64(8)]),
    named,
    Buffer.alloc(4 * 8),
    list([u64(9)]),
    Buffer.alloc(9 * 8),
    list(loaded.map(text)),
    named,
    named,
    u64(3),
    list(cached.map(({ module, code }) => Buffer.concat([text(module), text(code)])))
  ])
  return Buffer.concat([
    u32(0x143da20),
    u32(0x13),
    Buffer.from([1]),
    text("/main.cjs"),
    text(snapshot),
    list([text("--option")])
  ])
}

const names = Arbitrary.array(Arbitrary.schema(Schema.Literals(["fs", "http", "net", "tls", "zlib"])), { maxLength: 6 })
const unique = (modules: ReadonlyArray<string>) => [...new Set(modules)]
const compiled = (modules: ReadonlyArray<string>) => modules.map((module) => ({ module, code: `of ${module}` }))

describe("the compiled code of Node's modules in an executable", () => {
  it.prop(
    "is kept of those that are asked for and not loaded yet; the rest of the blob is as it was",
    [names, names, names],
    ([all, loaded, wanted]) => {
      const kept = unique(all).filter((module) => wanted.includes(module as never) && !loaded.includes(module as never))
      assert.deepEqual(
        keepCodeCache(blobOf(loaded, compiled(unique(all))), (module) => wanted.includes(module as never)),
        blobOf(loaded, compiled(kept))
      )
    }
  )

  it("another Node's blob is refused, whatever differs", () => {
    const blob = blobOf(["fs"], compiled(["http"]))
    const refused = (bytes: Buffer) =>
      assert.throws(() => keepCodeCache(bytes, () => true), /another Node's blob|has no/)
    refused(Buffer.concat([u32(1), blob.subarray(4)]))
    refused(Buffer.concat([blob.subarray(0, 4), u32(1), blob.subarray(8)]))
    for (const size of [4, 40, 100, 200]) refused(blob.subarray(0, size))
    const longer = blobOf(["fs", ""], compiled(["http"]))
    // The size of the snapshot is that of the other.
    longer.set(blob.subarray(0, 34), 0)
    refused(longer)
  })
})
