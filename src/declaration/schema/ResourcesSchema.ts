import * as Schema from "effect/Schema"
import { amounts } from "./limits.ts"

const Amounts = Schema.Record(Schema.String, Schema.String)

/** What a container may use, and what is kept for it. The amounts are Kubernetes' quantities, as they are written. */
export const ResourcesSchema = Schema.Struct({
  limits: Amounts.annotateKey({
    limits: amounts,
    description:
      "The most that it may use: `cpu`, `memory` (without swap) and `nvidia.com/gpu`, in Kubernetes' quantities (`500m`, `1.5Gi`). `ephemeral-storage` and `hugepages-…` are not enforced. Default: no limit."
  }),
  requests: Amounts.annotateKey({
    limits: amounts,
    description:
      "What is kept for it where the VM is short of it: `cpu` is its weight beside other containers (1 for 1024 shares, which a container without one has), `memory` what it is left with. Default: the limit."
  })
}).annotate({ title: "a resources" })
