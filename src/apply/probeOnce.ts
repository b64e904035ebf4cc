import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { OperationTimeout } from "../timing/Deadlines.ts"
import { attempt } from "../timing/Retries.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { DockerError } from "../vm/engine/DockerError.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import type { ProbeAnswer } from "../vm/probes/ProbeAnswer.ts"
import { Prober } from "../vm/probes/Prober.ts"
import type { Probe } from "../workload/Probe.ts"
import { runInContainer } from "./runInContainer.ts"

/** Probes a container that runs, within the probe's time limit. Fails only where it could not be probed. */
export const probeOnce = Effect.fnUntraced(function* (
  container: ContainerInspection,
  { handler, timeoutSeconds }: Pick<Probe, "handler" | "timeoutSeconds">
) {
  const prober = yield* Prober
  const answer = Effect.gen(function* () {
    if (handler._tag === "Exec") return yield* runInContainer(container, handler)
    const host = handler.host ?? (yield* podAddress(container))
    // Kept from knowing whether the container is reached, a network that is not there is the container's failure.
    if (host === undefined) return { isSuccess: false, detail: "the Pod has no address" }
    const target = { host, port: handler.port }
    switch (handler._tag) {
      case "HttpGet":
        return yield* prober.httpGet(target, handler)
      case "TcpSocket":
        return yield* prober.tcpConnect(target)
      case "Grpc":
        return yield* prober.grpcHealth(target, handler.service)
    }
  })
  return yield* Effect.timeoutOrElse(answer, {
    duration: Duration.seconds(timeoutSeconds),
    orElse: () => Effect.succeed<ProbeAnswer>({ isSuccess: false, detail: `no answer within ${timeoutSeconds} s` })
  })
})

/** The host's own on its network, else that of the container or of the one whose network it has joined. */
export const podAddress: (
  container: Pick<ContainerInspection, "address" | "config">
) => Effect.Effect<string | undefined, DockerError | OperationTimeout, DockerClient> = Effect.fnUntraced(function* ({
  address,
  config: { networkMode }
}) {
  if (networkMode === "host") return "127.0.0.1"
  if (networkMode._tag !== "Container") return address
  const { id } = networkMode
  const docker = yield* DockerClient
  const found = yield* docker.inspectContainer(id).pipe(attempt("INSPECT", `inspect container ${id}`))
  return Option.getOrUndefined(found)?.address
})
