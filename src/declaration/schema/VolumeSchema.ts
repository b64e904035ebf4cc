import * as Schema from "effect/Schema"
import { deviceName, hostPath, imageReference, notNegative, quantity, volumeName } from "./limits.ts"
import { hostPathTypes } from "../../workload/Workload.ts"
import { alternative, newer } from "./annotations.ts"
import { ConfigMapVolume, DownwardVolume, ProjectedVolume, SecretVolume } from "./FilesSchema.ts"

const HostPath = Schema.Struct({
  path: Schema.String.annotateKey({ limits: hostPath, required: true, description: "Its path on the host." }),
  type: Schema.String.annotateKey({
    ...newer,
    values: ["", ...hostPathTypes],
    description:
      "What has to be at the path, checked before anything is stopped: `Directory`, `File`, `Socket`, `CharDevice` or " +
      "`BlockDevice`; `DirectoryOrCreate` and `FileOrCreate` create what is missing. Left out, nothing is checked, and a " +
      "missing directory is created."
  })
}).annotate({ title: "a hostPath" })

const EmptyDir = Schema.Struct({
  medium: Schema.String.annotateKey({
    values: ["", "Memory"],
    description:
      "`Memory`: a tmpfs, empty for each new container. Left out: a directory on the VM's disk, which keeps its content " +
      "over restarts and replacements of containers, and is empty after a boot."
  }),
  sizeLimit: Schema.optionalKey(Schema.String).annotateKey({
    limits: quantity,
    ...newer,
    description:
      "The most that it may hold, a quantity such as `64Mi`. With `medium: Memory` only: on the disk nothing enforces it, " +
      "which is a warning. Default, and 0: half of the VM's memory."
  })
}).annotate({ title: "an emptyDir" })

const GcePersistentDisk = Schema.Struct({
  pdName: Schema.String.annotateKey({
    limits: deviceName,
    required: true,
    description: "The device name of an attached disk."
  }),
  fsType: Schema.String.annotateKey({
    values: ["", "ext4", "xfs"],
    description:
      "`ext4` or `xfs`: a blank disk is formatted so, and one that holds the other is refused. Left out, the disk is mounted as whichever of the two it holds, and a blank one becomes ext4. A filesystem that is smaller than its disk is grown while it is mounted; a partition is not."
  }),
  partition: Schema.Int.annotateKey({
    limits: notNegative,
    description: "A partition; 0 or left out is the whole disk."
  }),
  readOnly: Schema.Boolean.annotateKey({
    ...newer,
    description:
      "Mounts the disk read-only, and then every mount of it is read-only. It is neither formatted, checked nor grown. In a `gce-container-declaration` it is ignored, as konlet did."
  })
}).annotate({ title: "a gcePersistentDisk" })

const ImageVolume = Schema.Struct({
  reference: Schema.String.annotateKey({
    limits: imageReference,
    required: true,
    description: "Its name, as that of a container's image."
  }),
  pullPolicy: Schema.String.annotateKey({
    values: ["", "Always", "IfNotPresent", "Never"],
    description: "As `imagePullPolicy` of a container. Default `Always`, whatever the tag."
  })
}).annotate({ title: "an image" })

/** A volume and its one source. */
export const VolumeSchema = Schema.Struct({
  name: Schema.String.annotateKey({ limits: volumeName, required: true, description: "What mounts refer to." }),
  hostPath: Schema.optionalKey(HostPath).annotateKey({
    ...alternative,
    description: "A directory or file of the host. A missing directory is created."
  }),
  emptyDir: Schema.optionalKey(EmptyDir).annotateKey({
    ...alternative,
    description: "A directory that is empty at first."
  }),
  gcePersistentDisk: Schema.optionalKey(GcePersistentDisk).annotateKey({
    ...alternative,
    description: "A disk of the VM. It is formatted only if it is blank."
  }),
  configMap: Schema.optionalKey(ConfigMapVolume).annotateKey({
    ...alternative,
    ...newer,
    description:
      "Files of a ConfigMap in the same text, in memory and read-only. Another content replaces the container."
  }),
  secret: Schema.optionalKey(SecretVolume).annotateKey({
    ...alternative,
    ...newer,
    description:
      "The same of a Secret in the same text, or of a secret of Google Secret Manager, another version of which replaces the container."
  }),
  downwardAPI: Schema.optionalKey(DownwardVolume).annotateKey({
    ...alternative,
    ...newer,
    description: "Files with fields of the Pod, in memory and read-only."
  }),
  image: Schema.optionalKey(ImageVolume).annotateKey({
    ...newer,
    ...alternative,
    description:
      "The files of an image, read-only. It is pulled as a container's image is, and another image replaces the container. " +
      "It takes Docker 28 or later; by any other engine it is refused before anything is stopped. Engines lose it when they " +
      "are restarted: after a boot the container does not start before `up` has run, otherwise the next run replaces it. " +
      "Unlike in Kubernetes its programs can be run, and a container mounts an image once; `/dev/slipway` marks that it is there."
  }),
  projected: Schema.optionalKey(ProjectedVolume).annotateKey({
    ...alternative,
    ...newer,
    description: "Files of several of these in one volume."
  })
}).annotate({ title: "a volume" })
