import * as Schema from "effect/Schema"
import { defaultNamespace, type PodMetadata } from "../../workload/PodMetadata.ts"
import type { VmField } from "../../workload/ValueSource.ts"
import { isQualifiedName } from "../../workload/qualifiedName.ts"
import { position } from "../yaml/Position.ts"

/** A `fieldPath` that a variable cannot have. */
export class FieldPathInvalid extends Schema.TaggedError<FieldPathInvalid>()("FieldPathInvalid", {
  ...position,
  /** As in `spec.containers[0].env[0].valueFrom.fieldRef.fieldPath`. */
  path: Schema.String,
  /** What was written; empty if nothing was. */
  found: Schema.String
}) {
  override get message(): string {
    return this.found === ""
      ? `${this.path} is empty`
      : `${this.path} names no field that a variable can have: "${this.found}"`
  }
  get advice(): string {
    return `Write one of ${[...new Set([...Object.keys(known), ...Object.keys(ofVm)])].join(", ")}, metadata.labels['KEY'] and metadata.annotations['KEY'].`
  }
}

/** A label or an annotation that the Pod does not have. */
export class FieldMissing extends Schema.TaggedClass<FieldMissing>()("FieldMissing", {
  ...position,
  /** As in `metadata.labels['app']`. */
  found: Schema.String
}) {
  get message(): string {
    return `the Pod has no ${this.found}: the variable is empty, as in Kubernetes`
  }
  get advice(): string {
    return 'Write it into the Pod\'s "metadata", or remove the variable.'
  }
}

/** A field of the Pod: what the text says of it, or what only the VM can tell. */
export type PodField =
  | { readonly _tag: "Known"; readonly value: string; readonly isMissing?: boolean }
  | { readonly _tag: "OfVm"; readonly field: VmField }

const known: Readonly<Record<string, (pod: PodMetadata) => string | undefined>> = {
  "metadata.name": ({ name }) => name,
  "metadata.namespace": ({ namespace = defaultNamespace }) => namespace,
  "metadata.uid": ({ uid }) => uid,
  // Whatever the declaration names: there is no other.
  "spec.serviceAccountName": () => "default"
}

const ofVm: Readonly<Record<string, VmField>> = {
  "metadata.name": "metadata.name",
  "metadata.uid": "metadata.uid",
  "spec.nodeName": "spec.nodeName",
  "status.hostIP": "status.hostIP",
  "status.hostIPs": "status.hostIP",
  "status.podIP": "status.podIP",
  "status.podIPs": "status.podIP"
}

const ofMap = String.raw`metadata\.(?:labels|annotations)\['[\s\S]*'\]`
const alternatives = [...Object.keys(known), ...Object.keys(ofVm)].map((path) => path.replace(".", "\\."))

/** Such paths as the source of a regular expression; which keys may stand in it is left out. */
export const podFieldPath = `^(?:${[...new Set(alternatives), ofMap].join("|")})$`

/** The same of those that a file can have. */
export const fileFieldPath = String.raw`^(?:metadata\.(?:name|namespace|uid|labels|annotations)|${ofMap})$`

/** The field of a path as Kubernetes reads it for a variable; undefined if a variable cannot have it. */
export const podField = (path: string, pod: PodMetadata): PodField | undefined => {
  const value = Object.hasOwn(known, path) ? known[path]?.(pod) : undefined
  if (value !== undefined) return { _tag: "Known", value }
  const field = Object.hasOwn(ofVm, path) ? ofVm[path] : undefined
  if (field !== undefined) return { _tag: "OfVm", field }
  const [, map, key = ""] = /^metadata\.(labels|annotations)\['([^]*)'\]$/.exec(path) ?? []
  if (map === "labels" && isQualifiedName(key)) return valueUnder(pod.labels, key)
  if (map === "annotations" && isQualifiedName(key.toLowerCase())) {
    return valueUnder(pod.annotations, key)
  }
  return undefined
}

/** As in Kubernetes, one that is not there is empty. */
const valueUnder = (values: Readonly<Record<string, string>> = {}, key: string): PodField =>
  Object.hasOwn(values, key)
    ? { _tag: "Known", value: values[key] ?? "" }
    : { _tag: "Known", value: "", isMissing: true }
