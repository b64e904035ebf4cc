import * as Option from "effect/Option"
import { imageOf, type Observation } from "../observation/Observation.ts"
import type { ContainerSpec } from "../vm/engine/ContainerSpec.ts"
import type { Fate } from "./comparison.ts"
import { bridge } from "./podNetwork.ts"
import type { StepList } from "./Step.ts"

/** Makes the bridge network and the sandbox's image where they are needed and missing. Gives the ids of the steps. */
export const planNetwork = (
  steps: StepList,
  created: ReadonlyArray<Fate>,
  observation: Observation
): ReadonlyArray<string> => {
  const sandbox = created.find(({ member }) => member.role === "sandbox")?.member.container.image
  const isBridged = created.some(({ member }) => isOnBridge(member.spec))
  return [
    ...(sandbox !== undefined && Option.isNone(imageOf(observation, sandbox).local)
      ? [
          steps.add(
            "import",
            sandbox.text,
            { _tag: "ImportImage", image: sandbox },
            "the engine does not hold it, and no registry has it",
            []
          )
        ]
      : []),
    ...(isBridged && !observation.networks.includes(bridge.name)
      ? [
          steps.add(
            "create",
            `network ${bridge.name}`,
            { _tag: "CreateNetwork", network: bridge },
            "the engine has no network of ours",
            []
          )
        ]
      : [])
  ]
}

const isOnBridge = ({ networkMode }: ContainerSpec): boolean =>
  typeof networkMode === "object" && networkMode._tag === "Network"
