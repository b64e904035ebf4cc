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
  /** The time for which the Pod may be active is over. */
  | { readonly _tag: "DeadlineOver" }
  /** Something has happened to a container that the agent has not done itself. */
  | {
      readonly _tag: "EngineChanged"
      /** It is that it was removed, and nothing else has happened to any. */
      readonly isRemoval?: boolean
    }
  /** The engine could not be watched for a while: whatever may have happened meanwhile. */
  | { readonly _tag: "EngineReturned" }
  /** The registries are to be asked from time to time, and it is time. */
  | { readonly _tag: "TagsDue" }
  /** Nothing happened for a while; the VM may have drifted from its declaration all the same. */
  | { readonly _tag: "TimePassed" }

/** The occasion that counts if several have come together. */
export const moreUrgent = (one: Occasion, other: Occasion): Occasion =>
  urgencyOf(one) >= urgencyOf(other) ? one : other

const urgencyOf = (occasion: Occasion): number => urgency[occasion._tag] - (isRemoval(occasion) ? 0.5 : 0)

const urgency: Readonly<Record<Occasion["_tag"], number>> = {
  TimePassed: 0,
  EngineChanged: 1,
  EngineReturned: 2,
  TagsDue: 3,
  Retried: 4,
  Asked: 5,
  DeadlineOver: 6,
  DeclarationChanged: 7,
  Began: 8
}

/** Whether the engine caused it. */
export const isOfEngine = ({ _tag }: Occasion): boolean => _tag === "EngineChanged" || _tag === "EngineReturned"

/** Whether it is of no matter for what is not started again once it has ended. */
export const isRemoval = (occasion: Occasion): boolean =>
  occasion._tag === "EngineChanged" && occasion.isRemoval === true

/** Whether the registries are asked which images the declared tags stand for now. */
export const followsTags = (occasion: Occasion): boolean =>
  occasion._tag !== "TimePassed" && occasion._tag !== "DeadlineOver" && !isOfEngine(occasion)

/** Whether a run gives way to it that has not begun to switch, or waits for an init container. */
export const takesPrecedence = ({ _tag }: Occasion): boolean => _tag === "DeclarationChanged" || _tag === "DeadlineOver"

/** What is said as a look begins; nothing of one that nobody waits for. */
export const announcement = ({ _tag }: Occasion): ProgressEvent | undefined => {
  switch (_tag) {
    case "DeclarationChanged":
      return { _tag: "Notice", text: "the declaration has changed" }
    case "Asked":
      return { _tag: "Notice", text: "looking at the VM, as asked" }
    case "Retried":
      return { _tag: "Notice", text: "trying again what failed" }
    case "DeadlineOver":
      return { _tag: "Notice", text: "the Pod's activeDeadlineSeconds are over" }
    case "EngineReturned":
      return { _tag: "Notice", text: "the engine can be watched again: looking at everything" }
    case "Began":
    case "EngineChanged":
    case "TagsDue":
    case "TimePassed":
      return undefined
  }
}
