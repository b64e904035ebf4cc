import * as Schema from "effect/Schema"
import { newer, secret } from "./annotations.ts"

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

/** A container, or an init container. */
export const ContainerSchema = Schema.Struct({
  name: Schema.String,
  image: Schema.String,
  command: Schema.optionalKey(Schema.Array(Schema.String)).annotateKey(secret),
  args: Schema.optionalKey(Schema.Array(Schema.String)).annotateKey(secret),
  env: Schema.Array(EnvironmentVariable).annotateKey(secret),
  ports: Schema.Array(Port).annotateKey(newer),
  volumeMounts: Schema.Array(VolumeMount),
  securityContext: SecurityContext,
  workingDir: Schema.String.annotateKey({
    ...newer,
    description: "The directory that the command starts in, from the container's root. Default: the image's (WORKDIR)."
  }),
  stdin: Schema.Boolean,
  stdinOnce: Schema.Boolean.annotateKey({
    ...newer,
    description: "With stdin: closes standard input once the first client that attached to it has gone. Default: false."
  }),
  tty: Schema.Boolean,
  restartPolicy: Schema.optionalKey(Schema.String).annotateKey(newer)
}).annotate({ title: "a container" })
