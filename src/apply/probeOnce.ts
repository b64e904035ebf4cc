import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { OperationTimeout } from "../timing/Deadlines.ts"
import { attempt } from "../timing/Retries.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { DockerError } from "../vm/engine/DockerError.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import type { ProbeAnswer, Target } from "../vm/probes/ProbeAnswer.ts"
import { Prober } from "../vm/probes/Prober.ts"
import type { Endpoint } from "../workload/Handler.ts"
import type { Probe } from "../workload/Probe.ts"
import { runInContainer } from "./runInContainer.ts"

/** Probes a container that runs, within the probe's time limit. Fails only where it could not be probed. */
export const probeOnce = Effect.fnUntraced(function* (
  container: ContainerInspection,
  { handler, timeoutSeconds }: Pick<Probe, "handler" | "timeoutSeconds">
) {
  const prober = yield* Prober
  const ask = (): Effect.Effect<ProbeAnswer, DockerError | OperationTimeout, DockerClient> => {
    switch (handler._tag) {
      case "Exec":
        return runInContainer(container, handler)
      case "HttpGet":
        return reaching(container, handler, (target) => prober.httpGet(target, handler))
      case "TcpSocket":
        return reaching(container, handler, (target) => prober.tcpConnect(target))
      case "Grpc":
        return reaching(container, handler, (target) => prober.grpcHealth(target, handler.service))
    }
  }
  return yield* Effect.timeoutOrElse(ask(), {
    duration: Duration.seconds(timeoutSeconds),
    orElse: () => Effect.succeed<ProbeAnswer>({ isSuccess: false, detail: `no answer within ${timeoutSeconds} s` })
  })
})

/**
 * Asks where a handler points: by default at the Pod. Without knowing whether the container is reached, a network that is
 * not there is the container's failure.
 */
export const reaching = Effect.fnUntraced(function* (
  container: Pick<ContainerInspection, "address" | "config">,
  { host, port }: Endpoint,
  ask: (target: Target) => Effect.Effect<ProbeAnswer>
) {
  const found = host ?? (yield* podAddress(container))
  const missing: ProbeAnswer = { isSuccess: false, detail: "the Pod has no address" }
  return found === undefined ? missing : yield* ask({ host: found, port })
})

/** The host's own on its network, else that of the container or of the one whose network it has joined. */
const podAddress: (
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
