import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { type ImageReference, pullReference } from "../../src/workload/ImageReference.ts"
import type { Container, DiskVolume, FilesVolume, TmpfsVolume, Workload } from "../../src/workload/Workload.ts"
import { containerSpec } from "../../src/plan/containerSpec.ts"
import { hostNetwork } from "../../src/plan/podNetwork.ts"
import { bootNames } from "../../src/observation/bootNames.ts"
import {
  asHeld,
  type ImageObservation,
  imageOf,
  type LostContainer,
  type Observation,
  type ObservedDisk
} from "../../src/observation/Observation.ts"
import { type Plan, plan } from "../../src/plan/Plan.ts"
import { subPathsOf } from "../../src/observation/MountPoints.ts"
import { entriesOf } from "../../src/observation/VolumeFiles.ts"
import { filesIdentity } from "../../src/plan/filesIdentity.ts"
import { acceptedFor } from "../../src/plan/planFirewall.ts"
import { renderPlan } from "../../src/plan/renderPlan.ts"
import { type PlanSettings } from "../../src/plan/PlanSettings.ts"
import { mergedConfig } from "../../src/vm/engine/ContainerConfig.ts"
import type { DiskContent } from "../../src/vm/storage/DiskContent.ts"
import type { ContainerInspection } from "../../src/vm/engine/Inspection.ts"
import type { AttachedDisk } from "../../src/vm/metadata/MetadataProvider.ts"
import type { Mount } from "../../src/vm/storage/MountTable.ts"
import { emptyVm } from "./EmptyVm.ts"
import { plainImage } from "../vm/engine/Configs.ts"

const name = "klt-web-abcd"
const names = new Map([["web", name]])
const root = "/r"
const settings: PlanSettings = { openIptables: "all", confirm: Duration.seconds(3) }
const digest = "sha256:new"

const image: ImageReference = {
  text: "gcr.io/p/web:1",
  domain: "gcr.io",
  path: "p/web",
  tag: "1",
  digest: undefined
}

const container: Container = {
  name: "web",
  image,
  command: undefined,
  args: undefined,
  env: [],
  mounts: [],
  privileged: false,
  ports: [],
  restartPolicy: "Always",
  stdin: false,
  tty: false
}

const bare: Workload = { containers: [container], initContainers: [], volumes: [], network: { _tag: "Host" } }

const data: DiskVolume = { _tag: "Disk", name: "data", deviceName: "data", partition: 0 }
const cache: TmpfsVolume = { _tag: "Tmpfs", name: "cache" }

const onDisk: Workload = {
  ...bare,
  containers: [{ ...container, mounts: [{ volume: "data", path: "/data", readOnly: false }] }],
  volumes: [data]
}

const readingDisk: Workload = {
  ...onDisk,
  containers: [{ ...container, mounts: [{ volume: "data", path: "/data", readOnly: true }] }]
}

const onDiskAndTmpfs: Workload = {
  ...bare,
  containers: [
    {
      ...container,
      mounts: [
        { volume: "data", path: "/data", readOnly: false },
        { volume: "cache", path: "/cache", readOnly: false }
      ]
    }
  ],
  volumes: [data, cache]
}

const proof = {
  _tag: "Blank" as const,
  sizeBytes: 3 << 20,
  zeroRanges: [[0, 1 << 20] as const, [2 << 20, 3 << 20] as const]
}
const blank: DiskContent = { _tag: "Blank", proof }
const ext4: DiskContent = { _tag: "Filesystem", type: "ext4" }

const device = "/dev/disk/by-id/google-data"
const disk = (content: DiskContent, children: ReadonlyArray<string> = []): ObservedDisk => ({
  volume: data,
  device: Option.some({ _tag: "Present", device, path: "/dev/sdb", sizeBytes: proof.sizeBytes, children, content })
})
const attached: ReadonlyArray<AttachedDisk> = [{ deviceName: "data", mode: "READ_WRITE" }]
const attachedReadOnly: ReadonlyArray<AttachedDisk> = [{ deviceName: "data", mode: "READ_ONLY" }]

const rootMount: Mount = { source: "tmpfs", target: root, type: "tmpfs", options: ["rw", "mode=755"] }
const dataMount: Mount = {
  source: "/dev/sdb",
  target: `${root}/gce-persistent-disks/data`,
  type: "ext4",
  options: ["rw", "relatime"]
}
const cacheMount: Mount = { source: "tmpfs", target: `${root}/tmpfss/cache`, type: "tmpfs", options: ["rw"] }

const held = { id: "sha256:id", digests: [digest], sizeBytes: 1, config: plainImage }

/** What is known of the one image. */
const only = (observed: ImageObservation) => new Map([[pullReference(image), observed]])

/** What becomes of the one container. */
const onlyOf = ({ containers }: Plan) => containers[0]!

/** A VM on which nothing was ever started. */
const fresh: Observation = {
  ...emptyVm,
  mountRoot: root,
  foreignNames: ["db"],
  images: only({ local: Option.none(), wanted: { _tag: "Known", digest } }),
  imageConfigs: new Map([["sha256:id", plainImage]])
}

/** The container as it runs once the workload has been started. */
const running = (workload: Workload, changes: Partial<ContainerInspection> = {}): ContainerInspection => {
  const spec = containerSpec(workload.containers[0], {
    role: "main",
    name,
    volumes: workload.volumes,
    mountRoot: root,
    digest,
    network: hostNetwork,
    restsOn: undefined
  })
  const { labels, restartPolicy } = spec
  return {
    id: "1111111111111111",
    name,
    imageId: "sha256:id",
    labels,
    status: "running",
    exitCode: 0,
    error: "",
    restartCount: 0,
    startedAt: Option.none(),
    image: spec.image,
    restartPolicy,
    health: Option.none(),
    config: mergedConfig(spec, plainImage),
    ...changes
  }
}

/** A VM on which the workload runs. */
const started = (workload: Workload, mounts: ReadonlyArray<Mount> = []): Observation => ({
  ...fresh,
  containers: [running(workload)],
  images: only({ local: Option.some(held), wanted: { _tag: "Known", digest } }),
  mounts: [...fresh.mounts, rootMount, ...mounts],
  firewall: { ipv4: "Open", ipv6: "Open" },
  networks: [],
  takenPorts: []
})

const decide = (workload: Workload, observation: Observation, changes: Partial<PlanSettings> = {}): Plan => {
  const planned = plan(workload, observation, names, { ...settings, ...changes })
  if (Result.isFailure(planned)) return assert.fail(planned.failure.message)
  return planned.success
}

const refusals = (workload: Workload, observation: Observation): string => {
  const planned = plan(workload, observation, names, settings)
  if (Result.isSuccess(planned)) return assert.fail(renderPlan(planned.success))
  return planned.failure.reasons.map((reason) => `${reason._tag}: ${reason.message}`).join("\n")
}

const lines = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("\n")

/** As an operator is shown it, without the line that sums it up. */
const isPlanned = (planned: Plan, expected: string) => {
  const [, ...shown] = renderPlan({ ...planned, warnings: [] }).split("\n")
  assert.strictEqual(lines(shown.join("\n")), lines(expected))
}
const isRefused = (workload: Workload, observation: Observation, expected: string) =>
  assert.strictEqual(refusals(workload, observation), lines(expected))

describe("plan", () => {
  it("first boot: blank disk and tmpfs", () => {
    const observation = { ...fresh, attached, disks: [disk(blank)] }
    isPlanned(
      decide(onDiskAndTmpfs, observation),
      `
        1  pull gcr.io/p/web:1
           because the engine does not hold gcr.io/p/web:1
        2  format /dev/disk/by-id/google-data as ext4
           because it is blank: no signature on it, and its first and last MiB hold zeros only
        3  mount a tmpfs at /r
           because as a tmpfs it is empty after a reboot, so that nothing starts on what is not mounted yet
        4  mount /dev/sdb at /r/gce-persistent-disks/data
           because volume "data" is on it
           after 3, 2
        5  mount a tmpfs at /r/tmpfss/cache
           because volume "cache" is a tmpfs, empty for each new container
           after 3
        6  open the firewall for tcp, udp and icmp
           because our IPv4 and IPv6 rules are not all there
           after 1, 2, 3, 4, 5
        7  create klt-web-abcd
           because there is no such container yet
           after 1, 2, 3, 4, 5, 6
        8  start klt-web-abcd
           because it is declared to run
           after 7
        9  see that klt-web-abcd stays up for 3s
           because a container that ends at once has not started
           after 8
    `
    )
  })

  it("second run: nothing to do, the container is kept", () => {
    const observation = { ...started(onDiskAndTmpfs, [dataMount, cacheMount]), attached, disks: [disk(ext4)] }
    const planned = decide(onDiskAndTmpfs, observation)
    isPlanned(planned, ``)
    assert.deepStrictEqual(
      Option.map(onlyOf(planned).kept, ({ id }) => id),
      Option.some("1111111111111111")
    )
    assert.deepStrictEqual(planned.warnings, [])
  })

  it("changed declaration: mounts in place stay, tmpfs are made afresh", () => {
    const observation = { ...started(onDiskAndTmpfs, [dataMount, cacheMount]), attached, disks: [disk(ext4)] }
    const changed = {
      ...onDiskAndTmpfs,
      containers: [{ ...onDiskAndTmpfs.containers[0], args: ["--verbose"] }]
    } as const satisfies Workload
    isPlanned(
      decide(changed, observation),
      `
        1  set klt-web-abcd aside as klt-aside-always-111111111111
           because it comes back if a new container fails
        2  stop klt-web-abcd, with a grace period of 10s
           because its declaration has changed: args
           after 1
        3  unmount /r/tmpfss/cache
           because the new container is to start afresh
           after 2
        4  mount a tmpfs at /r/tmpfss/cache
           because volume "cache" is a tmpfs, empty for each new container
           after 3
        5  create klt-web-abcd
           because it takes the place of the old one
           after 2, 3, 4
        6  start klt-web-abcd
           because it is declared to run
           after 5
        7  see that klt-web-abcd stays up for 3s
           because a container that ends at once has not started
           after 6
        8  remove the old klt-web-abcd, set aside as klt-aside-always-111111111111
           because its successor is confirmed
           after 7
    `
    )
  })

  it("changed files: the volume and the container that has it are replaced, and nobody reads a value", () => {
    const files = (text: string): FilesVolume => ({
      _tag: "Files",
      name: "config",
      files: [{ path: "app.conf", mode: 0o644, data: Redacted.make(new TextEncoder().encode(text)) }]
    })
    const configured = (text: string): Workload => ({
      ...bare,
      containers: [{ ...container, mounts: [{ volume: "config", path: "/etc/app", readOnly: true }] }],
      volumes: [files(text)]
    })
    const before = started(configured("s3cr3t-before"))
    const observation: Observation = {
      ...before,
      volumes: {
        ...before.volumes,
        files: {
          identities: new Map([["config", filesIdentity(files("s3cr3t-before"), undefined)]]),
          entries: [entriesOf("config").now]
        }
      }
    }
    isPlanned(decide(configured("s3cr3t-before"), observation), ``)
    isPlanned(
      decide(configured("s3cr3t-after"), observation),
      `
        1  set klt-web-abcd aside as klt-aside-always-111111111111
           because it comes back if a new container fails
        2  stop klt-web-abcd, with a grace period of 10s
           because the files of the volume "config" have changed
           after 1
        3  write 1 file of the volume config, in memory
           because what it holds is not what is declared
           after 2
        4  create klt-web-abcd
           because it takes the place of the old one
           after 2, 3
        5  start klt-web-abcd
           because it is declared to run
           after 4
        6  see that klt-web-abcd stays up for 3s
           because a container that ends at once has not started
           after 5
        7  remove the old klt-web-abcd, set aside as klt-aside-always-111111111111
           because its successor is confirmed
           after 6
        8  remove /r/files/old.config and all that is in it
           because no container needs these files of a volume any more
           after 1, 2, 3, 4, 5, 6, 7
    `
    )
  })

  const parts = (...subPaths: ReadonlyArray<string>): Workload => ({
    ...bare,
    containers: [
      {
        ...container,
        mounts: subPaths.map((subPath) => ({ volume: "data", path: `/${subPath}`, readOnly: false, subPath }))
      }
    ],
    volumes: [data]
  })
  const bound = Object.fromEntries(
    subPathsOf(root, [data], parts("logs", "app/data").containers[0].mounts).map(({ target, subPath }) => [
      subPath,
      { source: `${dataMount.target}/${subPath}`, target, type: "none", options: ["bind"] }
    ])
  ) satisfies Record<string, Mount>
  const leading = {
    ...fresh.volumes,
    subPaths: new Map(
      Object.values(bound).map(({ source: path, target }) => [target, { _tag: "Inside", path } as const])
    )
  }

  it("first boot: parts of a disk are bound one after the other, once it is mounted", () => {
    const observation = { ...fresh, attached, disks: [disk(ext4)], volumes: leading }
    isPlanned(
      decide(parts("logs", "app/data"), observation),
      `
        1  pull gcr.io/p/web:1
           because the engine does not hold gcr.io/p/web:1
        2  check the filesystem on /dev/disk/by-id/google-data
           because it holds ext4 and is to be mounted
        3  mount a tmpfs at /r
           because as a tmpfs it is empty after a reboot, so that nothing starts on what is not mounted yet
        4  mount /dev/sdb at /r/gce-persistent-disks/data
           because volume "data" is on it
           after 3, 2
        5  bind /r/gce-persistent-disks/data/logs at /r/subpaths/9b3ff35025bc1a10
           because a container mounts this part of volume "data"
           after 3, 2, 4
        6  bind /r/gce-persistent-disks/data/app/data at /r/subpaths/9e6db14d3702b430
           because a container mounts this part of volume "data"
           after 5
        7  open the firewall for tcp, udp and icmp
           because our IPv4 and IPv6 rules are not all there
           after 1, 2, 3, 4, 5, 6
        8  create klt-web-abcd
           because there is no such container yet
           after 1, 2, 3, 4, 5, 6, 7
        9  start klt-web-abcd
           because it is declared to run
           after 8
        10  see that klt-web-abcd stays up for 3s
           because a container that ends at once has not started
           after 9
    `
    )
  })

  it("changed declaration: a part that leads where it did stays bound, one that is not declared any more goes", () => {
    const before = started(parts("logs"), [dataMount, bound["logs"]!])
    const observation = { ...before, attached, disks: [disk(ext4)], volumes: leading }
    isPlanned(decide(parts("logs"), observation), ``)
    const kept = parts("logs")
    const changed = {
      ...kept,
      containers: [{ ...kept.containers[0], args: ["--verbose"] }]
    } as const satisfies Workload
    assert.notMatch(renderPlan(decide(changed, observation)), /bind|mount/)
    isPlanned(
      decide(parts("app/data"), observation),
      `
        1  set klt-web-abcd aside as klt-aside-always-111111111111
           because it comes back if a new container fails
        2  stop klt-web-abcd, with a grace period of 10s
           because its declaration has changed: volume mounts
           after 1
        3  unmount /r/subpaths/9b3ff35025bc1a10
           because no container mounts this part of a volume any more, or it leads elsewhere now
           after 2
        4  bind /r/gce-persistent-disks/data/app/data at /r/subpaths/9e6db14d3702b430
           because a container mounts this part of volume "data"
           after 3
        5  create klt-web-abcd
           because it takes the place of the old one
           after 2, 3, 4
        6  start klt-web-abcd
           because it is declared to run
           after 5
        7  see that klt-web-abcd stays up for 3s
           because a container that ends at once has not started
           after 6
        8  remove the old klt-web-abcd, set aside as klt-aside-always-111111111111
           because its successor is confirmed
           after 7
    `
    )
  })

  it("a part of a volume that a link leads out of is refused", () => {
    const [{ target }] = [bound["logs"]!]
    const subPaths = new Map([[target, { _tag: "Outside", path: "/etc" } as const]])
    const observation = { ...fresh, attached, disks: [disk(ext4)], volumes: { ...fresh.volumes, subPaths } }
    isRefused(
      parts("logs"),
      observation,
      `
      SubPathLeadsOut: the mount of "data" at /logs has the subPath "logs", but a symbolic link in the volume leads out of it, to /etc of the host. Remove the link or make it lead to a place in the volume, relative to where it is; or declare a hostPath for what is to be mounted.
    `
    )
  })

  it("a part of a volume that cannot be followed is refused, unless a container has it already", () => {
    const found = { _tag: "Unusable", detail: "ELOOP: too many symbolic links" } as const
    const volumes = { ...fresh.volumes, subPaths: new Map([[bound["logs"]!.target, found]]) }
    const runs = { ...started(parts("logs"), [dataMount, bound["logs"]!]), attached, disks: [disk(ext4)], volumes }
    isPlanned(decide(parts("logs"), runs), ``)
    isRefused(
      parts("logs"),
      { ...fresh, attached, disks: [disk(ext4)], volumes },
      `
      SubPathUnusable: the mount of "data" at /logs has the subPath "logs", which cannot be followed in the volume: ELOOP: too many symbolic links. Remove what is in the way, or correct the subPath.
    `
    )
  })

  it("changed declaration without volumes: only the container is replaced", () => {
    isPlanned(
      decide({ ...bare, containers: [{ ...container, restartPolicy: "OnFailure" }] }, started(bare)),
      `
        1  set klt-web-abcd aside as klt-aside-always-111111111111
           because it comes back if a new container fails
        2  stop klt-web-abcd, with a grace period of 10s
           because its declaration has changed: restartPolicy
           after 1
        3  create klt-web-abcd
           because it takes the place of the old one
           after 2
        4  start klt-web-abcd
           because it is declared to run
           after 3
        5  see that klt-web-abcd stays up for 3s
           because a container that ends at once has not started
           after 4
        6  remove the old klt-web-abcd, set aside as klt-aside-always-111111111111
           because its successor is confirmed
           after 5
    `
    )
  })

  it("moved tag: pulls before it stops", () => {
    const observation: Observation = {
      ...started(bare),
      images: only({ local: Option.some(held), wanted: { _tag: "Known", digest: "sha256:moved" } })
    }
    isPlanned(
      decide(bare, observation),
      `
        1  pull gcr.io/p/web:1
           because gcr.io/p/web:1 stands for sha256:moved now, which the engine does not hold
        2  set klt-web-abcd aside as klt-aside-always-111111111111
           because it comes back if a new container fails
           after 1
        3  stop klt-web-abcd, with a grace period of 10s
           because gcr.io/p/web:1 stands for another image now, sha256:moved
           after 2
        4  create klt-web-abcd
           because it takes the place of the old one
           after 1, 3
        5  start klt-web-abcd
           because it is declared to run
           after 4
        6  see that klt-web-abcd stays up for 3s
           because a container that ends at once has not started
           after 5
        7  remove the old klt-web-abcd, set aside as klt-aside-always-111111111111
           because its successor is confirmed
           after 6
    `
    )
  })

  const unknown = { _tag: "Unknown", cause: "the registry did not answer" } as const

  it("digest unknown: pulls, and leaves the container alone until that shows which image it is", () => {
    const observation: Observation = {
      ...started(bare),
      images: only({ local: Option.some(held), wanted: unknown }),
      firewall: { ipv4: "Absent", ipv6: "Open" },
      networks: [],
      takenPorts: []
    }
    const provisional = decide(bare, observation)
    isPlanned(
      provisional,
      `
        1  pull gcr.io/p/web:1
           because the digest of gcr.io/p/web:1 is not known: the registry did not answer
    `
    )
    assert.isTrue(provisional.provisional)
    assert.strictEqual(Option.getOrThrow(onlyOf(provisional).kept).name, name)

    const pulled = (local: typeof held) => decide(bare, { ...started(bare), images: only(asHeld(local)) })
    const same = pulled({ ...held, digests: ["sha256:before", digest] })
    assert.deepStrictEqual([same.steps, same.provisional, Option.isSome(onlyOf(same).kept)], [[], false, true])
    isPlanned(
      pulled({ ...held, id: "sha256:another", digests: ["sha256:moved"] }),
      `
        1  set klt-web-abcd aside as klt-aside-always-111111111111
           because it comes back if a new container fails
        2  stop klt-web-abcd, with a grace period of 10s
           because it was created from another image than the engine holds for gcr.io/p/web:1
           after 1
        3  create klt-web-abcd
           because it takes the place of the old one
           after 2
        4  start klt-web-abcd
           because it is declared to run
           after 3
        5  see that klt-web-abcd stays up for 3s
           because a container that ends at once has not started
           after 4
        6  remove the old klt-web-abcd, set aside as klt-aside-always-111111111111
           because its successor is confirmed
           after 5
    `
    )
  })

  it("digest unknown, and another declaration: the container goes whatever the pull brings", () => {
    const observation: Observation = {
      ...started(bare),
      images: only({ local: Option.some(held), wanted: unknown })
    }
    const changed: Workload = { ...bare, containers: [{ ...container, args: ["--verbose"] }] }
    const planned = decide(changed, observation)
    assert.isFalse(planned.provisional)
    assert.deepStrictEqual(
      planned.steps.map(({ id }) => id),
      [
        "pull gcr.io/p/web:1",
        "set aside klt-web-abcd",
        "stop klt-web-abcd",
        "create web",
        "start web",
        "confirm web",
        "remove old klt-web-abcd"
      ]
    )
    // What the pull will bring is not known: no label says what it is.
    const create = planned.steps.find(({ action }) => action._tag === "Create")?.action
    assert.notProperty(create?._tag === "Create" ? create.spec.labels : {}, "slipway.image-digest")
  })

  it("a label without the digest, or with another of the same image, does not make it another image", () => {
    const { labels } = running(bare)
    for (const label of [{}, { "slipway.image-digest": "sha256:of the index before" }]) {
      const { "slipway.image-digest": _, ...others } = labels
      const observation = { ...started(bare), containers: [running(bare, { labels: { ...others, ...label } })] }
      assert.deepStrictEqual(decide(bare, observation).steps, [])
      // Of another image, or where the engine does not hold the digest, it says so.
      const moved = {
        ...observation,
        images: only({ ...imageOf(observation, image), local: Option.some({ ...held, id: "sha256:x" }) })
      }
      assert.isNotEmpty(decide(bare, moved).steps)
    }
  })

  it("of several digests that an image has none is written on a container, as they do not say which is the present one", () => {
    const labelsOf = (digests: ReadonlyArray<string>) => {
      const planned = decide(bare, { ...fresh, images: only(asHeld({ ...held, digests })) })
      const create = planned.steps.find(({ action }) => action._tag === "Create")?.action
      return create?._tag === "Create" ? create.spec.labels["slipway.image-digest"] : assert.fail("nothing is created")
    }
    assert.strictEqual(labelsOf([digest]), digest)
    // Engine 26.1 lists one twice.
    assert.strictEqual(labelsOf([digest, digest]), digest)
    assert.isUndefined(labelsOf(["sha256:before", digest]))
    assert.isUndefined(labelsOf([]))
  })

  it("reboot: the other boot's container goes once this boot's is confirmed", () => {
    const yesterday = running(onDisk, { name: "klt-web-zzzz" })
    const observation: Observation = {
      ...started(onDisk),
      containers: [yesterday],
      mounts: fresh.mounts,
      firewall: { ipv4: "Absent", ipv6: "Absent" },
      attached,
      disks: [disk(ext4)]
    }
    isPlanned(
      decide(onDisk, observation),
      `
         1  check the filesystem on /dev/disk/by-id/google-data
            because it holds ext4 and is to be mounted
         2  mount a tmpfs at /r
            because as a tmpfs it is empty after a reboot, so that nothing starts on what is not mounted yet
         3  mount /dev/sdb at /r/gce-persistent-disks/data
            because volume "data" is on it
            after 2, 1
         4  open the firewall for tcp, udp and icmp
            because our IPv4 and IPv6 rules are not all there
            after 1, 2, 3
         5  set klt-web-zzzz aside as klt-aside-always-111111111111
            because it comes back if a new container fails
            after 1, 2, 3, 4
         6  stop klt-web-zzzz, with a grace period of 10s
            because it is not this boot's container, which is named klt-web-abcd
            after 5
         7  create klt-web-abcd
            because it takes the place of the old one
            after 1, 2, 3, 4, 6
         8  start klt-web-abcd
            because it is declared to run
            after 7
         9  see that klt-web-abcd stays up for 3s
            because a container that ends at once has not started
            after 8
        10  remove the old klt-web-zzzz, set aside as klt-aside-always-111111111111
            because its successor is confirmed
            after 9
    `
    )
  })

  it("takes over from konlet: a plain mount root, no labels, disks mounted below it", () => {
    const observation: Observation = {
      ...started(onDiskAndTmpfs),
      containers: [running(onDiskAndTmpfs, { name: "klt-web-zzzz", labels: {} })],
      mounts: [...fresh.mounts, cacheMount, dataMount],
      firewall: { ipv4: "Absent", ipv6: "Unavailable" },
      attached,
      disks: [disk(ext4)]
    }
    const planned = decide(onDiskAndTmpfs, observation)
    isPlanned(
      planned,
      `
         1  open the firewall for tcp, udp and icmp
            because our IPv4 rules are not all there
         2  set klt-web-zzzz aside as klt-aside-always-111111111111
            because it comes back if a new container fails
            after 1
         3  stop klt-web-zzzz, with a grace period of 10s
            because it is not this boot's container, which is named klt-web-abcd
            after 2
         4  unmount /r/gce-persistent-disks/data
            because the disk has to be free to be checked and mounted as declared
            after 3
         5  unmount /r/tmpfss/cache
            because the new container is to start afresh
            after 4
         6  mount a tmpfs at /r
            because as a tmpfs it is empty after a reboot, so that nothing starts on what is not mounted yet
            after 5
         7  check the filesystem on /dev/disk/by-id/google-data
            because it holds ext4 and is to be mounted
            after 6
         8  mount /dev/sdb at /r/gce-persistent-disks/data
            because volume "data" is on it
            after 6, 7
         9  mount a tmpfs at /r/tmpfss/cache
            because volume "cache" is a tmpfs, empty for each new container
            after 6
        10  create klt-web-abcd
            because it takes the place of the old one
            after 1, 3, 4, 5, 6, 7, 8, 9
        11  start klt-web-abcd
            because it is declared to run
            after 10
        12  see that klt-web-abcd stays up for 3s
            because a container that ends at once has not started
            after 11
        13  remove the old klt-web-zzzz, set aside as klt-aside-always-111111111111
            because its successor is confirmed
            after 12
    `
    )
    assert.deepStrictEqual(planned.warnings, ["the host has no iptables for IPv6: nothing was opened there"])
  })

  it("several old containers: each is stopped if it is active, set aside and removed", () => {
    const observation: Observation = {
      ...started(bare),
      containers: [
        running(bare, { id: "2222222222222222", name: "klt-web-yyyy", status: "restarting" }),
        running(bare, { id: "3333333333333333", name: "klt-aside-444444444444", status: "exited" })
      ]
    }
    isPlanned(
      decide(bare, observation),
      `
        1  set klt-web-yyyy aside as klt-aside-always-222222222222
           because it comes back if a new container fails
        2  stop klt-web-yyyy, with a grace period of 10s
           because it is not this boot's container, which is named klt-web-abcd
           after 1
        3  set klt-aside-444444444444 aside as klt-aside-444444444444
           because an earlier run had set it aside for klt-web-abcd
        4  create klt-web-abcd
           because it takes the place of the old one
           after 2, 3
        5  start klt-web-abcd
           because it is declared to run
           after 4
        6  see that klt-web-abcd stays up for 3s
           because a container that ends at once has not started
           after 5
        7  remove the old klt-web-yyyy, set aside as klt-aside-always-222222222222
           because its successor is confirmed
           after 6
        8  remove klt-aside-444444444444
           because its successor is confirmed
           after 6
    `
    )
  })

  const dead: LostContainer = {
    id: "5555555555555555",
    name,
    imageId: "sha256:id",
    labels: running(bare).labels,
    status: "dead",
    exitCode: undefined,
    why: "the engine has not come to an end of removing it: device or resource busy"
  }
  const uninspectable: LostContainer = {
    ...dead,
    status: "running",
    why: "the engine cannot inspect it: RWLayer is nil"
  }
  const [, nextName = ""] = bootNames(name)

  it("a lost container with this boot's name: another name is used, and the next run knows it", () => {
    const planned = decide(bare, { ...started(bare), containers: [], lost: [dead] })
    isPlanned(
      planned,
      `
        1  create klt-web-agwa
           because it takes the place of the old one
        2  start klt-web-agwa
           because it is declared to run
           after 1
        3  see that klt-web-agwa stays up for 3s
           because a container that ends at once has not started
           after 2
        4  remove klt-web-abcd
           because the engine has not come to an end of removing it: device or resource busy
           after 3
    `
    )
    assert.strictEqual(onlyOf(planned).name, nextName)
    const kept = (lost: ReadonlyArray<LostContainer>) =>
      decide(bare, { ...started(bare), containers: [running(bare, { name: nextName })], lost })
    isPlanned(
      kept([dead]),
      `
        1  remove klt-web-abcd
           because the engine has not come to an end of removing it: device or resource busy
    `
    )
    isPlanned(kept([]), ``)
    // The name stays for as long as the boot lasts.
    const changed: Workload = { ...bare, containers: [{ ...container, tty: true }] }
    const replaced = decide(changed, { ...started(bare), containers: [running(bare, { name: nextName })] })
    assert.strictEqual(onlyOf(replaced).name, nextName)
  })

  it("a lost container that runs has to end before another begins", () => {
    const changed: Workload = { ...bare, containers: [{ ...container, tty: true }] }
    const planned = decide(changed, { ...started(bare), containers: [], lost: [uninspectable] })
    isPlanned(
      planned,
      `
        1  stop klt-web-abcd, with a grace period of 10s
           because it was created from another declaration, and the engine cannot inspect it: RWLayer is nil
        2  create klt-web-agwa
           because it takes the place of the old one
           after 1
        3  start klt-web-agwa
           because it is declared to run
           after 2
        4  see that klt-web-agwa stays up for 3s
           because a container that ends at once has not started
           after 3
        5  remove klt-web-abcd
           because its successor is confirmed, and the engine cannot inspect it: RWLayer is nil
           after 4
    `
    )
    assert.strictEqual(onlyOf(planned).name, nextName)
  })

  it("a lost container that runs as declared, by what the engine lists of it, is left alone", () => {
    const planned = decide(bare, { ...started(bare), containers: [], lost: [uninspectable] })
    isPlanned(planned, ``)
    assert.strictEqual(onlyOf(planned).name, name)
    assert.deepStrictEqual(planned.warnings, [
      "klt-web-abcd is as declared by what the engine lists (running), and is left alone, but the engine cannot inspect it: RWLayer is nil"
    ])
  })

  it("a lost container beside a kept one is stopped and removed in one step, which may fail", () => {
    const lost = [{ ...uninspectable, name: "klt-web-yyyy" }]
    const planned = decide(bare, { ...started(bare), lost })
    isPlanned(
      planned,
      `
        1  stop and remove klt-web-yyyy
           because it is not this boot's container, which is named klt-web-abcd, and the engine cannot inspect it: RWLayer is nil
    `
    )
    const action = planned.steps[0]?.action
    assert.deepStrictEqual(action?._tag === "Remove" ? action.grace : undefined, Option.some(Duration.seconds(10)))
  })

  it("a job that is done and lost is not done again; one that runs in a loop is no job that is done", () => {
    const job: Workload = { ...bare, containers: [{ ...container, restartPolicy: "OnFailure" }] }
    const { labels } = running(job)
    const done = (exitCode: number | undefined): LostContainer => ({
      ...uninspectable,
      labels,
      status: "exited",
      exitCode
    })
    const tags = (lost: LostContainer) =>
      decide(job, { ...started(job), containers: [], lost: [lost] }).steps.map(({ action }) => action._tag)
    assert.deepStrictEqual(tags(done(0)), [])
    for (const code of [3, undefined])
      assert.deepStrictEqual(tags(done(code)), ["Create", "Start", "Confirm", "Remove"])
  })

  it("a name that the engine holds for nobody is avoided, and it is said", () => {
    const planned = decide(bare, { ...fresh, unusableNames: [{ name }] })
    assert.strictEqual(onlyOf(planned).name, nextName)
    assert.match(
      planned.warnings.join(),
      /^the engine holds the name klt-web-abcd for a container that it does not list/
    )
  })

  it("a name that somebody else has taken is avoided, and it is said who has", () => {
    const holder = { id: "0123456789abcdef", image: "theirs:1" }
    const planned = decide(bare, { ...fresh, unusableNames: [{ name, holder }], foreignNames: [name] })
    assert.strictEqual(onlyOf(planned).name, nextName)
    assert.deepStrictEqual(planned.warnings, [
      `the container 0123456789ab, from theirs:1, has taken the name klt-web-abcd meanwhile: ${nextName} is used in its place until the next boot. It is left alone; if it is of no use, \`docker rm --force 0123456789ab\` removes it.`
    ])
  })

  it("beside a kept container the others are removed", () => {
    const observation: Observation = {
      ...started(bare),
      containers: [
        running(bare),
        running(bare, { id: "2222222222222222", name: "klt-web-yyyy" }),
        running(bare, { id: "3333333333333333", name: "klt-aside-444444444444", status: "exited" })
      ]
    }
    isPlanned(
      decide(bare, observation),
      `
        1  stop and remove klt-web-yyyy
           because it is not this boot's container, which is named klt-web-abcd
        2  remove klt-aside-444444444444
           because an earlier run had set it aside for klt-web-abcd
    `
    )
  })

  for (const exitCode of [0, 3]) {
    it(`a job that has ended with exit code ${exitCode} is kept`, () => {
      const job: Workload = { ...bare, containers: [{ ...container, restartPolicy: "Never" }] }
      const observation = { ...started(job), containers: [running(job, { status: "exited", exitCode })] }
      const planned = decide(job, observation)
      isPlanned(planned, ``)
      assert.isTrue(Option.isSome(onlyOf(planned).kept))
    })
  }

  for (const [what, workload, changed, cause] of [
    [
      "one in a crash loop",
      bare,
      { status: "restarting", exitCode: 1, restartCount: 4 },
      "it has ended with exit code 1, and the engine is to start it again"
    ],
    [
      "one in a crash loop that is caught running",
      bare,
      { restartCount: 4, startedAt: Option.some(-9_000) },
      "the engine has restarted it 4 times, the last time just now"
    ],
    [
      "one that is unhealthy",
      bare,
      { health: Option.some("unhealthy" as const) },
      "it is unhealthy by its image's health check"
    ]
  ] as const) {
    it(`${what} is kept, and looked at`, () => {
      const observation = { ...started(workload), containers: [running(workload, changed)] }
      const planned = decide(workload, observation)
      assert.deepStrictEqual(
        planned.steps.map(({ id, cause }) => [id, cause]),
        [["confirm web", cause]]
      )
      assert.isTrue(Option.isSome(onlyOf(planned).kept))
    })
  }

  it("one that was restarted once and has been up since is kept without a look", () => {
    const changed = { restartCount: 1, startedAt: Option.some(-10_000) }
    isPlanned(decide(bare, { ...started(bare), containers: [running(bare, changed)] }), "")
  })

  it("a container that has ended and may not is replaced", () => {
    const observation = { ...started(bare), containers: [running(bare, { status: "exited", exitCode: 3 })] }
    isPlanned(
      decide(bare, observation),
      `
        1  set klt-web-abcd aside as klt-aside-111111111111
           because it was stopped, with exit code 3
        2  create klt-web-abcd
           because it takes the place of the old one
           after 1
        3  start klt-web-abcd
           because it is declared to run
           after 2
        4  see that klt-web-abcd stays up for 3s
           because a container that ends at once has not started
           after 3
        5  remove the old klt-web-abcd, set aside as klt-aside-111111111111
           because its successor is confirmed
           after 4
    `
    )
  })

  it("a disk that was read and is to be written: freed, checked and mounted again", () => {
    const observation = {
      ...started(readingDisk, [{ ...dataMount, options: ["ro", "relatime"] }]),
      attached,
      disks: [disk(ext4)]
    }
    isPlanned(
      decide(onDisk, observation),
      `
        1  set klt-web-abcd aside as klt-aside-always-111111111111
           because it comes back if a new container fails
        2  stop klt-web-abcd, with a grace period of 10s
           because its declaration has changed: volume mounts
           after 1
        3  unmount /r/gce-persistent-disks/data
           because the disk has to be free to be checked and mounted as declared
           after 2
        4  check the filesystem on /dev/disk/by-id/google-data
           because it holds ext4 and is to be mounted
           after 3
        5  mount /dev/sdb at /r/gce-persistent-disks/data
           because volume "data" is on it
           after 3, 4
        6  create klt-web-abcd
           because it takes the place of the old one
           after 2, 3, 4, 5
        7  start klt-web-abcd
           because it is declared to run
           after 6
        8  see that klt-web-abcd stays up for 3s
           because a container that ends at once has not started
           after 7
        9  remove the old klt-web-abcd, set aside as klt-aside-always-111111111111
           because its successor is confirmed
           after 8
    `
    )
  })

  it("a disk that is attached read-only is mounted so, unchecked", () => {
    const observation: Observation = { ...fresh, attached: attachedReadOnly, disks: [disk(ext4)] }
    const planned = decide(readingDisk, observation)
    isPlanned(
      planned,
      `
        1  pull gcr.io/p/web:1
           because the engine does not hold gcr.io/p/web:1
        2  mount a tmpfs at /r
           because as a tmpfs it is empty after a reboot, so that nothing starts on what is not mounted yet
        3  mount /dev/sdb at /r/gce-persistent-disks/data read-only
           because volume "data" is on it
           after 2
        4  open the firewall for tcp, udp and icmp
           because our IPv4 and IPv6 rules are not all there
           after 1, 2, 3
        5  create klt-web-abcd
           because there is no such container yet
           after 1, 2, 3, 4
        6  start klt-web-abcd
           because it is declared to run
           after 5
        7  see that klt-web-abcd stays up for 3s
           because a container that ends at once has not started
           after 6
    `
    )
    const mount = planned.steps.find(({ id }) => id === "mount data")?.action
    assert.deepInclude(mount, { mount: { ...dataMount, options: ["ro"] } })
  })

  it("stacked mounts: the last is unmounted first", () => {
    const observation = {
      ...started(onDisk, [dataMount, { ...dataMount, target: `${dataMount.target}/deeper` }, dataMount]),
      attached,
      disks: [disk(ext4)]
    }
    isPlanned(
      decide(onDisk, observation),
      `
         1  set klt-web-abcd aside as klt-aside-always-111111111111
            because it comes back if a new container fails
         2  stop klt-web-abcd, with a grace period of 10s
            because /r/gce-persistent-disks/data is not mounted on the host as declared
            after 1
         3  unmount /r/gce-persistent-disks/data
            because the disk has to be free to be checked and mounted as declared
            after 2
         4  unmount /r/gce-persistent-disks/data/deeper
            because the disk has to be free to be checked and mounted as declared
            after 3
         5  unmount /r/gce-persistent-disks/data
            because the disk has to be free to be checked and mounted as declared
            after 4
         6  check the filesystem on /dev/disk/by-id/google-data
            because it holds ext4 and is to be mounted
            after 5
         7  mount /dev/sdb at /r/gce-persistent-disks/data
            because volume "data" is on it
            after 5, 6
         8  create klt-web-abcd
            because it takes the place of the old one
            after 2, 3, 4, 5, 6, 7
         9  start klt-web-abcd
            because it is declared to run
            after 8
        10  see that klt-web-abcd stays up for 3s
            because a container that ends at once has not started
            after 9
        11  remove the old klt-web-abcd, set aside as klt-aside-always-111111111111
            because its successor is confirmed
            after 10
    `
    )
  })

  it("a disk on top of another mount is not in place: that mount has to go from under it", () => {
    const observation = {
      ...started(onDisk, [{ ...cacheMount, target: dataMount.target }, dataMount]),
      attached,
      disks: [disk(ext4)]
    }
    isPlanned(
      decide(onDisk, observation),
      `
         1  set klt-web-abcd aside as klt-aside-always-111111111111
            because it comes back if a new container fails
         2  stop klt-web-abcd, with a grace period of 10s
            because /r/gce-persistent-disks/data is not mounted on the host as declared
            after 1
         3  unmount /r/gce-persistent-disks/data
            because the disk has to be free to be checked and mounted as declared
            after 2
         4  unmount /r/gce-persistent-disks/data
            because the new container is to start afresh
            after 3
         5  check the filesystem on /dev/disk/by-id/google-data
            because it holds ext4 and is to be mounted
            after 4
         6  mount /dev/sdb at /r/gce-persistent-disks/data
            because volume "data" is on it
            after 4, 5
         7  create klt-web-abcd
            because it takes the place of the old one
            after 2, 3, 4, 5, 6
         8  start klt-web-abcd
            because it is declared to run
            after 7
         9  see that klt-web-abcd stays up for 3s
            because a container that ends at once has not started
            after 8
        10  remove the old klt-web-abcd, set aside as klt-aside-always-111111111111
            because its successor is confirmed
            after 9
    `
    )
  })

  it("a mount root hidden by another mount is mounted anew", () => {
    const mounts = [rootMount, { ...dataMount, source: "/dev/sdz", target: root }]
    isPlanned(
      decide(onDisk, { ...fresh, mounts, attached, disks: [disk(ext4)] }),
      `
        1  pull gcr.io/p/web:1
           because the engine does not hold gcr.io/p/web:1
        2  check the filesystem on /dev/disk/by-id/google-data
           because it holds ext4 and is to be mounted
        3  mount a tmpfs at /r
           because as a tmpfs it is empty after a reboot, so that nothing starts on what is not mounted yet
        4  mount /dev/sdb at /r/gce-persistent-disks/data
           because volume "data" is on it
           after 3, 2
        5  open the firewall for tcp, udp and icmp
           because our IPv4 and IPv6 rules are not all there
           after 1, 2, 3, 4
        6  create klt-web-abcd
           because there is no such container yet
           after 1, 2, 3, 4, 5
        7  start klt-web-abcd
           because it is declared to run
           after 6
        8  see that klt-web-abcd stays up for 3s
           because a container that ends at once has not started
           after 7
    `
    )
  })

  it("firewall not to be open: closed where rules of ours are there", () => {
    isPlanned(
      decide(bare, started(bare), { openIptables: "no" }),
      `
        1  remove our firewall rules
           because IPv4 and IPv6 rules of ours are there, and are not wanted
    `
    )
    const partial: Observation = { ...started(bare), firewall: { ipv4: "Absent", ipv6: "Partial" } }
    isPlanned(
      decide(bare, partial, { openIptables: "no" }),
      `
        1  remove our firewall rules
           because IPv6 rules of ours are there, and are not wanted
    `
    )
    const closed: Observation = { ...started(bare), firewall: { ipv4: "Absent", ipv6: "Unavailable" } }
    const planned = decide(bare, closed, { openIptables: "no" })
    isPlanned(planned, ``)
    assert.deepStrictEqual(planned.warnings, [])
  })

  it("the firewall open for declared ports alone: opened where it accepts anything else, closed where none is declared", () => {
    const port = { hostPort: undefined, hostIp: undefined, protocol: "tcp" as const }
    const web: Workload = {
      ...bare,
      containers: [{ ...container, ports: [8080, 443, 443].map((containerPort) => ({ ...port, containerPort })) }]
    }
    const declared = { openIptables: "declared" as const }
    isPlanned(
      decide(web, started(web), declared),
      `
        1  open the firewall for 443/tcp, 8080/tcp
           because our IPv4 and IPv6 rules do not accept just the declared ports
    `
    )
    const ports = [
      { port: 443, protocol: "tcp" as const },
      { port: 8080, protocol: "tcp" as const }
    ]
    const [step] = decide(web, started(web), declared).steps
    assert.deepStrictEqual(step?.action, { _tag: "OpenPorts", ports })
    const open = { _tag: "OpenPorts" as const, ports }
    isPlanned(decide(web, { ...started(web), firewall: { ipv4: open, ipv6: open } }, declared), ``)
    isPlanned(
      decide(bare, { ...started(bare), firewall: { ipv4: open, ipv6: "Absent" } }, declared),
      `
        1  remove our firewall rules
           because IPv4 rules of ours are there, and are not wanted
    `
    )
    const published: Workload = {
      ...bare,
      containers: [
        {
          ...container,
          ports: [
            { ...port, containerPort: 8080, hostPort: 80 },
            { ...port, containerPort: 9090 }
          ]
        }
      ],
      network: {
        _tag: "Pod",
        hostname: undefined,
        hostAliases: [],
        dns: { nameservers: [], searches: [], options: [] }
      }
    }
    assert.deepStrictEqual(acceptedFor("declared", published), [{ port: 80, protocol: "tcp" }])
  })

  it("confirm 0: the old container goes as soon as the new one is started", () => {
    const observation = { ...started(bare), containers: [running(bare, { labels: {} })] }
    isPlanned(
      decide(bare, observation, { confirm: Duration.zero }),
      `
        1  set klt-web-abcd aside as klt-aside-always-111111111111
           because it comes back if a new container fails
        2  stop klt-web-abcd, with a grace period of 10s
           because it lacks the label of a container that Slipway created
           after 1
        3  create klt-web-abcd
           because it takes the place of the old one
           after 2
        4  start klt-web-abcd
           because it is declared to run
           after 3
        5  remove the old klt-web-abcd, set aside as klt-aside-always-111111111111
           because its successor has started
           after 4
    `
    )
  })

  it("a path with a colon: its directory is created once, before anything is stopped", () => {
    const workload: Workload = {
      ...bare,
      containers: [
        {
          ...container,
          mounts: [
            { volume: "a", path: "/a", readOnly: false },
            { volume: "b", path: "/b", readOnly: true },
            { volume: "c", path: "/c", readOnly: true }
          ]
        }
      ],
      volumes: [
        { _tag: "HostPath", name: "a", path: "/srv/a:b" },
        { _tag: "HostPath", name: "b", path: "/srv/a:b" },
        { _tag: "HostPath", name: "c", path: "/srv/c" }
      ]
    }
    const planned = decide(workload, started(bare))
    isPlanned(
      planned,
      `
        1  create the directory /srv/a:b
           because the engine creates no missing directory where a path has a colon in it
        2  set klt-web-abcd aside as klt-aside-always-111111111111
           because it comes back if a new container fails
           after 1
        3  stop klt-web-abcd, with a grace period of 10s
           because its declaration has changed: volume mounts
           after 2
        4  create klt-web-abcd
           because it takes the place of the old one
           after 1, 3
        5  start klt-web-abcd
           because it is declared to run
           after 4
        6  see that klt-web-abcd stays up for 3s
           because a container that ends at once has not started
           after 5
        7  remove the old klt-web-abcd, set aside as klt-aside-always-111111111111
           because its successor is confirmed
           after 6
    `
    )
    const created = planned.steps.find(({ id }) => id === "create web")?.action
    assert.deepStrictEqual(created?._tag === "Create" && [created.spec.binds, created.spec.mounts], [
      ["/srv/c:/c:ro"],
      [
        { source: "/srv/a:b", target: "/a", readOnly: false },
        { source: "/srv/a:b", target: "/b", readOnly: true }
      ]
    ])
  })

  it("gives what is written to the Pod's group, once the old container has stopped and before the new one starts", () => {
    const grouped: Workload = {
      ...onDisk,
      volumes: [...onDisk.volumes, { _tag: "Tmpfs", name: "cache" }, { _tag: "HostPath", name: "srv", path: "/srv" }],
      containers: [
        {
          ...onDisk.containers[0],
          mounts: [
            ...onDisk.containers[0].mounts,
            { volume: "cache", path: "/cache", readOnly: false },
            { volume: "srv", path: "/srv", readOnly: false }
          ]
        }
      ],
      volumeGroup: { gid: 2000, onlyOnMismatch: true }
    }
    const planned = decide(grouped, { ...fresh, attached, disks: [disk(ext4)] })
    const given = planned.steps.filter(({ action }) => action._tag === "SetGroup")
    assert.deepStrictEqual(
      given.map(({ id, action }) => [id, action._tag === "SetGroup" && action.group.onlyOnMismatch]),
      [
        ["give group data", true],
        ["give group cache", false]
      ]
    )
    const [disks, tmpfs] = given
    assert.include(disks!.needs, "mount data")
    assert.include(tmpfs!.needs, "give group data")
    for (const { id, needs } of planned.steps.filter(({ action }) => action._tag === "Create")) {
      assert.include(needs, "give group cache", id)
    }
    const reading = decide(
      { ...readingDisk, volumeGroup: { gid: 2000, onlyOnMismatch: false } },
      {
        ...fresh,
        attached,
        disks: [disk(ext4)]
      }
    )
    assert.notInclude(
      reading.steps.map(({ action }) => action._tag),
      "SetGroup"
    )
  })

  it("refuses a disk that is not attached", () => {
    const observation: Observation = {
      ...fresh,
      attached: [{ deviceName: "other", mode: "READ_WRITE" }],
      disks: [{ volume: data, device: Option.none() }]
    }
    isRefused(
      onDisk,
      observation,
      `
      DiskNotAttached: no disk with the device name "data" is attached to the VM (attached are: other). Attach it, or correct pdName: it is the device name, not the disk's name.
    `
    )
  })

  it("refuses a disk whose device is not there, or is no block device", () => {
    const observe = (_tag: "Missing" | "NotBlockDevice"): Observation => ({
      ...fresh,
      attached,
      disks: [{ volume: data, device: Option.some({ _tag, device }) }]
    })
    isRefused(
      onDisk,
      observe("Missing"),
      `
      DiskDeviceMissing: /dev/disk/by-id/google-data is not there. The disk is attached; udev makes this link. See \`ls -l /dev/disk/by-id\`.
    `
    )
    isRefused(
      onDisk,
      observe("NotBlockDevice"),
      `
      DiskDeviceMissing: /dev/disk/by-id/google-data is not a block device. The disk is attached; udev makes this link. See \`ls -l /dev/disk/by-id\`.
    `
    )
  })

  it("refuses a disk that is neither ext4, xfs nor proven blank", () => {
    const contents: ReadonlyArray<DiskContent> = [
      { _tag: "Filesystem", type: "btrfs", label: "old", uuid: "1f19-22c4" },
      { _tag: "Signature", description: "an LVM member" },
      { _tag: "Data", description: "data in its first MiB" }
    ]
    const found = contents.map((content) => refusals(onDisk, { ...fresh, attached, disks: [disk(content)] }))
    assert.strictEqual(
      found.map((text) => text.split(". It was left")[0]).join("\n"),
      lines(`
      DiskNotBlank: /dev/disk/by-id/google-data is neither ext4, xfs nor blank: it holds a filesystem of type btrfs, labelled "old" (UUID 1f19-22c4)
      DiskNotBlank: /dev/disk/by-id/google-data is neither ext4, xfs nor blank: it holds an LVM member
      DiskNotBlank: /dev/disk/by-id/google-data is neither ext4, xfs nor blank: it holds data in its first MiB
    `)
    )
  })

  it("says of another filesystem how to keep its data, before how to blank it, by which that is lost", () => {
    const found = refusals(onDisk, { ...fresh, attached, disks: [disk({ _tag: "Filesystem", type: "btrfs" })] })
    assert.match(found, /mount -t btrfs \/dev\/disk\/by-id\/google-data .* hostPath .* all its data is lost: wipefs /)
    const other = refusals(onDisk, { ...fresh, attached, disks: [disk({ _tag: "Data", description: "data" })] })
    assert.notInclude(other, "hostPath")
  })

  it("mounts without its journal what is attached read-only and has one to replay, and nothing else", () => {
    const observe = (list: ReadonlyArray<AttachedDisk>, needsRecovery: boolean): Observation => ({
      ...fresh,
      attached: list,
      disks: [{ ...disk(ext4), needsRecovery }]
    })
    const mounting = (planned: Plan) =>
      planned.steps.flatMap(({ action }) =>
        action._tag === "Mount" && action.mount.type === "ext4" ? action.mount.options : []
      )
    const unreplayed = decide(readingDisk, observe(attachedReadOnly, true))
    assert.deepStrictEqual(mounting(unreplayed), ["ro", "noload"])
    assert.match(unreplayed.warnings.join(), /google-data is attached read-only .*noload.* may be missing/)
    for (const [list, needsRecovery] of [
      [attachedReadOnly, false],
      [attached, true]
    ] as const) {
      const planned = decide(readingDisk, observe(list, needsRecovery))
      assert.deepStrictEqual(mounting(planned), ["ro"])
      assert.deepStrictEqual(planned.warnings, [])
    }
    const mounted = { ...dataMount, options: ["ro", "relatime", "norecovery"] }
    const again = {
      ...started(readingDisk, [rootMount, mounted]),
      attached: attachedReadOnly,
      disks: [{ ...disk(ext4), needsRecovery: true }]
    }
    isPlanned(decide(readingDisk, again), "")
  })

  it("takes a local SSD for attached under either of its names", () => {
    const nvme: DiskVolume = { ...data, deviceName: "local-nvme-ssd-0" }
    const link = "/dev/disk/by-id/google-local-nvme-ssd-0"
    const present = {
      _tag: "Present",
      device: link,
      path: "/dev/nvme0n1",
      sizeBytes: 1,
      children: [],
      content: blank
    } as const
    for (const [declared, listed] of [
      ["local-nvme-ssd-0", "local-ssd-0"],
      ["local-ssd-0", "local-ssd-0"],
      ["local-ssd-0", "local-nvme-ssd-0"]
    ] as const) {
      const volume = { ...nvme, deviceName: declared }
      const observation: Observation = {
        ...fresh,
        attached: [{ deviceName: listed, mode: "READ_WRITE" }],
        disks: [{ volume, device: Option.some(present) }]
      }
      const format = decide({ ...onDisk, volumes: [volume] }, observation).steps.find(
        ({ action }) => action._tag === "Format"
      )
      assert.strictEqual(format?.action._tag === "Format" && format.action.device, link)
    }
    const missing: Observation = {
      ...fresh,
      attached: [{ deviceName: "local-ssd-0", mode: "READ_WRITE" }],
      disks: [
        {
          volume: { ...data, deviceName: "local-ssd-0" },
          device: Option.some({ _tag: "Missing", device: "/dev/disk/by-id/google-local-ssd-0", otherLinks: [link] })
        }
      ]
    }
    isRefused(
      onDisk,
      missing,
      `
      DiskDeviceMissing: /dev/disk/by-id/google-local-ssd-0 and ${link} are not there. The disk is attached; udev makes this link. See \`ls -l /dev/disk/by-id\`.
    `
    )
  })

  it("refuses to format what looks blank and is mounted", () => {
    isRefused(
      onDisk,
      { ...started(onDisk, [dataMount]), attached, disks: [disk(blank)] },
      `
      DiskNotBlank: /dev/disk/by-id/google-data is neither ext4, xfs nor blank: it holds a filesystem that is mounted, though its first MiB is zeros. It was left untouched. Only if nothing on it is needed, blank it, by which all its data is lost: wipefs --all /dev/disk/by-id/google-data && dd if=/dev/zero of=/dev/disk/by-id/google-data bs=1M count=1, and the same for its last MiB.
    `
    )
  })

  it("refuses a whole disk that has partitions", () => {
    isRefused(
      onDisk,
      { ...fresh, attached, disks: [disk(blank, ["/dev/sdb1"])] },
      `
      DiskPartitioned: /dev/disk/by-id/google-data has partitions (/dev/sdb1), so it cannot be mounted as a whole. Name one of them with \`partition: N\`.
    `
    )
  })

  it("refuses a disk that is mounted where it is not ours to unmount", () => {
    const mounts = [...fresh.mounts, { ...dataMount, target: "/home" }]
    isRefused(
      onDisk,
      { ...fresh, mounts, attached, disks: [disk(ext4)] },
      `
      DiskInUse: /dev/disk/by-id/google-data is already mounted at /home, which is not ours to unmount. Unmount it there first.
    `
    )
  })

  it("refuses a disk whose mount is hidden by one at or above the mount root", () => {
    const observation = { ...started(onDisk, [dataMount, rootMount]), attached, disks: [disk(ext4)] }
    isRefused(
      onDisk,
      observation,
      `
      DiskInUse: /dev/disk/by-id/google-data is already mounted at /r/gce-persistent-disks/data, hidden by what was mounted at /r later. Unmount both first.
    `
    )
  })

  it("refuses to write to a disk that is attached read-only, and to format one", () => {
    isRefused(
      onDisk,
      { ...fresh, attached: attachedReadOnly, disks: [disk(ext4)] },
      `
      DiskReadOnly: the disk "data" is attached read-only, but the mount at /data wants to write to it. Attach it read-write, or set readOnly: true.
    `
    )
    isRefused(
      readingDisk,
      { ...fresh, attached: attachedReadOnly, disks: [disk(blank)] },
      `
      DiskReadOnly: the disk "data" is attached read-only, but it is blank and would have to be formatted. Attach it read-write, or set readOnly: true.
    `
    )
  })

  it("refuses a name that a container has which is not ours", () => {
    isRefused(
      bare,
      { ...fresh, foreignNames: ["db", name] },
      `
      ContainerNameTaken: a container that is not ours is named "klt-web-abcd". Rename or remove it.
    `
    )
  })

  it("tells every reason at once", () => {
    const mounts = [...fresh.mounts, { ...dataMount, target: "/home" }]
    const observation: Observation = {
      ...fresh,
      foreignNames: [name],
      mounts,
      attached: attachedReadOnly,
      disks: [disk({ _tag: "Filesystem", type: "btrfs" })]
    }
    const planned = plan(onDisk, observation, names, settings)
    assert.deepStrictEqual(Result.isFailure(planned) ? planned.failure.reasons.map(({ _tag }) => _tag) : [], [
      "DiskReadOnly",
      "DiskInUse",
      "DiskNotBlank",
      "ContainerNameTaken"
    ])
  })
})
