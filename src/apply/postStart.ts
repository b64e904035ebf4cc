import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Action } from "../plan/Step.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { attempt } from "../timing/Retries.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { hookText } from "../workload/Lifecycle.ts"
import { failed } from "./confirm.ts"
import { judgedEvents, vanished } from "./judgeContainer.ts"
import { runHook } from "./runHook.ts"

type PostStart = Omit<Extract<Action, { readonly _tag: "PostStart" }>, "_tag">

/** Runs a container's postStart hook. If it fails, so has the container; and it fails at once if it ends meanwhile. */
export const postStart = Effect.fn("postStart")(function* ({ name, hook, restartPolicy }: PostStart) {
  const docker = yield* DockerClient
  const found = yield* docker.inspectContainer(name).pipe(attempt("INSPECT", `inspect container ${name}`))
  if (Option.isNone(found)) return yield* failed(name, vanished)
  const ended = judgedEvents(found.value.id, restartPolicy, undefined).pipe(
    Stream.filter(Option.isSome),
    Stream.runHead,
    Effect.flatMap(Option.match({ onNone: () => Effect.never, onSome: ({ value }) => failed(name, value) }))
  )
  const hooked = runHook(found.value, hook).pipe(
    withDeadline("INIT", `run the postStart hook of ${name}`),
    Effect.flatMap(({ isSuccess, detail }) =>
      isSuccess
        ? Effect.void
        : failed(name, {
            detail: `did not get through its postStart hook (${hookText(hook)}): ${detail}`,
            exitCode: Option.none()
          })
    )
  )
  yield* Effect.raceFirst(ended, hooked)
})
