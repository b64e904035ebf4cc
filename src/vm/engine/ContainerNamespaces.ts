import * as Schema from "effect/Schema"

/** Whose processes, queues and shared memory a container sees, and its own settings of the kernel. Absent: only its own. */
export interface ContainerNamespaces {
  readonly pid?: "host" | JoinedNamespace
  /**
   * `shareable`: its own, which others may join. An engine may tell that of one that was not created so: it is not
   * read.
   */
  readonly ipc?: "host" | "shareable" | JoinedNamespace
  /** By name, sorted. */
  readonly sysctls?: Readonly<Record<string, string>>
}

/**
 * The namespace of another container, by its id. That container has to run first; when it ends the kernel kills all whose
 * process namespace it held.
 */
export interface JoinedNamespace {
  readonly _tag: "Container"
  readonly id: string
}

/** The part of `HostConfig` that says so. */
export const namespacesBody = ({ pid, ipc, sysctls }: ContainerNamespaces = {}): object => ({
  ...(pid === undefined ? {} : { PidMode: modeText(pid) }),
  ...(ipc === undefined ? {} : { IpcMode: modeText(ipc) }),
  ...(sysctls === undefined ? {} : { Sysctls: sysctls })
})

const modeText = (mode: string | JoinedNamespace): string => (typeof mode === "string" ? mode : `container:${mode.id}`)

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
  const [pid, ipc] = [parseMode(PidMode), parseMode(IpcMode)]
  const namespaces: ContainerNamespaces = {
    ...(pid === undefined ? {} : { pid }),
    ...(ipc === undefined ? {} : { ipc }),
    ...(sysctls === undefined ? {} : { sysctls })
  }
  return Object.keys(namespaces).length === 0 ? undefined : namespaces
}

const parseMode = (text = ""): "host" | JoinedNamespace | undefined => {
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

/** The same where the container whose namespaces are joined has another id or name. */
export const joiningAt = (namespaces: ContainerNamespaces, id: string): ContainerNamespaces => {
  const { pid, ipc } = namespaces
  const joined = { _tag: "Container", id } as const
  return {
    ...namespaces,
    ...(typeof pid === "object" ? { pid: joined } : {}),
    ...(typeof ipc === "object" ? { ipc: joined } : {})
  }
}

/** The container whose namespaces are joined: it is one for all. */
export const joinedId = ({ pid, ipc }: ContainerNamespaces = {}): string | undefined =>
  typeof pid === "object" ? pid.id : typeof ipc === "object" ? ipc.id : undefined
