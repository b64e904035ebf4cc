import { isDnsLabel } from "../workload/dnsName.ts"
import type { KnownContainer } from "./known/KnownContainer.ts"
import type { Source } from "./Source.ts"

/** What stands for a name where the declaration has none. */
const nameless = "app"

/** The Pod's name: as it is written, else its first container's. It is a label of DNS, which every program takes. */
export const podNameOf = ({ written, workload }: Source): string => {
  const [first] = workload.containers
  return [written.metadata.name, first.name].map(asLabel).find((name) => name !== undefined) ?? nameless
}

const asLabel = (name: string): string | undefined => {
  const label = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, "-")
    .slice(0, 50)
    .replaceAll(/^-+|-+$/g, "")
  return isDnsLabel(label) ? label : undefined
}

/** A container's name, unique in its Pod, as a label of DNS. */
export const containerNameOf = (source: Source, { declared }: Pick<KnownContainer, "declared">): string =>
  asLabel(declared.name) ?? podNameOf(source)
