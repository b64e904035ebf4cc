import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Result from "effect/Result"
import type { Aftermath } from "../progress/Aftermath.ts"
import type { Report } from "../startup/Report.ts"
import type { startup } from "../startup/startup.ts"
import type { NextLook } from "./nextLook.ts"
import type { Occasion } from "./Occasion.ts"

/** What a run of the agent fails with, which ends no agent. */
export type LookError = Effect.Error<ReturnType<typeof startup>>

/** A look at the VM that was not cut short by a newer declaration. */
export interface Looked {
  readonly occasion: Occasion
  readonly result: Result.Result<Report, LookError>
  /** What a failure left; `none` where the engine could not be asked, and after a success. */
  readonly aftermath: Option.Option<Aftermath>
  /** All that is declared is in place, also where a job of it has failed before. */
  readonly isSettled: boolean
  readonly next: NextLook
}
