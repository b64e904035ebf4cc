import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync, zstdDecompressSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { ar, tar } from "../../scripts/release/archives.ts"
import { checksums, differences } from "../../scripts/release/checksums.ts"
import { gzip, zstd } from "../../scripts/release/compress.ts"

const seconds = 1_700_000_000
const entries = [
  { path: "b/c.txt", bytes: Buffer.from("hello\n") },
  { path: "a.sh", bytes: Buffer.from("#!/bin/sh\n"), mode: 0o755 },
  { path: "b/a.txt", bytes: new Uint8Array(512) }
]

/** What a program says of a file with these bytes. */
const asked = (bytes: Uint8Array, program: string, ...args: ReadonlyArray<string>) => {
  const directory = mkdtempSync(join(tmpdir(), "slipway-archive-"))
  try {
    const file = join(directory, "file")
    writeFileSync(file, bytes)
    return execFileSync(program, [...args, file], { encoding: "utf8", env: { ...process.env, TZ: "UTC" } })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

describe("a tar archive", () => {
  it("has the files as tar reads them: sorted, root's, of one time, with their directories", () => {
    const listed = asked(tar(entries, seconds, "./"), "tar", "--verbose", "--list", "--file")
    assert.deepStrictEqual(
      listed
        .trimEnd()
        .split("\n")
        .map((row) => row.replaceAll(/ +/g, " ")),
      [
        "-rwxr-xr-x root/root 10 2023-11-14 22:13 ./a.sh",
        "drwxr-xr-x root/root 0 2023-11-14 22:13 ./b/",
        "-rw-r--r-- root/root 512 2023-11-14 22:13 ./b/a.txt",
        "-rw-r--r-- root/root 6 2023-11-14 22:13 ./b/c.txt"
      ]
    )
    assert.strictEqual(asked(tar(entries, seconds), "tar", "--to-stdout", "--extract", "b/c.txt", "--file"), "hello\n")
  })

  it("is the same whatever order the files are given in", () => {
    assert.deepStrictEqual(tar(entries.toReversed(), seconds), tar(entries, seconds))
  })

  it("has no room for a name of more than 100 bytes, and says so", () => {
    assert.throws(() => tar([{ path: "x".repeat(101), bytes: new Uint8Array() }], seconds), /longer than the 100 bytes/)
  })
})

describe.skipIf(spawnSync("ar", ["--version"]).status !== 0)("an ar archive", () => {
  it("has its members as ar reads them, in their order, of odd and even lengths", () => {
    const archive = ar(
      [
        { name: "odd", bytes: Buffer.from("abc") },
        { name: "even", bytes: Buffer.from("abcd") }
      ],
      seconds
    )
    assert.strictEqual(asked(archive, "ar", "t"), "odd\neven\n")
    assert.strictEqual(asked(archive, "ar", "p"), "abcabcd")
  })
})

describe("what is packed", () => {
  it("is unpacked to what it was, and holds no time and no system", async () => {
    const bytes = Buffer.from("slipway ".repeat(1000))
    assert.deepStrictEqual(gunzipSync(gzip(bytes)), bytes)
    assert.deepStrictEqual([...gzip(bytes).subarray(3, 10)], [0, 0, 0, 0, 0, 2, 255])
    assert.deepStrictEqual(zstdDecompressSync(await zstd(bytes, 3)), bytes)
  })
})

describe("checksums", () => {
  const files = new Map([
    ["b", Buffer.from("1")],
    ["a", Buffer.from("2")]
  ])

  it("are what sha256sum prints", () => {
    assert.match(checksums(files), /^[0-9a-f]{64} {2}a\n[0-9a-f]{64} {2}b\n$/)
    assert.include(checksums(files), asked(Buffer.from("1"), "sha256sum").slice(0, 64))
  })

  it("tell which files are other ones", () => {
    const other = new Map([...files, ["b", Buffer.from("3")], ["c", Buffer.from("")]] as const)
    assert.deepStrictEqual(differences(checksums(files), checksums(files)), [])
    assert.deepStrictEqual(differences(checksums(files), checksums(other)), ["b", "c"])
  })
})
