import * as Schema from "effect/Schema"
import { alternative } from "./annotations.ts"
import { resourceOf } from "./EnvironmentSchema.ts"
import { filePath, permissionsAsWritten, fieldOfFile } from "./limits.ts"

/** Volumes of files whose content the declaration gives. */

const mode = Schema.optionalKey(Schema.Int).annotateKey({
  limits: permissionsAsWritten,
  description: "Its permissions, in octal as in `0400`. The volume's `defaultMode` if left out."
})
const defaultMode = Schema.optionalKey(Schema.Int).annotateKey({
  limits: permissionsAsWritten,
  description: "The permissions of files that have no `mode`, in octal: `0644` if left out."
})
const path = Schema.String.annotateKey({
  limits: filePath,
  required: true,
  description: 'Its path in the volume: relative, and without "..".'
})
const optional = Schema.Boolean.annotateKey({ description: "Whether it, or one of its keys, may be missing." })

const Item = Schema.Struct({
  key: Schema.String.annotateKey({ required: true, description: "A key of the data." }),
  path,
  mode
}).annotate({ title: "an item" })

const SecretItem = Schema.Struct({
  key: Schema.String.annotateKey({
    required: true,
    description: "A key of the data. Of a secret in Secret Manager a version: a number, an alias, or `latest`."
  }),
  path,
  mode
}).annotate({ title: "an item of a secret" })

const items = Schema.Array(Item).annotateKey({
  description: "The keys that become files. Without any, each key is a file of its name."
})
const secretItems = Schema.Array(SecretItem).annotateKey({
  description:
    "The keys that become files. Without any, each key is a file of its name; of a secret in Secret Manager there is one file, `latest`."
})

const ofConfigMap = "The name of the ConfigMap, a document of the same text."
const ofSecret =
  "The name of a Secret, a document of the same text; if there is none, of a secret in Secret Manager: `NAME` in the VM's " +
  "project, or `projects/P/secrets/S`. It is read with the VM's service account before anything is stopped."

const FileFieldRef = Schema.Struct({
  apiVersion: Schema.String.annotateKey({ values: ["", "v1"], description: "`v1`, the default." }),
  fieldPath: Schema.String.annotateKey({
    limits: fieldOfFile,
    required: true,
    description:
      '`metadata.name`, `metadata.namespace`, `metadata.uid`, `metadata.labels`, `metadata.annotations` (a line `key="value"` ' +
      "for each), `metadata.labels['KEY']`, `metadata.annotations['KEY']`."
  })
}).annotate({ title: "a file's fieldRef" })

const FileResourceFieldRef = Schema.Struct({
  containerName: Schema.String.annotateKey({ required: true, description: "A container of the Pod." }),
  ...resourceOf
}).annotate({ title: "a file's resourceFieldRef" })

const DownwardItem = Schema.Struct({
  path,
  fieldRef: Schema.optionalKey(FileFieldRef).annotateKey({ ...alternative, description: "A field of the Pod." }),
  resourceFieldRef: Schema.optionalKey(FileResourceFieldRef).annotateKey({
    ...alternative,
    description: "What a container may use of the VM, or what is kept for it."
  }),
  mode
}).annotate({ title: "a downwardAPI item" })

const downwardItems = Schema.Array(DownwardItem).annotateKey({ description: "Its files." })

export const ConfigMapVolume = Schema.Struct({
  name: Schema.String.annotateKey({ required: true, description: ofConfigMap }),
  items,
  defaultMode,
  optional
}).annotate({ title: "a configMap" })

export const SecretVolume = Schema.Struct({
  secretName: Schema.String.annotateKey({ required: true, description: ofSecret }),
  items: secretItems,
  defaultMode,
  optional
}).annotate({ title: "a secret" })

export const DownwardVolume = Schema.Struct({ items: downwardItems, defaultMode }).annotate({ title: "a downwardAPI" })

const ProjectedSource = Schema.Struct({
  configMap: Schema.optionalKey(
    Schema.Struct({
      name: Schema.String.annotateKey({ required: true, description: ofConfigMap }),
      items,
      optional
    }).annotate({ title: "a projected configMap" })
  ).annotateKey({ ...alternative, description: "Files of a ConfigMap in the same text." }),
  secret: Schema.optionalKey(
    Schema.Struct({
      name: Schema.String.annotateKey({ required: true, description: ofSecret }),
      items: secretItems,
      optional
    }).annotate({ title: "a projected secret" })
  ).annotateKey({
    ...alternative,
    description: "Files of a Secret in the same text, or of a secret of Google Secret Manager."
  }),
  downwardAPI: Schema.optionalKey(
    Schema.Struct({ items: downwardItems }).annotate({ title: "a projected downwardAPI" })
  ).annotateKey({ ...alternative, description: "Files with fields of the Pod." })
}).annotate({ title: "a projected source" })

export const ProjectedVolume = Schema.Struct({
  sources: Schema.Array(ProjectedSource).annotateKey({
    description: "What its files come from. Of two at one path the later is there, unless both name the path."
  }),
  defaultMode
}).annotate({ title: "a projected" })

export type DeclaredItem = typeof Item.Type
export type DeclaredDownwardItem = typeof DownwardItem.Type
export type DeclaredProjectedSource = typeof ProjectedSource.Type
