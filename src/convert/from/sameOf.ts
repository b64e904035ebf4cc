import type { Losses } from "../Losses.ts"
import { From, type Told } from "./Value.ts"

/** What the first says that says anything. Of those that say something else, that is lost. */
export const sameOf = (all: ReadonlyArray<Told<string> | undefined>, losses: Losses): From | undefined => {
  const [first, ...others] = all.filter((one) => one !== undefined)
  for (const { value, at } of others) {
    if (value !== first?.value)
      losses.add(at.path, `A Pod has one for all its containers: that of ${first?.at.path ?? ""}.`)
  }
  return first && new From(first.at, first.value)
}
