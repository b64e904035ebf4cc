import * as Redacted from "effect/Redacted"
import type { Check } from "./Check.ts"
import { incomplete, type ReferenceProblem } from "./ConfigReference.ts"
import { podField } from "./FieldPath.ts"
import { FileFieldInvalid, FileSourceInvalid } from "./FilesProblem.ts"
import { checkResourceField, type ResourceFieldProblem } from "./ResourceField.ts"
import type { EnvironmentScope } from "./ValueFrom.ts"
import type { DeclaredDownwardItem } from "../schema/FilesSchema.ts"
import type { Place } from "../yaml/Places.ts"
import { formatMap } from "../../workload/formatMap.ts"
import type { PodMetadata } from "../../workload/PodMetadata.ts"
import type { FileSource } from "../../workload/VolumeFile.ts"

export type DownwardProblem = ReferenceProblem | ResourceFieldProblem | FileFieldInvalid | FileSourceInvalid

/** A file with a field of the Pod, and the place of its path. */
interface CheckedItem {
  readonly item: DeclaredDownwardItem
  readonly place: Place
  readonly content: FileSource
}

const sources = ["fieldRef", "resourceFieldRef"] as const

/** The files of a `downwardAPI` that have a source. */
export const checkDownwardItems = (
  items: ReadonlyArray<DeclaredDownwardItem>,
  scope: EnvironmentScope,
  check: Check<DownwardProblem, never>
): ReadonlyArray<CheckedItem> =>
  items.flatMap((item, index) => {
    const whole = check.at(items, index)
    const place = check.at(item, "path")
    if (whole.invalid) return []
    const content = sourceOf(item, whole, scope, check)
    if (place.invalid) return []
    if (item.path === "") incomplete(place, "path", check)
    return content === undefined || item.path === "" ? [] : [{ item, place, content }]
  })

const sourceOf = (
  item: DeclaredDownwardItem,
  place: Place,
  { pod, containers }: EnvironmentScope,
  check: Check<DownwardProblem, never>
): FileSource | undefined => {
  const { fieldRef, resourceFieldRef } = item
  const found = sources.filter((source) => item[source] !== undefined)
  if (found.length !== 1) {
    const isSaid = found.length === 0 && sources.some((source) => check.at(item, source).invalid)
    if (!isSaid) check.slip(place, FileSourceInvalid, { path: place.path, found, known: sources })
    return undefined
  }
  if (fieldRef !== undefined) return ofField(fieldRef, pod, check)
  const value = resourceFieldRef && checkResourceField("", resourceFieldRef, undefined, containers, check)
  if (value === undefined) return undefined
  return "from" in value ? { from: value.from } : "value" in value ? text(value.value) : undefined
}

const text = (value: string): FileSource => ({ data: Redacted.make(new TextEncoder().encode(value)) })

const ofField = (
  fieldRef: NonNullable<DeclaredDownwardItem["fieldRef"]>,
  pod: PodMetadata,
  check: Check<FileFieldInvalid, never>
): FileSource | undefined => {
  const { apiVersion, fieldPath } = fieldRef
  const isVersion = apiVersion === "" || apiVersion === "v1"
  const source = isVersion ? fieldOf(fieldPath, pod) : undefined
  const place = check.at(fieldRef, isVersion ? "fieldPath" : "apiVersion")
  if (source === undefined && !place.invalid) {
    const found = check.quote(fieldRef, isVersion ? "fieldPath" : "apiVersion")
    check.slip(place, FileFieldInvalid, { path: place.path, found })
  }
  return source
}

/** All labels, or all annotations, besides what a variable may have of the metadata. */
const fieldOf = (path: string, pod: PodMetadata): FileSource | undefined => {
  if (path === "metadata.labels") return text(formatMap(pod.labels))
  if (path === "metadata.annotations") return text(formatMap(pod.annotations))
  const field = path.startsWith("metadata.") ? podField(path, pod) : undefined
  return field && (field._tag === "Known" ? text(field.value) : { from: { _tag: "Field", field: field.field } })
}
