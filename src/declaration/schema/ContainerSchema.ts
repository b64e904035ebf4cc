import * as Schema from "effect/Schema"
import {
  containerName,
  hostPortNumber,
  imageReference,
  ipAddress,
  mountPath,
  optionalFile,
  optionalPortName,
  portNumber,
  subPath,
  workingDirectory
} from "./limits.ts"
import { newer, secret } from "./annotations.ts"
import { LoggingSchema } from "./LoggingSchema.ts"
import { LifecycleSchema } from "./LifecycleSchema.ts"
import { ProbeSchema } from "./ProbeSchema.ts"
import { EnvFromSchema, VariableSchema } from "./EnvironmentSchema.ts"
import { ResourcesSchema } from "./ResourcesSchema.ts"
import { ContainerSecurity } from "./SecuritySchema.ts"

const VolumeMount = Schema.Struct({
  name: Schema.String.annotateKey({ required: true, description: "The name of a volume." }),
  mountPath: Schema.String.annotateKey({
    limits: mountPath,
    required: true,
    description: "Where it is mounted in the container."
  }),
  readOnly: Schema.Boolean.annotateKey({ description: "Mounts it read-only." }),
  subPath: Schema.String.annotateKey({
    limits: subPath,
    ...newer,
    description:
      "A path in the volume that is mounted in its place: relative, without `..`. A missing directory is made with the " +
      "permissions of the volume's root. A symbolic link that leads out of the volume is refused, before anything is " +
      "stopped where it can be seen by then. A disk that nothing writes to is mounted read-only, and nothing is made on it."
  }),
  subPathExpr: Schema.String.annotateKey({
    ...newer,
    description:
      "The same with variables of the container, as in `logs/$(POD_NAME)`. A variable that is not declared, one whose value " +
      "is of a secret, and a path that comes out empty are errors. Not together with `subPath`."
  }),
  mountPropagation: Schema.String.annotateKey({
    ...newer,
    values: ["", "None", "HostToContainer", "Bidirectional"],
    description:
      "Whether mounts made later below the volume pass: `None` (default), `HostToContainer`, or `Bidirectional`, which needs " +
      "a privileged container. What the host does not share is refused before anything is stopped."
  }),
  recursiveReadOnly: Schema.String.annotateKey({
    ...newer,
    values: ["", "Disabled", "IfPossible", "Enabled"],
    description:
      "Whether a read-only mount covers what is mounted below it: `Disabled`, `IfPossible`, or `Enabled`, which is refused " +
      "where the engine (before Docker 25) or the kernel (before 5.12) cannot. Left out, it is as the engine has it: from " +
      "Docker 25 as IfPossible."
  })
}).annotate({ title: "a mount" })

const Port = Schema.Struct({
  name: Schema.String.annotateKey({
    limits: optionalPortName,
    description: "A name, unique among the container's ports."
  }),
  containerPort: Schema.Int.annotateKey({
    limits: portNumber,
    required: true,
    description: "A port that the container listens on."
  }),
  hostPort: Schema.Int.annotateKey({
    limits: hostPortNumber,
    description:
      "The port of the VM on which it is published. On the host's network it must be the same as `containerPort`."
  }),
  protocol: Schema.String.annotateKey({
    values: ["", "TCP", "UDP", "SCTP"],
    description: "`TCP` (default), `UDP` or `SCTP`."
  }),
  hostIP: Schema.String.annotateKey({
    limits: ipAddress,
    description: "The address on which it is published. Default: all."
  })
}).annotate({ title: "a port" })

/** A container, or an init container. */
export const ContainerSchema = Schema.Struct({
  name: Schema.String.annotateKey({
    limits: containerName,
    description: "Needed and unique where there are several. The engine's container is `klt-NAME-xxxx`."
  }),
  image: Schema.String.annotateKey({
    limits: imageReference,
    required: true,
    description: "An image reference. A tag is followed at each run; a digest stays."
  }),
  imagePullPolicy: Schema.optionalKey(Schema.String).annotateKey({
    ...newer,
    values: ["", "Always", "IfNotPresent", "Never"],
    description:
      "`Always` (default, as with konlet; in Kubernetes only with the tag `latest`): its registry is asked at each run, and a moved tag is pulled. `IfNotPresent`: asked only if the engine does not hold the image. `Never`: refused if it does not."
  }),
  command: Schema.optionalKey(Schema.Array(Schema.String)).annotateKey({
    ...secret,
    description: "Replaces the image's entrypoint."
  }),
  args: Schema.optionalKey(Schema.Array(Schema.String)).annotateKey({
    ...secret,
    description: "Replaces the image's command."
  }),
  env: Schema.Array(VariableSchema).annotateKey({ ...secret, description: "Variables of its environment." }),
  envFrom: Schema.Array(EnvFromSchema).annotateKey({
    ...newer,
    description: "ConfigMaps and Secrets all of whose keys become variables. `env` overrides them."
  }),
  ports: Schema.Array(Port).annotateKey({ ...newer, description: "The ports that it listens on." }),
  volumeMounts: Schema.Array(VolumeMount).annotateKey({ description: "Which volumes are mounted in it, and where." }),
  resources: ResourcesSchema.annotateKey({
    ...newer,
    description: "How much of the VM it may use, and how much is kept for it."
  }),
  securityContext: ContainerSecurity.annotateKey({ description: "Its rights." }),
  logging: Schema.optionalKey(LoggingSchema).annotateKey({
    ...newer,
    description: "Where its output goes, in the words of Docker Compose. Kubernetes has no such field."
  }),
  workingDir: Schema.String.annotateKey({
    limits: workingDirectory,
    ...newer,
    description: "The directory that the command starts in, from the container's root. Default: the image's (WORKDIR)."
  }),
  stdin: Schema.Boolean.annotateKey({ description: "Keeps standard input open." }),
  stdinOnce: Schema.Boolean.annotateKey({
    ...newer,
    description: "With stdin: closes standard input once the first client that attached to it has gone. Default: false."
  }),
  tty: Schema.Boolean.annotateKey({ description: "Gives it a terminal." }),
  restartPolicy: Schema.optionalKey(Schema.String).annotateKey({
    ...newer,
    values: ["Always", "OnFailure", "Never"],
    description: "Overrides the Pod's. An init container with `Always` is a sidecar."
  }),
  lifecycle: Schema.optionalKey(LifecycleSchema).annotateKey({
    ...newer,
    description:
      "What is done at its beginning and its end. Not for init containers that run to their end. A hook's `exec` expands no `$(NAME)`, as in Kubernetes."
  }),
  terminationMessagePath: Schema.String.annotateKey({
    limits: optionalFile,
    ...newer,
    description:
      "A file in the container, `/dev/termination-log` if only the policy is written. The last 4096 bytes of what is written there are shown when it has failed or ended. It is made empty with the container, not at a restart. Without either key nothing is read."
  }),
  terminationMessagePolicy: Schema.String.annotateKey({
    ...newer,
    values: ["", "File", "FallbackToLogsOnError"],
    description:
      "`File` (default), or `FallbackToLogsOnError`: of a container that has failed and left the file empty, the last of its log counts instead (80 lines, 2048 bytes)."
  }),
  startupProbe: Schema.optionalKey(ProbeSchema).annotateKey({
    ...newer,
    description:
      "`up` waits until it has succeeded, and fails if it does not. Until then the other probes are held back, and behind a sidecar all that follows it. `slipway agent` asks it after each later start too, and restarts a container that fails it."
  }),
  readinessProbe: Schema.optionalKey(ProbeSchema).annotateKey({
    ...newer,
    description:
      "`up` waits until a new container is ready, whatever `--confirm` says, and fails at `failureThreshold` failures in a row: what is slow to start needs a startupProbe. A container whose probes alone have changed is left alone, and `up` does not probe it. `slipway agent` goes on probing, shows in the status whether it is ready, and stops nothing for it."
  }),
  livenessProbe: Schema.optionalKey(ProbeSchema).annotateKey({
    ...newer,
    description:
      "`slipway agent` restarts a container that fails it `failureThreshold` times in a row, with its preStop hook and grace period; again and again with Kubernetes' back-off (at once, then 10 s, doubled up to 5 min, forgotten after 10 min). With `restartPolicy: Never` it stays stopped. `up` does not act on it: it ends once the containers are up."
  })
}).annotate({ title: "a container" })
