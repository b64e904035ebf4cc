import * as Predicate from "effect/Predicate"
import type { MetadataError } from "../vm/metadata/MetadataError.ts"

/** `settings`: it was given; `metadata`: the VM's own; `last good`: metadata did not answer. */
export type DeclarationOrigin = "settings" | "metadata" | "last good"

/**
 * Which errors of metadata end it at once. Where the declaration came from a file there may well be no metadata server, and
 * one that does not resolve or refuses will not come; where it was waited for in vain before, it is not waited for again.
 */
export const finalWithout = (source: DeclarationOrigin): ((error: unknown) => boolean) => {
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
