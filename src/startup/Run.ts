import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { type AskedImage, type ImagePulls, makeImagePulls, type PullError } from "../apply/ImagePull.ts"
import { attempt } from "../timing/Retries.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { asHeld, type ImageObservation, imageOf, isImagePresent } from "../observation/Observation.ts"
import { type ImageObservations, observe, observeHeld, observeImage, type Reached } from "../observation/observe.ts"
import { engineNames } from "../observation/Ownership.ts"
import { makeRegistryAccess } from "../observation/RegistryAccess.ts"
import type { EngineNames } from "../plan/Member.ts"
import { needsSandbox, sandboxContainer, sandboxName } from "../plan/podNetwork.ts"
import type { KnownVersions } from "../resolution/KnownVersions.ts"
import { makePullSecrets } from "../resolution/pullSecrets.ts"
import { resolve } from "../resolution/resolve.ts"
import { tell } from "../progress/Progress.ts"
import { type ImageReference, pullReference } from "../workload/ImageReference.ts"
import { imagesOf, pullPolicyOf } from "../workload/images.ts"
import type { DeclaredWorkload } from "../workload/DeclaredWorkload.ts"
import { type Container, containerNames, type Workload } from "../workload/Workload.ts"
import { HostRandom } from "../vm/host/HostRandom.ts"
import type { StatusFile } from "../vm/host/StatusFile.ts"
import { knownStatusOf } from "../record/readStatus.ts"
import { Decoding } from "./Decoding.ts"
import { describeContainers, describeDeclaration } from "./describeDeclaration.ts"
import type { Declared } from "./readDeclaration.ts"
import type { Settings } from "./Settings.ts"

/** What a run needs once it knows the declaration. The look-ups of its images have begun. */
export interface Run extends Begun {
  readonly workload: Workload
  /** The versions of Secret Manager's secrets that the workload has. */
  readonly versions: KnownVersions
  /** Why what runs may not be what is declared now. */
  readonly degraded: ReadonlyArray<string>
}

/** A run whose declaration takes values from elsewhere that have not been read. */
export interface Begun {
  readonly settings: Settings
  readonly declared: Declared
  readonly workload: DeclaredWorkload
  /** Of the declaration. */
  readonly warnings: ReadonlyArray<string>
  /** The first engine name of each container in this boot. */
  readonly names: EngineNames
  readonly reached: Reached
  /** What the engine holds of each image, and what its registry says. */
  readonly images: Effect.Effect<ImageObservations, PullError>
  readonly pulls: ImagePulls
  /** Ends the look-ups and pulls of a run that is not wanted any more. */
  readonly end: Effect.Effect<void>
}

/**
 * Checks the declaration, under the host's policy wherever it came from, and begins to look up the images: that changes
 * nothing and need not wait for another run.
 */
export const beginRun = Effect.fnUntraced(function* (declared: Declared, settings: Settings, reached: Reached) {
  const described = describeDeclaration(declared)
  yield* tell({ _tag: "Declared", declaration: described })
  const { workload, warnings } = yield* checked(declared, settings)
  yield* tell({ _tag: "Declared", declaration: { ...described, containers: describeContainers(workload) } })
  const docker = yield* DockerClient
  const asked = imagesOf(workload)
  const registryOf = yield* makeRegistryAccess(
    asked,
    settings,
    declared.source,
    yield* makePullSecrets(workload.pullSecrets ?? [], declared.source)
  )
  const scope = yield* Scope.fork(yield* Effect.scope)
  const asking: ReadonlyArray<AskedImage> = yield* Effect.forEach(asked, (image) => {
    const registry = registryOf(image)
    const declared = pullPolicyOf(workload, image)
    const policy = declared === "Always" && !settings.followTags ? "IfNotPresent" : declared
    const answered = Effect.all([reached, policy === "Always" ? registry.ready : Effect.void], { concurrency: 2 })
    return Effect.forkIn(Effect.andThen(answered, observeImage(image, registry, policy)), scope).pipe(
      Effect.map((fiber) => ({ image, registry, observed: Fiber.join(fiber) }))
    )
  })
  const run: Begun = {
    settings,
    declared,
    workload,
    warnings,
    names: yield* namesOf(workload),
    reached,
    images: needsSandbox(workload)
      ? Effect.map(
          Effect.all([observations(asking), askForSandbox(docker, sandboxContainer(workload), reached)], {
            concurrency: 2
          }),
          ([images, held]) => new Map([...images, ...held])
        )
      : observations(asking),
    pulls: yield* Scope.provide(makeImagePulls(asking), scope),
    end: Scope.close(scope, Exit.void)
  }
  return run
})

/** The run once the values that its declaration takes from elsewhere have been read. */
export const resolved = (begun: Begun) =>
  Effect.flatMap(resolve(begun.workload, begun.declared.source, begun.reached), ({ workload, versions, unread }) => {
    const degraded = unread.map((text) => `${text}. What runs keeps the version that it came up with`)
    const run: Run = { ...begun, workload, versions, degraded }
    return Effect.as(
      Effect.forEach(degraded, (text) => tell({ _tag: "Warning", text })),
      run
    )
  })

/** Begins to pull missing images, concurrently with everything else. Pulls are recorded, by one run at a time. */
export const pullMissing = ({ images, pulls, workload }: Begun) =>
  Effect.flatMap(images, (observed) =>
    Effect.forEach(
      imagesOf(workload),
      (image) => {
        const found = observed.get(pullReference(image))
        if (pullPolicyOf(workload, image) === "Never") return Effect.void
        return found !== undefined && isImagePresent(found) ? Effect.void : pulls.of(image).begin
      },
      { concurrency: "unbounded", discard: true }
    )
  )

/** Observes the VM, with what is known of the images. */
export const look = <E, R>(
  { workload, names, declared, settings, reached }: Run,
  images: Effect.Effect<ImageObservations, E, R>
) =>
  Effect.flatMap(Effect.context<StatusFile | HostRandom>(), (context) =>
    observe({
      workload,
      names,
      origin: declared.source,
      settings,
      reached,
      images,
      left: Effect.provideContext(whatWasLeft, context)
    })
  )

/** What the last run of this boot left, as its status says; nothing where there is none that can be read. */
const whatWasLeft = Effect.flatMap(HostRandom, ({ seed }) => knownStatusOf(seed)).pipe(
  Effect.map(Option.match({ onNone: () => [], onSome: ({ running }) => running ?? [] }))
)

/**
 * What is known of the images after their pulls: where no digest could be found out, the image that the engine now
 * holds under the reference is the wanted one.
 */
export const pulledImages = Effect.fnUntraced(function* (observed: ImageObservations, workload: DeclaredWorkload) {
  // One that is never pulled may be missing: what was created from it may run on.
  const pulled = imagesOf(workload).filter((image) => pullPolicyOf(workload, image) !== "Never")
  const held = yield* Effect.forEach(
    pulled,
    (image) =>
      Effect.map(observeHeld(image), (found) => {
        const { wanted } = imageOf({ images: observed }, image)
        return entry(image, wanted._tag === "Unknown" ? found : { ...found, wanted })
      }),
    { concurrency: "unbounded" }
  )
  return new Map([...observed, ...held])
})

const observations = (asking: ReadonlyArray<AskedImage>): Effect.Effect<ImageObservations, PullError> =>
  Effect.forEach(asking, ({ image, observed }) => Effect.map(observed, (found) => entry(image, found)), {
    concurrency: "unbounded"
  }).pipe(Effect.map((entries) => new Map(entries)))

/** No registry has the sandbox's image: the one that the engine holds is the wanted one. */
const askForSandbox = (docker: DockerClient["Service"], { image }: Pick<Container, "image">, reached: Reached) =>
  Effect.andThen(reached, docker.inspectImage(image).pipe(attempt("INSPECT", `inspect image ${image.text}`))).pipe(
    Effect.map((held) => Option.toArray(Option.map(held, (found) => entry(image, asHeld(found)))))
  )

const entry = (image: ImageReference, observed: ImageObservation): readonly [string, ImageObservation] => [
  pullReference(image),
  observed
]

const namesOf = (workload: DeclaredWorkload) =>
  engineNames([...(needsSandbox(workload) ? [sandboxName] : []), ...containerNames(workload)])

/** The declaration's workload. Its warnings are reported. */
const checked = Effect.fnUntraced(function* (declared: Declared, { policy }: Settings) {
  const decode = yield* Decoding
  const decoded = yield* Effect.fromResult(decode(declared, Option.getOrUndefined(policy)))
  const found = decoded.warnings.map(
    ({ file, line, column, message, advice }) => `${file}:${line}:${column}: ${message}. ${advice}`
  )
  const warnings = declared.notice === undefined ? found : [declared.notice, ...found]
  for (const text of warnings) yield* tell({ _tag: "Warning", text })
  return { workload: decoded.workload, warnings }
})
