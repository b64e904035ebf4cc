import * as Redacted from "effect/Redacted"
import type { HttpGetHandler } from "../../../workload/Handler.ts"
import type { Hook, Lifecycle } from "../../../workload/Lifecycle.ts"
import type { Probe } from "../../../workload/Probe.ts"
import { given, literal } from "./words.ts"

/** The node reaches a container on its network where the VM does: `up` asks it there. */
const loopback = "127.0.0.1"

const host = (declared: string | undefined, onHost: boolean) => declared ?? (onHost ? loopback : undefined)

const httpGet = (handler: HttpGetHandler, onHost: boolean) => {
  const query = handler.query === undefined ? "" : `?${Redacted.value(handler.query)}`
  return {
    path: handler.path + query,
    port: handler.port,
    host: host(handler.host, onHost),
    scheme: handler.scheme === "HTTP" ? undefined : handler.scheme,
    httpHeaders: given(handler.headers.map(({ name, value }) => ({ name, value: Redacted.value(value) })))
  }
}

const handlerOf = ({ handler }: Probe, onHost: boolean) => {
  switch (handler._tag) {
    case "Exec":
      // What refers to variables has been expanded.
      return { exec: { command: Redacted.value(handler.command).map(literal) } }
    case "HttpGet":
      return { httpGet: httpGet(handler, onHost) }
    case "TcpSocket":
      return { tcpSocket: { port: handler.port, host: host(handler.host, onHost) } }
    case "Grpc":
      return { grpc: { port: handler.port, service: handler.service === "" ? undefined : handler.service } }
  }
}

const unless = (value: number, usual: number): number | undefined => (value === usual ? undefined : value)

/** Numbers that are Kubernetes' defaults are left out. */
export const probeOf = (probe: Probe | undefined, onHost: boolean) =>
  probe && {
    ...handlerOf(probe, onHost),
    initialDelaySeconds: unless(probe.initialDelaySeconds, 0),
    timeoutSeconds: unless(probe.timeoutSeconds, 1),
    periodSeconds: unless(probe.periodSeconds, 10),
    successThreshold: unless(probe.successThreshold, 1),
    failureThreshold: unless(probe.failureThreshold, 3),
    terminationGracePeriodSeconds: probe.terminationGracePeriodSeconds
  }

const hookOf = (hook: Hook | undefined, onHost: boolean) => {
  switch (hook?._tag) {
    case undefined:
      return undefined
    case "Exec":
      // Kubernetes expands nothing in hooks.
      return { exec: { command: Redacted.value(hook.command) } }
    case "HttpGet":
      return { httpGet: httpGet(hook, onHost) }
    case "Sleep":
      return { sleep: { seconds: hook.seconds } }
  }
}

export const lifecycleOf = (lifecycle: Lifecycle | undefined, onHost: boolean) =>
  lifecycle && {
    postStart: hookOf(lifecycle.postStart, onHost),
    preStop: hookOf(lifecycle.preStop, onHost),
    stopSignal: lifecycle.stopSignal
  }
