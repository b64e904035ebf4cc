import * as Schema from "effect/Schema"
import { id } from "./limits.ts"
import { newer } from "./annotations.ts"

const Capabilities = Schema.Struct({
  add: Schema.Array(Schema.String).annotateKey({
    ...newer,
    description: "Capabilities besides the engine's default ones, with or without `CAP_`; `ALL` for all."
  }),
  drop: Schema.Array(Schema.String).annotateKey({
    ...newer,
    description:
      "Capabilities to take away; `ALL` for all. Overrides `add`, except that single capabilities can be added to `drop: [ALL]`."
  })
}).annotate({ title: "capabilities" })

const SeccompProfile = Schema.Struct({
  type: Schema.String.annotateKey({
    ...newer,
    required: true,
    values: ["RuntimeDefault", "Unconfined", "Localhost"],
    description:
      "`RuntimeDefault`: the engine's profile, which is also the default here (in Kubernetes it is `Unconfined`); " +
      "`Unconfined`; or `Localhost`. A privileged container is always unconfined."
  }),
  localhostProfile: Schema.optionalKey(Schema.String).annotateKey({
    ...newer,
    description: "With `Localhost`: a JSON file of the VM, by its path below the folder `seccomp` in `SLIPWAY_STATE`."
  })
}).annotate({ title: "a seccompProfile" })

const AppArmorProfile = Schema.Struct({
  type: Schema.String.annotateKey({
    ...newer,
    required: true,
    values: ["RuntimeDefault", "Unconfined", "Localhost"],
    description: "`RuntimeDefault`: the engine's profile, as by default; `Unconfined`; or `Localhost`."
  }),
  localhostProfile: Schema.optionalKey(Schema.String).annotateKey({
    ...newer,
    description: "With `Localhost`: the name of a profile that is loaded on the VM."
  })
}).annotate({ title: "an appArmorProfile" })

const SeLinuxOptions = Schema.Struct({
  user: Schema.String.annotateKey({ ...newer, description: "The user of its SELinux label." }),
  role: Schema.String.annotateKey({ ...newer, description: "The role of its SELinux label." }),
  type: Schema.String.annotateKey({ ...newer, description: "The type of its SELinux label." }),
  level: Schema.String.annotateKey({ ...newer, description: "The level of its SELinux label." })
}).annotate({ title: "seLinuxOptions" })

/** What a Pod may say as well; a container's own goes before it. */
const shared = {
  runAsUser: Schema.optionalKey(Schema.Int).annotateKey({
    limits: id,
    ...newer,
    description: "The user id that processes run as. Default: the image's user."
  }),
  runAsGroup: Schema.optionalKey(Schema.Int).annotateKey({
    limits: id,
    ...newer,
    description: "The group id that processes run as, also without `runAsUser`. Default: the user's own group."
  }),
  runAsNonRoot: Schema.optionalKey(Schema.Boolean).annotateKey({
    ...newer,
    description:
      "Refuses user 0. Without `runAsUser`, the image's user must be a number other than 0, which is checked before anything is stopped."
  }),
  seccompProfile: Schema.optionalKey(SeccompProfile).annotateKey({
    ...newer,
    description: "Which system calls are allowed."
  }),
  appArmorProfile: Schema.optionalKey(AppArmorProfile).annotateKey({
    ...newer,
    description: "Its AppArmor profile. On a VM without AppArmor only `Unconfined` is accepted."
  }),
  seLinuxOptions: Schema.optionalKey(SeLinuxOptions).annotateKey({
    ...newer,
    description:
      "Parts of its SELinux label; the engine's by default. Without effect, which a warning says, unless the engine uses SELinux."
  })
}

/** A container's own security context. */
export const ContainerSecurity = Schema.Struct({
  privileged: Schema.Boolean.annotateKey({ description: "Gives it every right on the host." }),
  ...shared,
  capabilities: Capabilities.annotateKey({ ...newer, description: "Individual rights of root." }),
  readOnlyRootFilesystem: Schema.Boolean.annotateKey({
    ...newer,
    description: "Nothing outside of its mounts can be written."
  }),
  allowPrivilegeEscalation: Schema.optionalKey(Schema.Boolean).annotateKey({
    ...newer,
    description: "false: no program gives a process more rights than its parent has, as setuid programs do."
  }),
  procMount: Schema.optionalKey(Schema.String).annotateKey({
    ...newer,
    values: ["Default", "Unmasked"],
    description:
      "`Default`, or `Unmasked`: nothing of /proc and /sys is hidden. Unlike in Kubernetes it needs no user namespace."
  })
}).annotate({ title: "a securityContext" })

const Sysctl = Schema.Struct({
  name: Schema.String.annotateKey({
    ...newer,
    required: true,
    description:
      "`net.…`, on the Pod's own network, or one of IPC (`kernel.shm…`, `kernel.msg…`, `kernel.sem`, `fs.mqueue.…`). " +
      "What the whole VM shares is refused; what Kubernetes calls unsafe needs no leave."
  }),
  value: Schema.String.annotateKey({ ...newer, description: "Its value." })
}).annotate({ title: "a sysctl" })

/** A Pod's, for all its containers. */
export const PodSecurity = Schema.Struct({
  ...shared,
  sysctls: Schema.Array(Sysctl).annotateKey({ ...newer, description: "Settings of the kernel, for the Pod alone." }),
  supplementalGroups: Schema.Array(Schema.Int).annotateKey({
    limits: id,
    ...newer,
    description: "Ids of groups that processes belong to as well."
  }),
  supplementalGroupsPolicy: Schema.optionalKey(Schema.String).annotateKey({
    ...newer,
    values: ["Merge", "Strict"],
    description:
      "`Merge` (default): also the groups that the image has for its user; the engine leaves these out where " +
      "`runAsGroup` is written. `Strict`: no others, for which `runAsGroup` is needed."
  }),
  fsGroup: Schema.optionalKey(Schema.Int).annotateKey({
    limits: id,
    ...newer,
    description:
      "The group that its volumes belong to, which may write to them, and to which processes belong: disks that are mounted for writing and every emptyDir, before their containers start. Not a hostPath."
  }),
  fsGroupChangePolicy: Schema.optionalKey(Schema.String).annotateKey({
    ...newer,
    values: ["Always", "OnRootMismatch"],
    description:
      "`Always` (default): all files of a disk are looked at. `OnRootMismatch`: only where its root directory does not have the group and its permissions yet."
  })
}).annotate({ title: "a Pod's securityContext" })
