import { describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { runInVirtualTime } from "../../src/simulation/host/VirtualTime.ts"
import type {
  ContainerDescription,
  DiskContentDescription,
  DiskDescription
} from "../../src/simulation/VmDescription.ts"
import { devicePath } from "../../src/workload/devicePath.ts"
import { HostFiles } from "../../src/vm/host/HostFiles.ts"
import { hostContract } from "../vm/host/HostContract.ts"
import { type DiskRole, HostFixture } from "../vm/host/HostFixture.ts"

const mebibyte = 1024 * 1024
const content: Readonly<Record<DiskRole, DiskContentDescription>> = {
  blank: { _tag: "Blank" },
  data: { _tag: "Ext4", label: "shop", files: { kept: "data\n" } },
  repairable: { _tag: "Ext4", fault: "repairable" },
  broken: { _tag: "Ext4", fault: "broken" },
  newer: { _tag: "Ext4", fault: "newer", files: { kept: "data\n" } },
  tooNew: { _tag: "Ext4", fault: "tooNew" },
  unreplayed: { _tag: "Ext4", fault: "unreplayed", files: { kept: "data\n" } },
  xfs: { _tag: "Xfs", label: "shop data" },
  xfsUnfinished: { _tag: "Xfs", fault: "unfinished" },
  xfsUnreplayed: { _tag: "Xfs", fault: "unreplayed" },
  ext2: { _tag: "Filesystem", type: "ext2", label: 'old\\ \\"one\\"' },
  partitioned: { _tag: "Partitioned", partitions: [{ _tag: "Blank" }] },
  swap: { _tag: "Signature", type: "swap" },
  garbage: { _tag: "Data" }
}

/** Two disks of each kind, given out one by one. */
const disks = Object.entries(content).flatMap(([role, content]): ReadonlyArray<DiskDescription> =>
  [1, 2].map((number) => ({
    deviceName: `${role}-${number}`,
    content,
    sizeBytes: (role.startsWith("xfs") ? 300 : 64) * mebibyte,
    mode: role === "unreplayed" || role === "xfsUnreplayed" ? "READ_ONLY" : "READ_WRITE"
  }))
)

const localSsds: ReadonlyArray<DiskDescription> = ["local-ssd-0", "local-nvme-ssd-1"].map((linkName, number) => ({
  deviceName: `local-ssd-${number}`,
  linkName,
  content: { _tag: "Blank" },
  sizeBytes: 64 * mebibyte
}))

/** What listens. */
const images = [{ reference: "web", local: true }]
const networks = [{ name: "pods", labels: {} }]
const containers: ReadonlyArray<ContainerDescription> = [
  {
    name: "web",
    image: "web",
    networkMode: { _tag: "Network", name: "pods" },
    ports: [{ containerPort: 80, protocol: "tcp", hostPort: 8080, hostIp: "127.0.0.1" }]
  }
]

const fixture = Layer.effect(
  HostFixture,
  Effect.gen(function* () {
    const { host } = yield* SimulatedVm
    const given = new Map<DiskRole, number>()
    host.files.link(devicePath("null", 0), "/dev/null")
    return HostFixture.of({
      attach: (role) =>
        Effect.sync(() => {
          const number = (given.get(role) ?? 0) + 1
          given.set(role, number)
          return `${role}-${number}`
        }),
      enlarge: (deviceName) =>
        Effect.sync(() => {
          const disk = host.disks.find(({ link }) => link === devicePath(deviceName, 0))!
          return (disk.sizeBytes *= 2)
        }),
      growsExt4: true,
      attachLocalSsd: (bus) => Effect.succeed(bus === "SCSI" ? 0 : 1),
      notBlockDevice: Effect.succeed("null"),
      link: (path, leadsTo) => Effect.sync(() => host.files.link(path, leadsTo)),
      listening: Effect.succeed({ port: 8080, address: "127.0.0.1" }),
      mountRoot: "/mnt/disks/contract",
      filesRoot: "/var/lib/contract",
      lockPath: "/run/slipway/lock",
      scriptPath: "/etc/profile.d/gce-containers-welcome.sh",
      statePath: "/var/lib/slipway"
    })
  })
)

describe("the simulated VM", () => {
  hostContract(
    "as a host",
    Layer.merge(fixture, HostFiles.layerCommands).pipe(
      Layer.provideMerge(SimulatedVm.layer({ disks: [...disks, ...localSsds], images, networks, containers }))
    ),
    { run: runInVirtualTime }
  )
})
