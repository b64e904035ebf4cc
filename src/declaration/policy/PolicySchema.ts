import * as Schema from "effect/Schema"

/** A policy's shape. What is left out is allowed. */
export const PolicySchema = Schema.Struct({
  privileged: Schema.optionalKey(Schema.Boolean),
  hostPaths: Schema.optionalKey(Schema.Array(Schema.String)),
  registries: Schema.optionalKey(Schema.Array(Schema.String))
}).annotate({ title: "the policy" })

export type DeclaredPolicy = typeof PolicySchema.Type

/** The keys of a policy. */
export const policyKeys = Object.keys(PolicySchema.fields) as ReadonlyArray<keyof DeclaredPolicy>
