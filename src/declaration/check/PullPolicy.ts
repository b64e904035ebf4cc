import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import { nearest, orElse } from "../../text/nearest.ts"
import { position } from "../yaml/Position.ts"
import type { ImagePullPolicy } from "../../workload/ImagePullPolicy.ts"

/** An image pull policy that does not exist. */
export class ImagePullPolicyInvalid extends Schema.TaggedError<ImagePullPolicyInvalid>()("ImagePullPolicyInvalid", {
  ...position,
  key: Schema.Literals(["imagePullPolicy", "pullPolicy"]),
  policy: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return `"${this.policy}" is not ${this.key === "imagePullPolicy" ? "an" : "a"} ${this.key}`
  }
  get advice(): string {
    return orElse(this.suggestion, "Write Always, IfNotPresent or Never; the default is Always.")
  }
}

const policies: ReadonlyArray<ImagePullPolicy> = ["Always", "IfNotPresent", "Never"]

/** Compose's words. */
const ofCompose: ReadonlyMap<string, ImagePullPolicy> = new Map([
  ["missing", "IfNotPresent"],
  ["if_not_present", "IfNotPresent"]
])

/** When an image is asked for; undefined stands for always. */
export const checkPullPolicy = <K extends "imagePullPolicy" | "pullPolicy">(
  owner: { readonly [Key in K]?: string },
  key: K,
  check: Check<ImagePullPolicyInvalid, never>
): Exclude<ImagePullPolicy, "Always"> | undefined => {
  const text = owner[key] ?? ""
  const place = check.at(owner, key)
  // As in Kubernetes, an empty one is none.
  if (text === "" || place.invalid) return undefined
  const policy = policies.find((policy) => policy === text)
  if (policy === undefined) {
    check.slip(place, ImagePullPolicyInvalid, {
      key,
      policy: check.quote(owner, key),
      suggestion: ofCompose.get(text.toLowerCase()) ?? nearest(text, policies)
    })
  }
  return policy === "Always" ? undefined : policy
}
