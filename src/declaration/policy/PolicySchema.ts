import * as Schema from "effect/Schema"

const texts = Schema.optionalKey(Schema.Array(Schema.String))
/** Unquoted numbers too. */
const textsOrNumbers = Schema.optionalKey(Schema.Array(Schema.String.annotate({ orNumber: true })))
const rule = Schema.optionalKey(Schema.Boolean)

/** A policy's shape. What is left out is as `default` says. */
export const PolicySchema = Schema.Struct({
  default: Schema.optionalKey(Schema.String),
  privileged: rule,
  runAsRoot: rule,
  unconfined: rule,
  capabilities: texts,
  gpus: rule,
  hostNetwork: rule,
  hostPID: rule,
  hostIPC: rule,
  hostPaths: texts,
  hostPorts: textsOrNumbers,
  logDrivers: texts,
  registries: texts,
  runtimes: texts,
  secretProjects: textsOrNumbers,
  sysctls: texts,
  volumes: texts
}).annotate({ title: "the policy" })

export type DeclaredPolicy = typeof PolicySchema.Type

/** The keys of a policy. */
export const policyKeys = Object.keys(PolicySchema.fields) as ReadonlyArray<keyof DeclaredPolicy>
