import * as Schema from "effect/Schema"
import { base64, dataKeys } from "./limits.ts"
import { newer, secret } from "./annotations.ts"
import { MetadataSchema } from "./MetadataSchema.ts"

/** The documents beside a Pod from which it takes values. Whatever they hold may be a secret. */

const Values = Schema.Record(Schema.String, Schema.String)

const metadata = MetadataSchema.annotateKey({
  ...newer,
  required: true,
  description: "Its name, by which containers and volumes refer to it."
})
const immutable = Schema.Boolean.annotateKey({
  ...newer,
  description: "Has no meaning here: a run reads the text once."
})

export const ConfigMapSchema = Schema.Struct({
  metadata,
  data: Values.annotateKey({ ...newer, ...secret, limits: dataKeys, description: "Texts by key." }),
  binaryData: Values.annotateKey({ limits: base64, ...newer, ...secret, description: "Bytes by key, in Base64." }),
  immutable
}).annotate({ title: "a ConfigMap" })

export const SecretSchema = Schema.Struct({
  metadata,
  data: Values.annotateKey({ ...newer, ...secret, limits: base64, description: "Texts or bytes by key, in Base64." }),
  stringData: Values.annotateKey({
    limits: dataKeys,
    ...newer,
    ...secret,
    description: "Texts by key, not encoded. Overrides `data`."
  }),
  type: Schema.String.annotateKey({
    ...newer,
    description: "`Opaque` (default), or one of Kubernetes' types, which require certain keys."
  }),
  immutable
}).annotate({ title: "a Secret" })

export type DeclaredConfigMap = typeof ConfigMapSchema.Type
export type DeclaredSecret = typeof SecretSchema.Type
export type DeclaredMetadata = typeof MetadataSchema.Type
