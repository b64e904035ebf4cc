import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Disks } from "../../../src/vm/storage/Disks.ts"
import { type Answer, fakeCommands } from "../host/FakeCommands.ts"

const mebibyte = 1024 * 1024
const zeros = "\0".repeat(mebibyte)
const size = 10 * mebibyte
const link = "/dev/disk/by-id/google-data"
const dd = (skip: number) =>
  `dd if=/dev/sdb iflag=skip_bytes,count_bytes,fullblock bs=1048576 skip=${skip} count=1048576 status=none`
const head = dd(0)
const tail = dd(size - mebibyte)
const blkid = "blkid --probe --output export -- /dev/sdb"
const listing = (devices: ReadonlyArray<{ readonly name: string; readonly size: unknown }>) => ({
  stdout: JSON.stringify({ blockdevices: devices })
})

const blank: Readonly<Record<string, Answer>> = {
  [`readlink -e -- ${link}`]: { stdout: "/dev/sdb\n" },
  "lsblk --json --list --bytes --paths --output NAME,SIZE -- /dev/sdb": listing([{ name: "/dev/sdb", size }]),
  [blkid]: { exitCode: 2 },
  [head]: { stdout: zeros },
  [tail]: { stdout: zeros }
}

const withDisks = (script: Readonly<Record<string, Answer>>) => {
  const commands = fakeCommands(script)
  return { commands, layer: Disks.layer.pipe(Layer.provide(commands.layer)) }
}

const observe = (script: Readonly<Record<string, Answer>>) =>
  Effect.flatMap(Disks, (disks) => disks.observe("data", 0)).pipe(Effect.provide(withDisks(script).layer))

describe("Disks.observe", () => {
  it.effect("finds a blank disk, with its proof", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* observe(blank), {
        _tag: "Present",
        device: link,
        path: "/dev/sdb",
        sizeBytes: size,
        children: [],
        content: {
          _tag: "Blank",
          proof: {
            _tag: "Blank",
            sizeBytes: size,
            zeroRanges: [
              [0, mebibyte],
              [size - mebibyte, size]
            ]
          }
        }
      })
    })
  )

  it.effect("reads no data where there is a signature", () => {
    const { commands, layer } = withDisks({
      ...blank,
      [blkid]: { stdout: "TYPE=ext4\nUSAGE=filesystem\n" },
      // A superblock that cannot be read leaves the size unknown.
      "od -A n -v -t x1 -N 2048 -- /dev/sdb": { exitCode: 1, stderr: "od: /dev/sdb: read error: Input/output error\n" }
    })
    return Effect.gen(function* () {
      const disks = yield* Disks
      const observed = yield* disks.observe("data", 0)
      assert.deepStrictEqual(observed._tag === "Present" && observed.content, { _tag: "Filesystem", type: "ext4" })
      assert.notInclude(commands.lines().join("\n"), "dd ")
    }).pipe(Effect.provide(layer))
  })

  it.effect.each([head, tail])("is not blank for a single byte in %s", (range) =>
    Effect.gen(function* () {
      const observed = yield* observe({ ...blank, [range]: { stdout: `\u0001${zeros.slice(1)}` } })
      assert.strictEqual(observed._tag === "Present" && observed.content._tag, "Data")
    })
  )

  it.effect("fails for a range that could not be read in full, and does not quote what was read", () =>
    Effect.gen(function* () {
      const short = yield* Effect.flip(observe({ ...blank, [tail]: { stdout: zeros.slice(512) } }))
      assert.strictEqual(short._tag, "DiskFailed")
      assert.include(short.message, "only 1048064 of the 1048576 bytes")
      const broken = yield* Effect.flip(observe({ ...blank, [head]: { exitCode: 1, stdout: "a password" } }))
      assert.strictEqual(broken._tag, "DiskFailed")
      assert.notInclude(broken.message, "password")
    })
  )

  it.effect("tells a missing device from one that is no block device", () =>
    Effect.gen(function* () {
      const missing = yield* observe({ [`readlink -e -- ${link}`]: { exitCode: 1 } })
      assert.deepStrictEqual(missing, { _tag: "Missing", device: link })
      const other = yield* observe({
        ...blank,
        "lsblk --json --list --bytes --paths --output NAME,SIZE -- /dev/sdb": { exitCode: 32 }
      })
      assert.deepStrictEqual(other, { _tag: "NotBlockDevice", device: link })
    })
  )
})

describe("Disks.check", () => {
  it.effect.each([
    [0, "clean"],
    [1, "repaired"],
    [2, "repaired"],
    [3, "repaired"]
  ] as const)("exit code %s", ([exitCode, outcome]) => {
    const { layer } = withDisks({ "fsck.ext4 -p -- /dev/sdb": { exitCode } })
    return Effect.gen(function* () {
      const disks = yield* Disks
      assert.strictEqual(yield* disks.check("/dev/sdb"), outcome)
    }).pipe(Effect.provide(layer))
  })

  const failing = (result: Answer) =>
    Effect.flatMap(Disks, (disks) => Effect.flip(disks.check(link))).pipe(
      Effect.provide(withDisks({ [`fsck.ext4 -p -- ${link}`]: result }).layer)
    )

  it.effect.each([8, 16, 32, 128, 137])("exit code %s is a failure, in the program's words", (exitCode) =>
    Effect.gen(function* () {
      const stderr = `${link} is mounted.\nfsck.ext4: Cannot continue, aborting.\n`
      const error = yield* failing({ exitCode, stderr })
      assert.strictEqual(
        error.message,
        `check ${link}: ${link} is mounted. fsck.ext4: Cannot continue, aborting. (exit code ${exitCode})`
      )
    })
  )

  const manually = `\n\n${link}: UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY.\n\t(i.e., without -a or -p options)\n`
  /** What e2fsck 1.47 says of each. */
  const damages: ReadonlyArray<readonly [what: string, result: Answer, cause: string]> = [
    [
      "a lost root directory",
      { exitCode: 4, stdout: `${link}: Root inode is not a directory.  `, stderr: manually },
      "Root inode is not a directory."
    ],
    [
      "a device that was cut",
      {
        exitCode: 4,
        stdout: `${link}: The filesystem size (according to the superblock) is 65536 blocks\nThe physical size of the device is 32768 blocks\nEither the superblock or the partition table is likely to be corrupt!\n`,
        stderr: manually
      },
      "The physical size of the device is 32768 blocks"
    ],
    [
      "something repaired, and something not",
      {
        exitCode: 5,
        stdout: `${link}: Inode 12, i_blocks is 8, should be 2.  FIXED.\n${link}: Inode 13 is a zero-length directory.  `,
        stderr: manually
      },
      "Inode 13 is a zero-length directory."
    ],
    [
      "a damage that quotes a file's name",
      {
        exitCode: 4,
        stdout: `${link}: Entry 'has unsupported feature(s): x' in / (2) has deleted/unused inode 12.  `,
        stderr: manually
      },
      "has deleted/unused inode 12."
    ],
    [
      "a broken superblock",
      {
        exitCode: 8,
        stdout: `${link}: \nThe superblock could not be read or does not describe a valid ext2/ext3/ext4\nfilesystem.\n`,
        stderr: `fsck.ext4: Superblock checksum does not match superblock while trying to open ${link}\n`
      },
      "Superblock checksum does not match superblock"
    ]
  ]
  it.effect.each(damages)("of %s it says the cause, and what repairs it", ([, result, cause]) =>
    Effect.gen(function* () {
      const { message } = yield* failing(result)
      assert.include(message, cause)
      assert.match(message, new RegExp(`fsck\\.ext4 -f ${link}$`))
      assert.notMatch(message, /\s\s|\n/)
    })
  )

  /** What e2fsck 1.47 says of features of each kind that it does not know, and of such a journal. */
  it.effect.each([
    [12, "", `${link} has unsupported feature(s): FEATURE_C30\ne2fsck: Get a newer version of e2fsck!\n`],
    [8, "", `${link} has unsupported feature(s): FEATURE_R30\ne2fsck: Get a newer version of e2fsck!\n`],
    [8, "", `fsck.ext4: Filesystem has unsupported read-only feature(s) while trying to open ${link}\n`],
    [4, `${link}: Journal superblock has an unknown incompatible feature flag set.\n`, manually]
  ] as const)("exit code %s of a filesystem that is too new is no failure", ([exitCode, stdout, stderr]) => {
    const { layer } = withDisks({ [`fsck.ext4 -p -- ${link}`]: { exitCode, stdout, stderr } })
    return Effect.gen(function* () {
      const disks = yield* Disks
      const outcome = yield* disks.check(link)
      assert.match(
        typeof outcome === "string" ? outcome : outcome.detail,
        /^(unsupported .*feature|Journal .* unknown)/
      )
    }).pipe(Effect.provide(layer))
  })
})

describe("Disks.format", () => {
  it.effect("says why mkfs would not", () => {
    const stderr = "/dev/sdb is mounted; will not make a filesystem here!\n"
    const { layer } = withDisks({ "mkfs.ext4 -q -- /dev/sdb": { exitCode: 1, stderr } })
    return Effect.gen(function* () {
      const disks = yield* Disks
      const error = yield* Effect.flip(disks.format("/dev/sdb", "ext4"))
      assert.include(error.message, "is mounted; will not make a filesystem here!")
    }).pipe(Effect.provide(layer))
  })

  it.effect("says why mkfs.xfs would not, without its list of options", () => {
    const stderr =
      "mkfs.xfs: /dev/sdb contains a mounted filesystem\nUsage: mkfs.xfs\n/* blocksize */\t\t[-b size=num]\n"
    const { layer } = withDisks({ "mkfs.xfs -q -- /dev/sdb": { exitCode: 1, stderr } })
    return Effect.gen(function* () {
      const disks = yield* Disks
      const error = yield* Effect.flip(disks.format("/dev/sdb", "xfs"))
      assert.strictEqual(
        error.message,
        "format /dev/sdb: mkfs.xfs: /dev/sdb contains a mounted filesystem (exit code 1)"
      )
    }).pipe(Effect.provide(layer))
  })
})
