import { createHash } from "node:crypto"

/** What `sha256sum --check` reads. */
export const checksums = (files: ReadonlyMap<string, Uint8Array>): string =>
  [...files]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, bytes]) => `${createHash("sha256").update(bytes).digest("hex")}  ${name}\n`)
    .join("")

/** The files that one list has and the other has not, or has otherwise. */
export const differences = (one: string, other: string): ReadonlyArray<string> => {
  const [ours, theirs] = [one.split("\n"), other.split("\n")] as const
  const rows = [...ours.filter((row) => !theirs.includes(row)), ...theirs.filter((row) => !ours.includes(row))]
  // A digest, and two spaces.
  return [...new Set(rows.map((row) => row.slice(66)))].toSorted()
}
