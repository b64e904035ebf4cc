import * as Schema from "effect/Schema"
import type { Declaration, DeclaredSpec } from "../DeclarationSchema.ts"
import { position } from "../yaml/Position.ts"
import type { Check } from "./Check.ts"

/** An annotation by which Kubernetes once chose a profile: the field of the security context is its successor. */
export class ProfileAnnotationIgnored extends Schema.TaggedClass<ProfileAnnotationIgnored>()(
  "ProfileAnnotationIgnored",
  {
    ...position,
    annotation: Schema.String,
    field: Schema.Literals(["appArmorProfile", "seccompProfile"]),
    /** The container that it is for, or the Pod. */
    owner: Schema.String
  }
) {
  get message(): string {
    return `the annotation "${this.annotation}" has no effect`
  }
  get advice(): string {
    return `Write "${this.field}" with a "type" (RuntimeDefault, Localhost or Unconfined) into the securityContext of ${this.owner}.`
  }
}

const seccompOfPod = "seccomp.security.alpha.kubernetes.io/pod"
const prefixes = [
  ["container.apparmor.security.beta.kubernetes.io/", "appArmorProfile"],
  ["container.seccomp.security.alpha.kubernetes.io/", "seccompProfile"]
] as const

/** Warns of them, unless the field says it as well: that is how Kubernetes prints a Pod. */
export const checkProfileAnnotations = (
  { annotations }: Declaration["metadata"],
  spec: DeclaredSpec,
  check: Check<never, ProfileAnnotationIgnored>
): void => {
  for (const annotation of Object.keys(annotations)) {
    const [prefix, field] =
      annotation === seccompOfPod
        ? ([annotation, "seccompProfile"] as const)
        : (prefixes.find(([prefix]) => annotation.startsWith(prefix)) ?? [])
    if (prefix === undefined || field === undefined) continue
    const name = annotation.slice(prefix.length)
    const container = [...spec.containers, ...spec.initContainers].find((container) => container.name === name)
    if (spec.securityContext[field] !== undefined || container?.securityContext[field] !== undefined) continue
    const owner = name === "" || container === undefined ? "the Pod" : `the container "${name}"`
    check.warning(check.at(annotations, annotation), ProfileAnnotationIgnored, { annotation, field, owner })
  }
}
