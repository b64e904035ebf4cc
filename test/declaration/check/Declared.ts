import * as Result from "effect/Result"
import { decodeDeclaration } from "../../../src/declaration/Declaration.ts"
import type { Dialect } from "../../../src/workload/Dialect.ts"
import { resolveWorkload } from "../../../src/resolution/resolveWorkload.ts"
import type { DeclaredWorkload } from "../../../src/workload/DeclaredWorkload.ts"
import { formatSecretVersion } from "../../../src/workload/SecretVersion.ts"
import type { Workload } from "../../../src/workload/Workload.ts"

/** A Pod as JSON, so that no character of it needs a thought. */
export const decodeSpec = (spec: object, dialect: Dialect = "slipway") =>
  decodeDeclaration({ file: "pod.json", text: JSON.stringify({ spec }), dialect })

export const workloadOf = (spec: object, dialect?: Dialect): Workload =>
  resolvedAlone(Result.getOrThrow(decodeSpec(spec, dialect)).workload)

/** The workload of a declaration that takes nothing from elsewhere but secrets, of which the version alone is known. */
export const resolvedAlone = (workload: DeclaredWorkload): Workload =>
  resolveWorkload(workload, (source) => {
    if (source._tag === "Secret") {
      return { value: "", identity: formatSecretVersion({ ...source.secret, project: source.secret.project ?? "1" }) }
    }
    throw new Error(`nothing is known of ${JSON.stringify(source)}`)
  })

/** What is said about a Pod: of problems and warnings each tag, problems first. */
export const saidOf = (spec: object, dialect?: Dialect): ReadonlyArray<string> => {
  const decoded = decodeSpec(spec, dialect)
  const { problems = [], warnings } = Result.isSuccess(decoded)
    ? { warnings: decoded.success.warnings }
    : decoded.failure
  return [...problems, ...warnings].map((finding) => (finding instanceof Error ? finding._tag : `(${finding._tag})`))
}

/** The messages and advice of what is wrong with a Pod. */
export const problemsOf = (spec: object, dialect?: Dialect): ReadonlyArray<readonly [string, string]> =>
  Result.getOrThrow(Result.flip(decodeSpec(spec, dialect))).problems.map(({ message, advice }) => [message, advice])
