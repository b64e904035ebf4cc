import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Action } from "../plan/Step.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { hookText } from "../workload/Lifecycle.ts"
import { failed, failingByEvents, startedContainer } from "./confirm.ts"
import type { KnownContainer } from "./Created.ts"
import { runHook } from "./runHook.ts"

type PostStart = Omit<Extract<Action, { readonly _tag: "PostStart" }>, "_tag" | "name">

/** Runs a container's postStart hook. If it fails, so has the container; and it fails at once if it ends meanwhile. */
export const postStart = Effect.fn("postStart")(function* (
  container: KnownContainer,
  { hook, restartPolicy, kept }: PostStart
) {
  const started = yield* startedContainer(container)
  const hooked = runHook(started, hook).pipe(
    withDeadline("INIT", `run the postStart hook of ${container.name}`),
    Effect.flatMap(({ isSuccess, detail, written }) => {
      if (isSuccess) return Effect.void
      // Several lines are shown below, instead of their end in the sentence.
      const long = written !== undefined && written.lastLines.length > 1 ? written : undefined
      const why = long === undefined ? detail : `exit code ${long.exitCode}`
      return failed(container, {
        detail: `did not get through its postStart hook (${hookText(hook)}): ${why}`,
        exitCode: Option.none(),
        ...(long === undefined ? {} : { hookLines: long.lastLines })
      })
    })
  )
  yield* Effect.raceFirst(failingByEvents(container, restartPolicy, kept?.restarts), hooked)
})
