import type { Losses } from "../Losses.ts"
import { bytesOf } from "./dockerUnits.ts"
import type { Told } from "./Value.ts"

/** What is lost of Docker's words for swap. */
export const noSwap = "A limit of memory is without swap."

/** What is lost of a period alone. */
export const noQuota = "Without a quota it limits nothing."

/** Lists a limit of memory and swap that allows any swap. */
export const checkSwap = (swap: Told<string> | undefined, memory: Told<number> | undefined, losses: Losses): void => {
  if (swap === undefined || (memory !== undefined && bytesOf(swap.value) === memory.value)) return
  losses.add(swap.at.path, noSwap)
}

/** A quota of the kernel's scheduler as thousandths of a cpu. Both are in microseconds; Docker's period is 100 ms. */
export const millisOfQuota = (
  quota: Told<number> | undefined,
  period: Told<number> | undefined
): Told<number> | undefined =>
  quota && { value: Math.ceil((quota.value * 1000) / (period?.value ?? 100_000)), at: quota.at }
