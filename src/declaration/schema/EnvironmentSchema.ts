import * as Schema from "effect/Schema"
import { variableName, variablePrefix, fieldOfVariable } from "./limits.ts"
import { alternative, newer, open } from "./annotations.ts"

const optional = Schema.Boolean.annotateKey({ description: "Whether it may be missing." })

const KeyOf = (title: string, of: string) =>
  Schema.Struct({
    name: Schema.String.annotateKey({
      required: true,
      description: `The name of the ${of}, a document of the same text.`
    }),
    key: Schema.String.annotateKey({ required: true, description: "The key in its data." }),
    optional
  }).annotate({ title })

const SecretKeyRef = Schema.Struct({
  name: Schema.String.annotateKey({
    required: true,
    description:
      "The name of a Secret, a document of the same text; if there is none, of a secret in Secret Manager: `NAME` in the " +
      "VM's project, or `projects/P/secrets/S`. It is read with the VM's service account before anything is stopped."
  }),
  key: Schema.String.annotateKey({
    description:
      "The key in its data. Of a secret in Secret Manager its version: a number, an alias, or `latest`, the default."
  }),
  optional
}).annotate({ title: "a secretKeyRef" })

const FieldRef = Schema.Struct({
  apiVersion: Schema.String.annotateKey({ values: ["", "v1"], description: "`v1`, the default." }),
  fieldPath: Schema.String.annotateKey({
    limits: fieldOfVariable,
    required: true,
    description:
      "`metadata.name`, `metadata.namespace`, `metadata.uid`, `metadata.labels['KEY']`, `metadata.annotations['KEY']`, " +
      "`spec.nodeName` (the instance's name), `spec.serviceAccountName` (`default`), `status.hostIP`, `status.hostIPs` (the " +
      "VM's internal IPv4 address), `status.podIP`, `status.podIPs` (on the host's network the same)."
  })
}).annotate({ title: "a fieldRef" })

/** What of a container a variable or a file has, and in which unit. */
export const resourceOf = {
  resource: Schema.String.annotateKey({
    required: true,
    description:
      "`limits.cpu`, `limits.memory`, `limits.ephemeral-storage`, the same of `requests`. Without a limit, what the VM has."
  }),
  divisor: Schema.String.annotateKey({
    description: "The unit, `1m` or `1Mi`: 1 if left out. The number is rounded up."
  })
}

const ResourceFieldRef = Schema.Struct({
  containerName: Schema.String.annotateKey({ description: "A container of the Pod; its own if left out." }),
  ...resourceOf
}).annotate({ title: "a resourceFieldRef" })

const ValueFrom = Schema.Struct({
  configMapKeyRef: Schema.optionalKey(KeyOf("a configMapKeyRef", "ConfigMap")).annotateKey({
    ...alternative,
    description: "A key of a ConfigMap in the same text."
  }),
  secretKeyRef: Schema.optionalKey(SecretKeyRef).annotateKey({
    ...alternative,
    description: "A key of a Secret in the same text, or a secret of Google Secret Manager."
  }),
  fieldRef: Schema.optionalKey(FieldRef).annotateKey({ ...alternative, description: "A field of the Pod." }),
  resourceFieldRef: Schema.optionalKey(ResourceFieldRef).annotateKey({
    ...alternative,
    description: "What a container may use of the VM, or what is kept for it."
  })
}).annotate({ title: "a valueFrom" })

/** A variable of a container. */
export const VariableSchema = Schema.Struct({
  name: Schema.String.annotateKey({ limits: variableName, required: true, description: "A variable." }),
  value: Schema.String.annotateKey({
    description:
      "Its value, exactly as written: `0777`, `yes` and `1.10` too. As in Kubernetes, `$(NAME)` stands for the value of a " +
      "variable before it, in `command` and `args` too, and `$$` for `$`; under konlet's key nothing is expanded."
  }),
  valueFrom: Schema.optionalKey(ValueFrom).annotateKey({
    ...newer,
    ...open,
    description: "In place of `value`: where its value comes from."
  })
}).annotate({ title: "a variable" })

const AllOf = (title: string, of: string) =>
  Schema.Struct({
    name: Schema.String.annotateKey({
      required: true,
      description: `The name of the ${of}, a document of the same text.`
    }),
    optional
  }).annotate({ title })

/** Variables that come from all of a ConfigMap or Secret. */
export const EnvFromSchema = Schema.Struct({
  prefix: Schema.String.annotateKey({
    limits: variablePrefix,
    description: "A prefix for the names of the variables."
  }),
  configMapRef: Schema.optionalKey(AllOf("a configMapRef", "ConfigMap")).annotateKey({
    ...alternative,
    description: "A ConfigMap in the same text."
  }),
  secretRef: Schema.optionalKey(AllOf("a secretRef", "Secret")).annotateKey({
    ...alternative,
    description: "A Secret in the same text."
  })
}).annotate({ title: "an envFrom" })
