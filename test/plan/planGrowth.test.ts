import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { pullReference } from "../../src/workload/ImageReference.ts"
import { allContainers, type Container, type Volume, type Workload } from "../../src/workload/Workload.ts"
import type { ImageObservation, Observation } from "../../src/observation/Observation.ts"
import { sandboxName } from "../../src/plan/podNetwork.ts"
import { type Plan, plan } from "../../src/plan/Plan.ts"
import { sandboxImage } from "../../src/vm/engine/SandboxImage.ts"
import { mergedConfig } from "../../src/vm/engine/ContainerConfig.ts"
import type { Mount } from "../../src/vm/storage/MountTable.ts"
import { emptyVm } from "./EmptyVm.ts"
import { plainImage } from "../vm/engine/Configs.ts"
import { growth, linear } from "../Effort.ts"
import { digest, name, names, only } from "./Generated.ts"

/** VMs and what is declared for them, with so many volumes: half of them disks, half tmpfs. */
const manyVolumes = (count: number) => {
  const indices = Array.from({ length: count }, (_, index) => index)
  const deviceName = (index: number) => `disk-${index}`
  const workload = (args: ReadonlyArray<string> | undefined): Workload => ({
    containers: [
      {
        name: "web",
        image: { text: "gcr.io/p/web:1", domain: "gcr.io", path: "p/web", tag: "1", digest: undefined },
        command: undefined,
        args,
        env: [],
        mounts: indices.map((index) => ({ volume: `v-${index}`, path: `/v/${index}`, readOnly: false })),
        privileged: false,
        stdin: false,
        tty: false,
        ports: [],
        restartPolicy: "Always"
      }
    ],
    initContainers: [],
    network: { _tag: "Host" },
    volumes: indices.map((index): Volume =>
      index % 2 === 0
        ? { _tag: "Disk", name: `v-${index}`, deviceName: deviceName(index), partition: 0 }
        : { _tag: "Tmpfs", name: `v-${index}` }
    )
  })
  const declared = workload(undefined)
  const settings = { openIptables: "all" as const, confirm: Duration.seconds(3) }
  const fresh: Observation = {
    ...emptyVm,
    images: only({ local: Option.none(), wanted: { _tag: "Known", digest } }),
    imageConfigs: new Map([["sha256:id", plainImage]]),
    attached: declared.volumes.flatMap((volume) =>
      volume._tag === "Disk" ? [{ deviceName: volume.deviceName, mode: "READ_WRITE" }] : []
    ),
    disks: declared.volumes.flatMap((volume, index) =>
      volume._tag === "Disk"
        ? [
            {
              volume,
              device: Option.some({
                _tag: "Present" as const,
                device: `/dev/disk/by-id/google-${volume.deviceName}`,
                path: `/dev/sd-${index}`,
                sizeBytes: 1,
                children: [],
                content: { _tag: "Filesystem" as const, type: "ext4" }
              })
            }
          ]
        : []
    )
  }
  const decided = (workload: Workload, observation: Observation): Plan =>
    Result.getOrThrow(plan(workload, observation, names, settings))

  // The mount table as it is once `fresh` has been dealt with, the disks read-only so that all have to be mounted again.
  const mountsOf = (options: ReadonlyArray<string>): ReadonlyArray<Mount> => [
    ...fresh.mounts,
    ...decided(declared, fresh).steps.flatMap(({ action }) =>
      action._tag === "Mount" ? [action.mount.type === "ext4" ? { ...action.mount, options } : action.mount] : []
    )
  ]
  const running = (options: ReadonlyArray<string>): Observation => {
    const created = decided(declared, fresh).steps.find(({ action }) => action._tag === "Create")?.action
    if (created?._tag !== "Create") return assert.fail("nothing is created")
    return {
      ...fresh,
      containers: [
        {
          id: "1111111111111111",
          name,
          imageId: "sha256:id",
          labels: created.spec.labels,
          status: "running",
          exitCode: 0,
          error: "",
          restartCount: 0,
          startedAt: Option.none(),
          image: created.spec.image,
          restartPolicy: created.spec.restartPolicy,
          health: Option.none(),
          config: mergedConfig(created.spec, plainImage)
        }
      ],
      images: only({
        ...fresh.images.get("gcr.io/p/web:1")!,
        local: Option.some({ id: "sha256:id", digests: [digest], sizeBytes: 1, config: plainImage })
      }),
      mounts: mountsOf(options),
      firewall: { ipv4: "Open", ipv6: "Open" },
      networks: [],
      takenPorts: []
    }
  }

  return {
    "for a new container": () => decided(declared, fresh),
    "for one that is kept": () => decided(declared, running(["rw"])),
    "for one that is replaced": () => decided(workload(["--verbose"]), running(["rw"])),
    "with every mount to be made again": () => decided(declared, running(["ro"]))
  }
}

describe("a plan for 2,000 volumes", () => {
  const steps = {
    // Pull, root, 1,000 checks, 2,000 mounts, firewall, create, start, confirm.
    "for a new container": 3006,
    "for one that is kept": 0,
    // Stop, set aside, 1,000 of a tmpfs' unmount and mount, create, start, confirm, remove.
    "for one that is replaced": 2006,
    // As before, with 1,000 of a disk's unmount, check and mount.
    "with every mount to be made again": 5006
  } as const
  for (const title of Object.keys(steps) as ReadonlyArray<keyof typeof steps>) {
    it.effect(`${title} is made in time that grows with their number alone`, () =>
      Effect.gen(function* () {
        assert.lengthOf(manyVolumes(2000)[title]().steps, steps[title])
        const planning = (scene: ReturnType<typeof manyVolumes>) => Effect.sync(() => scene[title]())
        assert.isAtMost(yield* growth(manyVolumes, planning, 2000), linear)
      })
    )
  }
})

/**
 * VMs and what is declared for them, with so many containers, a tenth of them init containers, on a network of their
 * own.
 */
const manyContainers = (count: number) => {
  const indices = Array.from({ length: count }, (_, index) => index)
  const container = (index: number, args: ReadonlyArray<string> | undefined): Container => ({
    name: `c-${index}`,
    image: { text: `gcr.io/p/${index}:1`, domain: "gcr.io", path: `p/${index}`, tag: "1", digest: undefined },
    command: undefined,
    args,
    env: [],
    mounts: [],
    privileged: false,
    stdin: false,
    tty: false,
    ports: [{ containerPort: index + 1, hostPort: index + 1, hostIp: undefined, protocol: "tcp" }],
    restartPolicy: "Always"
  })
  const workload = (args: ReadonlyArray<string> | undefined): Workload => {
    const [first = container(count, args), ...others] = indices
      .filter((index) => index % 10 !== 0)
      .map((index) => container(index, args))
    return {
      containers: [first, ...others],
      initContainers: indices
        .filter((index) => index % 10 === 0)
        .map((index) => ({ ...container(index, undefined), isSidecar: index % 20 === 0 })),
      volumes: [],
      network: {
        _tag: "Pod",
        hostname: undefined,
        hostAliases: [],
        dns: { nameservers: [], searches: [], options: [] }
      }
    }
  }
  const declared = workload(undefined)
  const all = allContainers(declared)
  const names = new Map([sandboxName, ...all.map(({ name }) => name)].map((name) => [name, `klt-${name}-abcd`]))
  const images = (local: boolean): Observation["images"] =>
    new Map([
      ...all.map(({ image }): [string, ImageObservation] => [
        pullReference(image),
        {
          local: local
            ? Option.some({ id: image.text, digests: [digest], sizeBytes: 1, config: plainImage })
            : Option.none(),
          wanted: { _tag: "Known", digest }
        }
      ]),
      [
        pullReference(sandboxImage.reference),
        { local: Option.none(), wanted: { _tag: "Unknown", cause: "none has it" } }
      ]
    ])
  const settings = { openIptables: "declared" as const, confirm: Duration.seconds(3) }
  const fresh: Observation = {
    ...emptyVm,
    images: images(false),
    imageConfigs: new Map(all.map(({ image }) => [image.text, plainImage]))
  }
  const decided = (workload: Workload, observation: Observation): Plan =>
    Result.getOrThrow(plan(workload, observation, names, settings))
  const first = decided(declared, fresh)
  const running: Observation = {
    ...fresh,
    images: images(true),
    networks: ["slipway"],
    containers: first.steps.flatMap(({ subject, action }, index) =>
      action._tag === "Create"
        ? [
            {
              id: `${index}`.padStart(12, "0"),
              name: action.spec.name,
              imageId: action.image.text,
              labels: action.spec.labels,
              status: first.steps.some((step) => step.subject === subject && step.action._tag === "RunToEnd")
                ? ("exited" as const)
                : ("running" as const),
              exitCode: 0,
              error: "",
              restartCount: 0,
              startedAt: Option.none(),
              image: action.spec.image,
              restartPolicy: action.spec.restartPolicy,
              health: Option.none(),
              config: mergedConfig(action.spec, plainImage)
            }
          ]
        : []
    ),
    firewall: {
      ipv4: "Absent",
      ipv6: "Absent"
    }
  }
  return {
    "new ones": () => decided(declared, fresh),
    "ones that are kept": () => decided(declared, running),
    "ones that are replaced": () => decided(workload(["--verbose"]), running)
  }
}

describe("a plan for many containers", () => {
  for (const title of ["new ones", "ones that are kept", "ones that are replaced"] as const) {
    it.effect(`${title}: it is made in time that grows with their number alone`, () =>
      Effect.gen(function* () {
        const planning = (scene: ReturnType<typeof manyContainers>) => Effect.sync(() => scene[title]())
        const { containers } = manyContainers(400)[title]()
        assert.lengthOf(containers, 401)
        assert.strictEqual(
          containers.filter(({ fate }) => fate === "kept").length,
          { "new ones": 0, "ones that are kept": 401, "ones that are replaced": 41 }[title]
        )
        assert.isAtMost(yield* growth(manyContainers, planning, 400), linear)
      })
    )
  }
})
