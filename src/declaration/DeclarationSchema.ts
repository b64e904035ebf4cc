import * as Schema from "effect/Schema"

/**
 * A declaration's shape, in Kubernetes' keys. The one place where keys are named; reading, hints for unknown keys and what
 * is shown of a line all follow it.
 *
 * As in Go, what is missing or null has its type's zero value: "", false, 0, an empty list, a mapping of such. Where the
 * difference matters, the key is optional.
 */

/** Marks a key whose whole value may be a secret: nothing of it is shown. */
const secret = { secret: true }

/** Marks a key that konlet did not know: under its rules, a value of a wrong type is a slip. */
const newer = { newer: true }

const EnvironmentVariable = Schema.Struct({
  name: Schema.String,
  value: Schema.String
}).annotate({ title: "a variable" })

const VolumeMount = Schema.Struct({
  name: Schema.String,
  mountPath: Schema.String,
  readOnly: Schema.Boolean
}).annotate({ title: "a mount" })

const SecurityContext = Schema.Struct({
  privileged: Schema.Boolean
}).annotate({ title: "a securityContext" })

const Port = Schema.Struct({
  name: Schema.String,
  containerPort: Schema.Int,
  hostPort: Schema.Int,
  protocol: Schema.String,
  hostIP: Schema.String
}).annotate({ title: "a port" })

const Container = Schema.Struct({
  name: Schema.String,
  image: Schema.String,
  command: Schema.optionalKey(Schema.Array(Schema.String)).annotateKey(secret),
  args: Schema.optionalKey(Schema.Array(Schema.String)).annotateKey(secret),
  env: Schema.Array(EnvironmentVariable).annotateKey(secret),
  ports: Schema.Array(Port).annotateKey(newer),
  volumeMounts: Schema.Array(VolumeMount),
  securityContext: SecurityContext,
  stdin: Schema.Boolean,
  tty: Schema.Boolean,
  restartPolicy: Schema.optionalKey(Schema.String).annotateKey(newer)
}).annotate({ title: "a container" })

const HostPath = Schema.Struct({ path: Schema.String }).annotate({ title: "a hostPath" })

const EmptyDir = Schema.Struct({ medium: Schema.String }).annotate({ title: "an emptyDir" })

const GcePersistentDisk = Schema.Struct({
  pdName: Schema.String,
  fsType: Schema.String,
  partition: Schema.Int
}).annotate({ title: "a gcePersistentDisk" })

const Volume = Schema.Struct({
  name: Schema.String,
  hostPath: Schema.optionalKey(HostPath),
  emptyDir: Schema.optionalKey(EmptyDir),
  gcePersistentDisk: Schema.optionalKey(GcePersistentDisk)
}).annotate({ title: "a volume" })

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
  containers: Schema.Array(Container),
  initContainers: Schema.Array(Container),
  volumes: Schema.Array(Volume),
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
