import * as Schema from "effect/Schema"

const HostPath = Schema.Struct({ path: Schema.String }).annotate({ title: "a hostPath" })

const EmptyDir = Schema.Struct({ medium: Schema.String }).annotate({ title: "an emptyDir" })

const GcePersistentDisk = Schema.Struct({
  pdName: Schema.String,
  fsType: Schema.String,
  partition: Schema.Int
}).annotate({ title: "a gcePersistentDisk" })

/** A volume and its one source. */
export const VolumeSchema = Schema.Struct({
  name: Schema.String,
  hostPath: Schema.optionalKey(HostPath),
  emptyDir: Schema.optionalKey(EmptyDir),
  gcePersistentDisk: Schema.optionalKey(GcePersistentDisk)
}).annotate({ title: "a volume" })
