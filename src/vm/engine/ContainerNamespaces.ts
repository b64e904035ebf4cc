import * as Schema from "effect/Schema"

/** Whose processes, queues and shared memory a container sees, and its own settings of the kernel. Absent: only its own. */
export interface ContainerNamespaces {
  readonly pid?: "host" | JoinedProcesses
  readonly ipc?: "host"
  /** By name, sorted. */
  readonly sysctls?: Readonly<Record<string, string>>
}

/**
 * The process namespace of another container, by its id. That container has to run first; when it ends the kernel kills all
 * that run in the namespace.
 */
export interface JoinedProcesses {
  readonly _tag: "Container"
  readonly id: string
}

/** The part of `HostConfig` that says so. */
export const namespacesBody = ({ pid, ipc, sysctls }: ContainerNamespaces = {}): object => ({
  ...(pid === undefined ? {} : { PidMode: pid === "host" ? pid : `container:${pid.id}` }),
  ...(ipc === undefined ? {} : { IpcMode: ipc }),
  ...(sysctls === undefined ? {} : { Sysctls: sysctls })
})

/** The same as the engine tells of it. */
export const namespaceFields = {
  PidMode: Schema.optional(Schema.String),
  IpcMode: Schema.optional(Schema.String),
  Sysctls: Schema.optional(Schema.NullOr(Schema.Record(Schema.String, Schema.String)))
}
const NamespaceFields = Schema.Struct(namespaceFields)

/** Undefined where a container has all its own. */
export const containerNamespaces = ({
  PidMode,
  IpcMode,
  Sysctls
}: typeof NamespaceFields.Type): ContainerNamespaces | undefined => {
  const sysctls = sortedSysctls(Object.entries(Sysctls ?? {}))
  const pid = parsePidMode(PidMode)
  const namespaces: ContainerNamespaces = {
    ...(pid === undefined ? {} : { pid }),
    ...(IpcMode === "host" ? { ipc: IpcMode } : {}),
    ...(sysctls === undefined ? {} : { sysctls })
  }
  return Object.keys(namespaces).length === 0 ? undefined : namespaces
}

const parsePidMode = (text = ""): ContainerNamespaces["pid"] => {
  if (text === "host") return text
  const [, id] = /^container:(.*)$/.exec(text) ?? []
  return id === undefined ? undefined : { _tag: "Container", id }
}

/** Undefined where there are none. */
export const sortedSysctls = (
  entries: ReadonlyArray<readonly [name: string, value: string]>
): Readonly<Record<string, string>> | undefined =>
  entries.length === 0
    ? undefined
    : Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0)))
