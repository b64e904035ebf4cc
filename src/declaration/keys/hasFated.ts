import { dereference } from "../yaml/YamlNode.ts"
import type { Place } from "../yaml/Places.ts"
import { asksForNothing } from "./asksForNothing.ts"
import { fates } from "./KubernetesKeys.ts"

/** Whether a mapping of this title has a field of Kubernetes that does not work here, which has been said. */
export const hasFated = ({ node }: Pick<Place, "node">, title: string): boolean =>
  node._tag === "Mapping" &&
  node.entries.some(({ key, value }) => {
    const written = dereference(key)
    const fate = written._tag === "Scalar" ? fates.get(title)?.get(written.text) : undefined
    return fate !== undefined && !asksForNothing(dereference(value), title, fate)
  })
