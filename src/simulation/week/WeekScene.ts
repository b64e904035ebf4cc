import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { DeclaredContainer } from "../trial/declaredContainers.ts"
import { sandboxOf } from "../trial/declaredContainers.ts"
import type { DiskDescription, ImageDescription, VmDescription } from "../VmDescription.ts"
import { drawDeadlines } from "./drawDeadlines.ts"
import { drawJobs, type DrawnJob } from "./drawJobs.ts"
import { drawProbes, type ProbedContainer } from "./drawProbes.ts"

/** A declaration of a week, and what it comes to where nothing goes wrong. */
export interface WeekDeclaration {
  /** For the log: `good 2`. */
  readonly title: string
  /** Undefined: the key is removed. */
  readonly text: string | undefined
  /**
   * `works`: it comes up. `fails`: it does not, and is retried, as the image behind it may change. `cannot work`: it is
   * not retried before it changes itself.
   */
  readonly fate: "works" | "fails" | "cannot work" | "declares nothing"
  /** What has to be there for it. Empty if it does not work. */
  readonly declared: ReadonlyArray<DeclaredContainer>
  /** What of it makes a difference: with the same, another text is no reason to touch anything. */
  readonly meaning: string
  /** How long it may be active, and what makes it the same Pod as another, be it for another time. Absent: for ever. */
  readonly deadline?: { readonly seconds: number; readonly pod: string }
  /** The variable `REVISION` of the container `web`. Absent: it has none. */
  readonly revision?: string
  /** What is pushed to the registry just before it is declared. */
  readonly pushes?: ReadonlyArray<ImageDescription>
}

/** What a week is lived on. */
export interface WeekScene {
  readonly description: VmDescription
  /** The first is the first to be declared, and works. */
  readonly declarations: ReadonlyArray<WeekDeclaration>
  /** Images to which tags move. */
  readonly moves: ReadonlyArray<ImageDescription>
  /** Containers that hang now and then. None by default. */
  readonly probed?: ReadonlyArray<ProbedContainer>
  readonly secrets: ReadonlyArray<string>
}

const secret = "s3cr3t-v4lue"
const token = "ya29.t0ken"
type Fields = Readonly<Record<string, unknown>>

/** Draws some declarations that are each other's successors, good ones and bad ones, and a VM for them. */
export const drawWeekScene = Effect.fnUntraced(function* (seed: string) {
  const chance = yield* Random.withSeed(Effect.service(Random.Random), `${seed}/week scene`)
  const oneOf = <A>(...values: ReadonlyArray<A>): A => values[Math.floor(chance.nextDoubleUnsafe() * values.length)]!
  const some = (likely: number) => chance.nextDoubleUnsafe() < likely

  const registry = oneOf("registry.example", "us-docker.pkg.dev/example")
  const access = registry === "registry.example" ? {} : { token }
  const image = (name: string) => `${registry}/${name}`
  const volumes: Array<Fields> = []
  const mounts: Array<Fields> = []
  const disks: Array<DiskDescription> = [{ deviceName: "other", content: { _tag: "Data" } }]
  if (some(0.5)) {
    volumes.push({ name: "data", gcePersistentDisk: { pdName: "data", fsType: "ext4" } })
    mounts.push({ name: "data", mountPath: "/data" })
    disks.push({
      deviceName: "data",
      content: some(0.5) ? { _tag: "Blank" } : { _tag: "Ext4", files: { kept: "data" } }
    })
  }
  if (some(0.3)) {
    volumes.push({ name: "cache", emptyDir: some(0.5) ? { medium: "Memory" } : {} })
    mounts.push({ name: "cache", mountPath: "/cache" })
  }
  const isPod = some(0.5)
  const hasSidecar = isPod && some(0.4)
  const hasInit = isPod && some(0.4)
  const isOwnNetwork = isPod && some(0.5)
  const { probed, fieldsOf, answersOf } = yield* drawProbes(seed, 0.5, isOwnNetwork)
  const secondsOf = yield* drawDeadlines(seed, 0.3)
  const { jobsOf, aloneOf, images: jobImages } = yield* drawJobs(seed, 0.4, image)

  const pod = (web: Fields, workers: ReadonlyArray<number>, jobs: ReadonlyArray<DrawnJob> = []): Fields => ({
    ...(isOwnNetwork ? { hostNetwork: false } : {}),
    ...(hasSidecar || hasInit
      ? {
          initContainers: [
            ...(hasInit ? [{ name: "setup", image: image("setup:1"), volumeMounts: mounts }] : []),
            ...(hasSidecar
              ? [{ name: "proxy", image: image("proxy:1"), restartPolicy: "Always", ...fieldsOf("proxy") }]
              : [])
          ]
        }
      : {}),
    containers: [
      {
        name: "web",
        volumeMounts: mounts,
        ...fieldsOf("web"),
        ...(isOwnNetwork ? { ports: [{ containerPort: 80, hostPort: 8080 }] } : {}),
        ...web
      },
      ...workers.map((version, index) => ({
        name: `worker-${index}`,
        image: image(`worker:${version}`),
        ...fieldsOf(`worker-${index}`),
        ...(index === 0 ? { volumeMounts: mounts } : {})
      })),
      ...jobs.map(({ fields }) => fields)
    ],
    volumes
  })
  const envOf = (revision: string) => [
    { name: "REVISION", value: revision },
    { name: "PASSWORD", value: secret }
  ]
  const textOf = (spec: Fields) => JSON.stringify({ spec })

  const good = (index: number): WeekDeclaration => {
    const version = oneOf(1, 2, 3)
    const workers = isPod ? Array.from({ length: oneOf(0, 1, 1, 2) }, () => oneOf(1, 2)) : []
    const revision = `${oneOf(index, 0)}`
    const web = { image: image(`app:${version}`), env: envOf(revision) }
    const all: ReadonlyArray<DeclaredContainer> = [
      ...(hasInit ? [{ name: "setup", role: "init" as const, image: image("setup:1") }] : []),
      ...(hasSidecar ? [{ name: "proxy", role: "sidecar" as const, image: image("proxy:1") }] : []),
      { name: "web", role: "main", image: web.image },
      ...workers.map((worker, index) => ({
        name: `worker-${index}`,
        role: "main" as const,
        image: image(`worker:${worker}`)
      })),
      ...jobsOf(index).map(({ declared }) => declared)
    ]
    const spec = pod(web, workers, jobsOf(index))
    const seconds = secondsOf(index)
    const text = textOf(seconds === undefined ? spec : { activeDeadlineSeconds: seconds, ...spec })
    return {
      title: `good ${index}`,
      text,
      fate: "works",
      declared: isOwnNetwork && all.length > 1 ? [sandboxOf({ sharesProcesses: false }), ...all] : all,
      meaning: text,
      ...(seconds === undefined ? {} : { deadline: { seconds, pod: textOf(spec) } }),
      revision
    }
  }
  /** A Pod that consists of jobs, in the place of what is drawn for this number. */
  const ofJobsAlone = (index: number): WeekDeclaration | undefined => {
    const alone = aloneOf(index)
    if (alone === undefined) return undefined
    const { restartPolicy, jobs } = alone
    const spec = {
      ...(isOwnNetwork ? { hostNetwork: false } : {}),
      restartPolicy,
      containers: jobs.map(({ fields }) => ({ ...fields, restartPolicy: undefined }))
    }
    const seconds = secondsOf(index)
    const text = textOf(seconds === undefined ? spec : { activeDeadlineSeconds: seconds, ...spec })
    const all = jobs.map(({ declared }) => declared)
    return {
      title: `good ${index}, of jobs alone`,
      text,
      fate: "works",
      declared: isOwnNetwork && all.length > 1 ? [sandboxOf({ sharesProcesses: false }), ...all] : all,
      meaning: text,
      ...(seconds === undefined ? {} : { deadline: { seconds, pod: textOf(spec) } })
    }
  }
  const goods = Array.from({ length: 5 }, (_, index) => {
    const drawn = good(index)
    return ofJobsAlone(index) ?? drawn
  })
  // Another text with the same meaning.
  const same = goods.slice(0, 2).map((one) => ({ ...one, title: `${one.title} again`, text: `${one.text} # again\n` }))
  const bad = (title: string, fate: WeekDeclaration["fate"], text: string | undefined): WeekDeclaration => ({
    title,
    fate,
    text,
    declared: [],
    meaning: text ?? ""
  })
  const badWeb = (title: string, web: Fields, more: ReadonlyArray<Fields> = []) => {
    const spec = pod({ env: envOf("bad"), ...web }, [])
    return bad(title, "fails", textOf({ ...spec, volumes: [...volumes, ...more] }))
  }
  const bads = [
    badWeb("image missing", { image: image("app:missing") }),
    badWeb("ends at once", { image: image("broken:1") }),
    badWeb("unhealthy", { image: image("sick:1") }),
    badWeb("disk missing", { image: image("app:1"), volumeMounts: [{ name: "absent", mountPath: "/absent" }] }, [
      { name: "absent", gcePersistentDisk: { pdName: "absent", fsType: "ext4" } }
    ]),
    bad("no YAML", "cannot work", "spec:\n  containers: [\n"),
    bad("no containers", "cannot work", "spec: {}"),
    bad("an unknown key", "cannot work", textOf({ containers: [{ name: "web", imag: image("app:1") }] })),
    bad("nothing", "declares nothing", undefined),
    bad("an empty text", "declares nothing", "# to be written\n")
  ]
  const runs = (): ImageDescription["behaviour"] => ({
    _tag: "Runs",
    log: [`PASSWORD=${secret}`],
    stopsAfterMillis: oneOf(200, 200, 3_000, 60_000)
  })
  const images: ReadonlyArray<ImageDescription> = [
    ...[1, 2, 3].map((version) => ({
      reference: image(`app:${version}`),
      behaviour: runs()!,
      ...answersOf("web")
    })),
    ...[1, 2].map((version) => ({
      reference: image(`worker:${version}`),
      behaviour: runs()!,
      ...answersOf("worker-0")
    })),
    { reference: image("proxy:1"), behaviour: runs()!, ...answersOf("proxy") },
    { reference: image("setup:1"), behaviour: { _tag: "Exits", afterMillis: oneOf(100, 5_000), exitCode: 0 } },
    ...jobImages,
    { reference: image("broken:1"), behaviour: { _tag: "Exits", afterMillis: 300, exitCode: 3, log: ["no database"] } },
    {
      reference: image("sick:1"),
      behaviour: { _tag: "Runs", health: { afterMillis: 2_000, status: "unhealthy" } }
    }
  ]
  const scene: WeekScene = {
    description: {
      token,
      declarationKey: "slipway-declaration",
      guestAttributes: true,
      ipv6: some(0.8),
      engine: some(0.8) ? "Docker" : "Podman",
      imageStore: oneOf("graph driver", "containerd"),
      preemptible: some(0.5),
      disks,
      containers: some(0.5) ? [{ name: "somebody", image: image("app:1"), restartPolicy: "always" }] : [],
      images: images.map((one, index) => ({ ...one, ...access, local: index === 0 }))
    },
    declarations: [...goods, ...same, ...bads],
    moves: [1, 2, 3].flatMap((version) =>
      ["b", "c"].map((letter) => ({
        reference: image(`app:${version}`),
        ...access,
        ...answersOf("web"),
        digest: `sha256:${letter.repeat(63)}${version}`,
        ...(images[version - 1]?.behaviour === undefined ? {} : { behaviour: images[version - 1]!.behaviour! })
      }))
    ),
    probed,
    secrets: [secret, token]
  }
  return scene
})
