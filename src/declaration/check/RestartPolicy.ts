import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import { nearest, orElse } from "../../text/nearest.ts"
import { position } from "../yaml/Position.ts"
import type { RestartPolicy } from "../../workload/Workload.ts"

/** A restart policy that does not exist. */
export class InvalidRestartPolicy extends Schema.TaggedError<InvalidRestartPolicy>()("InvalidRestartPolicy", {
  ...position,
  policy: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return `"${this.policy}" is not a restart policy`
  }
  get advice(): string {
    return orElse(this.suggestion, "Write Always, OnFailure or Never; the default is Always.")
  }
}

/** An init container runs to its end, or is a sidecar. */
export class InitRestartPolicyInvalid extends Schema.TaggedError<InitRestartPolicyInvalid>()(
  "InitRestartPolicyInvalid",
  {
    ...position,
    policy: Schema.String
  }
) {
  override get message(): string {
    return `an init container's restartPolicy can only be Always, not "${this.policy}"`
  }
  get advice(): string {
    return "Write Always for a sidecar, which runs beside the containers; or remove it: the Pod's decides on retries."
  }
}

/** konlet took no notice of a container's own restart policy, and so do its rules. */
export class RestartPolicyIgnored extends Schema.TaggedClass<RestartPolicyIgnored>()("RestartPolicyIgnored", {
  ...position,
  /** As in `spec.containers[0].restartPolicy`. */
  path: Schema.String
}) {
  get message(): string {
    return `${this.path} is ignored under konlet's metadata key, as konlet ignored it`
  }
  get advice(): string {
    return 'Put it into "spec", or declare the container under Slipway\'s own key.'
  }
}

const restartPolicies: ReadonlyArray<RestartPolicy> = ["Always", "OnFailure", "Never"]

/** Docker's and Compose's names for the restart policies. */
const dockerPolicies: ReadonlyMap<string, RestartPolicy> = new Map([
  ["unless-stopped", "Always"],
  ["unlessstopped", "Always"],
  ["yes", "Always"],
  ["true", "Always"],
  ["on-failure", "OnFailure"],
  ["no", "Never"],
  ["false", "Never"]
])

/** A Pod's restart policy, or a container's own; undefined where none is written, or none that exists. */
export const checkRestartPolicy = (
  owner: { readonly restartPolicy?: string },
  check: Check<InvalidRestartPolicy, never>
): RestartPolicy | undefined => {
  const { restartPolicy: text } = owner
  const place = check.at(owner, "restartPolicy")
  if (text === undefined || place.invalid) return undefined
  const policy = restartPolicies.find((policy) => policy === text)
  if (policy === undefined) {
    check.problem(place, InvalidRestartPolicy, {
      policy: check.quote(owner, "restartPolicy"),
      suggestion: dockerPolicies.get(text.toLowerCase()) ?? nearest(text, restartPolicies)
    })
  }
  return policy
}

/** A container's own restart policy, else the Pod's. */
export const checkContainerPolicy = (
  container: DeclaredContainer,
  ofPod: RestartPolicy,
  check: Check<InvalidRestartPolicy, RestartPolicyIgnored>
): RestartPolicy => {
  if (!check.followsKonlet) return checkRestartPolicy(container, check) ?? ofPod
  const place = check.at(container, "restartPolicy")
  if (container.restartPolicy !== undefined) check.warning(place, RestartPolicyIgnored, { path: place.path })
  return ofPod
}

/** Whether an init container is a sidecar. */
export const checkSidecar = (container: DeclaredContainer, check: Check<InitRestartPolicyInvalid, never>): boolean => {
  const place = check.at(container, "restartPolicy")
  const { restartPolicy } = container
  if (restartPolicy === undefined || restartPolicy === "Always" || place.invalid) return restartPolicy === "Always"
  check.problem(place, InitRestartPolicyInvalid, { policy: check.quote(container, "restartPolicy") })
  return false
}
