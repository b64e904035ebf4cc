import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { ContainerConfig } from "./ContainerConfig.ts"
import type { ContainerSpec } from "./ContainerSpec.ts"

/** Where a container leaves its last words, in it and on the host, and when its log counts instead. */
export const terminationMessageLabel = "slipway.termination-message"

const MessageFile = Schema.Struct({
  path: Schema.String,
  policy: Schema.Literals(["File", "FallbackToLogsOnError"]),
  /** On the host. */
  file: Schema.String
})
/** The file of a container's last words: its path in the container, and on the host. */
export type MessageFile = typeof MessageFile.Type
const Label = Schema.fromJsonString(MessageFile)
const decode = Schema.decodeUnknownOption(Label)
const encode = Schema.encodeSync(Label)

/** The spec of a container whose message goes into a file of the host, which has to be there. */
export const withMessageFile = (spec: ContainerSpec, file: string): ContainerSpec => {
  const { terminationMessage, mounts, labels } = spec
  if (terminationMessage === undefined) return spec
  return {
    ...spec,
    mounts: [...mounts, { source: file, target: terminationMessage.path, readOnly: false }],
    labels: { ...labels, [terminationMessageLabel]: encode({ ...terminationMessage, file }) }
  }
}

/** None where there is no such label, or one that says nothing. */
export const messageFileIn = (labels: Readonly<Record<string, string>>): Option.Option<MessageFile> =>
  decode(labels[terminationMessageLabel])

/** The mounts that were declared. Podman tells them all as `Binds`. */
export const declaredMounts = (
  { binds, mounts }: Pick<ContainerConfig, "binds" | "mounts">,
  labels: Readonly<Record<string, string>>
): Pick<ContainerConfig, "binds" | "mounts"> =>
  Option.match(messageFileIn(labels), {
    onNone: () => ({ binds, mounts }),
    onSome: ({ path, file }) => ({
      binds: binds.filter((bind) => !`${bind}:`.startsWith(`${file}:${path}:`)),
      mounts: mounts.filter(({ source, target }) => source !== file || target !== path)
    })
  })
