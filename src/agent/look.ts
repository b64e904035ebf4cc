import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Result from "effect/Result"
import type { Aftermath } from "../progress/Aftermath.ts"
import { Progress, type ProgressEvent, tell } from "../progress/Progress.ts"
import { Decoding, rememberingLast } from "../startup/Decoding.ts"
import { Interruption } from "../timing/Interruption.ts"
import type { RunningWorkload } from "../startup/lastGoodRuns.ts"
import type { Report } from "../startup/Report.ts"
import type { Settings } from "../startup/Settings.ts"
import { Settled } from "../startup/Settled.ts"
import { startup } from "../startup/startup.ts"
import { makeSwitchState } from "../startup/switchState.ts"
import { Reading } from "../startup/Reading.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { sha256 } from "../vm/host/sha256.ts"
import type { DeclarationText } from "../workload/DeclarationText.ts"
import type { EngineNews } from "./engineNews.ts"
import type { KnownDeclaration } from "./knownDeclaration.ts"
import type { LookError } from "./Looked.ts"
import type { Notices } from "./notices.ts"
import { announcement, followsTags, isOfEngine, moreUrgent, type Occasion, takesPrecedence } from "./Occasion.ts"

/** That somebody wants what is declared to run, and since when. */
export type Asked = Required<Pick<Settings, "endsDown" | "askedAt">>

/** A look, and what was put into the queue meanwhile. */
export interface Look {
  /** `none`: it was interrupted for a newer declaration. */
  readonly result: Option.Option<Result.Result<Report, LookError>>
  readonly aftermath: Option.Option<Aftermath>
  /** What has come up, also beside a job that has failed. */
  readonly settled: Option.Option<RunningWorkload>
  /** The SHA-256 of the declaration that it read; undefined if it read none. */
  readonly read: string | undefined
  readonly waiting: Occasion | undefined
  /** It has come to the VM. */
  readonly hasObserved: boolean
}

/**
 * Looks at the VM: runs `startup`, unless a newer declaration interrupts it before it has begun to switch, or while it
 * does nothing but wait for what it has started; it goes back then. Fails with nothing: a run that has failed is a result.
 */
export const makeLook = Effect.fnUntraced(function* (
  settings: Settings,
  occasions: Queue.Dequeue<Occasion>,
  notices: Notices,
  news: Pick<EngineNews, "docker" | "during" | "stirred" | "seen">,
  known: Pick<KnownDeclaration, "readingFor" | "lastTold" | "hasRead">
) {
  const progress = yield* Progress
  const interruption = yield* Interruption
  const decode = rememberingLast()
  /** What was said since the declaration changed, and is not said again with each look. */
  const said = new Set<string>()

  return Effect.fnUntraced(function* (occasion: Occasion, asked: Asked | undefined) {
    if (occasion._tag === "DeclarationChanged") said.clear()
    const switchState = makeSwitchState()
    let hasObserved = false
    let isSuperseded = false
    let hasSaidThatItWaits = false
    let aftermath = Option.none<Aftermath>()
    let settled = Option.none<RunningWorkload>()
    let read: string | undefined
    let waiting: Occasion | undefined
    const superseded = yield* Deferred.make<void>()
    const hurries = yield* Deferred.make<void>()
    const giveWay = Effect.suspend(() => {
      if (waiting === undefined || !takesPrecedence(waiting)) return Effect.void
      if (waiting._tag === "DeclarationChanged" && isTold(known.lastTold(), read)) return Effect.void
      if (isSuperseded) return Effect.void
      const why = waiting._tag === "DeadlineOver" ? "the Pod's time is over" : "a newer declaration is there"
      const say = (what: string) => progress({ _tag: "Notice", text: `${why}: ${what}` })
      if (!switchState.mayGiveWay()) {
        if (hasSaidThatItWaits) return Effect.void
        hasSaidThatItWaits = true
        return say("this run first goes to its end, or back")
      }
      isSuperseded = true
      const giving = switchState.hasBegun() ? say("what was begun is taken back") : Effect.void
      return Effect.andThen(giving, Effect.asVoid(Deferred.succeed(superseded, undefined)))
    })
    const onEvent = (event: ProgressEvent): Effect.Effect<void> => {
      switchState.listen(event)
      if (event._tag === "Declared") read = event.declaration.sha256
      if (event._tag === "Observed") hasObserved = true
      if (event._tag === "Failed") aftermath = Option.some(event.aftermath)
      if (event._tag === "Warning" || event._tag === "Notice") {
        if (said.has(event.text)) return Effect.void
        said.add(event.text)
      }
      return Effect.andThen(notices.moved, Effect.andThen(progress(event), giveWay))
    }
    const listening = Effect.gen(function* () {
      for (;;) {
        const next = yield* Queue.take(occasions)
        waiting = waiting === undefined ? next : moreUrgent(waiting, next)
        if (isOfEngine(next)) yield* Deferred.succeed(hurries, undefined)
        yield* giveWay
      }
    })
    const reading = known.readingFor(occasion, Effect.raceFirst(Deferred.await(hurries), news.stirred))
    // What nobody has looked at yet cannot have changed.
    const isFirst = Option.isNone(settings.declaration) && !known.hasRead()
    const begins = isFirst && occasion._tag === "DeclarationChanged" ? undefined : announcement(occasion)
    if (begins !== undefined) yield* tell(begins)
    const run = startup({ ...settings, endsDown: false, ...asked, followTags: followsTags(occasion) }).pipe(
      news.during,
      Effect.provideService(DockerClient, news.docker),
      Effect.provideService(Progress, onEvent),
      Effect.provideService(Reading, {
        read: (one) =>
          declarationFor(occasion, settings).pipe(
            Effect.flatMap((declaration) => reading.read({ ...one, declaration })),
            Effect.ensuring(news.seen)
          ),
        reread: reading.reread,
        isNew: reading.isNew
      }),
      Effect.provideService(Decoding, decode),
      Effect.provideService(Settled, (running) => Effect.sync(() => void (settled = Option.some(running)))),
      Effect.provideService(Interruption, () => (isSuperseded ? "superseded" : interruption())),
      Effect.result,
      Effect.asSome
    )
    const interrupted = Effect.as(Deferred.await(superseded), Option.none<Result.Result<Report, LookError>>())
    const result = yield* Effect.raceFirst(run, Effect.raceFirst(interrupted, listening))
    const looked: Look = { result, aftermath, settled, read, waiting, hasObserved }
    return looked
  })
})

/** Whether whoever watches was told what the look has read. */
const isTold = (told: DeclarationText | undefined, read: string | undefined): boolean =>
  told !== undefined && sha256(told.text) === read

/** The declaration of the settings for one look: as the file has it by now. */
const declarationFor = (occasion: Occasion, { declaration, rereadDeclaration }: Settings) =>
  occasion._tag === "Began" || rereadDeclaration === undefined
    ? Effect.succeed(declaration)
    : Effect.asSome(rereadDeclaration)
