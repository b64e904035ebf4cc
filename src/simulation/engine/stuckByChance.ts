import type { SimulatedContainer } from "./SimulatedContainer.ts"
import type { SimulatedVm } from "../SimulatedVm.ts"
import type { StuckDescription } from "../VmDescription.ts"

type Vm = SimulatedVm["Service"]
interface Chance {
  readonly nextDoubleUnsafe: () => number
}

/** Makes the engine lose control of one of its containers, in a random way, or of a name. */
export const stickOne = (vm: Vm, candidates: ReadonlyArray<SimulatedContainer>, chance: Chance): void => {
  const some = (likely: number) => chance.nextDoubleUnsafe() < likely
  const container = candidates[Math.floor(chance.nextDoubleUnsafe() * candidates.length)]
  if (container === undefined) return
  if (some(0.1)) return vm.engine.holdName(container.name)
  const stuck: StuckDescription = {
    ...(some(0.7) ? { removal: some(0.5) ? "busy" : "in progress" } : {}),
    ...(some(0.4) ? { inspection: "fails" } : {}),
    ...(some(0.2) ? { rename: "fails" } : {}),
    ...(some(0.15) ? { stop: "fails" } : {}),
    ...(some(0.4) ? { calls: 1 + Math.floor(chance.nextDoubleUnsafe() * 4) } : {})
  }
  container.stuck = stuck
}

/**
 * Frees what no run can deal with: a process that does not end, and the name of a running container. The rest stays
 * stuck, and must not be in the way.
 */
export const letGo = (vm: Vm): void => {
  for (const container of vm.engine.containers) {
    const { stop: _, rename, ...rest } = container.stuck
    container.stuck = container.isUp || rename === undefined ? rest : { ...rest, rename }
  }
}

/** It does not run, and the engine cannot remove it. */
export const isLeftover = ({ isUp, stuck }: SimulatedContainer): boolean => !isUp && stuck.removal !== undefined
