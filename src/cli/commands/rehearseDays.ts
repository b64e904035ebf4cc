import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import { declaredContainers } from "../../simulation/trial/declaredContainers.ts"
import type { ImageDescription, VmDescription } from "../../simulation/VmDescription.ts"
import type { ProbedContainer } from "../../simulation/week/drawProbes.ts"
import { runWeek } from "../../simulation/week/Week.ts"
import type { WeekDeclaration, WeekScene } from "../../simulation/week/WeekScene.ts"
import { WeekSummary } from "../../simulation/week/WeekSummary.ts"
import type { Settings } from "../../startup/Settings.ts"
import { sha256 } from "../../vm/host/sha256.ts"
import { type DeclarationText, textOf } from "../../workload/DeclarationText.ts"
import type { ImageReference } from "../../workload/ImageReference.ts"
import { imagesOf, pullPolicyOf } from "../../workload/images.ts"
import { allContainers, type Workload } from "../../workload/Workload.ts"
import { daysJson } from "../output/daysJson.ts"
import { rehearsedSoftware } from "./rehearsedSoftware.ts"

/** Days that broke a law: a bug in Slipway. */
export class DaysBroken extends Schema.TaggedError<DaysBroken>()("DaysBroken", {
  seed: Schema.String,
  days: Schema.Finite,
  violations: Schema.Int
}) {
  override get message() {
    return `${this.violations} violations: a bug in Slipway. The same days come again with --days ${this.days} --seed ${this.seed}.`
  }
}

/** Lives days of a VM with its agent, and prints what was down and why. */
export const rehearseDays = Effect.fnUntraced(function* (
  what: string,
  scene: WeekScene,
  settings: Settings,
  { seed, days, format }: { readonly seed: string; readonly days: number; readonly format: "text" | "json" }
) {
  const result = yield* runWeek({ seed, days, scene, software: rehearsedSoftware(settings) })
  const { violations, log } = result
  if (format === "json") yield* Console.log(daysJson(what, result))
  else {
    const summary = new WeekSummary()
    summary.add(result)
    const title = `${what} on a simulated VM with its agent (seed ${seed}); its time is virtual.`
    yield* Console.log(`${title}\n\n${summary.text}`)
  }
  if (violations.length === 0) return
  if (format === "text") yield* Console.log(`\n${log.join("\n")}`)
  return yield* new DaysBroken({ seed, days, violations: violations.length })
})

/**
 * A declaration of one's own, and what may come after it: the same again with another comment, a release of its images,
 * a release that does not stay up, and texts that are no declaration. Its jobs come to their ends, and what has a
 * liveness probe hangs now and then.
 */
export const ownScene = Effect.fnUntraced(function* (
  declared: DeclarationText,
  workload: Workload,
  { images: described = [], ...machine }: VmDescription,
  seed: string
) {
  const chance = yield* Random.withSeed(Effect.service(Random.Random), `${seed}/own scene`)
  const all = described.map((image) => (isOfJobs(workload, image) ? ending(image, chance.nextDoubleUnsafe()) : image))
  const text = textOf(declared)
  const { activeDeadlineSeconds } = workload
  const containers = declaredContainers(workload)
  const followed = new Set(
    imagesOf(workload)
      .filter((image) => image.digest === undefined && pullPolicyOf(workload, image) === "Always")
      .map(({ text }) => text)
  )
  const images = all.filter(({ reference }) => followed.has(reference))
  const isMain = ({ reference }: ImageDescription) => workload.containers.some(({ image }) => image.text === reference)
  /** Two images have two digests: those of one digest are one image. */
  const digestOf = ({ reference }: ImageDescription, which: string) => `sha256:${sha256(`${reference} ${which}`)}`
  const release = (which: string): ReadonlyArray<ImageDescription> =>
    images.map((image) => ({ ...image, digest: digestOf(image, which) }))
  const works = (title: string, meaning: string, pushes: ReadonlyArray<ImageDescription>): WeekDeclaration => ({
    title,
    text: title === "as declared" ? text : `${text}\n# ${title}\n`,
    fate: "works",
    declared: containers,
    meaning,
    ...(activeDeadlineSeconds === undefined ? {} : { deadline: { seconds: activeDeadlineSeconds, pod: text } }),
    pushes
  })
  const fails = (title: string, fate: WeekDeclaration["fate"], text: string | undefined): WeekDeclaration => ({
    title,
    text,
    fate,
    declared: [],
    meaning: title
  })
  const broken = images.filter(isMain).map((image) => ({
    ...image,
    digest: digestOf(image, "broken"),
    commands: {},
    behaviour: { _tag: "Exits", afterMillis: 300, exitCode: 3 } as const
  }))
  const scene: WeekScene = {
    description: { ...machine, images: all, declarationKey: "slipway-declaration", guestAttributes: true },
    declarations: [
      works("as declared", "1", images),
      works("again", "1", images),
      ...(images.length > 0 ? [works("another release", "2", release("2"))] : []),
      ...(broken.length > 0
        ? [{ ...fails("a release that ends at once", "fails", `${text}\n# broken\n`), pushes: broken }]
        : []),
      fails("no YAML", "cannot work", "spec:\n  containers: [\n"),
      fails("no containers", "cannot work", "spec: {}"),
      fails("nothing", "declares nothing", undefined)
    ],
    moves: [],
    probed: probedOf(workload),
    secrets: []
  }
  return scene
})

/**
 * What of it hangs now and then. Where a restart is another matter than for a liveness probe of what runs on, nothing
 * does.
 */
const probedOf = (workload: Workload): ReadonlyArray<ProbedContainer> => {
  const all = allContainers(workload)
  const isOther = all.some(
    ({ probes = {}, restartPolicy }) =>
      probes.startup !== undefined || (probes.liveness !== undefined && restartPolicy === "Never")
  )
  return isOther
    ? []
    : all.flatMap(({ name, probes }) => (probes?.liveness === undefined ? [] : [{ name, ...probes.liveness }]))
}

/** Whether all that runs of it comes to its end. */
const isOfJobs = ({ containers, initContainers }: Workload, { reference }: ImageDescription): boolean => {
  const isOf = ({ image }: { readonly image: ImageReference }) => image.text === reference
  const jobs = containers.filter(({ restartPolicy }) => restartPolicy !== "Always")
  return jobs.some(isOf) && ![...initContainers, ...containers.filter((one) => !jobs.includes(one))].some(isOf)
}

/** Within hours, most often within minutes: on a logarithmic scale. */
const ending = (image: ImageDescription, random: number): ImageDescription => ({
  ...image,
  behaviour: { _tag: "Exits", afterMillis: Math.round(10_000 * 1_000 ** random), exitCode: 0 }
})
