import type { EngineFacts } from "../../vm/engine/EngineFacts.ts"
import type { EngineProduct } from "../../vm/engine/EngineProduct.ts"
import type { Calls } from "../Calls.ts"
import type { SimulatedFiles } from "../host/SimulatedFiles.ts"
import type { SimulatedNetwork } from "../network/SimulatedNetwork.ts"
import type { EngineRequests } from "./EngineRequests.ts"
import type { SimulatedContainers } from "./SimulatedContainers.ts"
import type { SimulatedImages } from "./SimulatedImages.ts"
import type { SimulatedNetworks } from "./SimulatedNetworks.ts"

/** What a simulated engine answers requests with. */
export interface EngineParts {
  readonly calls: Calls
  readonly files: SimulatedFiles
  readonly network: SimulatedNetwork
  readonly product: EngineProduct["name"]
  /** The newest version of the API that it speaks, if it says. */
  readonly apiVersion: string | undefined
  readonly facts: EngineFacts
  /** Of a pull, at most. */
  readonly bytesPerSecond: number
  readonly requests: EngineRequests
  readonly containers: SimulatedContainers
  readonly images: SimulatedImages
  readonly networks: SimulatedNetworks
}
