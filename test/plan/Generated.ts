import * as Arbitrary from "effect/Arbitrary"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { ContainerPort, DiskVolume, Volume, VolumeMount, Workload } from "../../src/workload/Workload.ts"
import { entriesOf, type FilesObservation } from "../../src/observation/VolumeFiles.ts"
import { filesIdentity } from "../../src/plan/filesIdentity.ts"
import { containerSpec } from "../../src/plan/containerSpec.ts"
import { hostNetwork } from "../../src/plan/podNetwork.ts"
import { hostPath, mountPoint, subPathsOf } from "../../src/observation/MountPoints.ts"
import { bootNames } from "../../src/observation/bootNames.ts"
import {
  isLost,
  type LostContainer,
  type Observation,
  type ObservedDisk,
  type OurContainer,
  type WantedDigest,
  type ImageObservation
} from "../../src/observation/Observation.ts"
import { isOurs } from "../../src/observation/Ownership.ts"
import type { EngineNames } from "../../src/plan/Member.ts"
import type { PlanSettings } from "../../src/plan/PlanSettings.ts"
import type { FirewallState } from "../../src/vm/firewall/FirewallRules.ts"
import { mergedConfig } from "../../src/vm/engine/ContainerConfig.ts"
import type { EngineRestartPolicy } from "../../src/vm/engine/ContainerSpec.ts"
import type { DiskObservation } from "../../src/vm/storage/Disks.ts"
import type { DiskContent } from "../../src/vm/storage/DiskContent.ts"
import type { ContainerInspection, ImageInspection } from "../../src/vm/engine/Inspection.ts"
import type { Mount } from "../../src/vm/storage/MountTable.ts"
import { emptyVm } from "./EmptyVm.ts"
import { plainImage } from "../vm/engine/Configs.ts"

/** The name of this boot's container, the value of every environment variable, and the image's digest now. */
export const name = "klt-web-abcd"
export const secret = "s3cr3t-v4lue"
export const digest = "sha256:now"
export const names: EngineNames = new Map([["web", name]])

/** What is known of the one image. */
export const only = (observed: ImageObservation): Observation["images"] => new Map([["gcr.io/p/web:1", observed]])

const mountRoot = "/mnt/r"
const deviceNames = ["a", "b", "c"] as const

/** One of the values, each as often as it is named; simplified to the first. */
export const oneOf = <const A>(...values: ReadonlyArray<A>): Arbitrary.Arbitrary<A> =>
  Arbitrary.map(
    Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: values.length - 1 }))),
    (index) => values[index]!
  )

/** Nearly always the first, so that most scenes are not refused. At both ends: integers are drawn from there oftener. */
export const mostly = <const A>(usual: A, ...others: ReadonlyArray<A>) => {
  const most = Array.from({ length: 10 }, () => usual)
  return oneOf(...most, ...others, ...most)
}

const VolumeDraw = Arbitrary.all({
  used: oneOf(true, true, false),
  mountedReadOnly: oneOf(false, true),
  mountedTwice: oneOf("once", "once", "twice", "part"),
  colon: oneOf(false, true)
})

const DiskDraw = Arbitrary.all({
  volume: VolumeDraw,
  partition: oneOf(0, 0, 1),
  attached: mostly("READ_WRITE", "READ_ONLY", "no"),
  device: mostly("Present", "Missing", "NotBlockDevice"),
  partitioned: mostly("no", "yes"),
  unreplayed: mostly(false, true),
  filesystem: oneOf("any", "any", "any", "any", "any", "any", "ext4", "xfs"),
  readOnly: mostly(false, true),
  /** The disk has been made larger. */
  larger: oneOf(false, false, true),
  formatter: oneOf("there", "missing"),
  content: mostly(
    "ext4",
    "blank",
    "blank",
    "blank",
    "blank",
    "blank",
    "blank",
    "xfs",
    "xfs",
    "ext2",
    "signature",
    "data"
  )
})

const ContainerDraw = Arbitrary.all({
  kind: oneOf("boot", "boot", "boot again", "other boot", "konlet", "aside", "legacy", "compose", "foreign"),
  status: oneOf("created", "running", "running", "paused", "restarting", "exited", "exited", "dead", "removing"),
  exitCode: oneOf(0, 0, 3),
  labels: mostly("as declared", "other declaration", "other digest", "none"),
  inspectable: oneOf(true, true, true, false)
})

/** What is mounted, in the order of the table. */
const MountDraw = Arbitrary.all({
  source: oneOf("a", "a", "b", "c", "tmpfs", "foreign"),
  where: mostly("own", "of a", "of a", "of a", "below a", "below a", "tmpfs", "tmpfs", "beside", "root", "home"),
  readOnly: mostly("rw", "ro")
})

const Draw = Arbitrary.all({
  /** The workload runs already, as far as the containers and the mounts that it needs go. */
  running: oneOf(false, false, true),
  runningInspectable: oneOf(true, true, true, false),
  /** Mounted disks can look blank. */
  mountedBlank: mostly(false, true),
  disks: Arbitrary.all([DiskDraw, DiskDraw, DiskDraw]),
  tmpfs: Arbitrary.array(VolumeDraw, { maxLength: 2 }),
  emptyDirs: Arbitrary.array(VolumeDraw, { maxLength: 2 }),
  /** What is in the folder of their directories. */
  emptyDirsFound: oneOf("none", "own", "none", "own", "own and others"),
  hostPaths: Arbitrary.array(VolumeDraw, { maxLength: 2 }),
  files: Arbitrary.array(VolumeDraw, { maxLength: 2 }),
  /** What there is of their files. */
  filesFound: oneOf("none", "own", "own", "others", "own and old"),
  restartPolicy: oneOf("Always", "OnFailure", "Never"),
  env: oneOf(false, true),
  containers: Arbitrary.array(ContainerDraw, { maxLength: 4 }),
  /** Nothing, what the workload needs, or whatever. */
  mounts: oneOf("none", "in place", "in place", "in place and more", "any", "any"),
  root: oneOf("tmpfs", "tmpfs", "plain"),
  extra: Arbitrary.array(MountDraw, { maxLength: 4 }),
  local: oneOf("none", "current", "current", "outdated"),
  wanted: mostly("Known", "Unknown"),
  firewall: Arbitrary.all({
    ipv4: oneOf("Open", "Open", "Open", "OtherPorts", "Partial", "Absent", "Unavailable"),
    ipv6: oneOf("Open", "Open", "Open", "OtherPorts", "Partial", "Absent", "Unavailable")
  }),
  nameTaken: mostly("free", "free", "taken"),
  /** The engine holds this boot's name for nothing that it lists. */
  unusableName: mostly("no", "yes"),
  openIptables: oneOf("no", "all", "all", "declared"),
  ports: oneOf("none", "some"),
  confirm: oneOf(0, 3)
})
type Draw = typeof Draw extends Arbitrary.Arbitrary<infer A> ? A : never

/** A workload, what is on the VM, and the settings that a plan is made with. */
export interface Scene {
  readonly workload: Workload
  readonly observation: Observation
  readonly settings: PlanSettings
  readonly names: EngineNames
  /** The containers that are not ours, by construction. */
  readonly foreign: ReadonlyArray<OurContainer>
}

const proof = {
  _tag: "Blank" as const,
  sizeBytes: 64 << 20,
  zeroRanges: [[0, 1 << 20] as const, [63 << 20, 64 << 20] as const]
}

const contents: Readonly<Record<Draw["disks"][0]["content"], DiskContent>> = {
  ext4: { _tag: "Filesystem", type: "ext4" },
  blank: { _tag: "Blank", proof },
  xfs: { _tag: "Filesystem", type: "xfs" },
  ext2: { _tag: "Filesystem", type: "ext2", label: "old" },
  signature: { _tag: "Signature", description: "an LVM member" },
  data: { _tag: "Data", description: "data in its first MiB" }
}

const images: Readonly<Record<Draw["local"], Option.Option<ImageInspection>>> = {
  none: Option.none(),
  current: Option.some({ id: "sha256:id", digests: [digest], sizeBytes: 1, config: plainImage }),
  outdated: Option.some({ id: "sha256:old", digests: ["sha256:before"], sizeBytes: 1, config: plainImage })
}

const declaredPorts: ReadonlyArray<ContainerPort> = [
  { containerPort: 443, hostPort: undefined, hostIp: undefined, protocol: "tcp" },
  { containerPort: 53, hostPort: 53, hostIp: undefined, protocol: "udp" }
]

const toWorkload = (draw: Draw): Workload => {
  const volumes: Array<Volume> = []
  const mounts: Array<VolumeMount> = []
  const add = ({ used, mountedReadOnly, mountedTwice }: Draw["disks"][0]["volume"], volume: Volume) => {
    if (!used) return
    volumes.push(volume)
    mounts.push({ volume: volume.name, path: `/${volume.name}`, readOnly: mountedReadOnly })
    if (mountedTwice === "twice") mounts.push({ volume: volume.name, path: `/again/${volume.name}`, readOnly: true })
    const subPath = volume._tag === "Files" ? "etc" : "a/part"
    const part = { volume: volume.name, path: `/part/${volume.name}`, subPath }
    if (mountedTwice === "part") mounts.push({ ...part, readOnly: mountedReadOnly })
  }
  for (const [index, { volume, partition, filesystem, readOnly }] of draw.disks.entries()) {
    const deviceName = deviceNames[index]!
    add(readOnly ? { ...volume, mountedReadOnly: true } : volume, {
      _tag: "Disk",
      name: `disk-${deviceName}`,
      deviceName,
      partition,
      ...(filesystem === "any" ? {} : { filesystem }),
      ...(readOnly ? { readOnly } : {})
    })
  }
  for (const [index, volume] of draw.tmpfs.entries()) add(volume, { _tag: "Tmpfs", name: `tmp-${index}` })
  for (const [index, volume] of draw.emptyDirs.entries()) add(volume, { _tag: "EmptyDir", name: `empty-${index}` })
  for (const [index, volume] of draw.hostPaths.entries()) {
    add(volume, { _tag: "HostPath", name: `host-${index}`, path: volume.colon ? "/srv/with:colon" : "/srv/plain" })
  }
  for (const [index, volume] of draw.files.entries()) {
    const data = Redacted.make(new TextEncoder().encode(secret))
    const files = [{ path: "etc/password", mode: 0o400, data }]
    add({ ...volume, mountedReadOnly: true }, { _tag: "Files", name: `files-${index}`, files })
  }
  return {
    containers: [
      {
        name: "web",
        image: { text: "gcr.io/p/web:1", domain: "gcr.io", path: "p/web", tag: "1", digest: undefined },
        command: undefined,
        args: undefined,
        env: draw.env ? [{ name: "PASSWORD", value: secret }] : [],
        mounts,
        privileged: false,
        stdin: false,
        tty: false,
        ports: draw.ports === "none" ? [] : declaredPorts,
        restartPolicy: draw.restartPolicy
      }
    ],
    initContainers: [],
    volumes,
    network: { _tag: "Host" }
  }
}

/** Open is as it is declared, if ports are. */
const firewallState = ({ firewall, openIptables, ports }: Draw, family: "ipv4" | "ipv6"): FirewallState => {
  const state = firewall[family]
  if (state === "OtherPorts") return { _tag: "OpenPorts", ports: [{ port: 443, protocol: "tcp" }] }
  return state === "Open" && openIptables === "declared" && ports === "some"
    ? { _tag: "OpenPorts", ports: declaredPorts.map(({ containerPort: port, protocol }) => ({ port, protocol })) }
    : state
}

const pathOf = (deviceName: string, partition: number) => `/dev/sd${deviceName}${partition === 0 ? "" : partition}`

/** What a disk is mounted as. */
const typeOf = ({ content, filesystem }: Draw["disks"][0]): "ext4" | "xfs" =>
  content === "xfs" || (content === "blank" && filesystem === "xfs") ? "xfs" : "ext4"

/** The content, if it is mounted here with the size that its disk had before it was made larger. */
const sized = (content: DiskContent, larger: boolean): DiskContent =>
  content._tag === "Filesystem" && content.type !== "ext2"
    ? { ...content, size: { bytes: larger ? proof.sizeBytes - (32 << 20) : proof.sizeBytes, logBytes: 0 } }
    : content

/** A disk that is mounted in one of the mounts holds a filesystem where it was drawn as blank. */
const toDisk = (volume: DiskVolume, draw: Draw["disks"][0], mounts: ReadonlyArray<Mount>): ObservedDisk => {
  const device = `/dev/disk/by-id/google-${volume.deviceName}${volume.partition === 0 ? "" : `-part${volume.partition}`}`
  const path = pathOf(volume.deviceName, volume.partition)
  const isInUse = draw.content === "blank" && mounts.some(({ source }) => source === path)
  const observed: DiskObservation =
    draw.device === "Present"
      ? {
          _tag: "Present",
          device,
          path,
          sizeBytes: proof.sizeBytes,
          children: draw.partitioned === "yes" ? [`${path}p1`] : [],
          content: sized(isInUse ? contents[typeOf(draw)] : contents[draw.content], draw.larger)
        }
      : { _tag: draw.device, device }
  return {
    volume,
    device: draw.attached === "no" ? Option.none() : Option.some(observed),
    needsRecovery: draw.attached === "READ_ONLY" && draw.unreplayed,
    ...(draw.content === "blank" && volume.filesystem === "xfs" && draw.formatter === "missing"
      ? { missingFormatter: "mkfs.xfs" }
      : {})
  }
}

export const emptyDirFolder = "/var/lib/slipway/empty-dirs"
const emptyDirPath = (volume: string): string => `${emptyDirFolder}/this-boot/${volume}`

/** The directories of `emptyDir` volumes: what is mounted is there. */
const toEmptyDirs = ({ emptyDirsFound }: Draw, { volumes }: Workload, mounts: ReadonlyArray<Mount>) => {
  const paths = new Map(volumes.flatMap(({ _tag, name }) => (_tag === "EmptyDir" ? [[name, emptyDirPath(name)]] : [])))
  const own = emptyDirsFound !== "none" ? [...paths.values()] : []
  const others = emptyDirsFound === "own and others" ? [`${emptyDirFolder}/before`, emptyDirPath("gone")] : []
  const mounted = mounts.flatMap(({ source }) =>
    source.startsWith(emptyDirFolder) && !source.endsWith("/part") ? [source] : []
  )
  return { paths, found: [...new Set([...mounted, ...own, ...others])] }
}

/** The files of volumes: those that are declared, others, or those that were there before as well. */
const toFiles = ({ filesFound }: Draw, { volumes, volumeGroup }: Workload): FilesObservation => {
  const own = volumes.filter((volume) => volume._tag === "Files")
  if (filesFound === "none") return { identities: new Map(), entries: [] }
  return {
    identities: new Map(
      own.map((volume) => [
        volume.name,
        filesFound === "others" ? Redacted.make("others") : filesIdentity(volume, volumeGroup)
      ])
    ),
    entries: [
      ...own.map(({ name }) => entriesOf(name).now),
      ...(filesFound === "own and old" ? [entriesOf("files-0").old, entriesOf("gone").now] : [])
    ]
  }
}
/** Where the parts of volumes lead that are mounted. */
const toSubPaths = ({ volumes, containers: [{ mounts }] }: Workload): Observation["volumes"]["subPaths"] =>
  new Map(
    subPathsOf(mountRoot, volumes, mounts).map(({ target, volume, subPath }) => {
      const directory = volume._tag === "EmptyDir" ? emptyDirPath(volume.name) : hostPath(mountRoot, volume)
      return [target, { _tag: "Inside", path: `${directory}/${subPath}` }]
    })
  )

/** What the workload needs to be mounted below the root, as a mount table shows it. */
const neededMounts = (draw: Draw, { volumes, containers: [container] }: Workload): ReadonlyArray<Mount> =>
  volumes.flatMap((volume): ReadonlyArray<Mount> => {
    if (volume._tag === "HostPath" || volume._tag === "Files" || volume._tag === "Image") return []
    const target = mountPoint(mountRoot, volume)
    if (volume._tag === "EmptyDir")
      return [{ source: emptyDirPath(volume.name), target, type: "none", options: ["bind"] }]
    if (volume._tag === "Tmpfs") return [{ source: "tmpfs", target, type: "tmpfs", options: ["rw", "relatime"] }]
    const isWritten = container.mounts.some((mount) => mount.volume === volume.name && !mount.readOnly)
    const disk = draw.disks[deviceNames.findIndex((deviceName) => deviceName === volume.deviceName)]!
    const { attached } = disk
    const readOnly = attached === "READ_ONLY" || !isWritten
    const source = pathOf(volume.deviceName, volume.partition)
    return [{ source, target, type: typeOf(disk), options: [readOnly ? "ro" : "rw", "relatime"] }]
  })

const extraMount = (draw: Draw, { source, where, readOnly }: Draw["extra"][0]): Mount => {
  const options = [readOnly, "relatime"]
  const own = source === "tmpfs" || source === "foreign" ? "a" : source
  const target = {
    own: `${mountRoot}/gce-persistent-disks/${own}`,
    "of a": `${mountRoot}/gce-persistent-disks/a`,
    "below a": `${mountRoot}/gce-persistent-disks/a/deeper`,
    tmpfs: `${mountRoot}/tmpfss/tmp-0`,
    beside: `${mountRoot}-beside/gce-persistent-disks/${own}`,
    root: mountRoot,
    home: "/home"
  }[where]
  if (source === "tmpfs") return { source, target, type: "tmpfs", options }
  if (source === "foreign") return { source: "/dev/sdz", target, type: "ext4", options }
  const index = deviceNames.indexOf(source)
  const disk = draw.disks[index]!
  return { source: pathOf(source, disk.partition), target, type: typeOf(disk), options }
}

const toMounts = (draw: Draw, workload: Workload): ReadonlyArray<Mount> => {
  const boot: Mount = { source: "/dev/sda1", target: "/", type: "ext4", options: ["rw", "relatime"] }
  const root: Mount = { source: "tmpfs", target: mountRoot, type: "tmpfs", options: ["rw", "mode=755"] }
  const parts = [...toSubPaths(workload)].flatMap(([target, found]): ReadonlyArray<Mount> =>
    found._tag === "Inside" ? [{ source: found.path, target, type: "none", options: ["bind"] }] : []
  )
  const needed = [...neededMounts(draw, workload), ...parts]
  const extra = draw.extra.map((mount) => extraMount(draw, mount))
  const base = draw.root === "tmpfs" ? [boot, root] : [boot]
  switch (draw.mounts) {
    case "none":
      return [boot]
    case "in place":
      return [...base, ...needed]
    case "in place and more":
      return [...base, ...needed, ...extra]
    case "any":
      return [...base, ...extra]
  }
}

const engineNames = {
  boot: name,
  "boot again": bootNames(name)[1]!,
  "other boot": "klt-web-zzzz",
  konlet: "klt-web-kkkk",
  aside: "klt-aside-999999999999",
  legacy: "web",
  compose: "klt-compose",
  foreign: "db"
} as const

const toContainers = (draw: Draw, workload: Workload): ReadonlyArray<OurContainer> => {
  const spec = containerSpec(workload.containers[0], {
    role: "main",
    name,
    volumes: workload.volumes,
    mountRoot,
    digest,
    network: hostNetwork,
    restsOn: undefined
  })
  // The engine has each name once.
  const firstOfKind = draw.containers.filter(
    ({ kind }, index) => draw.containers.findIndex((other) => other.kind === kind) === index
  )
  return firstOfKind.map(({ kind, status, exitCode, labels, inspectable }, index): OurContainer => {
    const restartPolicy: EngineRestartPolicy = spec.restartPolicy
    const ours = {
      "as declared": spec.labels,
      "other declaration": { ...spec.labels, "slipway.workload": "another" },
      "other digest": { ...spec.labels, "slipway.image-digest": "sha256:before" },
      none: {}
    }[labels]
    const container: ContainerInspection = {
      id: `${index}`.repeat(16),
      name: engineNames[kind],
      imageId: "sha256:id",
      labels:
        kind === "compose"
          ? { "com.docker.compose.project": "shop" }
          : kind === "foreign" || kind === "konlet" || kind === "legacy"
            ? {}
            : ours,
      status,
      exitCode: status === "exited" ? exitCode : 0,
      error: "",
      restartCount: 0,
      startedAt: Option.none(),
      image: spec.image,
      restartPolicy,
      health: Option.none(),
      config: mergedConfig(spec, plainImage)
    }
    const why = inspectable ? "the engine has failed to remove it" : "the engine cannot inspect it"
    return inspectable && status !== "dead" && status !== "removing" ? container : lostFrom(container, why)
  })
}

export const lostFrom = (
  { id, name, imageId, labels, status, exitCode }: ContainerInspection,
  why: string
): LostContainer => ({
  id,
  name,
  imageId,
  labels,
  status,
  exitCode: status === "exited" ? exitCode : undefined,
  why
})

/** The same draw, but for the containers and mounts of a workload that runs. */
const started = (draw: Draw): Draw => ({
  ...draw,
  containers: [
    { kind: "boot", status: "running", exitCode: 0, labels: "as declared", inspectable: draw.runningInspectable },
    ...draw.containers
  ],
  mounts: draw.mounts === "in place and more" ? draw.mounts : "in place",
  root: "tmpfs",
  local: "current"
})

const toScene = (drawn: Draw): Scene => {
  const draw = drawn.running ? started(drawn) : drawn
  const workload = toWorkload(draw)
  const mounts = toMounts(draw, workload)
  const disks = draw.disks.flatMap((disk, index) => {
    const volume = workload.volumes.find((volume) => volume._tag === "Disk" && volume.deviceName === deviceNames[index])
    return volume?._tag === "Disk" ? [toDisk(volume, disk, draw.mountedBlank ? [] : mounts)] : []
  })
  const all = toContainers(draw, workload)
  const ours = all.filter((container) => isOurs({ ...container, names: [container.name] }, ["web"]))
  const others = all.filter((container) => !ours.includes(container)).map(({ name }) => name)
  const wanted: WantedDigest =
    draw.wanted === "Known" ? { _tag: "Known", digest } : { _tag: "Unknown", cause: "the registry did not answer" }
  const nameTaken = draw.nameTaken === "taken" && !ours.some((container) => container.name === name)
  return {
    workload,
    observation: {
      wallMillis: 0,
      mountRoot,
      containers: ours.filter((container): container is ContainerInspection => !isLost(container)),
      lost: ours.filter(isLost),
      unusableNames: draw.unusableName === "yes" ? [{ name }] : [],
      foreignNames: nameTaken ? [...others, name] : others,
      images: only({ local: images[draw.local], wanted }),
      imageConfigs: new Map([["sha256:id", plainImage]]),
      mounts,
      attached: draw.disks.flatMap(({ attached }, index) =>
        attached === "no" ? [] : [{ deviceName: deviceNames[index]!, mode: attached }]
      ),
      disks,
      volumes: {
        ...emptyVm.volumes,
        emptyDirs: toEmptyDirs(draw, workload, mounts),
        files: toFiles(draw, workload),
        subPaths: toSubPaths(workload)
      },
      firewall: { ipv4: firewallState(draw, "ipv4"), ipv6: firewallState(draw, "ipv6") },
      networks: [],
      takenPorts: [],
      unready: [],
      unhooked: [],
      stopped: []
    },
    settings: { openIptables: draw.openIptables, confirm: Duration.seconds(draw.confirm) },
    names,
    foreign: all.filter((container) => container.name === "db" || container.name === "klt-compose")
  }
}

/** Some scenes are refused, for each of the reasons that there are; the others can be planned. */
export const Scenes: Arbitrary.Arbitrary<Scene> = Arbitrary.map(Draw, toScene)
