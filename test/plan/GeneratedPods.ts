import * as Arbitrary from "effect/Arbitrary"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import {
  allContainers,
  type Container,
  type InitContainer,
  type Network,
  type Volume,
  type Workload
} from "../../src/workload/Workload.ts"
import type { Probe, Probes } from "../../src/workload/Probe.ts"
import { hostPath, imageMark } from "../../src/observation/MountPoints.ts"
import { type ImageObservation, type Observation } from "../../src/observation/Observation.ts"
import { plan } from "../../src/plan/Plan.ts"
import { planDown } from "../../src/plan/planDown.ts"
import type { EngineNames } from "../../src/plan/Member.ts"
import { sandboxName } from "../../src/plan/podNetwork.ts"
import type { PlanSettings } from "../../src/plan/PlanSettings.ts"
import { sandboxImage } from "../../src/vm/engine/SandboxImage.ts"
import type { ContainerInspection } from "../../src/vm/engine/Inspection.ts"
import type { Mount } from "../../src/vm/storage/MountTable.ts"
import { pullReference } from "../../src/workload/ImageReference.ts"
import { emptyVm } from "./EmptyVm.ts"
import { after } from "../startup/After.ts"
import { plainContainer, plainImage } from "../vm/engine/Configs.ts"
import { lostFrom, mostly, oneOf, type Scene, secret } from "./Generated.ts"
import { orders } from "./StepOrders.ts"

const mountRoot = "/mnt/r"
const mainNames = ["web", "worker", "cron", "mail", "log"] as const
const initNames = ["migrate", "seed", "proxy"] as const
const below = (bound: number) =>
  Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: bound - 1 })))

/** One volume of each kind, and a second tmpfs: what containers share is among them. */
const volumes: ReadonlyArray<Volume> = [
  { _tag: "Disk", name: "data", deviceName: "data", partition: 0 },
  { _tag: "Tmpfs", name: "cache" },
  { _tag: "Tmpfs", name: "run" },
  { _tag: "HostPath", name: "logs", path: "/srv/logs" }
]

const ContainerDraw = Arbitrary.all({
  declared: oneOf(true, true, true, false),
  /** What differs from the declaration that was in force before. */
  change: mostly("none", "args", "added", "gone"),
  image: oneOf("app", "app", "tool"),
  restartPolicy: oneOf("Always", "Always", "OnFailure", "Never"),
  mounts: Arbitrary.all([oneOf(false, true), oneOf(false, false, true), oneOf(false, false, true), oneOf(false, true)]),
  readOnly: oneOf(false, true),
  port: oneOf(false, false, true),
  sidecar: oneOf(false, false, true),
  probes: oneOf("none", "none", "none", "startup", "readiness", "both")
})
type ContainerDraw = typeof ContainerDraw extends Arbitrary.Arbitrary<infer A> ? A : never

/** What has become of a container since it was started: of which one, by its place among them. */
const EventDraw = Arbitrary.all({
  which: below(9),
  what: oneOf(
    "exited 0",
    "exited 3",
    "restarting",
    "paused",
    "removed",
    "lost",
    "dead",
    "aside",
    "unhealthy",
    "restarted"
  )
})

const Draw = Arbitrary.all({
  mains: Arbitrary.all([ContainerDraw, ContainerDraw, ContainerDraw, ContainerDraw, ContainerDraw]),
  inits: Arbitrary.all([ContainerDraw, ContainerDraw, ContainerDraw]),
  initCount: oneOf(0, 1, 2, 3),
  /** The init containers have changed places. */
  swapped: mostly(false, true),
  network: oneOf("host", "pod"),
  networkChange: mostly("none", "other kind", "other name"),
  history: oneOf(
    ...(["none", "boot", "boot", "boot", "boot", "interrupted", "interrupted", "other boot", "konlet"] as const),
    // `down` has stopped everything, or died meanwhile.
    ...(["down", "down interrupted"] as const)
  ),
  /** Where an earlier run was interrupted, and the order in which steps are done at once. */
  interruptedAfter: below(60),
  seed: below(1000),
  events: Arbitrary.array(EventDraw, { maxLength: 2 }),
  eventful: oneOf(false, true),
  mounts: mostly("as they were", "no tmpfs", "no disk", "disk read-only", "stray"),
  /** The tag of one image stands for another now, or no registry says which. */
  wanted: mostly("known", "moved", "unknown"),
  openIptables: oneOf("no", "all", "declared"),
  confirm: oneOf(0, 3, 3)
})
type Draw = typeof Draw extends Arbitrary.Arbitrary<infer A> ? A : never

/** A scene of a Pod, and what is known of how it came about. */
export interface PodScene extends Scene {
  readonly history: Draw["history"]
  /** The declaration that was in force before. */
  readonly before: Workload
  /**
   * The containers to which nothing has happened since they were started in this boot, and that are declared as they were,
   * from the same image, as is all that they rest on, with all their mounts still there.
   */
  readonly steady: ReadonlySet<string>
  readonly seed: number
}

const imageOf = (image: ContainerDraw["image"]): Container["image"] => ({
  text: `gcr.io/p/${image}:1`,
  domain: "gcr.io",
  path: `p/${image}`,
  tag: "1",
  digest: undefined
})

const toContainer = (name: string, index: number, draw: ContainerDraw, isChanged: boolean): Container => ({
  name,
  image: imageOf(draw.image),
  command: undefined,
  args: isChanged ? ["--changed"] : undefined,
  env: [{ name: "PASSWORD", value: secret }],
  mounts: volumes.flatMap((volume, place) =>
    draw.mounts[place] === true ? [{ volume: volume.name, path: `/${volume.name}`, readOnly: draw.readOnly }] : []
  ),
  privileged: false,
  stdin: false,
  tty: false,
  ...(draw.probes === "none" ? {} : { probes: probesOf(draw.probes) }),
  ports: draw.port ? [{ containerPort: 8000 + index, hostPort: 8000 + index, hostIp: undefined, protocol: "tcp" }] : [],
  restartPolicy: draw.restartPolicy
})

const probe: Probe = {
  handler: { _tag: "TcpSocket", host: undefined, port: 80 },
  initialDelaySeconds: 0,
  periodSeconds: 10,
  timeoutSeconds: 1,
  successThreshold: 1,
  failureThreshold: 3
}

const probesOf = (which: "startup" | "readiness" | "both"): Probes => ({
  ...(which === "readiness" ? {} : { startup: probe }),
  ...(which === "startup" ? {} : { readiness: probe })
})

/** The declaration as it was, or as it is now. */
const toWorkload = (draw: Draw, time: "before" | "now"): Workload => {
  const isThere = ({ change }: ContainerDraw) => change !== (time === "before" ? "added" : "gone")
  const isChanged = ({ change }: ContainerDraw) => time === "now" && change === "args"
  const found = draw.mains.flatMap((one, index) =>
    (one.declared || index === 0) && isThere(one) ? [toContainer(mainNames[index]!, index, one, isChanged(one))] : []
  )
  const [first = toContainer("web", 0, draw.mains[0], false), ...others] = found
  const inits = draw.inits.slice(0, draw.initCount).flatMap((one, index): ReadonlyArray<InitContainer> => {
    if (!isThere(one)) return []
    const container = toContainer(initNames[index]!, 5 + index, one, isChanged(one))
    const { probes: _, ...unprobed } = container
    return [
      one.sidecar ? { ...container, isSidecar: true, restartPolicy: "Always" } : { ...unprobed, isSidecar: false }
    ]
  })
  const initContainers = time === "now" && draw.swapped ? inits.toReversed() : inits
  const used = new Set(
    [...initContainers, first, ...others].flatMap(({ mounts }) => mounts.map(({ volume }) => volume))
  )
  return {
    containers: [first, ...others],
    initContainers,
    volumes: volumes.filter(({ name }) => used.has(name)),
    network: toNetwork(draw, time)
  }
}

const toNetwork = ({ network, networkChange }: Draw, time: "before" | "now"): Network => {
  const isOther = time === "now" && networkChange === "other kind"
  if ((network === "host") !== isOther) return { _tag: "Host" }
  return {
    _tag: "Pod",
    hostname: time === "now" && networkChange === "other name" ? "shop" : undefined,
    hostAliases: [],
    dns: { nameservers: [], searches: [], options: [] }
  }
}

/** The first name of each container in this boot, or in an earlier one. */
const namesOf = (letters: string): EngineNames =>
  new Map([sandboxName, ...mainNames, ...initNames].map((name) => [name, `klt-${name}-${letters}`]))

export const podNames = namesOf("abcd")

const boot: Mount = { source: "/dev/sda1", target: "/", type: "ext4", options: ["rw", "relatime"] }
const digestOf = (image: string, time: "before" | "now") => `sha256:${image}-${time}`

/** A VM on which nothing was ever started, with the disk attached. */
const fresh: Observation = {
  ...emptyVm,
  mountRoot,
  foreignNames: ["db"],
  images: new Map([
    ...(["app", "tool"] as const).map((image): [string, ImageObservation] => [
      pullReference(imageOf(image)),
      { local: Option.none(), wanted: { _tag: "Known", digest: digestOf(image, "before") } }
    ]),
    [
      pullReference(sandboxImage.reference),
      { local: Option.none(), wanted: { _tag: "Unknown", cause: "no registry has it" } }
    ]
  ]),
  mounts: [boot],
  attached: [{ deviceName: "data", mode: "READ_WRITE" }]
}

const dataDisk: Observation["disks"] = volumes.flatMap((volume) =>
  volume._tag === "Disk"
    ? [
        {
          volume,
          device: Option.some({
            _tag: "Present",
            device: "/dev/disk/by-id/google-data",
            path: "/dev/sdb",
            sizeBytes: 1 << 22,
            children: [],
            content: { _tag: "Filesystem", type: "ext4" }
          })
        }
      ]
    : []
)

/** The disk is observed only for a workload that has it. */
const observedFor = (observation: Observation, { volumes }: Workload): Observation => ({
  ...observation,
  disks: volumes.some(({ _tag }) => _tag === "Disk") ? dataDisk : []
})

/** What a plan for the workload brings about, done in a random order, all of it or as much as is told. */
const applied = (
  observation: Observation,
  workload: Workload,
  settings: PlanSettings,
  {
    seed,
    names = podNames,
    steps = Infinity
  }: { readonly seed: number; readonly names?: EngineNames; readonly steps?: number }
): Observation => {
  const seen = observedFor(observation, workload)
  const planned = Result.getOrThrow(plan(workload, seen, names, settings))
  const order = orders(planned.steps, seed, 1).at(-1)!
  return after(seen, order.slice(0, steps), mountRoot)
}

/** What `down` brings about, as much of it as is told: what it is to stop is on record from the beginning. */
export const downed = (
  observation: Observation,
  { seed, steps = Infinity }: { readonly seed: number; readonly steps?: number }
): Observation => {
  const down = planDown(observation, { remove: false, until: "the next run" })
  const stopped = down.containers.flatMap(({ id, isToReturn }) => (isToReturn ? [id] : []))
  return after({ ...observation, stopped }, orders(down.steps, seed, 1).at(-1)!.slice(0, steps), observation.mountRoot)
}

const changed = (
  observation: Observation,
  container: ContainerInspection | undefined,
  change: Partial<ContainerInspection>
): Observation => ({
  ...observation,
  containers: observation.containers.map((one) => (one === container ? { ...one, ...change } : one))
})

const happened = (observation: Observation, { which, what }: Draw["events"][0]): Observation => {
  const { containers, lost } = observation
  const container = containers[which % Math.max(1, containers.length)]
  if (container === undefined) return observation
  const others = containers.filter((one) => one !== container)
  switch (what) {
    case "exited 0":
      return changed(observation, container, { status: "exited", exitCode: 0 })
    case "exited 3":
      return changed(observation, container, { status: "exited", exitCode: 3 })
    case "restarting":
    case "paused":
      return container.status === "running" ? changed(observation, container, { status: what }) : observation
    case "removed":
      return { ...observation, containers: others }
    case "lost":
      return {
        ...observation,
        containers: others,
        lost: [...lost, lostFrom(container, "the engine cannot inspect it")]
      }
    case "dead":
      return {
        ...observation,
        containers: others,
        lost: [...lost, lostFrom({ ...container, status: "dead" }, "the engine has failed to remove it")]
      }
    case "aside":
      return changed(observation, container, { name: `klt-aside-${container.id}`, status: "exited", exitCode: 143 })
    case "unhealthy":
      return changed(observation, container, { health: Option.some("unhealthy") })
    case "restarted": {
      const last = Math.max(...containers.map(({ startedAt }) => Option.getOrElse(startedAt, () => 0)))
      return container.status === "running"
        ? changed(observation, container, { startedAt: Option.some(last + 1) })
        : observation
    }
  }
}

/** Another boot: what runs was started by the engine, and nothing is mounted yet. */
const rebooted = (observation: Observation): Observation => ({
  ...observation,
  mounts: [boot],
  firewall: { ipv4: "Absent", ipv6: "Absent" }
})

const konlets: ContainerInspection = {
  id: "cccccccccccccccc",
  name: "klt-web-kkkk",
  imageId: "sha256:konlets",
  labels: {},
  status: "running",
  exitCode: 0,
  error: "",
  restartCount: 0,
  startedAt: Option.some(1),
  image: "gcr.io/p/app:1",
  restartPolicy: { name: "always", maximumRetryCount: 0 },
  health: Option.none(),
  config: plainContainer
}

const target = (name: string): string => {
  const volume = volumes.find((volume) => volume.name === name)!
  return volume._tag === "Image" ? imageMark(mountRoot) : hostPath(mountRoot, volume)
}

const remounted = ({ mounts }: Observation, change: Draw["mounts"]): ReadonlyArray<Mount> => {
  switch (change) {
    case "as they were":
      return mounts
    case "no tmpfs":
      return mounts.filter((mount) => mount.target !== target("cache"))
    case "no disk":
      return mounts.filter((mount) => mount.target !== target("data"))
    case "disk read-only":
      return mounts.map((mount) =>
        mount.target === target("data") ? { ...mount, options: ["ro", "relatime"] } : mount
      )
    case "stray":
      return mounts.length === 1
        ? mounts
        : [...mounts, { source: "tmpfs", target: `${mountRoot}/tmpfss/stray`, type: "tmpfs", options: ["rw"] }]
  }
}

/** What was on the VM when this boot's declaration came. */
const toPast = (draw: Draw, before: Workload, now: Workload, settings: PlanSettings): Observation => {
  const { seed } = draw
  switch (draw.history) {
    case "none":
      return fresh
    case "konlet":
      return { ...fresh, containers: [konlets], firewall: { ipv4: "Open", ipv6: "Open" } }
    case "other boot":
      return rebooted(applied(fresh, before, settings, { seed, names: namesOf("zzzz") }))
    case "boot":
      return applied(fresh, before, settings, { seed })
    case "down":
      return downed(applied(fresh, before, settings, { seed }), { seed })
    case "down interrupted":
      return downed(applied(fresh, before, settings, { seed }), { seed, steps: draw.interruptedAfter % 6 })
    case "interrupted":
      return applied(applied(fresh, before, settings, { seed }), now, settings, { seed, steps: draw.interruptedAfter })
  }
}

const toWanted = (images: Observation["images"], wanted: Draw["wanted"]): Observation["images"] => {
  const reference = pullReference(imageOf("app"))
  const known = images.get(reference)!
  const other: ImageObservation["wanted"] =
    wanted === "moved"
      ? { _tag: "Known", digest: digestOf("app", "now") }
      : { _tag: "Unknown", cause: "the registry did not answer" }
  return wanted === "known" ? images : new Map([...images, [reference, { ...known, wanted: other }]])
}

const writes = (workload: Workload, volume: string): boolean =>
  allContainers(workload).some(({ mounts }) => mounts.some((mount) => mount.volume === volume && !mount.readOnly))

/** By construction, not by what the planner compares. */
const steadyOf = (draw: Draw, before: Workload, now: Workload, past: Observation, present: Observation) => {
  if (draw.history !== "boot" || JSON.stringify(before.network) !== JSON.stringify(now.network))
    return new Set<string>()
  const untouched = new Set(present.containers.filter((one) => past.containers.includes(one)))
  const idOf = (name: string): string | undefined =>
    [...untouched].find(({ labels }) => labels["slipway.container"] === name)?.id
  const sharesNetwork = ({ network, containers, initContainers }: Workload) =>
    network._tag === "Pod" && containers.length + initContainers.length > 1
  const portsOf = ({ containers, initContainers }: Workload) =>
    JSON.stringify([...initContainers.filter(({ isSidecar }) => isSidecar), ...containers].map(({ ports }) => ports))
  if (sharesNetwork(before) !== sharesNetwork(now)) return new Set<string>()
  if (now.network._tag === "Pod" && portsOf(before) !== portsOf(now)) return new Set<string>()
  const sandbox = idOf(sandboxName)
  const isRestarted = draw.eventful && draw.events.some(({ what }) => what === "restarted")
  if (sharesNetwork(now) && (sandbox === undefined || isRestarted)) return new Set<string>()

  const all = allContainers(before)
  const isAsBefore = (container: Container): boolean =>
    JSON.stringify(all.find(({ name }) => name === container.name)) === JSON.stringify(container) &&
    !(draw.wanted !== "known" && container.image.path === "p/app") &&
    container.mounts.every(
      ({ volume }) =>
        (volume !== "data" || writes(before, volume) === writes(now, volume)) &&
        present.mounts
          .filter((mount) => mount.target === target(volume))
          .every((mount) => past.mounts.includes(mount)) &&
        past.mounts.filter((mount) => mount.target === target(volume)).every((mount) => present.mounts.includes(mount))
    )
  // Init containers know what came before them, and so do the containers.
  const order = JSON.stringify(before.initContainers.map(({ name }) => name))
  const steady = new Set(sandbox === undefined ? [] : [sandbox])
  if (order !== JSON.stringify(now.initContainers.map(({ name }) => name))) return steady
  let isServed = true
  for (const container of allContainers(now)) {
    const id = isServed && isAsBefore(container) ? idOf(container.name) : undefined
    if (id !== undefined) steady.add(id)
    else if ("isSidecar" in container) isServed = false
  }
  return steady
}

const toScene = (draw: Draw): PodScene => {
  const settings: PlanSettings = { openIptables: draw.openIptables, confirm: Duration.seconds(draw.confirm) }
  const before = toWorkload(draw, "before")
  const workload = toWorkload(draw, "now")
  const past = toPast(draw, before, workload, settings)
  const events = draw.eventful ? draw.events : []
  const eventful = events.reduce(happened, past)
  const images = toWanted(eventful.images, draw.wanted)
  const present: Observation = observedFor(
    {
      ...eventful,
      images,
      imageConfigs: new Map(eventful.containers.map(({ imageId }) => [imageId, plainImage])),
      mounts: remounted(eventful, draw.mounts)
    },
    workload
  )
  return {
    workload,
    observation: present,
    settings,
    names: podNames,
    foreign: [],
    history: draw.history,
    before,
    steady: steadyOf(draw, before, workload, past, present),
    seed: draw.seed
  }
}

/** Pods of one to five containers and up to three init containers, on VMs where much has happened before. */
export const PodScenes: Arbitrary.Arbitrary<PodScene> = Arbitrary.map(Draw, toScene)
