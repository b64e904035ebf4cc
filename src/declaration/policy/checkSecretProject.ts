import * as Schema from "effect/Schema"
import type { Check } from "../check/Check.ts"
import type { Place } from "../yaml/Places.ts"
import type { Policy } from "./Policy.ts"
import { anyOf, violated } from "./violated.ts"

/** A secret of a project that the policy does not allow. */
export class SecretProjectNotAllowed extends Schema.TaggedError<SecretProjectNotAllowed>()("SecretProjectNotAllowed", {
  ...violated,
  /** `own`: the VM's, which a secret without a project belongs to. */
  project: Schema.String,
  /** What the policy does allow. */
  allowed: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const of = this.project === own ? "the VM's own project" : `the project "${this.project}"`
    return `the host's policy ${this.policy} does not allow secrets of ${of}`
  }
  get advice(): string {
    const named = this.allowed.map((project) => (project === own ? "the VM's own project" : project))
    return this.allowed.length === 0
      ? "It allows none of Secret Manager: add the Secret as a document of its own."
      : `Use one of ${anyOf(named)}.`
  }
}

/** Stands for the VM's project. No project can have it for its id, which has at least six characters. */
export const own = "own"

/** `project`: as it is written; undefined where the VM's is meant. */
export const checkSecretProject = (
  project: string | undefined = own,
  place: Place,
  policy: Policy | undefined,
  check: Check<SecretProjectNotAllowed, never>
): void => {
  if (policy?.secretProjects === undefined || policy.secretProjects.includes(project)) return
  check.problem(place, SecretProjectNotAllowed, { policy: policy.file, project, allowed: policy.secretProjects })
}
