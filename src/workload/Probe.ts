import { printable } from "../text/printable.ts"
import {
  type Endpoint,
  endpointText,
  type ExecHandler,
  handlerText,
  type HttpGetHandler,
  type TcpSocketHandler
} from "./Handler.ts"

/** The probes of a container, each absent if it is not declared. */
export interface Probes {
  /** Holds the other two back until it has succeeded once. */
  readonly startup?: Probe
  readonly readiness?: Probe
  readonly liveness?: Probe
}

/** Numbers are Kubernetes' defaults where nothing else is declared. */
export interface Probe {
  readonly handler: ProbeHandler
  /** From the container's start to the first probe. */
  readonly initialDelaySeconds: number
  readonly periodSeconds: number
  /** A probe that takes longer has failed. */
  readonly timeoutSeconds: number
  /** So many successes in a row are success. 1 but for readiness. */
  readonly successThreshold: number
  /** So many failures in a row are failure. */
  readonly failureThreshold: number
  /** The grace period of a stop for its failure; undefined stands for the Pod's. */
  readonly terminationGracePeriodSeconds?: number
}

/** How a probe asks; unlike a hook it never sleeps. */
export type ProbeHandler = ExecHandler | HttpGetHandler | TcpSocketHandler | GrpcHandler

/** gRPC's health protocol, from the host. */
export interface GrpcHandler extends Endpoint {
  readonly _tag: "Grpc"
  /** Empty stands for the server as a whole. */
  readonly service: string
}

/** What a probe does, in a few words without secrets. */
export const probeText = ({ handler }: Pick<Probe, "handler">): string =>
  handler._tag === "Grpc"
    ? `gRPC ${endpointText(handler)}${handler.service === "" ? "" : ` ${printable(handler.service)}`}`
    : handlerText(handler)
