import * as Effect from "effect/Effect"
import * as EngineAnswer from "./EngineAnswer.ts"
import { type EngineConnection, get } from "./EngineConnection.ts"
import type { NetworkSpec } from "./ContainerNetwork.ts"
import { networks } from "./networkAnswers.ts"

/** What the engine is asked about networks, and told to do with them. */
export const networkCalls = ({ call, decoded }: EngineConnection) => ({
  listNetworks: (label: string) =>
    decoded({ ...get("list networks", "/networks"), query: { filters: JSON.stringify({ label: [label] }) } }, networks),
  createNetwork: ({ name, labels }: NetworkSpec) =>
    decoded(
      {
        operation: `create network ${name}`,
        method: "POST",
        path: "/networks/create",
        // Engines before 25 allow two networks of one name unless told not to.
        body: { Name: name, Driver: "bridge", CheckDuplicate: true, Labels: labels }
      },
      EngineAnswer.created
    ),
  removeNetwork: (id: string) =>
    call({
      operation: `remove network ${id}`,
      method: "DELETE",
      path: `/networks/${encodeURIComponent(id)}`
    }).pipe(
      Effect.as("removed" as const),
      Effect.catchReasons("DockerError", {
        NotFound: () => Effect.succeed("absent" as const),
        Conflict: () => Effect.succeed("in use" as const)
      })
    )
})
