import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
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

/** The restart policy of a Pod; undefined where none is written, or none that exists. */
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
