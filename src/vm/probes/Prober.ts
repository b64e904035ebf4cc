import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { grpcHealth } from "./grpcHealth.ts"
import { httpGet, type HttpRequest } from "./httpGet.ts"
import type { ProbeAnswer, Target } from "./ProbeAnswer.ts"
import { tcpConnect } from "./tcpConnect.ts"

/**
 * Asks what runs in a container over the network, as Kubernetes' kubelet does. Whatever goes wrong is an answer. No
 * call has a time limit of its own; interrupting it closes its connection.
 */
export class Prober extends Context.Service<
  Prober,
  {
    /**
     * 200 to 399 is success. Up to nine redirects to the same host are followed; one to another host is success. The
     * certificate of HTTPS is not verified.
     */
    readonly httpGet: (target: Target, request: HttpRequest) => Effect.Effect<ProbeAnswer>
    /** A connection that can be made is success. */
    readonly tcpConnect: (target: Target) => Effect.Effect<ProbeAnswer>
    /** `grpc.health.v1.Health/Check` without TLS: SERVING is success. An empty service is the server as a whole. */
    readonly grpcHealth: (target: Target, service: string) => Effect.Effect<ProbeAnswer>
  }
>()("slipway/vm/Prober") {
  /** From the network that this process is on. */
  static readonly layer = Layer.succeed(
    Prober,
    Prober.of({
      httpGet: (target, request) => httpGet(target, request).pipe(Effect.withSpan("Prober.httpGet")),
      tcpConnect: (target) => tcpConnect(target).pipe(Effect.withSpan("Prober.tcpConnect")),
      grpcHealth: (target, service) => grpcHealth(target, service).pipe(Effect.withSpan("Prober.grpcHealth"))
    })
  )
}
