import type { DeclaredContainer as WrittenContainer } from "../../../declaration/DeclarationSchema.ts"
import type { ConfigKind } from "../../../declaration/documents/ConfigDocuments.ts"
import type { DeclaredContainer, DeclaredVariable } from "../../../workload/DeclaredWorkload.ts"
import { defaultNamespace } from "../../../workload/PodMetadata.ts"
import type { Losses } from "../../Losses.ts"
import type { Source } from "../../Source.ts"
import { managedReference } from "./managedSecrets.ts"
import { expandable, flag, given, text } from "./words.ts"

interface Context {
  readonly source: Source
  readonly losses: Losses
  /** Of the container. */
  readonly path: string
}

/** Variables as they are written, as far as what is written counts. */
export const envOf = ({ env }: DeclaredContainer, written: WrittenContainer, context: Context) => {
  const left = [...env]
  return given(
    written.env.flatMap((variable, index): ReadonlyArray<object> => {
      const at = left.findIndex(({ name }) => name === variable.name)
      const [known] = at === -1 ? [] : left.splice(at, 1)
      const place = `${context.path}.env[${index}]`
      const valueFrom = variable.valueFrom && valueFromOf(variable.valueFrom, known, place, context)
      if (valueFrom !== undefined) return [{ name: variable.name, valueFrom }]
      // What may be missing, and is, is no variable.
      if (known === undefined || "from" in known) return []
      return [{ name: known.name, value: expandable("template" in known ? known : known.value) }]
    })
  )
}

type Sources = NonNullable<WrittenContainer["env"][number]["valueFrom"]>

const valueFromOf = (
  { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef }: Sources,
  known: DeclaredVariable | undefined,
  place: string,
  { source, losses }: Context
) => {
  if (known !== undefined && "from" in known && known.from._tag === "Secret") {
    const { secret, isOptional } = known.from
    return {
      secretKeyRef: {
        ...managedReference(secret, `${place}.valueFrom.secretKeyRef`, losses),
        optional: flag(isOptional)
      }
    }
  }
  if (fieldRef !== undefined)
    return { fieldRef: { apiVersion: text(fieldRef.apiVersion), fieldPath: fieldRef.fieldPath } }
  if (resourceFieldRef !== undefined) {
    const { containerName, resource, divisor } = resourceFieldRef
    return { resourceFieldRef: { containerName: text(containerName), resource, divisor: text(divisor) } }
  }
  const keyOf = (kind: ConfigKind, reference: NonNullable<typeof configMapKeyRef>) =>
    isThere(source, kind, reference.name) || (reference.optional && reference.name !== "")
      ? { name: reference.name, key: reference.key, optional: flag(reference.optional) }
      : undefined
  if (configMapKeyRef !== undefined) {
    const reference = keyOf("ConfigMap", configMapKeyRef)
    return reference && { configMapKeyRef: reference }
  }
  const reference = secretKeyRef && keyOf("Secret", secretKeyRef)
  return reference && { secretKeyRef: reference }
}

export const envFromOf = (written: WrittenContainer, { source }: Context) =>
  given(
    written.envFrom.flatMap(({ prefix, configMapRef, secretRef }) => {
      const of = (kind: ConfigKind, reference: NonNullable<typeof configMapRef>) =>
        isThere(source, kind, reference.name) || (reference.optional && reference.name !== "")
          ? { name: reference.name, optional: flag(reference.optional) }
          : undefined
      const configMap = configMapRef && of("ConfigMap", configMapRef)
      const secret = secretRef && of("Secret", secretRef)
      return configMap === undefined && secret === undefined
        ? []
        : [{ prefix: text(prefix), configMapRef: configMap, secretRef: secret }]
    })
  )

/** Whether a ConfigMap or Secret is a document of the same text. */
export const isThere = ({ documents, written }: Source, kind: ConfigKind, name: string): boolean =>
  documents.find(kind, written.metadata.namespace || defaultNamespace, name) !== undefined
