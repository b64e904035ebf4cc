import { hexOf } from "../network/SimulatedRegistry.ts"
import type { NetworkSpec } from "../../vm/engine/ContainerNetwork.ts"
import type { NetworkSummary } from "../../vm/engine/Inspection.ts"

/** The bridge networks of a simulated engine. They outlive a reboot. */
export class SimulatedNetworks {
  all: ReadonlyArray<NetworkSummary> = []
  readonly #seed: string
  #made = 0

  constructor(seed: string) {
    this.#seed = seed
  }

  named(idOrName: string): NetworkSummary | undefined {
    return this.all.find(({ id, name }) => id === idOrName || name === idOrName)
  }

  add({ name, labels }: NetworkSpec): NetworkSummary {
    const network = { id: hexOf(`${this.#seed} network ${this.#made++}`), name, labels }
    this.all = [...this.all, network]
    return network
  }

  remove(network: NetworkSummary): void {
    this.all = this.all.filter((one) => one !== network)
  }
}
