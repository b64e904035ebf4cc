import type { Check } from "./Check.ts"
import { LabelInvalid, ObjectNameInvalid } from "../documents/ConfigProblem.ts"
import { isDnsLabel, isDnsName } from "../../workload/dnsName.ts"
import type { PodMetadata } from "../../workload/PodMetadata.ts"
import { isLabelValue, isQualifiedName } from "../../workload/qualifiedName.ts"
import type { DeclaredMetadata } from "../schema/ConfigSchema.ts"

type MetadataCheck = Check<ObjectNameInvalid | LabelInvalid, never>

/** Checks an object's metadata; gives what it declares, without what cannot be. */
export const checkMetadata = (metadata: DeclaredMetadata, check: MetadataCheck): PodMetadata => {
  const { uid, labels, annotations } = metadata
  const name = checkName(metadata, "name", isDnsName, check)
  const namespace = checkName(metadata, "namespace", isDnsLabel, check)
  checkLabels(labels, check)
  checkAnnotations(annotations, check)
  return {
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === "" ? {} : { uid }),
    ...(Object.keys(labels).length === 0 ? {} : { labels: { ...labels } }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations: { ...annotations } })
  }
}

const checkName = (
  metadata: DeclaredMetadata,
  key: "name" | "namespace",
  isValid: (text: string) => boolean,
  check: MetadataCheck
): string | undefined => {
  const text = metadata[key]
  const place = check.at(metadata, key)
  if (text === "" || place.invalid) return undefined
  if (isValid(text)) return text
  check.slip(place, ObjectNameInvalid, { path: place.path, found: check.quote(metadata, key) })
  return undefined
}

const checkLabels = (labels: DeclaredMetadata["labels"], check: MetadataCheck): void => {
  for (const [key, value] of Object.entries(labels)) {
    const place = check.at(labels, key)
    if (!isQualifiedName(key)) check.slip(place, LabelInvalid, { path: place.path, part: "key" })
    else if (!isLabelValue(value)) check.slip(place, LabelInvalid, { path: place.path, part: "value" })
  }
}

/** An annotation's value may be any; its key is compared in lower case, as Kubernetes does. */
const checkAnnotations = (annotations: DeclaredMetadata["annotations"], check: MetadataCheck): void => {
  for (const key of Object.keys(annotations)) {
    const place = check.at(annotations, key)
    if (!isQualifiedName(key.toLowerCase())) check.slip(place, LabelInvalid, { path: place.path, part: "key" })
  }
}
