import * as Schema from "effect/Schema"
import { labels, optionalDnsLabel, optionalDnsName } from "./limits.ts"

const Texts = Schema.Record(Schema.String, Schema.String)

/** What every object of Kubernetes has. */
export const MetadataSchema = Schema.Struct({
  name: Schema.String.annotateKey({
    limits: optionalDnsName,
    description: "Its name. A Pod without one has the instance's."
  }),
  namespace: Schema.String.annotateKey({ limits: optionalDnsLabel, description: "`default` if left out." }),
  uid: Schema.String.annotateKey({
    description: "Left out, it is made of the Pod's namespace and name and of the machine, the same at each run."
  }),
  labels: Texts.annotateKey({ limits: labels, description: "Labels: only `fieldRef` reads them." }),
  annotations: Texts.annotateKey({
    limits: { keys: "^[^\\s]*$" },
    description: "Annotations: only `fieldRef` reads them."
  })
}).annotate({ title: '"metadata"' })
