import * as Schema from "effect/Schema"
import { newer, secret } from "./annotations.ts"
import { MetadataSchema } from "./MetadataSchema.ts"

/** The documents beside a Pod from which it takes values. Whatever they hold may be a secret. */

const Values = Schema.Record(Schema.String, Schema.String)

export const ConfigMapSchema = Schema.Struct({
  metadata: MetadataSchema.annotateKey(newer),
  data: Values.annotateKey({ ...newer, ...secret }),
  binaryData: Values.annotateKey({ ...newer, ...secret }),
  immutable: Schema.Boolean.annotateKey(newer)
}).annotate({ title: "a ConfigMap" })

export const SecretSchema = Schema.Struct({
  metadata: MetadataSchema.annotateKey(newer),
  data: Values.annotateKey({ ...newer, ...secret }),
  stringData: Values.annotateKey({ ...newer, ...secret }),
  type: Schema.String.annotateKey(newer),
  immutable: Schema.Boolean.annotateKey(newer)
}).annotate({ title: "a Secret" })

export type DeclaredConfigMap = typeof ConfigMapSchema.Type
export type DeclaredSecret = typeof SecretSchema.Type
export type DeclaredMetadata = typeof MetadataSchema.Type
