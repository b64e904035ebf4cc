import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import { type ConfigScope, lookUpConfig, type ReferenceProblem } from "./ConfigReference.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import type { ConfigKind } from "../documents/ConfigDocuments.ts"
import { variablePrefix } from "../schema/limits.ts"
import { position } from "../yaml/Position.ts"
import type { EnvironmentVariable } from "../../workload/Workload.ts"

/** An item of `envFrom` that has no one source. */
export class EnvFromInvalid extends Schema.TaggedError<EnvFromInvalid>()("EnvFromInvalid", {
  ...position,
  /** As in `spec.containers[0].envFrom[0]`. */
  path: Schema.String,
  found: Schema.Literals(["no source", "two sources", "prefix"])
}) {
  override get message(): string {
    return this.found === "prefix"
      ? `${this.path}.prefix cannot begin a variable's name`
      : `${this.path} has ${this.found}`
  }
  get advice(): string {
    return this.found === "prefix"
      ? 'Use printable ASCII characters other than "=".'
      : "Give it exactly one of configMapRef and secretRef."
  }
}

/** A value of a ConfigMap or Secret that no variable can have. */
export class EnvFromNotText extends Schema.TaggedError<EnvFromNotText>()("EnvFromNotText", {
  ...position,
  path: Schema.String
}) {
  override get message(): string {
    return `${this.path} brings a value that no variable can hold: it is no text`
  }
  get advice(): string {
    return 'List the variables that are needed in "env", or move that value elsewhere.'
  }
}

export type EnvFromProblem = ReferenceProblem | EnvFromInvalid | EnvFromNotText

const prefixPattern = new RegExp(variablePrefix.pattern)

export interface ImportedVariables {
  readonly imported: ReadonlyArray<EnvironmentVariable>
  /** Those that a Secret brings. */
  readonly importedSecrets: ReadonlySet<string>
}

/**
 * The variables of all that `envFrom` names, each name once, the last one counting, and in the order of their names: the
 * order of keys in a document means nothing. As Kubernetes does since 1.34, any key makes a name.
 */
export const checkEnvFrom = (
  { envFrom }: DeclaredContainer,
  scope: ConfigScope,
  check: Check<EnvFromProblem, never>
): ImportedVariables => {
  const variables = new Map<string, string>()
  const secrets = new Set<string>()
  for (const [index, item] of envFrom.entries()) {
    const { prefix, configMapRef, secretRef } = item
    const place = check.at(envFrom, index)
    if (place.invalid) continue
    const { path } = place
    if (!prefixPattern.test(prefix)) {
      check.slip(check.at(item, "prefix"), EnvFromInvalid, { path, found: "prefix" })
      continue
    }
    const references = [
      ...(configMapRef === undefined ? [] : [["ConfigMap", configMapRef] as const]),
      ...(secretRef === undefined ? [] : [["Secret", secretRef] as const])
    ]
    if (references.length !== 1) {
      const isMisfit = check.at(item, "configMapRef").invalid || check.at(item, "secretRef").invalid
      const found = references.length === 0 ? "no source" : "two sources"
      if (!isMisfit) check.slip(place, EnvFromInvalid, { path, found })
      continue
    }
    for (const [kind, reference] of references) {
      const looked = lookUpConfig(kind, reference, scope, check)
      if (looked._tag !== "Found") continue
      for (const [key, { text }] of looked.found.entries) {
        const name = `${prefix}${key}`
        if (text !== undefined) {
          variables.set(name, text)
          if (kind === "Secret") secrets.add(name)
          else secrets.delete(name)
        } else if (!isBinary(kind)) check.slip(check.at(reference, "name"), EnvFromNotText, { path })
      }
    }
  }
  const imported = [...variables]
    .map(([name, value]) => ({ name, value }))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
  return { imported, importedSecrets: secrets }
}

/** What a ConfigMap has as `binaryData` is for files alone. */
const isBinary = (kind: ConfigKind): boolean => kind === "ConfigMap"
