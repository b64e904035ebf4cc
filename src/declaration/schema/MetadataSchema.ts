import * as Schema from "effect/Schema"
import { labels, optionalDnsLabel, optionalDnsName } from "./limits.ts"

const Texts = Schema.Record(Schema.String, Schema.String)

/** What every object of Kubernetes has. */
export const MetadataSchema = Schema.Struct({
  name: Schema.String.annotateKey({
    limits: optionalDnsName,
    description: "Its name. Default: the name of the instance."
  }),
  namespace: Schema.String.annotateKey({ limits: optionalDnsLabel, description: "`default` if left out." }),
  uid: Schema.String.annotateKey({
    description: "Default: derived from the Pod's namespace and name and the machine, the same at each run."
  }),
  labels: Texts.annotateKey({ limits: labels, description: "Labels. Only `fieldRef` reads them." }),
  annotations: Texts.annotateKey({
    limits: { keys: "^[^\\s]*$" },
    description: "Annotations. Only `fieldRef` reads them."
  })
}).annotate({ title: '"metadata"' })
