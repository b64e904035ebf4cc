import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { tell } from "../progress/Progress.ts"
import { backOff } from "../timing/backOff.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { MetadataProvider } from "../vm/metadata/MetadataProvider.ts"
import { guestStatusOf } from "./GuestStatus.ts"
import type { Status } from "./Status.ts"
import { currentStatus, statusChanges } from "./statusChanges.ts"

/** The guest attribute's name in the namespace `slipway`. */
const key = "status"

/** From one write to the next. */
const spacing = Duration.seconds(10)

/** How long the last write may take, for which somebody waits. */
const lastLimit = Duration.seconds(1)

const send = (text: string) =>
  Effect.flatMap(MetadataProvider, (metadata) => metadata.setGuestAttribute(key, text)).pipe(
    withDeadline("METADATA", "write the guest attribute"),
    Effect.map((isEnabled) => (isEnabled ? "sent" : "off")),
    Effect.orElseSucceed(() => "failed" as const)
  )

/**
 * Writes the status into the VM's guest attributes whenever what it says has changed, at most once in ten seconds: the
 * newest is written, and what came in between is not. What failed is retried after a back-off, or with the next change.
 * Ends where the VM has no guest attributes, which is said once; else never. Interrupted, it writes what is not written
 * yet, in a second at most.
 */
export const publishStatus = Effect.gen(function* () {
  const newest = yield* Queue.sliding<string>(1)
  yield* statusChanges.pipe(
    Stream.map(guestStatusOf),
    Stream.changes,
    Stream.runForEach((text) => Queue.offer(newest, text)),
    Effect.forkScoped
  )
  let sent: string | undefined
  let failures = 0
  const last = Effect.gen(function* () {
    const status = yield* currentStatus
    if (Option.isNone(status) || failures > 0) return
    const text = guestStatusOf(status.value)
    if (text !== sent) yield* send(text)
  }).pipe(Effect.interruptible, Effect.timeoutOption(lastLimit))

  let waiting: string | undefined
  yield* Effect.gen(function* () {
    for (;;) {
      const next: string =
        waiting === undefined
          ? yield* Queue.take(newest)
          : yield* Effect.timeoutOrElse(Queue.take(newest), {
              duration: backOff(failures),
              orElse: () => Effect.succeed(waiting!)
            })
      waiting = undefined
      if (next === sent) {
        failures = 0
        continue
      }
      const answer = yield* send(next)
      if (answer === "off") break
      failures = answer === "sent" ? 0 : failures + 1
      if (answer === "sent") sent = next
      else waiting = next
      yield* Effect.sleep(spacing)
    }
  }).pipe(Effect.onInterrupt(() => last))
  yield* tell({
    _tag: "Notice",
    text: "the VM has no guest attributes (metadata key enable-guest-attributes): its status is not written there"
  })
}).pipe(Effect.scoped)

/**
 * Writes the status of a run that has ended, in a second at most, where its declaration was metadata's: then the server
 * answers, if it does at all, within milliseconds. That the VM has no guest attributes is not said.
 */
export const publishEnded = Effect.gen(function* () {
  const status = yield* currentStatus
  if (Option.isSome(status) && isOfMetadata(status.value)) yield* send(guestStatusOf(status.value))
}).pipe(Effect.interruptible, Effect.timeoutOption(lastLimit), Effect.asVoid)

const isOfMetadata = ({ declared, lastRun }: Status): boolean =>
  declared === null ? lastRun?.result === "nothing declared" : declared.origin === "metadata"
