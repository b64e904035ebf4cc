import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

/** Source of the flags: `node --v8-options`. */
const set = (flags: ReadonlyArray<string>): void => flags.forEach(setFlagsFromString)

/**
 * Has V8 compile nothing to machine code, and its young generation stay as small as it begins: less memory, for a
 * program that does next to nothing for as long as it lives, or ends before either would pay. A run takes no longer by
 * it, most of it being the engine's.
 */
export const save = (): void => set(["--no-opt", "--no-maglev", "--no-sparkplug", "--semi-space-growth-factor=1"])

/**
 * Gives back at once what a run has left behind. An executable begins with a large limit, below which V8 would collect
 * nothing for days of an idle agent; it is a lower one after this. Takes some 50 ms.
 */
export const giveBack = (): void => {
  set(["--expose-gc", "--optimize-for-size"])
  const collect: NodeJS.GCFunction = runInNewContext("gc")
  collect({ execution: "sync", flavor: "last-resort" })
}
