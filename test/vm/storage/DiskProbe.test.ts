import { assert, describe, it } from "@effect/vitest"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { diskContent, listedDevice, probed, proofRanges, rangeRead } from "../../../src/vm/storage/DiskProbe.ts"
import { result } from "../host/FakeCommands.ts"

const mebibyte = 1024 * 1024
const settings = { arbitrary: { seed: 11 } }
const Size = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 5 * mebibyte }))
const exported = (...lines: ReadonlyArray<string>) => result({ stdout: [...lines, ""].join("\n") })

describe("probed", () => {
  it("knows a filesystem", () => {
    const found = probed(exported("DEVNAME=/dev/sdb", "UUID=0f", "VERSION=1.0", "TYPE=ext4", "USAGE=filesystem"))
    assert.deepStrictEqual(found, Result.succeed({ _tag: "Filesystem", type: "ext4", uuid: "0f" }))
  })

  it("knows its label, without what would break a line or end a quotation", () => {
    const label = String.raw`LABEL=a\ \"b\$` + "\u202e\u001b"
    const found = probed(exported(label, "UUID=", "TYPE=btrfs", "USAGE=filesystem"))
    assert.deepStrictEqual(found, Result.succeed({ _tag: "Filesystem", type: "btrfs", label: "a 'b$" }))
  })

  it.each([
    [["TYPE=LVM2_member", "USAGE=raid"], "a signature of LVM2_member"],
    [["TYPE=crypto_LUKS", "USAGE=crypto"], "a signature of crypto_LUKS"],
    [["TYPE=swap", "USAGE=other"], "a signature of swap"],
    [["PTUUID=1", "PTTYPE=gpt"], "a partition table (gpt)"],
    [["TYPE=vfat", "USAGE=filesystem", "PTTYPE=dos"], "a signature of vfat and a partition table (dos)"],
    [["SOMETHING=new"], "a signature of an unknown kind"]
  ])("takes %s for a signature", (lines, description) => {
    assert.deepStrictEqual(probed(exported(...lines)), Result.succeed({ _tag: "Signature", description }))
  })

  it("quotes no more of it than belongs on a line", () => {
    const type = `TYPE=a\u001B[31m${"b".repeat(100_000)}`
    for (const lines of [[type, "USAGE=filesystem"], [type], [`PT${type}`]]) {
      const found = probed(exported(...lines))
      assert.match(JSON.stringify(found), /^[^\\]*a \[31mb{100,}…[^\\]*$/)
      assert.isBelow(JSON.stringify(found).length, 1000)
    }
  })

  it("refuses signatures that contradict one another", () => {
    const found = probed(result({ exitCode: 8 }))
    assert.strictEqual(Result.isSuccess(found) && found.success._tag, "Signature")
  })

  it("does not take a partition's place on its disk for what is on it", () => {
    const nothing = Result.succeed({ _tag: "Nothing" as const })
    assert.deepStrictEqual(
      probed(exported("DEVNAME=/dev/sdb1", "PART_ENTRY_SCHEME=gpt", "PART_ENTRY_NUMBER=1")),
      nothing
    )
    assert.deepStrictEqual(probed(result({ exitCode: 2 })), nothing)
  })

  it("fails for what blkid complains of", () => {
    assert.isTrue(
      Result.isFailure(probed(result({ exitCode: 2, stderr: "blkid: error: /dev/sdb: Input/output error" })))
    )
    assert.isTrue(Result.isFailure(probed(result({ exitCode: 4 }))))
    assert.isTrue(Result.isFailure(probed(result({ exitCode: 139 }))))
  })

  it.prop(
    "takes any text, and finds nothing only where nothing is said",
    [Schema.Array(Schema.Literals(["TYPE", "PTTYPE", "USAGE", "DEVNAME", "=", "\n", "filesystem", "ext4", "\\", " "]))],
    ([parts]) => {
      const stdout = parts.join("")
      const found = probed(result({ stdout }))
      if (Result.isSuccess(found) && found.success._tag === "Nothing") assert.notMatch(stdout, /^(PT)?TYPE=/m)
    },
    settings
  )
})

const listing = (...blockdevices: ReadonlyArray<unknown>) =>
  listedDevice(result({ stdout: JSON.stringify({ blockdevices }) }))

describe("listedDevice", () => {
  it("reads size and children", () => {
    const found = listing(
      { name: "/dev/sdb", size: 64 },
      { name: "/dev/sdb1", size: 32 },
      { name: "/dev/dm-0", size: 1 }
    )
    assert.deepStrictEqual(found, Result.succeed(Option.some({ sizeBytes: 64, children: ["/dev/sdb1", "/dev/dm-0"] })))
    assert.deepStrictEqual(
      listing({ name: "/dev/sdb", size: "64" }),
      Result.succeed(Option.some({ sizeBytes: 64, children: [] }))
    )
  })

  it("knows the answers for what is no block device", () => {
    const none = Result.succeed(Option.none())
    assert.deepStrictEqual(listedDevice(result({ exitCode: 32 })), none)
    assert.deepStrictEqual(
      listedDevice(result({ exitCode: 1, stderr: "lsblk: /dev/null: not a block device\n" })),
      none
    )
    assert.isTrue(Result.isFailure(listedDevice(result({ exitCode: 1, stderr: "lsblk: failed to access sysfs" }))))
  })

  it("fails for an empty list", () => {
    assert.isTrue(Result.isFailure(listing()))
  })

  it.prop(
    "takes any text and any JSON",
    [Schema.Json, Schema.String],
    ([json, text]) => {
      assert.isDefined(listedDevice(result({ stdout: JSON.stringify({ blockdevices: json }) })))
      assert.isTrue(Result.isFailure(listedDevice(result({ stdout: text }))))
    },
    settings
  )
})

describe("the proof of blankness", () => {
  it("is the first and the last MiB, or all of a small device", () => {
    assert.deepStrictEqual(proofRanges(0), [])
    assert.deepStrictEqual(proofRanges(512), [[0, 512]])
    assert.deepStrictEqual(proofRanges(2 * mebibyte - 512), [[0, 2 * mebibyte - 512]])
    assert.deepStrictEqual(proofRanges(2 * mebibyte), [
      [0, mebibyte],
      [mebibyte, 2 * mebibyte]
    ])
  })

  it("does not take a byte-order mark, or bytes that are no text, for zeros", () => {
    assert.deepStrictEqual(
      rangeRead([0, 3], result({ stdout: "\ufeff\0\0" })),
      Result.succeed({ range: [0, 3] as const, zeros: false })
    )
    assert.deepStrictEqual(
      rangeRead([0, 3], result({ stdout: "\0\ufffd\0" })),
      Result.succeed({ range: [0, 3] as const, zeros: false })
    )
  })

  it.prop(
    "is complete, or the device is not blank",
    [Size, Schema.Array(Schema.Boolean)],
    ([size, zeros]) => {
      const reads = proofRanges(size).map((range, index) => ({ range, zeros: zeros[index] ?? false }))
      const content = diskContent({ _tag: "Nothing" }, size, reads)
      const proven = size > 0 && reads.every(({ zeros }) => zeros)
      assert.strictEqual(content._tag, proven ? "Blank" : "Data")
      const lacking = diskContent({ _tag: "Nothing" }, size, reads.slice(1))
      assert.strictEqual(lacking._tag, "Data")
    },
    settings
  )
})
