import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { groupCommand, groupMode, hasGroup, owner } from "../../../src/vm/storage/VolumeOwner.ts"

const settings = { arbitrary: { seed: 23 } }
const Mode = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0o7777 }))
const Gid = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 5 }))

describe("the permissions of a volume that belongs to a group", () => {
  it("are those that the kubelet sets", () => {
    const octal = (kind: "file" | "directory", mode: number) => groupMode(kind, mode).toString(8)
    assert.strictEqual(octal("file", 0o600), "660")
    assert.strictEqual(octal("file", 0o755), "775")
    assert.strictEqual(octal("file", 0o4755), "4775")
    assert.strictEqual(octal("directory", 0o755), "2775")
    assert.strictEqual(octal("directory", 0o1777), "3777")
  })

  it.prop(
    "take nothing away, give others nothing, and are the same when they are set again",
    [Mode],
    ([mode]) => {
      for (const kind of ["file", "directory"] as const) {
        const set = groupMode(kind, mode)
        assert.strictEqual(set & mode, mode)
        assert.strictEqual(set & 0o5007, mode & 0o5007)
        assert.strictEqual(set & 0o660, 0o660)
        assert.strictEqual(groupMode(kind, set), set)
      }
    },
    settings
  )

  it.prop(
    "show at the root that all was done, and only then",
    [Mode, Gid, Gid],
    ([mode, gid, wanted]) => {
      assert.isTrue(hasGroup({ gid: wanted, mode: groupMode("directory", mode) }, wanted))
      // Source: requiresPermissionChange.
      const lacks = gid !== wanted || (mode & 0o770) !== 0o770 || (mode & 0o2000) === 0
      assert.strictEqual(hasGroup({ gid, mode }, wanted), !lacks)
    },
    settings
  )

  it("are read as stat prints them", () => {
    assert.deepStrictEqual(owner("2000 2775\n"), { gid: 2000, mode: 0o2775 })
    for (const text of ["", "2000\n", "root 755\n", "0 799\n", "0 755\n0 755\n"]) assert.isUndefined(owner(text))
  })

  it("are set by programs that get a path as one word", () => {
    const path = "/mnt/with space; rm -r $HOME"
    const { args } = groupCommand(path, 7)
    assert.strictEqual(args.filter((word) => word.includes("rm -r")).join(), path)
    assert.notInclude(args, "sh")
  })
})
