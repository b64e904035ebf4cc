import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { ConfigDocument, ConfigDocuments, ConfigEntry, ConfigKind } from "../documents/ConfigDocuments.ts"
import { maximumCandidates, nearest, orElse } from "../../text/nearest.ts"
import type { Policy } from "../policy/Policy.ts"
import type { Place } from "../yaml/Places.ts"
import { position } from "../yaml/Position.ts"

const kind = Schema.Literals(["ConfigMap", "Secret"])

/** What Kubernetes and OpenShift write into every namespace. A Pod that is copied from a cluster names it. */
const ofCluster: ReadonlySet<string> = new Set(["kube-root-ca.crt", "openshift-service-ca.crt"])

/** A ConfigMap or Secret that the text does not have. */
export class ConfigMissing extends Schema.TaggedError<ConfigMissing>()("ConfigMissing", {
  ...position,
  kind,
  name: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return `the ${this.kind} "${this.name}" is not in the text`
  }
  get advice(): string {
    if (this.kind === "ConfigMap" && ofCluster.has(this.name)) {
      return (
        "A cluster puts it beside each Pod, for programs that call its API server; here is none. Remove the volume that it " +
        "is for, together with its `serviceAccountToken`, and what mounts it."
      )
    }
    const ofManager =
      this.kind === "Secret"
        ? ' A secret of Secret Manager is one value: give it to a variable of "env" with "secretKeyRef".'
        : ""
    return orElse(
      this.suggestion,
      `Add it as a document of its own, after a line "---", or write "optional: true" if it may be missing.${ofManager}`
    )
  }
}

/** A key that a ConfigMap or Secret of the text does not have. */
export class ConfigKeyMissing extends Schema.TaggedError<ConfigKeyMissing>()("ConfigKeyMissing", {
  ...position,
  kind,
  name: Schema.String,
  key: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return `the ${this.kind} "${this.name}" has no key "${this.key}"`
  }
  get advice(): string {
    return orElse(this.suggestion, 'Add it there, or write "optional: true" if it may be missing.')
  }
}

/** A reference that names nothing. */
export class ReferenceIncomplete extends Schema.TaggedError<ReferenceIncomplete>()("ReferenceIncomplete", {
  ...position,
  /** As in `spec.containers[0].env[0].valueFrom.configMapKeyRef`. */
  path: Schema.String,
  /** The key that names what is meant: `name`, `key`, `secretName`, `path`. */
  missing: Schema.String
}) {
  override get message(): string {
    return `${this.path} has no ${this.missing}`
  }
  get advice(): string {
    const what = this.missing === "secretName" ? "name" : this.missing
    return `Write "${this.missing}:" with the ${what} of what is meant.`
  }
}

export type ReferenceProblem = ConfigMissing | ConfigKeyMissing | ReferenceIncomplete

/** Where references look: the Pod's namespace in the text's documents. */
export interface ConfigScope {
  readonly documents: ConfigDocuments
  readonly namespace: string
  /** The host's, which may not allow secrets of a project. */
  readonly policy: Policy | undefined
}

/** What a reference by name leads to. `unknown`: that has been reported. */
export type Looked<A> =
  | { readonly _tag: "Found"; readonly found: A }
  | { readonly _tag: "Absent" }
  | { readonly _tag: "Unknown" }

interface NameReference {
  readonly name: string
  /** False if absent. */
  readonly optional?: boolean
}

/** The document that a reference names. One that may be missing, and is, is absent; one that may not is a problem. */
export const lookUpConfig = <R extends NameReference>(
  kind: ConfigKind,
  reference: R,
  { documents, namespace }: ConfigScope,
  check: Check<ReferenceProblem, never>
): Looked<ConfigDocument> => {
  return lookUpNamed(kind, reference, "name", reference.optional ?? false, { documents, namespace }, check)
}

/** The same of a reference that has the name under this key. */
export const lookUpNamed = <K extends string, R extends Readonly<Record<K, string>>>(
  kind: ConfigKind,
  reference: R,
  field: K,
  optional: boolean,
  { documents, namespace }: Pick<ConfigScope, "documents" | "namespace">,
  check: Check<ReferenceProblem, never>
): Looked<ConfigDocument> => {
  const place = check.at(reference, field)
  const name = reference[field]
  if (place.invalid) return { _tag: "Unknown" }
  if (name === "") return incomplete(place, field, check)
  const found = documents.find(kind, namespace, name)
  if (found !== undefined) return { _tag: "Found", found }
  if (documents.hasNameless(kind)) return { _tag: "Unknown" }
  if (optional) return { _tag: "Absent" }
  const names = documents.names(kind, namespace).slice(0, maximumCandidates)
  const suggestion = nearest(name, names)
  check.slip(place, ConfigMissing, { kind, name: check.quote(reference, field), suggestion })
  return { _tag: "Unknown" }
}

/** What a reference names of a document: the entry under a key. */
export const lookUpKey = <R extends NameReference & { readonly key: string }>(
  kind: ConfigKind,
  reference: R,
  scope: ConfigScope,
  check: Check<ReferenceProblem, never>
): Looked<ConfigEntry> => {
  const document = lookUpConfig(kind, reference, scope, check)
  const place = check.at(reference, "key")
  if (place.invalid) return { _tag: "Unknown" }
  if (reference.key === "") return incomplete(place, "key", check)
  return document._tag === "Found"
    ? lookUpEntry(document.found, reference, "key", reference.optional ?? false, check)
    : document
}

/** The entry of a document under the key that is written there. */
export const lookUpEntry = <A extends object, K extends keyof A>(
  { kind, name, entries, isPartial }: ConfigDocument,
  owner: A,
  field: K,
  optional: boolean,
  check: Check<ReferenceProblem, never>
): Looked<ConfigEntry> => {
  const found = entries.get(String(owner[field]))
  if (found !== undefined) return { _tag: "Found", found }
  if (isPartial) return { _tag: "Unknown" }
  if (optional) return { _tag: "Absent" }
  const suggestion = nearest(String(owner[field]), [...entries.keys()].slice(0, maximumCandidates))
  check.slip(check.at(owner, field), ConfigKeyMissing, { kind, name, key: check.quote(owner, field), suggestion })
  return { _tag: "Unknown" }
}

export const incomplete = (
  place: Place,
  missing: string,
  check: Check<ReferenceProblem, never>
): { readonly _tag: "Unknown" } => {
  check.slip(place, ReferenceIncomplete, { path: place.path.replace(/\.(?:name|secretName|key|path)$/, ""), missing })
  return { _tag: "Unknown" }
}
