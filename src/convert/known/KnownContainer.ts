import { cleanSubPath } from "../../workload/subPath.ts"
import type { DeclaredContainer as WrittenContainer } from "../../declaration/DeclarationSchema.ts"
import type { DeclaredContainer, DeclaredInitContainer } from "../../workload/DeclaredWorkload.ts"
import type { VolumeMount } from "../../workload/Workload.ts"
import type { Source } from "../Source.ts"
import { known, type Text, Texts, wholeText } from "./Text.ts"

/** A container with its references expanded as far as the declaration knows what they lead to. */
export interface KnownContainer {
  readonly declared: DeclaredContainer
  /** As it is written. */
  readonly written: WrittenContainer
  readonly role: "main" | "init" | "sidecar"
  /** Where it stands, as in `spec.containers[0]`. */
  readonly path: string
  /** Each name once, in order. */
  readonly env: ReadonlyArray<KnownVariable>
  readonly command: ReadonlyArray<Text> | undefined
  readonly args: ReadonlyArray<Text> | undefined
  readonly mounts: ReadonlyArray<KnownMount>
}

export interface KnownVariable {
  readonly name: string
  /** Where it is declared, as in `spec.containers[0].env[0]`. Its name may hold a value. */
  readonly place: string
  readonly value: Text
  /** There may be no value: then there is no variable. */
  readonly isOptional: boolean
}

export interface KnownMount extends Omit<VolumeMount, "subPath" | "subPathFault"> {
  /** Its place, as in `spec.containers[0].volumeMounts[0]`. */
  readonly place: string
  readonly subPath?: Text
}

/** The containers in the order in which they start. */
export const knownContainers = ({ workload, written }: Source): ReadonlyArray<KnownContainer> => [
  ...workload.initContainers.map((container, index) =>
    knowContainer(container, written.spec.initContainers[index]!, roleOf(container), `spec.initContainers[${index}]`)
  ),
  ...workload.containers.map((container, index) =>
    knowContainer(container, written.spec.containers[index]!, "main", `spec.containers[${index}]`)
  )
]

const roleOf = ({ isSidecar }: DeclaredInitContainer): KnownContainer["role"] => (isSidecar ? "sidecar" : "init")

const knowContainer = (
  declared: DeclaredContainer,
  written: WrittenContainer,
  role: KnownContainer["role"],
  path: string
): KnownContainer => {
  const texts = new Texts()
  const env = new Map<string, KnownVariable>()
  for (const { name, value } of declared.imported ?? []) {
    env.set(name, { name, place: `${path}.envFrom`, value: texts.define(name, value), isOptional: false })
  }
  for (const variable of declared.env) {
    const { name } = variable
    const value = "value" in variable ? texts.define(name, variable.value) : texts.define(name, variable)
    const isOptional = "from" in variable && variable.from._tag === "Secret" && variable.from.isOptional
    // What counts is the last, and it stands where that does.
    env.delete(name)
    const place = `${path}.env[${written.env.findLastIndex((one) => one.name === name)}]`
    env.set(name, { name, place, value, isOptional })
  }
  return {
    declared,
    written,
    role,
    path,
    env: [...env.values()],
    command: declared.command?.map((word) => texts.word(word)),
    args: declared.args?.map((word) => texts.word(word)),
    mounts: declared.mounts.map((mount, index): KnownMount => {
      const place = `${path}.volumeMounts[${index}]`
      if (!("subPathExpr" in mount)) {
        const { subPath, subPathFault: _, ...rest } = mount
        return { ...rest, place, ...(subPath === undefined ? {} : { subPath: known(subPath) }) }
      }
      const { subPathExpr, ...rest } = mount
      const text = texts.word({ template: subPathExpr })
      const whole = wholeText(text)
      return { ...rest, place, subPath: whole === undefined ? text : known(cleanSubPath(whole)) }
    })
  }
}

/** Where a right of a container is declared: in its own security context, or in its Pod's. */
export const securityPath = ({ written, path }: KnownContainer, key: string): string =>
  (written.securityContext as Readonly<Record<string, unknown>>)[key] === undefined
    ? `spec.securityContext.${key}`
    : `${path}.securityContext.${key}`
