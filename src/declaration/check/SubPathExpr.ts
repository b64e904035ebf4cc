import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import type { ImportedVariables } from "./EnvFrom.ts"
import { maximumCandidates, nearest, orElse } from "../../text/nearest.ts"
import { position } from "../yaml/Position.ts"
import type { DeclaredVariable } from "../../workload/DeclaredWorkload.ts"
import { expand, hasReference } from "../../workload/expand.ts"
import {
  cleanSubPath,
  type SubPathFault,
  subPathFault,
  subPathFaults,
  subPathFaultText
} from "../../workload/subPath.ts"

/** A mount that names a part of its volume in two ways. */
export class SubPathConflict extends Schema.TaggedError<SubPathConflict>()("SubPathConflict", {
  ...position,
  volume: Schema.String
}) {
  override get message(): string {
    return `the mount of "${this.volume}" has a subPath and a subPathExpr`
  }
  get advice(): string {
    return "Keep one of the two."
  }
}

/** A reference to what is no variable of the container. Kubernetes does not start such a container. */
export class SubPathVariableUnknown extends Schema.TaggedError<SubPathVariableUnknown>()("SubPathVariableUnknown", {
  ...position,
  volume: Schema.String,
  variable: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return `the subPathExpr of the mount of "${this.volume}" refers to "${this.variable}", which is no variable of the container`
  }
  get advice(): string {
    return orElse(this.suggestion, `Declare it in "env", or write "$$(${this.variable})" if it is no reference.`)
  }
}

/** A reference to a secret: a path is printed wherever a plan is. */
export class SubPathVariableSecret extends Schema.TaggedError<SubPathVariableSecret>()("SubPathVariableSecret", {
  ...position,
  volume: Schema.String,
  variable: Schema.String
}) {
  override get message(): string {
    return `the subPathExpr of the mount of "${this.volume}" refers to "${this.variable}", whose value is of a secret: paths are in plans and logs`
  }
  get advice(): string {
    return "Refer to a variable that is not of a secret, such as one of a ConfigMap."
  }
}

/** What it becomes is no path in the volume. The variables' values are not shown. */
export class SubPathExprInvalid extends Schema.TaggedError<SubPathExprInvalid>()("SubPathExprInvalid", {
  ...position,
  volume: Schema.String,
  subPathExpr: Schema.String,
  fault: Schema.Literals(subPathFaults)
}) {
  override get message(): string {
    return `the subPathExpr "${this.subPathExpr}" of the mount of "${this.volume}" becomes a path that ${subPathFaultText[this.fault]}`
  }
  get advice(): string {
    return "Write it and its variables so that it becomes a path inside the volume, beginning at its root."
  }
}

export type SubPathExprProblem = SubPathConflict | SubPathVariableUnknown | SubPathVariableSecret | SubPathExprInvalid

/** The variables of a container, as they are declared and as they were checked. */
export interface ContainerVariables extends ImportedVariables {
  readonly env: ReadonlyArray<DeclaredVariable>
}

type DeclaredMount = DeclaredContainer["volumeMounts"][number]

/** What a mount's `subPathExpr` stands for: known, or once what the VM tells is. */
export type CheckedSubPathExpr = { readonly subPath: string } | { readonly subPathExpr: string }

/**
 * Checks what each `subPathExpr` becomes. What is wrong with one is a problem under konlet's rules too: the whole volume is
 * not what is meant.
 */
export const checkSubPathExprs = (
  container: DeclaredContainer,
  variables: ContainerVariables,
  check: Check<SubPathExprProblem, never>
): ReadonlyMap<DeclaredMount, CheckedSubPathExpr> => {
  const mounts = container.volumeMounts.filter(({ subPathExpr }) => subPathExpr !== "")
  if (mounts.length === 0) return new Map()
  const known = knownValues(variables)
  const secrets = secretNames(container, variables)
  const areComplete =
    // What is wrong with the variables is no problem then.
    check.followsKonlet ||
    (!check.at(container, "env").invalid &&
      !check.at(container, "envFrom").invalid &&
      !container.env.some((variable, index) => check.at(container.env, index).invalid || variable.name === ""))
  return new Map(
    mounts.flatMap((mount) => {
      const checked = checkSubPathExpr(mount, { known, secrets, areComplete }, check)
      return checked === undefined ? [] : [[mount, checked] as const]
    })
  )
}

interface NamedVariables {
  /** With the values of those that nothing but the declaration tells. */
  readonly known: ReadonlyMap<string, string | undefined>
  readonly secrets: ReadonlySet<string>
  /** False where a variable's name could not be read: then nothing is said about missing ones. */
  readonly areComplete: boolean
}

const checkSubPathExpr = (
  mount: DeclaredMount,
  { known, secrets, areComplete }: NamedVariables,
  check: Check<SubPathExprProblem, never>
): CheckedSubPathExpr | undefined => {
  const place = check.at(mount, "subPathExpr")
  const volume = check.quote(mount, "name")
  const { subPath, subPathExpr } = mount
  if (subPath !== "") {
    check.problem(place, SubPathConflict, { volume })
    return undefined
  }
  const referred = [...new Set(referencesIn(subPathExpr))]
  for (const variable of referred) {
    if (secrets.has(variable)) check.problem(place, SubPathVariableSecret, { volume, variable })
    else if (!known.has(variable) && areComplete) {
      const suggestion = nearest(variable, [...known.keys()].slice(0, maximumCandidates))
      check.problem(place, SubPathVariableUnknown, { volume, variable, suggestion })
    }
  }
  if (referred.some((variable) => secrets.has(variable) || !known.has(variable))) return undefined
  const isKnown = referred.every((variable) => known.get(variable) !== undefined)
  const path = isKnown ? expand(subPathExpr, (name) => known.get(name)) : subPathExpr
  const fault: SubPathFault | undefined = subPathFault(path)
  if (fault !== undefined) {
    check.problem(place, SubPathExprInvalid, { volume, subPathExpr: check.quote(mount, "subPathExpr"), fault })
    return undefined
  }
  return isKnown ? { subPath: cleanSubPath(path) } : { subPathExpr }
}

const referencesIn = (text: string): ReadonlyArray<string> => {
  const names: Array<string> = []
  expand(text, (name) => {
    names.push(name)
    return undefined
  })
  return names
}

/** All variables, with the values of those that nothing but the declaration tells. */
const knownValues = ({ imported, env }: ContainerVariables): ReadonlyMap<string, string | undefined> => {
  const known = new Map<string, string | undefined>(imported.map(({ name, value }) => [name, value]))
  for (const variable of env) {
    if ("from" in variable) known.set(variable.name, undefined)
    else if ("template" in variable) {
      const isKnown = referencesIn(variable.template).every((name) => !known.has(name) || known.get(name) !== undefined)
      known.set(variable.name, isKnown ? expand(variable.template, (name) => known.get(name)) : undefined)
    } else known.set(variable.name, variable.value)
  }
  return known
}

/** The variables that have a secret's value, or refer to one that does. */
const secretNames = ({ env }: DeclaredContainer, { importedSecrets }: ContainerVariables): ReadonlySet<string> => {
  const secrets = new Set(importedSecrets)
  for (const { name, value, valueFrom } of env) {
    const isSecret =
      valueFrom?.secretKeyRef !== undefined ||
      (hasReference(value) && referencesIn(value).some((referred) => secrets.has(referred)))
    if (isSecret) secrets.add(name)
    else secrets.delete(name)
  }
  return secrets
}
