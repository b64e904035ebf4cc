import * as Predicate from "effect/Predicate"
import type { MetadataError } from "../vm/metadata/MetadataError.ts"

/** `settings`: it was given; `metadata`: the VM's own; `last good`: metadata did not answer. */
export type DeclarationOrigin = "settings" | "metadata" | "last good"

/**
 * Which metadata errors are not retried. A declaration from a file may be tried where there is no metadata server, and
 * a name that does not resolve or a refused connection will not change; and a server that was waited for in vain is not
 * waited for again.
 */
export const isFinalFor = (source: DeclarationOrigin): ((error: unknown) => boolean) => {
  switch (source) {
    case "metadata":
      return () => false
    case "last good":
      return () => true
    case "settings":
      return (error) =>
        Predicate.isTagged(error, "MetadataError") && (error as MetadataError).reason._tag === "MetadataUnreachable"
  }
}
