import * as Arr from "effect/Array"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { Created } from "../apply/Created.ts"
import { hidingValues } from "../apply/hiddenValues.ts"
import { terminationMessageOf } from "../apply/terminationMessage.ts"
import { imageOf, isLost } from "../observation/Observation.ts"
import type { PlannedContainer } from "../plan/Plan.ts"
import { keepKnownVersions } from "../resolution/KnownVersions.ts"
import { attempt } from "../timing/Retries.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { allContainers } from "../workload/Workload.ts"
import { forgetMessages } from "./forgetMessages.ts"
import type { Degradable } from "./cachedImage.ts"
import { forgetFailedStart } from "./FailedStart.ts"
import { keepLastGood } from "./lastGood.ts"
import { lastGoodNotice } from "./readDeclaration.ts"
import type { Report, ReportedContainer } from "./Report.ts"
import { retireSuperseded } from "./retireImages.ts"
import type { Run } from "./Run.ts"

/** After everything declared has come up: keeps the declaration, retires superseded images, and reports. */
export const settle = Effect.fnUntraced(function* (
  { declared, workload, versions, degraded, warnings }: Run,
  matched: Degradable,
  sinceBegan: Effect.Effect<Duration.Duration>
) {
  const { plan, observation, created } = matched
  const all = new Map(allContainers(workload).map((container) => [container.name, container]))
  const digestOf = ({ container }: PlannedContainer) => {
    const declared = all.get(container)
    if (declared === undefined) return Option.none<string>()
    const { wanted } = imageOf(observation, declared.image)
    return Option.fromUndefinedOr(wanted._tag === "Unknown" ? undefined : wanted.digest)
  }
  const there = plan.containers.filter(({ fate }) => fate !== "done")
  const [containers] = yield* Effect.all(
    [
      hidingValues(workload)(
        Effect.forEach(there, (planned) => lastLook(planned, created, digestOf(planned), all.size), { concurrency: 8 })
      ),
      declared.source === "last good" ? Effect.void : keepLastGood(declared, declared.source),
      // While metadata is away, its last declaration may well be the one that failed.
      declared.source === "last good" ? Effect.void : forgetFailedStart,
      keepKnownVersions(versions)
    ],
    { concurrency: 4 }
  )
  const found = containers.flatMap(({ found }) => Option.toArray(found))
  if (found.length === containers.length) {
    if (observation.lost.length === 0) yield* forgetMessages(found, observation.containers)
    yield* retireSuperseded(found, observation.containers)
  }
  const report = {
    _tag: "Running" as const,
    workload: Redacted.make(workload),
    containers: containers as unknown as Arr.NonEmptyReadonlyArray<ReportedContainer>,
    degraded: [...(declared.source === "last good" ? [lastGoodNotice] : []), ...degraded, ...matched.degraded],
    warnings: [...warnings, ...plan.warnings, ...matched.warnings],
    steps: matched.steps,
    took: yield* sinceBegan
  } satisfies Report
  return report
})

/**
 * Everything is up already: failing to inspect it again changes nothing. One that somebody has renamed meanwhile is given
 * by the name that it is to have, by which the next run knows it and gives it that name again.
 */
const lastLook = Effect.fnUntraced(function* (
  { container, role, name, image, kept, fate }: PlannedContainer,
  created: Created,
  digest: Option.Option<string>,
  containerCount: number
) {
  const docker = yield* DockerClient
  const known = { container, role, name, image, digest, kept: Option.isSome(kept) && fate !== "stopped" }
  const lost = Option.filter(kept, isLost)
  if (Option.isSome(lost)) {
    return {
      ...known,
      found: Option.none(),
      status: lost.value.status,
      since: Option.none()
    } satisfies ReportedContainer
  }
  const { id } = created.known({ name, kept: Option.getOrUndefined(kept) })
  return yield* docker.inspectContainer(id).pipe(
    attempt("INSPECT", `inspect container ${name}`),
    Effect.map(Option.map((found) => ({ ...found, name }))),
    Effect.matchEffect({
      onFailure: () =>
        Effect.succeed<ReportedContainer>({ ...known, found: Option.none(), status: "unknown", since: Option.none() }),
      onSuccess: Effect.fnUntraced(function* (found) {
        const ended = Option.filter(found, ({ status }) => status === "exited")
        const message = Option.isNone(ended) ? undefined : yield* terminationMessageOf(ended.value, containerCount)
        const reported: ReportedContainer = {
          ...known,
          found,
          status: Option.match(found, { onNone: () => "gone", onSome: ({ status }) => status }),
          since: Option.flatMap(found, ({ startedAt }) => startedAt),
          ...(message === undefined ? {} : { terminationMessage: message })
        }
        return reported
      })
    })
  )
})
