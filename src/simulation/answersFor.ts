import * as Redacted from "effect/Redacted"
import type { DeclaredContainer, DeclaredWorkload } from "../workload/DeclaredWorkload.ts"
import type { Hook } from "../workload/Lifecycle.ts"
import type { ProbeHandler } from "../workload/Probe.ts"
import { allContainers } from "../workload/Workload.ts"
import type { Behaviour, ImageDescription, ListenedPort, Served } from "./VmDescription.ts"

type Handler = ProbeHandler | Hook

/** What an image's process listens on and its commands do so that the probes and hooks of its containers succeed. */
export const answersFor = (
  workload: DeclaredWorkload,
  image: string
): Required<Pick<ImageDescription, "listensOn" | "commands">> => {
  const containers = allContainers<DeclaredContainer>(workload).filter((one) => one.image.text === image)
  const handlers = containers.flatMap(handlersOf)
  return {
    // Each of several would listen on the ports of all, and no two can have one port.
    listensOn: containers.length > 1 ? [] : listenersFor(handlers),
    commands: Object.fromEntries(
      handlers.flatMap((handler) =>
        handler._tag === "Exec" ? [[Redacted.value(handler.command).join(" "), succeeds]] : []
      )
    )
  }
}

const succeeds: Behaviour = { _tag: "Exits", afterMillis: 10, exitCode: 0 }

const handlersOf = ({ probes = {}, lifecycle = {} }: DeclaredContainer): ReadonlyArray<Handler> => [
  ...[probes.startup, probes.readiness, probes.liveness].flatMap((probe) =>
    probe === undefined ? [] : [probe.handler]
  ),
  ...[lifecycle.postStart, lifecycle.preStop].flatMap((hook) => hook ?? [])
]

const listenersFor = (handlers: ReadonlyArray<Handler>): ReadonlyArray<ListenedPort> => {
  const ports = new Map<number, Served>()
  for (const handler of handlers) {
    if (handler._tag === "Exec" || handler._tag === "Sleep" || handler.host !== undefined) continue
    const served = ports.get(handler.port) ?? {}
    ports.set(handler.port, {
      ...served,
      ...(handler._tag === "HttpGet" ? { http: { ...served.http, [handler.path]: 200 } } : {}),
      ...(handler._tag === "Grpc" ? { grpc: { ...served.grpc, [handler.service]: "SERVING" } } : {})
    })
  }
  return [...ports].map(([port, serves]) => ({ port, serves }))
}
