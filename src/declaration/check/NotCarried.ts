import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredSpec } from "../DeclarationSchema.ts"
import { position } from "../yaml/Position.ts"
import type { Workload } from "../../workload/Workload.ts"

/** A part of a Pod that is understood, and that a run would leave out. */
export class PartNotSupported extends Schema.TaggedError<PartNotSupported>()("PartNotSupported", {
  ...position,
  /** As in `spec.hostNetwork`. */
  path: Schema.String
}) {
  override get message(): string {
    return `${this.path} is not supported yet`
  }
  get advice(): string {
    return "Remove it."
  }
}

/** Refuses what the planner does not carry yet: a network of the Pod's own. Goes when it does. */
export const refuseNotCarried = (
  spec: DeclaredSpec,
  workload: Workload,
  check: Check<PartNotSupported, never>
): Workload => {
  const network = check.at(spec, "hostNetwork")
  if (workload.network._tag === "Pod") check.slip(network, PartNotSupported, { path: network.path })
  return { ...workload, network: { _tag: "Host" } }
}
