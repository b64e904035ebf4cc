import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { superblock } from "../../../src/vm/storage/Superblock.ts"
import { superblockBytes } from "../../../src/simulation/host/superblockBytes.ts"
import { result } from "../host/FakeCommands.ts"

const settings = { arbitrary: { seed: 19 } }

/** As od prints them, sixteen to a line. */
const printed = (bytes: Uint8Array): string =>
  `${Array.from(bytes, (byte, index) => `${index % 16 === 0 ? "\n " : " "}${byte.toString(16).padStart(2, "0")}`).join("")}\n`

const ext4 = (change: (view: DataView) => void) => {
  const view = new DataView(new ArrayBuffer(2048))
  view.setUint16(1024 + 56, 0xef53, true)
  change(view)
  return result({ stdout: printed(new Uint8Array(view.buffer)) })
}

describe("a superblock", () => {
  it("of ext4 has its size in two halves, of which the upper counts only with 64-bit block numbers", () => {
    const halves = (incompat: number) =>
      ext4((view) => {
        view.setUint32(1024 + 4, 5, true)
        view.setUint32(1024 + 24, 2, true)
        view.setUint32(1024 + 96, incompat, true)
        view.setUint32(1024 + 336, 1, true)
      })
    assert.deepStrictEqual(superblock("ext4", halves(0x80)), {
      _tag: "Whole",
      size: { bytes: (2 ** 32 + 5) * 4096, logBytes: 0 }
    })
    assert.deepStrictEqual(superblock("ext4", halves(0x40)), { _tag: "Whole", size: { bytes: 5 * 4096, logBytes: 0 } })
  })

  it("of another filesystem, or one that was read in part, is not known", () => {
    const xfs = superblockBytes(
      { _tag: "Xfs", tree: undefined as never, fault: undefined, label: undefined, sizeBytes: 2 ** 30 },
      2048
    )
    assert.strictEqual(superblock("xfs", result({ stdout: xfs }))._tag, "Whole")
    assert.strictEqual(superblock("ext4", result({ stdout: xfs }))._tag, "Unknown")
    assert.strictEqual(superblock("xfs", result({ stdout: xfs.slice(0, 4000) }))._tag, "Unknown")
    assert.strictEqual(superblock("xfs", result({ stdout: xfs, exitCode: 1 }))._tag, "Unknown")
    assert.strictEqual(
      superblock(
        "ext4",
        ext4((view) => view.setUint32(1024 + 24, 40, true))
      )._tag,
      "Unknown"
    )
  })

  it.prop(
    "of whatever bytes gives a size that can be reckoned with, or none",
    [Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 })))],
    ([some]) => {
      for (const [filesystem, magic] of [
        ["ext4", (view: DataView) => view.setUint16(1024 + 56, 0xef53, true)],
        ["xfs", (view: DataView) => view.setUint32(0, 0x58465342)]
      ] as const) {
        const bytes = Uint8Array.from({ length: 2048 }, (_, index) => some[index % Math.max(1, some.length)] ?? 0)
        magic(new DataView(bytes.buffer))
        const read = superblock(filesystem, result({ stdout: printed(bytes) }))
        if (read._tag !== "Whole") continue
        assert.isTrue(Number.isSafeInteger(read.size.bytes) && read.size.bytes > 0)
        assert.isTrue(read.size.logBytes >= 0 && read.size.logBytes < read.size.bytes)
      }
    },
    settings
  )
})
