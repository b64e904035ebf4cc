import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { ImageReference } from "../../src/declaration/ImageReference.ts"
import type { Container, DiskVolume, TmpfsVolume, Workload } from "../../src/declaration/Workload.ts"
import { containerSpec } from "../../src/startup/containerSpec.ts"
import type { Observation, ObservedDisk } from "../../src/startup/Observation.ts"
import { type Plan, plan, type PlanSettings } from "../../src/startup/Plan.ts"
import type { DiskContent } from "../../src/vm/Disks.ts"
import type { ContainerInspection } from "../../src/vm/DockerClient.ts"
import type { AttachedDisk } from "../../src/vm/MetadataProvider.ts"
import type { Mount } from "../../src/vm/Mounts.ts"

const name = "klt-web-abcd"
const root = "/r"
const settings: PlanSettings = { mountRoot: root, openIptables: true, confirm: Duration.seconds(3) }
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
  stdin: false,
  tty: false
}

const bare: Workload = { container, volumes: [], restartPolicy: "Always" }

const data: DiskVolume = { _tag: "Disk", name: "data", deviceName: "data", partition: 0 }
const cache: TmpfsVolume = { _tag: "Tmpfs", name: "cache" }

const onDisk: Workload = {
  ...bare,
  container: { ...container, mounts: [{ volume: "data", path: "/data", readOnly: false }] },
  volumes: [data]
}

const readingDisk: Workload = {
  ...onDisk,
  container: { ...container, mounts: [{ volume: "data", path: "/data", readOnly: true }] }
}

const onDiskAndTmpfs: Workload = {
  ...bare,
  container: {
    ...container,
    mounts: [
      { volume: "data", path: "/data", readOnly: false },
      { volume: "cache", path: "/cache", readOnly: false }
    ]
  },
  volumes: [data, cache]
}

const proof = { sizeBytes: 3 << 20, zeroRanges: [[0, 1 << 20] as const, [2 << 20, 3 << 20] as const] }
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

const held = { id: "sha256:id", digests: [digest], sizeBytes: 1 }

/** A VM on which nothing was ever started. */
const fresh: Observation = {
  containers: [],
  foreignNames: ["db"],
  image: { local: Option.none(), wanted: { _tag: "Known", digest } },
  mounts: [{ source: "/dev/sda1", target: "/", type: "ext4", options: ["rw"] }],
  attached: [],
  disks: [],
  firewall: { ipv4: "Absent", ipv6: "Absent" }
}

/** The container as it runs once the workload has been started. */
const running = (workload: Workload, changes: Partial<ContainerInspection> = {}): ContainerInspection => {
  const { labels, restartPolicy } = containerSpec(workload, { name, mountRoot: root, digest })
  return {
    id: "1111111111111111",
    name,
    imageId: "sha256:id",
    labels,
    status: "running",
    exitCode: 0,
    error: "",
    restartCount: 0,
    restartPolicy,
    health: Option.none(),
    ...changes
  }
}

/** A VM on which the workload runs. */
const started = (workload: Workload, mounts: ReadonlyArray<Mount> = []): Observation => ({
  ...fresh,
  containers: [running(workload)],
  image: { local: Option.some(held), wanted: { _tag: "Known", digest } },
  mounts: [...fresh.mounts, rootMount, ...mounts],
  firewall: { ipv4: "Open", ipv6: "Open" }
})

const decide = (workload: Workload, observation: Observation, changes: Partial<PlanSettings> = {}): Plan => {
  const planned = plan(workload, observation, name, { ...settings, ...changes })
  if (Result.isFailure(planned)) return assert.fail(planned.failure.message)
  return planned.success
}

/** One line for each step: `id <- needs : cause`. */
const render = ({ steps }: Plan): string =>
  steps.map(({ id, needs, cause }) => `${id} <- ${needs.join(", ")} : ${cause}`).join("\n")

const refusals = (workload: Workload, observation: Observation): string => {
  const planned = plan(workload, observation, name, settings)
  if (Result.isSuccess(planned)) return assert.fail(render(planned.success))
  return planned.failure.reasons.map((reason) => `${reason._tag}: ${reason.message}`).join("\n")
}

const lines = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("\n")

const isPlanned = (planned: Plan, expected: string) => assert.strictEqual(render(planned), lines(expected))
const isRefused = (workload: Workload, observation: Observation, expected: string) =>
  assert.strictEqual(refusals(workload, observation), lines(expected))

describe("plan", () => {
  it("first boot: blank disk and tmpfs", () => {
    const observation = { ...fresh, attached, disks: [disk(blank)] }
    isPlanned(decide(onDiskAndTmpfs, observation), ``)
  })

  it("second run: nothing to do, the container is kept", () => {
    const observation = { ...started(onDiskAndTmpfs, [dataMount, cacheMount]), attached, disks: [disk(ext4)] }
    const planned = decide(onDiskAndTmpfs, observation)
    isPlanned(planned, ``)
    assert.deepStrictEqual(Option.map(planned.kept, ({ id }) => id), Option.some("1111111111111111"))
    assert.deepStrictEqual(planned.warnings, [])
  })

  it("changed declaration: mounts in place stay, tmpfs are made afresh", () => {
    const observation = { ...started(onDiskAndTmpfs, [dataMount, cacheMount]), attached, disks: [disk(ext4)] }
    const changed = { ...onDiskAndTmpfs, container: { ...onDiskAndTmpfs.container, args: ["--verbose"] } }
    isPlanned(decide(changed, observation), ``)
  })

  it("changed declaration without volumes: only the container is replaced", () => {
    isPlanned(decide({ ...bare, restartPolicy: "OnFailure" }, started(bare)), ``)
  })

  it("moved tag: pulls before it stops", () => {
    const observation: Observation = {
      ...started(bare),
      image: { local: Option.some(held), wanted: { _tag: "Known", digest: "sha256:moved" } }
    }
    isPlanned(decide(bare, observation), ``)
  })

  it("digest unknown: pulls, and does not trust the container that runs", () => {
    const observation: Observation = {
      ...started(bare),
      image: { local: Option.some(held), wanted: { _tag: "Unknown", cause: "the registry did not answer" } }
    }
    isPlanned(decide(bare, observation), ``)
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
    isPlanned(decide(onDisk, observation), ``)
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
    isPlanned(planned, ``)
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
    isPlanned(decide(bare, observation), ``)
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
    isPlanned(decide(bare, observation), ``)
  })

  it("a job that has ended as it may is kept", () => {
    const job: Workload = { ...bare, restartPolicy: "Never" }
    const observation = { ...started(job), containers: [running(job, { status: "exited", exitCode: 3 })] }
    const planned = decide(job, observation)
    isPlanned(planned, ``)
    assert.isTrue(Option.isSome(planned.kept))
  })

  it("a container that has ended and may not is replaced", () => {
    const observation = { ...started(bare), containers: [running(bare, { status: "exited", exitCode: 3 })] }
    isPlanned(decide(bare, observation), ``)
  })

  it("a disk that was read and is to be written: freed, checked and mounted again", () => {
    const observation = {
      ...started(readingDisk, [{ ...dataMount, options: ["ro", "relatime"] }]),
      attached,
      disks: [disk(ext4)]
    }
    isPlanned(decide(onDisk, observation), ``)
  })

  it("a disk that is attached read-only is mounted so, unchecked", () => {
    const observation: Observation = { ...fresh, attached: attachedReadOnly, disks: [disk(ext4)] }
    const planned = decide(readingDisk, observation)
    isPlanned(planned, ``)
    const mount = planned.steps.find(({ id }) => id === "mount data")?.action
    assert.deepStrictEqual(mount, { _tag: "Mount", mount: { ...dataMount, options: ["ro"] } })
  })

  it("stacked mounts: the last is unmounted first", () => {
    const observation = {
      ...started(onDisk, [dataMount, { ...dataMount, target: `${dataMount.target}/deeper` }, dataMount]),
      attached,
      disks: [disk(ext4)]
    }
    isPlanned(decide(onDisk, observation), ``)
  })

  it("a disk on top of another mount is not in place: that mount has to go from under it", () => {
    const observation = {
      ...started(onDisk, [{ ...cacheMount, target: dataMount.target }, dataMount]),
      attached,
      disks: [disk(ext4)]
    }
    isPlanned(decide(onDisk, observation), ``)
  })

  it("a mount root hidden by another mount is mounted anew", () => {
    const mounts = [rootMount, { ...dataMount, source: "/dev/sdz", target: root }]
    isPlanned(decide(onDisk, { ...fresh, mounts, attached, disks: [disk(ext4)] }), ``)
  })

  it("firewall not to be open: closed where rules of ours are there", () => {
    isPlanned(decide(bare, started(bare), { openIptables: false }), ``)
    const partial: Observation = { ...started(bare), firewall: { ipv4: "Absent", ipv6: "Partial" } }
    isPlanned(decide(bare, partial, { openIptables: false }), ``)
    const closed: Observation = { ...started(bare), firewall: { ipv4: "Absent", ipv6: "Unavailable" } }
    const planned = decide(bare, closed, { openIptables: false })
    isPlanned(planned, ``)
    assert.deepStrictEqual(planned.warnings, [])
  })

  it("confirm 0: the old container goes as soon as the new one is started", () => {
    const observation = { ...started(bare), containers: [running(bare, { labels: {} })] }
    isPlanned(decide(bare, observation, { confirm: Duration.zero }), ``)
  })

  it("a path with a colon: its directory is created once, before anything is stopped", () => {
    const workload: Workload = {
      ...bare,
      container: {
        ...container,
        mounts: [
          { volume: "a", path: "/a", readOnly: false },
          { volume: "b", path: "/b", readOnly: true },
          { volume: "c", path: "/c", readOnly: true }
        ]
      },
      volumes: [
        { _tag: "HostPath", name: "a", path: "/srv/a:b" },
        { _tag: "HostPath", name: "b", path: "/srv/a:b" },
        { _tag: "HostPath", name: "c", path: "/srv/c" }
      ]
    }
    const planned = decide(workload, started(bare))
    isPlanned(planned, ``)
    const created = planned.steps.find(({ id }) => id === "create")?.action
    assert.deepStrictEqual(created?._tag === "Create" && [created.spec.binds, created.spec.mounts], [
      ["/srv/c:/c:ro"],
      [
        { source: "/srv/a:b", target: "/a", readOnly: false },
        { source: "/srv/a:b", target: "/b", readOnly: true }
      ]
    ])
  })

  it("refuses a disk that is not attached", () => {
    const observation: Observation = {
      ...fresh,
      attached: [{ deviceName: "other", mode: "READ_WRITE" }],
      disks: [{ volume: data, device: Option.none() }]
    }
    isRefused(onDisk, observation, ``)
  })

  it("refuses a disk whose device is not there, or is no block device", () => {
    const observe = (_tag: "Missing" | "NotBlockDevice"): Observation => ({
      ...fresh,
      attached,
      disks: [{ volume: data, device: Option.some({ _tag, device }) }]
    })
    isRefused(onDisk, observe("Missing"), ``)
    isRefused(onDisk, observe("NotBlockDevice"), ``)
  })

  it("refuses a disk that is neither ext4 nor proven blank", () => {
    const contents: ReadonlyArray<DiskContent> = [
      { _tag: "Filesystem", type: "xfs" },
      { _tag: "Signature", description: "an LVM member" },
      { _tag: "Data", description: "data in its first MiB" }
    ]
    const found = contents.map((content) => refusals(onDisk, { ...fresh, attached, disks: [disk(content)] }))
    assert.strictEqual(found.map((text) => text.split(". It was left")[0]).join("\n"), lines(``))
  })

  it("refuses to format what looks blank and is mounted", () => {
    isRefused(onDisk, { ...started(onDisk, [dataMount]), attached, disks: [disk(blank)] }, ``)
  })

  it("refuses a whole disk that has partitions", () => {
    isRefused(onDisk, { ...fresh, attached, disks: [disk(blank, ["/dev/sdb1"])] }, ``)
  })

  it("refuses a disk that is mounted where it is not ours to unmount", () => {
    const mounts = [...fresh.mounts, { ...dataMount, target: "/home" }]
    isRefused(onDisk, { ...fresh, mounts, attached, disks: [disk(ext4)] }, ``)
  })

  it("refuses a disk whose mount is hidden by one at or above the mount root", () => {
    const observation = { ...started(onDisk, [dataMount, rootMount]), attached, disks: [disk(ext4)] }
    isRefused(onDisk, observation, ``)
  })

  it("refuses to write to a disk that is attached read-only, and to format one", () => {
    isRefused(onDisk, { ...fresh, attached: attachedReadOnly, disks: [disk(ext4)] }, ``)
    isRefused(readingDisk, { ...fresh, attached: attachedReadOnly, disks: [disk(blank)] }, ``)
  })

  it("refuses a name that a container has which is not ours", () => {
    isRefused(bare, { ...fresh, foreignNames: ["db", name] }, ``)
  })

  it("tells every reason at once", () => {
    const mounts = [...fresh.mounts, { ...dataMount, target: "/home" }]
    const observation: Observation = {
      ...fresh,
      foreignNames: [name],
      mounts,
      attached: attachedReadOnly,
      disks: [disk({ _tag: "Filesystem", type: "xfs" })]
    }
    const planned = plan(onDisk, observation, name, settings)
    assert.deepStrictEqual(
      Result.isFailure(planned) ? planned.failure.reasons.map(({ _tag }) => _tag) : [],
      ["DiskReadOnly", "DiskInUse", "DiskNotBlank", "ContainerNameTaken"]
    )
  })
})
