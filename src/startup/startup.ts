import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { decodeDeclaration } from "../declaration/Declaration.ts"
import { DockerClient } from "../vm/DockerClient.ts"
import type { DeclarationText } from "../vm/MetadataProvider.ts"
import { apply, type StepRecord } from "./apply.ts"
import { attempt } from "./Deadlines.ts"
import { greet } from "./greet.ts"
import { makeImagePull } from "./ImagePull.ts"
import { isImagePresent } from "./Observation.ts"
import { observe, observeImage } from "./observe.ts"
import { oneAtATime } from "./oneAtATime.ts"
import { engineName } from "./Ownership.ts"
import { type Plan, plan } from "./Plan.ts"
import { tell } from "./Progress.ts"
import { readDeclaration } from "./readDeclaration.ts"
import { recover } from "./recover.ts"
import { makeRegistryToken } from "./RegistryToken.ts"
import type { Report } from "./Report.ts"
import type { Settings } from "./Settings.ts"

/**
 * Gets the VM to match its declaration: declaration → workload → observation → plan → apply → report.
 *
 * Reading and checking change nothing; all problems of a declaration come as one `DeclarationInvalid`, and whatever the
 * VM itself stands in the way with as one `PlanRefused`, both before the first change. If a later step fails, what had
 * been begun is taken back and the container that ran before runs again.
 */
export const startup = Effect.fn("startup")(function* (settings: Settings) {
  const declared = yield* readDeclaration(settings)
  if (Option.isNone(declared)) return nothingDeclared
  const run = carryOut(declared.value, settings)
  return yield* settings.showWelcome ? greet(run) : run
})

/** What `startup` would do, and why. Changes nothing. `none` where nothing is declared. */
export const preview = Effect.fn("preview")(function* (settings: Settings) {
  const declared = yield* readDeclaration(settings)
  if (Option.isNone(declared)) return Option.none<Plan>()
  const { workload, name, token } = yield* prepare(declared.value, settings)
  const image = Effect.flatMap(token, (token) => observeImage(workload.container.image, token))
  const observation = yield* observe(workload, settings, image)
  return Option.some(yield* Effect.fromResult(plan(workload, observation, name, settings)))
})

const carryOut = Effect.fnUntraced(function* (declared: DeclarationText, settings: Settings) {
  const began = yield* Clock.currentTimeMillis
  const { workload, warnings, name, token } = yield* prepare(declared, settings)
  yield* oneAtATime(name)
  const pull = yield* makeImagePull(workload.container.image, token)
  const image = token.pipe(
    Effect.flatMap((token) => observeImage(workload.container.image, token)),
    Effect.tap((image) => (isImagePresent(image) ? Effect.void : pull.begin))
  )
  const first = yield* observe(workload, settings, image)
  const observation = (yield* recover(first, name)) ? yield* observe(workload, settings, image) : first
  const planned = yield* Effect.fromResult(plan(workload, observation, name, settings))
  for (const text of planned.warnings) yield* tell({ _tag: "Warning", text })
  yield* tell({ _tag: "Planned", plan: planned })
  const steps = yield* apply(planned, pull.join)
  const { wanted } = observation.image
  return yield* report({
    plan: planned,
    image: workload.container.image.text,
    digest: wanted._tag === "Known" ? Option.some(wanted.digest) : Option.none(),
    warnings: [...warnings, ...planned.warnings],
    steps,
    began
  })
}, Effect.scoped)

/** Checks the declaration, wherever it came from, under the host's policy, and works out, without touching the VM, what a run needs to know. */
const prepare = Effect.fnUntraced(function* (declared: DeclarationText, settings: Settings) {
  const decoded = decodeDeclaration(declared, Option.getOrUndefined(settings.policy))
  const { workload, warnings: found } = yield* Effect.fromResult(decoded)
  const warnings = found.map(
    ({ file, line, column, message, advice }) => `${file}:${line}:${column}: ${message}. ${advice}`
  )
  for (const text of warnings) yield* tell({ _tag: "Warning", text })
  return {
    workload,
    warnings,
    name: yield* engineName(workload.container.name),
    token: yield* makeRegistryToken(workload.container.image, settings)
  }
})

const nothingDeclared: Report = { _tag: "NothingDeclared" }

const report = Effect.fnUntraced(function* (run: {
  readonly plan: Plan
  readonly image: string
  readonly digest: Option.Option<string>
  readonly warnings: ReadonlyArray<string>
  readonly steps: ReadonlyArray<StepRecord>
  readonly began: number
}) {
  const { plan, began, ...rest } = run
  const docker = yield* DockerClient
  const found = yield* docker.inspectContainer(plan.name).pipe(attempt("INSPECT", `inspect container ${plan.name}`))
  const report: Report = {
    _tag: "Running",
    name: plan.name,
    kept: Option.isSome(plan.kept),
    container: found,
    ...rest,
    took: Duration.millis((yield* Clock.currentTimeMillis) - began)
  }
  return report
})
