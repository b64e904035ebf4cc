import * as Schema from "effect/Schema"
import { newer } from "./schema/annotations.ts"
import { ContainerSchema } from "./schema/ContainerSchema.ts"
import { VolumeSchema } from "./schema/VolumeSchema.ts"

/**
 * A declaration's shape, in Kubernetes' keys. This file and `schema/` are the one place where keys are named; reading, hints
 * for unknown keys and what is shown of a line all follow it.
 *
 * As in Go, what is missing or null has its type's zero value: "", false, 0, an empty list, a mapping of such. Where the
 * difference matters, the key is optional.
 */

const HostAlias = Schema.Struct({
  ip: Schema.String,
  hostnames: Schema.Array(Schema.String)
}).annotate({ title: "a host alias" })

const DnsOption = Schema.Struct({ name: Schema.String, value: Schema.String }).annotate({ title: "a DNS option" })

const DnsConfig = Schema.Struct({
  nameservers: Schema.Array(Schema.String),
  searches: Schema.Array(Schema.String),
  options: Schema.Array(DnsOption)
}).annotate({ title: "a dnsConfig" })

const Spec = Schema.Struct({
  containers: Schema.Array(ContainerSchema),
  initContainers: Schema.Array(ContainerSchema).annotateKey(newer),
  volumes: Schema.Array(VolumeSchema),
  restartPolicy: Schema.optionalKey(Schema.String),
  hostNetwork: Schema.optionalKey(Schema.Boolean).annotateKey(newer),
  hostname: Schema.String.annotateKey(newer),
  hostAliases: Schema.Array(HostAlias).annotateKey(newer),
  dnsPolicy: Schema.optionalKey(Schema.String).annotateKey(newer),
  dnsConfig: DnsConfig.annotateKey(newer)
}).annotate({ title: '"spec"' })

export const Declaration = Schema.Struct({ spec: Spec }).annotate({ title: "the declaration" })

export type Declaration = typeof Declaration.Type
export type DeclaredSpec = Declaration["spec"]
export type DeclaredContainer = DeclaredSpec["containers"][number]
export type DeclaredVolume = DeclaredSpec["volumes"][number]
