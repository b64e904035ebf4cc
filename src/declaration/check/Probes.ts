import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import {
  checkExec,
  expandStatic,
  checkHttpGet,
  checkTcpSocket,
  type HandlerCheck,
  HandlerPortInvalid,
  type HandlerProblem,
  isPort,
  oneHandler
} from "./Handler.ts"
import { position } from "../yaml/Position.ts"
import type { GrpcHandler, Probe, ProbeHandler, Probes } from "../../workload/Probe.ts"

/** A number of a probe that Kubernetes would refuse. */
export class ProbeNumberInvalid extends Schema.TaggedError<ProbeNumberInvalid>()("ProbeNumberInvalid", {
  ...position,
  /** As in `spec.containers[0].readinessProbe.periodSeconds`. */
  path: Schema.String,
  found: Schema.Int,
  /** `at least 0` */
  wanted: Schema.String
}) {
  override get message(): string {
    return `${this.path} must be ${this.wanted}, not ${this.found}`
  }
  get advice(): string {
    return this.wanted === "1"
      ? "Write 1, or leave it out: that is the default."
      : "Write such a number, or leave it out."
  }
}

/** A readiness probe's failure stops nothing. */
export class ProbeGraceMisplaced extends Schema.TaggedError<ProbeGraceMisplaced>()("ProbeGraceMisplaced", {
  ...position,
  path: Schema.String
}) {
  override get message(): string {
    return `${this.path} has no meaning: nothing is stopped because a container is not ready`
  }
  get advice(): string {
    return "Remove it."
  }
}

/** An init container runs to its end: there is nothing to probe. */
export class InitContainerProbed extends Schema.TaggedError<InitContainerProbed>()("InitContainerProbed", {
  ...position,
  /** As in `spec.initContainers[0].readinessProbe`. */
  path: Schema.String
}) {
  override get message(): string {
    return `${this.path}: an init container that runs to its end can have none`
  }
  get advice(): string {
    return 'Remove it, or make the container a sidecar by "restartPolicy: Always".'
  }
}

export type ProbeProblem = HandlerProblem | ProbeNumberInvalid | ProbeGraceMisplaced | InitContainerProbed
type ProbeCheck = Check<ProbeProblem, never>

/** What the container has that a probe may refer to. */
type Own = Pick<DeclaredContainer, "ports" | "env">

type DeclaredProbe = NonNullable<DeclaredContainer["readinessProbe"]>

const kinds = ["startup", "readiness", "liveness"] as const

/** Checks a container's probes; undefined if it has none. */
export const checkProbes = (
  container: DeclaredContainer,
  { runsToItsEnd }: { readonly runsToItsEnd: boolean },
  check: ProbeCheck
): Probes | undefined => {
  const probes = kinds.flatMap((kind) => {
    const key = `${kind}Probe` as const
    const declared = container[key]
    const place = check.at(container, key)
    if (declared === undefined || place.invalid) return []
    if (runsToItsEnd) {
      check.slip(place, InitContainerProbed, { path: place.path })
      return []
    }
    const probe = checkProbe(declared, kind, place, container, check)
    return probe === undefined ? [] : [[kind, probe] as const]
  })
  return probes.length === 0 ? undefined : Object.fromEntries(probes)
}

const checkProbe = (
  declared: DeclaredProbe,
  kind: (typeof kinds)[number],
  place: ReturnType<ProbeCheck["at"]>,
  own: Own,
  check: ProbeCheck
): Probe | undefined => {
  const handler = checkHandler(declared, place, own, check)
  /** 0 is Kubernetes' way to write none. */
  const number = (key: NumberKey, or: number): number => {
    const found = declared[key]
    if (found >= 0) return found === 0 ? or : found
    check.slip(check.at(declared, key), ProbeNumberInvalid, {
      path: check.at(declared, key).path,
      found,
      wanted: "at least 0"
    })
    return or
  }
  const initialDelaySeconds = number("initialDelaySeconds", 0)
  const timeoutSeconds = number("timeoutSeconds", 1)
  const periodSeconds = number("periodSeconds", 10)
  const successThreshold = number("successThreshold", 1)
  const failureThreshold = number("failureThreshold", 3)
  if (successThreshold !== 1 && kind !== "readiness") {
    const { path, span } = check.at(declared, "successThreshold")
    check.slip({ span }, ProbeNumberInvalid, { path, found: successThreshold, wanted: "1" })
  }
  const { terminationGracePeriodSeconds: grace } = declared
  if (grace !== undefined) checkGrace(declared, grace, kind, check)
  if (handler === undefined) return undefined
  const numbers = { initialDelaySeconds, timeoutSeconds, periodSeconds, successThreshold, failureThreshold }
  return { handler, ...numbers, ...(grace === undefined ? {} : { terminationGracePeriodSeconds: grace }) }
}

type NumberKey = "initialDelaySeconds" | "timeoutSeconds" | "periodSeconds" | "successThreshold" | "failureThreshold"

const checkGrace = (
  declared: DeclaredProbe,
  grace: number,
  kind: (typeof kinds)[number],
  check: Check<ProbeProblem, never>
): void => {
  const place = check.at(declared, "terminationGracePeriodSeconds")
  if (place.invalid) return
  if (kind === "readiness") check.slip(place, ProbeGraceMisplaced, { path: place.path })
  else if (grace < 1) check.slip(place, ProbeNumberInvalid, { path: place.path, found: grace, wanted: "at least 1" })
}

const handlers = ["exec", "httpGet", "tcpSocket", "grpc"] as const

const checkHandler = (
  declared: DeclaredProbe,
  place: ReturnType<ProbeCheck["at"]>,
  { ports, env }: Own,
  check: HandlerCheck
): ProbeHandler | undefined => {
  if (oneHandler(declared, place.path, handlers, check, place) === undefined) return undefined
  const { exec, httpGet, tcpSocket, grpc } = declared
  if (exec !== undefined) {
    // Under konlet's rules nothing is expanded.
    return checkExec(exec, check, check.followsKonlet ? exec.command : expandStatic(exec.command, env))
  }
  if (httpGet !== undefined) return checkHttpGet(httpGet, ports, check)
  if (tcpSocket !== undefined) return checkTcpSocket(tcpSocket, ports, check)
  return grpc && checkGrpc(grpc, check)
}

const checkGrpc = (grpc: NonNullable<DeclaredProbe["grpc"]>, check: HandlerCheck): GrpcHandler | undefined => {
  const place = check.at(grpc, "port")
  const { port, service } = grpc
  if (isPort(port)) return { _tag: "Grpc", host: undefined, port, service }
  if (!place.invalid) {
    const found = port === 0 ? "" : String(port)
    check.slip(place, HandlerPortInvalid, { path: place.path, found, suggestion: undefined, names: [] })
  }
  return undefined
}
