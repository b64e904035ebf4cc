import { isSame } from "./isSame.ts"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { runtimeLabel } from "../observation/Ownership.ts"
import { parseImageReference, pullReference } from "../workload/ImageReference.ts"
import { type ContainerConfig, type ImageConfig, mergedConfig } from "../vm/engine/ContainerConfig.ts"
import type { BindMount, ContainerSpec, RedactedVariable } from "../vm/engine/ContainerSpec.ts"
import { hooksText } from "../vm/engine/hooksLabel.ts"
import { logOptions } from "../vm/engine/LogConfig.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import { declaredMounts, messageFileIn } from "../vm/engine/terminationMessageLabel.ts"
import { oneLine } from "../text/printable.ts"
import { isSameText } from "./addressInSpec.ts"
import { namespaceChanges } from "./namespaceChanges.ts"
import { networkChanges } from "./networkChanges.ts"
import { securityChanges } from "./securityChanges.ts"

/** Variables that an engine may add by itself: it means nothing that they are not declared. */
const engineVariables: ReadonlySet<string> = new Set(["PATH", "HOME", "HOSTNAME", "TERM", "container"])

/**
 * The fields, named as in a declaration, in which a container differs from what is declared now. `image` is what the
 * container's own image brings, which the engine has merged into it: if it is not known, a declared variable or command
 * cannot be told from the image's, and neither is named.
 */
export const changedFields = (
  container: Pick<ContainerInspection, "image" | "restartPolicy" | "config" | "labels">,
  spec: ContainerSpec,
  image: ImageConfig | undefined
): ReadonlyArray<string> => {
  const { config } = container
  const differs: ReadonlyArray<readonly [field: string, differs: boolean]> = [
    ["image", normalReference(container.image) !== normalReference(spec.image)],
    ["command", commandDiffers(config, spec, image)],
    ["args", argsDiffer(config, spec, image)],
    ...changedVariables(config, spec, image).map((name) => [envField(name), true] as const),
    [
      "volume mounts",
      mountsDiffer(declaredMounts(config, container.labels), spec) || !isSame(config.imageMounts, spec.imageMounts)
    ],
    ["privileged", config.privileged !== spec.privileged],
    ["resources", !isSame(config.resources, spec.resources)],
    ["workingDir", workingDirDiffers(config, spec, image)],
    ["stdin", config.openStdin !== spec.openStdin],
    ["stdinOnce", config.stdinOnce !== spec.stdinOnce],
    ["tty", config.tty !== spec.tty],
    ["restartPolicy", container.restartPolicy.name !== spec.restartPolicy.name],
    ["log driver", logDriverDiffers(config, spec)],
    ["log options", logOptionsDiffer(config, spec)],
    ["lifecycle", hooksText(config.hooks ?? {}) !== hooksText(spec.hooks ?? {})],
    ["terminationGracePeriodSeconds", (config.stopTimeout ?? engineGrace) !== (spec.stopTimeout ?? engineGrace)],
    ...messageChanges(container.labels, spec),
    ["stopSignal", signalDiffers(config, spec, image)],
    ...networkChanges(config, spec),
    ...securityChanges(config, spec, image),
    ...namespaceChanges(config, spec),
    ["runtimeClassName", container.labels[runtimeLabel] !== spec.runtime]
  ]
  return differs.flatMap(([field, differs]) => (differs ? [field] : []))
}

const messageChanges = (labels: ContainerInspection["labels"], { terminationMessage: declared }: ContainerSpec) => {
  const made = Option.getOrUndefined(messageFileIn(labels))
  return [
    ["terminationMessagePath", made?.path !== declared?.path],
    ["terminationMessagePolicy", made?.policy !== declared?.policy]
  ] as const
}

/** An engine does not tell its own from one that was declared. */
const engineGrace = 10

/** An engine tells the image's, else its own. */
const signalDiffers = (config: ContainerConfig, spec: ContainerSpec, image: ImageConfig | undefined): boolean => {
  const usual = (signal = "SIGTERM") => (signal === "15" ? "SIGTERM" : signal)
  if (spec.stopSignal === undefined && image === undefined) return false
  return usual(config.stopSignal) !== usual(spec.stopSignal ?? image?.stopSignal)
}

/** How a variable is named among the fields. */
export const envField = (name: string): string => `env ${oneLine(name)}`

/** Engines complete a reference: `nginx` becomes `docker.io/library/nginx`. */
const normalReference = (reference: string): string =>
  Result.match(parseImageReference(reference), { onFailure: () => reference, onSuccess: pullReference })

const commandDiffers = ({ entrypoint }: ContainerConfig, spec: ContainerSpec, image: ImageConfig | undefined) => {
  const expected = spec.entrypoint ?? image?.entrypoint
  return expected !== undefined && !sameDeclared(entrypoint, expected)
}

/** If none is declared it is the image's. */
const workingDirDiffers = (
  { workingDir = "/" }: ContainerConfig,
  spec: ContainerSpec,
  image: ImageConfig | undefined
) => {
  if (spec.workingDir !== undefined) return workingDir !== spec.workingDir
  return image !== undefined && workingDir !== (image.workingDir ?? "/")
}

/** A new command drops the image's arguments: that alone does not mean that other arguments are declared. */
const argsDiffer = (config: ContainerConfig, spec: ContainerSpec, image: ImageConfig | undefined): boolean => {
  const declared = spec.cmd ?? []
  if (image === undefined) return declared.length > 0 && !sameDeclared(config.cmd, declared)
  if (sameDeclared(config.cmd, mergedConfig(spec, image).cmd)) return false
  const areImages = sameWords(config.entrypoint, image.entrypoint) && sameWords(config.cmd, image.cmd)
  return !sameDeclared(areImages ? [] : config.cmd, declared)
}

/** The variables that have another value, are new, or are no longer declared. */
const changedVariables = (config: ContainerConfig, spec: ContainerSpec, image: ImageConfig | undefined) => {
  const has = valuesOf(config.env)
  const declared = valuesOf(spec.env)
  const brought = image && valuesOf(image.env)
  return [...new Set([...declared.keys(), ...has.keys()])].filter((name) => {
    const value = declared.get(name)
    if (value !== undefined) return !isSameText(has.get(name) ?? "", value) || !has.has(name)
    return brought !== undefined && !engineVariables.has(name) && brought.get(name) !== has.get(name)
  })
}

/** By name; the later of two with the same name counts. The values do not leave this file. */
const valuesOf = (env: ReadonlyArray<RedactedVariable>): ReadonlyMap<string, string> =>
  new Map(env.map(({ name, value }) => [name, Redacted.value(value)]))

/** Podman does not report log options. */
const logOptionsDiffer = ({ logConfig }: ContainerConfig, spec: ContainerSpec): boolean =>
  spec.logConfig !== undefined &&
  Object.keys(logConfig.config).length > 0 &&
  !sameRecord(logOptions(logConfig), logOptions(spec.logConfig))

/** Podman's word for json-file is another. The engine's own, if that is wanted, is not known here. */
const logDriverDiffers = ({ logConfig: { type } }: ContainerConfig, { logConfig }: ContainerSpec): boolean =>
  logConfig !== undefined && type !== logConfig.type && !(type === "k8s-file" && logConfig.type === "json-file")

/** Podman reports all mounts as binds, however they were made, with options that nobody declared. */
const mountsDiffer = (has: Mounted, wanted: Mounted): boolean => {
  const asBinds = has.mounts.length === 0 && has.binds.some((bind) => /[:,]rbind(,|$)/.test(bind))
  return !sameWords(mountsOf(has, asBinds), mountsOf(wanted, asBinds))
}

interface Mounted {
  readonly binds: ReadonlyArray<string>
  readonly mounts: ReadonlyArray<BindMount>
}

/** Sorted, each with how it is made: a bind in `Binds` creates its source, one in `Mounts` does not. */
const mountsOf = ({ binds, mounts }: Mounted, asBinds: boolean): ReadonlyArray<string> => {
  const bound = binds.map((bind) => {
    const [source = "", target = "", words = ""] = bind.split(":")
    const options = words.split(",")
    const propagation = options.find((option) => option === "rslave" || option === "rshared")
    return JSON.stringify(["bind", source, target, options.includes("ro"), propagation])
  })
  return [
    ...bound,
    ...mounts.map(({ source, target, readOnly, propagation, readOnlyNonRecursive, readOnlyForceRecursive }) =>
      JSON.stringify(
        asBinds
          ? ["bind", source, target, readOnly, propagation]
          : ["mount", source, target, readOnly, propagation, readOnlyNonRecursive, readOnlyForceRecursive]
      )
    )
  ].toSorted()
}

const sameWords = (one: ReadonlyArray<string>, other: ReadonlyArray<string>): boolean =>
  one.length === other.length && one.every((word, index) => word === other[index])

const sameDeclared = (has: ReadonlyArray<string>, declared: ReadonlyArray<string>): boolean =>
  has.length === declared.length && has.every((word, index) => isSameText(word, declared[index] ?? ""))

const sameRecord = (one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean =>
  sameWords(entriesOf(one), entriesOf(other))

const entriesOf = (record: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  Object.entries(record)
    .map((entry) => JSON.stringify(entry))
    .toSorted()
