import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { tell } from "../progress/Progress.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import { messageFileIn } from "../vm/engine/terminationMessageLabel.ts"
import { TerminationMessages } from "../vm/host/TerminationMessages.ts"

type Labelled = Pick<ContainerInspection, "labels">

/** Removes the termination messages of all containers but those that are left: nobody will read them. */
export const forgetMessages = Effect.fnUntraced(function* (
  left: ReadonlyArray<Labelled>,
  known: ReadonlyArray<Labelled>
) {
  if (filesOf([...left, ...known]).length === 0) return
  const messages = yield* TerminationMessages
  yield* messages.keepOnly(new Set(filesOf(left))).pipe(
    withDeadline("FILE", "remove old termination messages"),
    Effect.catch((error) =>
      tell({ _tag: "Warning", text: `old termination messages are still there: ${error.message}` })
    )
  )
})

const filesOf = (containers: ReadonlyArray<Labelled>): ReadonlyArray<string> =>
  containers.flatMap(({ labels }) => Option.toArray(messageFileIn(labels)).map(({ file }) => file))
