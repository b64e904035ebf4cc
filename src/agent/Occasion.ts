import type { ProgressEvent } from "../progress/Progress.ts"

/** Why the agent looks at the VM. */
export type Occasion =
  /** It has just begun. */
  | { readonly _tag: "Began" }
  /** Another declaration is there than the one that it looked at last. */
  | { readonly _tag: "DeclarationChanged" }
  /** Somebody asked for it, as `systemctl reload` does. */
  | { readonly _tag: "Asked" }
  /** What failed is to be tried again. */
  | { readonly _tag: "Retried" }
  /** The registries are to be asked from time to time, and it is time. */
  | { readonly _tag: "TagsDue" }
  /** Nothing happened for a while; the VM may have drifted from its declaration all the same. */
  | { readonly _tag: "TimePassed" }

/** The occasion that counts if several have come together. */
export const moreUrgent = (one: Occasion, other: Occasion): Occasion =>
  urgency[one._tag] >= urgency[other._tag] ? one : other

const urgency: Readonly<Record<Occasion["_tag"], number>> = {
  TimePassed: 0,
  TagsDue: 1,
  Retried: 2,
  Asked: 3,
  DeclarationChanged: 4,
  Began: 5
}

/** Whether the registries are asked which images the declared tags stand for now. */
export const followsTags = ({ _tag }: Occasion): boolean => _tag !== "TimePassed"

/** What is said as a look begins; nothing of one that nobody waits for. */
export const announcement = ({ _tag }: Occasion): ProgressEvent | undefined => {
  switch (_tag) {
    case "DeclarationChanged":
      return { _tag: "Notice", text: "the declaration has changed" }
    case "Asked":
      return { _tag: "Notice", text: "looking at the VM, as asked" }
    case "Retried":
      return { _tag: "Notice", text: "trying again what failed" }
    case "Began":
    case "TagsDue":
    case "TimePassed":
      return undefined
  }
}
