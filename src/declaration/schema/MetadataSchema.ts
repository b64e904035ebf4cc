import * as Schema from "effect/Schema"

const Texts = Schema.Record(Schema.String, Schema.String)

/** What every object of Kubernetes has. */
export const MetadataSchema = Schema.Struct({
  name: Schema.String.annotateKey({ description: "Its name. A Pod without one has the instance's." }),
  namespace: Schema.String.annotateKey({ description: "`default` if left out." }),
  uid: Schema.String.annotateKey({
    description: "Left out, it is made of the Pod's namespace and name and of the machine, the same at each run."
  }),
  labels: Texts.annotateKey({ description: "Labels: only `fieldRef` reads them." }),
  annotations: Texts.annotateKey({ description: "Annotations: only `fieldRef` reads them." })
}).annotate({ title: '"metadata"' })
