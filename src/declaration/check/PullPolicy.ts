import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import { nearest, orElse } from "../../text/nearest.ts"
import { position } from "../yaml/Position.ts"
import type { ImagePullPolicy } from "../../workload/ImagePullPolicy.ts"

/** An image pull policy that does not exist. */
export class ImagePullPolicyInvalid extends Schema.TaggedError<ImagePullPolicyInvalid>()("ImagePullPolicyInvalid", {
  ...position,
  policy: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return `"${this.policy}" is not an imagePullPolicy`
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

/** When the container's image is asked for; undefined stands for always. */
export const checkPullPolicy = (
  container: DeclaredContainer,
  check: Check<ImagePullPolicyInvalid, never>
): Exclude<ImagePullPolicy, "Always"> | undefined => {
  const { imagePullPolicy: text = "" } = container
  const place = check.at(container, "imagePullPolicy")
  // As in Kubernetes, an empty one is none.
  if (text === "" || place.invalid) return undefined
  const policy = policies.find((policy) => policy === text)
  if (policy === undefined) {
    check.slip(place, ImagePullPolicyInvalid, {
      policy: check.quote(container, "imagePullPolicy"),
      suggestion: ofCompose.get(text.toLowerCase()) ?? nearest(text, policies)
    })
  }
  return policy === "Always" ? undefined : policy
}
