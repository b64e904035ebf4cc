import { createHash } from "node:crypto"
import { isActive, type Observation } from "./Observation.ts"

/** More than the containers that a VM can have lost. */
const count = 16
const letters = "abcdefghijklmnopqrstuvwxyz"

/**
 * All names that this boot's container may have. If the engine cannot let go of the first, the next is used. They
 * follow from the first alone, and so from host and boot: each run of the boot knows the container by any of them,
 * whether or not the first is still taken.
 */
export const bootNames = (first: string): ReadonlyArray<string> => {
  const stem = first.replace(/[a-z]{4}$/, "")
  const others = Array.from({ length: count - 1 }, (_, index) => {
    const bytes = createHash("sha256")
      .update(`${first} ${index + 1}`)
      .digest()
    return `${stem}${[...bytes.subarray(0, 4)].map((byte) => letters[byte % letters.length]).join("")}`
  })
  return [...new Set([first, ...others])]
}

/**
 * The name of this boot's next container, of all that it may have: its container's present name, so that it stays the same
 * for as long as possible, else the first that is not held by something that the engine cannot let go of.
 */
export const nameFor = (
  names: ReadonlyArray<string>,
  { containers, lost, unusableNames }: Pick<Observation, "containers" | "lost" | "unusableNames">
): string => {
  const taken = new Set([...lost.map(({ name }) => name), ...unusableNames.map(({ name }) => name)])
  const free = names.filter((name) => !taken.has(name))
  const held = containers.filter(({ name }) => free.includes(name))
  const current = held.find(isActive) ?? held[0]
  return current?.name ?? free[0] ?? names[0]!
}
