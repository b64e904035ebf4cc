import { minimumMemory } from "../../workload/grantedResources.ts"
import type { Check } from "./Check.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import { nearest } from "../../text/nearest.ts"
import { placeholderIn, PlaceholderLeft } from "./Placeholder.ts"
import { resourceNames } from "../schema/limits.ts"
import type { Place } from "../yaml/Places.ts"
import { mask } from "../yaml/TextMap.ts"
import { milliValueOf, parseQuantity, type Quantity, suggestQuantity, valueOf } from "../../workload/Quantity.ts"
import {
  MemoryInThousandths,
  MemoryLimitTooSmall,
  QuantityInvalid,
  RequestInvalid,
  ResourceNotEnforced,
  ResourceUnknown
} from "./ResourceProblem.ts"
import type { ResourceAmounts, Resources } from "../../workload/Resources.ts"

type ResourcesCheck = Check<
  QuantityInvalid | MemoryLimitTooSmall | ResourceUnknown | RequestInvalid | PlaceholderLeft,
  MemoryInThousandths | ResourceNotEnforced
>

type Declared = DeclaredContainer["resources"]["limits"]

/** A resource's amount as it was written. */
interface Written {
  readonly quantity: Quantity
  readonly place: Place
  readonly text: string
}
type Amounts = ReadonlyMap<string, Written>

const gpu = "nvidia.com/gpu"
const isHugePages = (name: string): boolean => name.startsWith("hugepages-")

/** What cannot be shared is given in whole, and to one container alone. */
const isUnshared = (name: string): boolean => name === gpu || isHugePages(name)

/** Checks what a container may use; undefined if nothing is said. */
export const checkResources = ({ resources }: DeclaredContainer, check: ResourcesCheck): Resources | undefined => {
  const limits = readAmounts(resources.limits, check.at(resources, "limits").path, check)
  const requests = readAmounts(resources.requests, check.at(resources, "requests").path, check)
  checkRequests(limits, requests, resources, check)
  for (const name of new Set([...limits.keys(), ...requests.keys()])) {
    const { place } = limits.get(name) ?? requests.get(name)!
    if (name === "ephemeral-storage" || isHugePages(name))
      check.warning(place, ResourceNotEnforced, { path: place.path })
  }
  checkMemory(limits.get("memory"), requests.get("memory"), check)
  const limited = amountsOf(limits)
  // A limit of nothing is none.
  const effective = Object.fromEntries(Object.entries(limited).filter(([, amount]) => amount > 0))
  const requested = {
    ...limited,
    ...amountsOf(requests),
    ...(limited.gpus === undefined ? {} : { gpus: limited.gpus })
  }
  return Object.keys(requested).length === 0 ? undefined : { limits: effective, requests: requested }
}

const readAmounts = (declared: Declared, path: string, check: ResourcesCheck): Amounts =>
  new Map(
    Object.entries(declared).flatMap(([name, text]): ReadonlyArray<readonly [string, Written]> => {
      const place = check.at(declared, name)
      if (place.invalid) return []
      if (!resourceNames.includes(name) && !isHugePages(name)) {
        check.slip(place, ResourceUnknown, { path, resource: name, suggestion: nearest(name, resourceNames) })
        return []
      }
      const quantity = readQuantity(declared, name, check)
      return quantity === undefined ? [] : [[name, { quantity, place, text }]]
    })
  )

const readQuantity = (declared: Declared, name: string, check: ResourcesCheck): Quantity | undefined => {
  const text = declared[name] ?? ""
  const place = check.at(declared, name)
  const found = check.quote(declared, name)
  const form = placeholderIn(text)
  const quantity = parseQuantity(text)
  const why =
    quantity === undefined
      ? "no quantity"
      : quantity.nanos < 0n
        ? "negative"
        : isUnshared(name) && milliValueOf(quantity) % 1000n !== 0n
          ? "not whole"
          : milliValueOf(quantity) > (name === "cpu" ? maximumCpu : maximumBytes) * 1000n
            ? "too large"
            : undefined
  if (form !== undefined && quantity === undefined) check.slip(place, PlaceholderLeft, { path: place.path, form })
  else if (why !== undefined) {
    const suggestion = found === mask ? undefined : suggested(name, text, why)
    check.slip(place, QuantityInvalid, { path: place.path, found, why, suggestion })
  }
  return why === undefined ? quantity : undefined
}

/** More than any machine has: most likely "m", a thousandth, was meant. */
const maximumCpu = 100_000n

/** Beyond, the engine's JSON is not exact. */
const maximumBytes = BigInt(Number.MAX_SAFE_INTEGER)

const suggested = (name: string, text: string, why: QuantityInvalid["why"]): string | undefined =>
  why === "too large" && name === "cpu" && text.endsWith("M") ? `${text.slice(0, -1)}m` : suggestQuantity(text)

const checkRequests = (
  limits: Amounts,
  requests: Amounts,
  { limits: declared }: DeclaredContainer["resources"],
  check: ResourcesCheck
): void => {
  for (const [name, { quantity, place, text: found }] of requests) {
    const limit = limits.get(name)
    // A limit that cannot be read is a problem of its own.
    if (limit === undefined && name in declared) continue
    const [most, requested] = [limit && milliValueOf(limit.quantity), milliValueOf(quantity)]
    const text = limit?.text ?? ""
    if (isUnshared(name) && most !== requested) {
      check.slip(place, RequestInvalid, { path: place.path, found, limit: text, why: "not the limit" })
    } else if (most !== undefined && requested > most) {
      check.slip(place, RequestInvalid, { path: place.path, found, limit: text, why: "above the limit" })
    }
  }
}

const checkMemory = (limit: Written | undefined, request: Written | undefined, check: ResourcesCheck): void => {
  const bytes = limit && valueOf(limit.quantity)
  if (limit !== undefined && bytes !== undefined && bytes > 0n && bytes < BigInt(minimumMemory)) {
    const { place, text: found } = limit
    check.slip(place, MemoryLimitTooSmall, { path: place.path, found, bytes: Number(bytes) })
  } else warnOfThousandths(limit, check)
  warnOfThousandths(request, check)
}

const warnOfThousandths = (written: Written | undefined, check: ResourcesCheck): void => {
  if (written === undefined || written.quantity.nanos % 10n ** 9n === 0n) return
  check.warning(written.place, MemoryInThousandths, { path: written.place.path, found: written.text })
}

const amountsOf = (amounts: Amounts): ResourceAmounts => {
  const take = (name: string, key: keyof ResourceAmounts, amount: (quantity: Quantity) => bigint) => {
    const written = amounts.get(name)
    return written === undefined ? {} : { [key]: Number(amount(written.quantity)) }
  }
  return {
    ...take("cpu", "cpuMillis", milliValueOf),
    ...take("memory", "memoryBytes", valueOf),
    ...take("ephemeral-storage", "ephemeralStorageBytes", valueOf),
    ...take(gpu, "gpus", valueOf)
  }
}
