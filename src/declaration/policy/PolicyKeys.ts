import type { Finding } from "../yaml/Finding.ts"
import type { KeyRules } from "../keys/KeyRules.ts"
import { nearest } from "../../text/nearest.ts"
import { PolicyKeyDuplicate, PolicyKeyUnknown } from "./PolicyProblem.ts"
import { policyKeys } from "./PolicySchema.ts"
import type { Report } from "../Findings.ts"

/** What an unknown key may look like to be shown; anything else may be a secret of a file that is no policy. */
const keyLike = /^(?:<<|[a-z][a-zA-Z_-]{0,39})$/

/** How a policy's keys are judged: each must be one of its own, and be there once. A typo must not open the host. */
export class PolicyKeys implements KeyRules {
  readonly #report: Pick<Report<PolicyKeyUnknown | PolicyKeyDuplicate, never>, "problem">

  constructor(report: Pick<Report<PolicyKeyUnknown | PolicyKeyDuplicate, never>, "problem">) {
    this.#report = report
  }

  readonly unknown: KeyRules["unknown"] = ({ key, span }) => {
    const shown = keyLike.test(key)
    const fields = { key: shown ? key : "…", suggestion: nearest(key, policyKeys) }
    this.#report.problem(span, (position) => new PolicyKeyUnknown({ ...position, ...fields }))
    return { shown }
  }

  /** All but the first: which one was meant is not known. */
  readonly duplicate: KeyRules["duplicate"] = (owner, name, { key, replaced }) => {
    const [first = key, ...others] = [...replaced, key]
    const shown = owner.fields.has(name) || keyLike.test(name) ? name : "…"
    for (const other of others) {
      const make: Finding<PolicyKeyDuplicate>["make"] = (position, { lineOf }) =>
        new PolicyKeyDuplicate({ ...position, key: shown, firstLine: lineOf(first) })
      this.#report.problem(other, make)
    }
  }
}
