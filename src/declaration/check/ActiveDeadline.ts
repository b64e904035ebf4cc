import * as Schema from "effect/Schema"
import type { DeclaredSpec } from "../DeclarationSchema.ts"
import { activeSeconds, isWithin } from "../schema/limits.ts"
import { position } from "../yaml/Position.ts"
import type { Check } from "./Check.ts"

/** A deadline that is over before it begins, or that Kubernetes cannot count to. */
export class ActiveDeadlineInvalid extends Schema.TaggedError<ActiveDeadlineInvalid>()("ActiveDeadlineInvalid", {
  ...position,
  found: Schema.Int
}) {
  override get message(): string {
    return `activeDeadlineSeconds must be a number from ${activeSeconds.minimum} to ${activeSeconds.maximum}, not ${this.found}`
  }
  get advice(): string {
    return "Write how many seconds the Pod may be active, or remove it: then it may be for ever."
  }
}

/** How many seconds the Pod may be active; undefined where it may be for ever. */
export const checkActiveDeadline = (
  spec: DeclaredSpec,
  check: Check<ActiveDeadlineInvalid, never>
): number | undefined => {
  const { activeDeadlineSeconds: found } = spec
  const place = check.at(spec, "activeDeadlineSeconds")
  if (found === undefined || place.invalid || isWithin(activeSeconds, found)) return place.invalid ? undefined : found
  check.slip(place, ActiveDeadlineInvalid, { found })
  return undefined
}
