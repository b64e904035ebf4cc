import { createHash } from "node:crypto"
import { isActive, type Observation } from "./Observation.ts"

/** More than a VM can have containers that are lost. */
const count = 16
const letters = "abcdefghijklmnopqrstuvwxyz"

/**
 * All names that this boot's container may have. Where the engine cannot let go of what has the first, the next serves.
 * They follow from the first alone and so are, as that is, a pure function of host and boot: each run of the boot knows
 * a container by any of them, whether or not what is in the way of the first is still there.
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
 * The name of this boot's next container: the one that its container has by now, so that it stays the same for as long
 * as it can, else the first that nothing has which the engine cannot let go of.
 */
export const nameFor = (
  first: string,
  { containers, lost, unusableNames }: Pick<Observation, "containers" | "lost" | "unusableNames">
): string => {
  const taken = new Set([...lost.map(({ name }) => name), ...unusableNames])
  const free = bootNames(first).filter((name) => !taken.has(name))
  const held = containers.filter(({ name }) => free.includes(name))
  const current = held.find(isActive) ?? held[0]
  return current?.name ?? free[0] ?? first
}
