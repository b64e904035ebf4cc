import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { formatMount, isBelow, isReachable, mountsBelow, parseMountTable } from "../../../src/vm/storage/MountTable.ts"
import type { Mount } from "../../../src/vm/storage/MountTable.ts"

const Field = Schema.String.check(Schema.isMinLength(1))
const Hostile = Schema.Array(
  Schema.Literals([" ", "\t", "\n", "\\", "#", "040", "\\040", "/", "a", "ü", "\\\\", "1"])
).check(Schema.isMinLength(1))
const settings = { arbitrary: { seed: 7 } }

const mountAt = (target: string): Mount => ({ source: "tmpfs", target, type: "tmpfs", options: ["rw"] })

describe("parseMountTable", () => {
  it("reads a table of the kernel's", () => {
    const text = [
      "sysfs /sys sysfs rw,nosuid,nodev,noexec,relatime 0 0",
      "/dev/sdb /mnt/with\\040space\\011and\\012more\\134\\043 ext4 ro,relatime 0 0",
      ""
    ].join("\n")
    assert.deepStrictEqual(parseMountTable(text), [
      { source: "sysfs", target: "/sys", type: "sysfs", options: ["rw", "nosuid", "nodev", "noexec", "relatime"] },
      { source: "/dev/sdb", target: "/mnt/with space\tand\nmore\\#", type: "ext4", options: ["ro", "relatime"] }
    ])
  })

  it("undoes an escape once only", () => {
    assert.strictEqual(parseMountTable("none /a\\134040 tmpfs rw 0 0")[0]?.target, "/a\\040")
  })

  it("keeps an empty source, and leaves out lines that are none of the kernel's", () => {
    assert.deepStrictEqual(parseMountTable("garbage\n\n /x tmpfs rw 0 0\na b c"), [
      { source: "", target: "/x", type: "tmpfs", options: ["rw"] }
    ])
  })

  it.prop(
    "gives back every mount that was formatted, whatever is in its fields",
    [Schema.Array(Schema.Tuple([Hostile, Hostile, Field]))],
    ([rows]) => {
      const mounts = rows.map(([source, target, type]) => ({
        source: source.join(""),
        target: target.join(""),
        type,
        options: ["rw", "size=1k"]
      }))
      assert.deepStrictEqual(parseMountTable(mounts.map(formatMount).join("\n")), mounts)
    },
    settings
  )

  it.prop(
    "takes any text",
    [Schema.Array(Schema.Union([Hostile, Schema.Array(Schema.String)]))],
    ([parts]) => {
      for (const mount of parseMountTable(parts.flat().join(""))) assert.isString(mount.target)
    },
    settings
  )
})

describe("mountsBelow", () => {
  it("is aware of slashes", () => {
    assert.isTrue(isBelow("/mnt/a/b", "/mnt/a"))
    assert.isTrue(isBelow("/mnt/a/b", "/mnt/a/"))
    assert.isTrue(isBelow("/mnt", "/"))
    assert.isFalse(isBelow("/mnt/ab", "/mnt/a"))
    assert.isFalse(isBelow("/mnt/a", "/mnt/a"))
    assert.isFalse(isBelow("/", "/"))
  })

  it("names the last mounted first, so that each can be unmounted in turn", () => {
    const table = ["/", "/mnt/r", "/mnt/r/a", "/mnt/rest", "/mnt/r/a/b", "/mnt/r/a"].map(mountAt)
    assert.deepStrictEqual(
      mountsBelow(table, "/mnt/r").map(({ target }) => target),
      ["/mnt/r/a", "/mnt/r/a/b", "/mnt/r/a"]
    )
  })
})

describe("isReachable", () => {
  it("is false where nothing is mounted, or something was mounted above it later", () => {
    const below = mountAt("/mnt/a/b")
    assert.isFalse(isReachable([mountAt("/mnt/a")], "/mnt/a/b"))
    assert.isTrue(isReachable([mountAt("/mnt/a"), below], "/mnt/a/b"))
    assert.isFalse(isReachable([below, mountAt("/mnt/a")], "/mnt/a/b"))
    assert.isTrue(isReachable([below, mountAt("/mnt/a"), below], "/mnt/a/b"))
    assert.isTrue(isReachable([below, mountAt("/mnt/ab"), mountAt("/mnt/a/b/c")], "/mnt/a/b"))
  })
})
