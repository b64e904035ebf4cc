import type { Check } from "./Check.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import { parseQuantity } from "../../workload/Quantity.ts"
import { CpuRequestOutweighed } from "./ResourceProblem.ts"

/**
 * Warns where containers run side by side of which one requests less than a whole cpu and another requests none. Kubernetes
 * gives the other next to no weight; the engine gives it that of a whole cpu.
 */
export const checkCpuWeights = (
  containers: ReadonlyArray<DeclaredContainer>,
  check: Check<never, CpuRequestOutweighed>
): void => {
  const other = containers.find(({ resources }) => amountsWithCpu(resources) === undefined)
  if (other === undefined) return
  for (const { resources } of containers) {
    const amounts = amountsWithCpu(resources)
    const quantity = parseQuantity(amounts?.["cpu"] ?? "")
    if (amounts === undefined || quantity === undefined || quantity.nanos >= 10n ** 9n) continue
    const place = check.at(amounts, "cpu")
    const found = check.quote(amounts, "cpu")
    check.warning(place, CpuRequestOutweighed, { path: place.path, found, other: check.quote(other, "name") })
  }
}

/** What a container requests, which is its limit if it requests none. */
const amountsWithCpu = ({ requests, limits }: DeclaredContainer["resources"]) =>
  [requests, limits].find((amounts) => "cpu" in amounts)
