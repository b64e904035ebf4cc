import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { Volume, Workload } from "../../src/workload/Workload.ts"
import { bootNames } from "../../src/observation/bootNames.ts"
import {
  asHeld,
  type ImageObservation,
  isLost,
  type Observation,
  type ObservedDisk,
  type OurContainer
} from "../../src/observation/Observation.ts"
import { policyBeforeAside } from "../../src/observation/Ownership.ts"
import { type Plan, plan } from "../../src/plan/Plan.ts"
import type { PlanRefused } from "../../src/plan/PlanRefused.ts"
import type { Action, Step } from "../../src/plan/Step.ts"
import { mergedConfig } from "../../src/vm/engine/ContainerConfig.ts"
import type { DiskContent } from "../../src/vm/storage/DiskContent.ts"
import type { Mount } from "../../src/vm/storage/MountTable.ts"
import { plainImage } from "../vm/engine/Configs.ts"
import { growth, linear } from "../Effort.ts"
import { after, isActive } from "../startup/After.ts"
import { digest, name, names, only, type Scene, Scenes, secret } from "./Generated.ts"

const decide = ({ workload, observation, settings }: Scene): Result.Result<Plan, PlanRefused> =>
  plan(workload, observation, names, settings)

/** What is known of the one image. */
const theImage = ({ images }: Observation): ImageObservation => images.get("gcr.io/p/web:1")!
/** The one container, where it is kept, and its name. */
const keptOf = ({ containers }: Plan) => containers[0]!.kept
const nameOf = ({ containers }: Plan) => containers[0]!.name

/** A law of every plan. Scenes that are refused obey it by having no plan; how many do not is counted below. */
const law = (title: string, holds: (plan: Plan, scene: Scene) => void) =>
  it.prop(
    title,
    [Scenes],
    ([scene]) => {
      const planned = decide(scene)
      if (Result.isSuccess(planned)) holds(planned.success, scene)
    },
    { arbitrary: { runs: 1000, seed: 4 } }
  )

/** The ids of all steps that must be done before each step. */
const ancestors = ({ steps }: Plan): ReadonlyMap<string, ReadonlySet<string>> => {
  const all = new Map<string, ReadonlySet<string>>()
  for (const { id, needs } of steps) {
    all.set(id, new Set(needs.flatMap((need) => [need, ...(all.get(need) ?? [])])))
  }
  return all
}

const having = ({ steps }: Plan, ...tags: ReadonlyArray<Action["_tag"]>): ReadonlyArray<Step> =>
  steps.filter(({ action }) => tags.includes(action._tag))

/** Every step of the one kind is done before every step of the other, in whatever order the steps are done. */
const precede = (plan: Plan, earlier: ReadonlyArray<Step>, later: ReadonlyArray<Step>) => {
  const before = ancestors(plan)
  for (const { id } of later) {
    for (const step of earlier) assert.isTrue(before.get(id)!.has(step.id), `"${step.id}" is not needed by "${id}"`)
  }
}

/** Another order in which the steps can be done: of those that can be done next, the last of the plan. */
const otherOrder = (steps: ReadonlyArray<Step>): ReadonlyArray<Step> => {
  const left = [...steps]
  const done = new Set<string>()
  const order: Array<Step> = []
  while (left.length > 0) {
    const index = left.findLastIndex(({ needs }) => needs.every((need) => done.has(need)))
    const [step] = left.splice(index, 1)
    done.add(step!.id)
    order.push(step!)
  }
  return order
}

const ours = ({ containers, lost }: Observation): ReadonlyArray<OurContainer> => [...containers, ...lost]

const isDevice = (disk: ObservedDisk, device: string): boolean =>
  Option.isSome(disk.device) && disk.device.value.device === device

const contentOf = ({ disks }: Observation, device: string): DiskContent => {
  const found = disks.find((disk) => isDevice(disk, device))?.device
  if (found === undefined || Option.isNone(found) || found.value._tag !== "Present") {
    return assert.fail(`${device} was not found`)
  }
  return found.value.content
}

const mountsOf = ({ disks, mounts }: Observation, device: string): ReadonlyArray<Mount> =>
  disks
    .filter((disk) => isDevice(disk, device))
    .flatMap(({ device }) =>
      Option.isSome(device) && device.value._tag === "Present"
        ? [device.value.path, device.value.device].flatMap((path) => mounts.filter(({ source }) => source === path))
        : []
    )

describe("the laws of plans", () => {
  law("nothing is stopped for a new container before its image is there", (plan) => {
    if (Option.isNone(keptOf(plan))) precede(plan, having(plan, "Pull"), having(plan, "Stop", "SetAside"))
  })

  law("a container is created only where its image was held, or is pulled", (plan, { observation }) => {
    const { local, wanted } = theImage(observation)
    const isHeld = wanted._tag === "Known" && Option.isSome(local) && local.value.digests.includes(digest)
    const isPulled = plan.provisional || (Option.isNone(keptOf(plan)) && !isHeld)
    assert.lengthOf(having(plan, "Pull"), isPulled ? 1 : 0)
    precede(plan, having(plan, "Pull"), having(plan, "Create"))
  })

  law("no disk is formatted without proof that it is blank, nor while it is mounted", (plan, { observation }) => {
    for (const { action } of plan.steps) {
      if (action._tag !== "Format") continue
      const content = contentOf(observation, action.device)
      if (action.proof._tag === "BegunBefore") assert.fail("no scene has a record of a format")
      assert.deepStrictEqual(content, { _tag: "Blank", proof: action.proof })
      assert.deepStrictEqual(mountsOf(observation, action.device), [])
    }
  })

  law("containers that are not ours are in no step", (plan, { foreign, observation }) => {
    for (const { action } of plan.steps) {
      if (!("container" in action)) continue
      assert.isTrue(ours(observation).includes(action.container))
      assert.isFalse(foreign.some(({ id }) => id === action.container.id))
    }
    const text = JSON.stringify(plan.steps)
    for (const container of foreign) assert.notInclude(text, `"${container.name}"`)
  })

  law("mounts that are not below the mount root are in no step", (plan, { observation }) => {
    for (const { action } of plan.steps) {
      if (action._tag !== "Unmount") continue
      assert.isTrue(observation.mounts.includes(action.mount))
      assert.isTrue(action.mount.target.startsWith(`${observation.mountRoot}/`))
    }
  })

  law("after a plan has been applied, in whatever order, the next is empty", (plan, scene) => {
    if (theImage(scene.observation).wanted._tag === "Unknown") return
    for (const steps of [plan.steps, otherOrder(plan.steps)]) {
      const observation = after(scene.observation, steps, scene.observation.mountRoot)
      const next = Result.getOrThrow(decide({ ...scene, observation }))
      assert.deepStrictEqual(next.steps, [])
      assert.deepStrictEqual(
        Option.map(keptOf(next), ({ name }) => name),
        Option.some(nameOf(plan))
      )
      assert.strictEqual(ours(observation).length, 1)
    }
  })

  law(
    "what is lost stands in nobody's way: where it stays, the next plan tries to remove it and no more",
    (plan, scene) => {
      if (theImage(scene.observation).wanted._tag === "Unknown") return
      const { lost } = scene.observation
      const isStuck = ({ action }: Step) =>
        action._tag === "Remove" && lost.some(({ id }) => id === action.container.id)
      const steps = plan.steps.filter((step) => !isStuck(step))
      const observation = after(scene.observation, steps, scene.observation.mountRoot)
      const next = Result.getOrThrow(decide({ ...scene, observation }))
      assert.strictEqual(Option.getOrThrow(keptOf(next)).name, nameOf(plan))
      assert.deepStrictEqual(
        next.steps.map(({ action }) => (action._tag === "Remove" ? action.container.id : assert.fail(action._tag))),
        ours(observation).flatMap(({ id }) => (id === Option.getOrThrow(keptOf(next)).id ? [] : [id]))
      )
    }
  )

  law("no two containers are to have one name, and this boot's has one of its own", (plan, { observation }) => {
    assert.include(bootNames(name), nameOf(plan))
    if (Option.isSome(keptOf(plan))) return
    assert.isFalse(observation.lost.some((container) => container.name === nameOf(plan)))
    assert.isFalse(observation.unusableNames.includes(nameOf(plan)))
  })

  law("without the image's digest a plan can be applied all the same, and the next one too", (plan, scene) => {
    if (theImage(scene.observation).wanted._tag === "Known") return
    const observation = after(scene.observation, plan.steps, scene.observation.mountRoot)
    const pulled = { ...observation, images: only(asHeld(Option.getOrThrow(theImage(observation).local))) }
    const next = Result.getOrThrow(decide({ ...scene, observation: pulled }))
    assert.strictEqual(ours(after(pulled, next.steps, scene.observation.mountRoot)).length, 1)
  })

  law(
    "a container is kept provisionally where all but its image is as declared: it stays if the pull brings that",
    (plan, scene) => {
      const { wanted } = theImage(scene.observation)
      assert.strictEqual(plan.provisional, wanted._tag === "Unknown" && Option.isSome(keptOf(plan)))
      if (!plan.provisional) return
      const kept = Option.getOrThrow(keptOf(plan))
      assert.deepStrictEqual(
        plan.steps.map(({ action }) => action._tag),
        ["Pull"]
      )
      const pulled = (id: string): Plan => {
        const image = asHeld({ id, digests: [digest], sizeBytes: 1, config: plainImage })
        return Result.getOrThrow(decide({ ...scene, observation: { ...scene.observation, images: only(image) } }))
      }
      assert.strictEqual(Option.getOrThrow(keptOf(pulled(kept.imageId))), kept)
      const replaced = pulled("sha256:another")
      assert.isTrue(Option.isNone(keptOf(replaced)))
      assert.lengthOf(having(replaced, "Create"), 1)
      assert.lengthOf(having(replaced, "Pull"), 0)
    }
  )

  law("each step has a name of its own and a cause, and comes behind what it needs", ({ steps }) => {
    const seen = new Set<string>()
    for (const { id, cause, needs } of steps) {
      assert.isNotEmpty(cause)
      assert.isFalse(seen.has(id), `"${id}" is there twice`)
      for (const need of needs) assert.isTrue(seen.has(need), `"${id}" comes before "${need}"`)
      assert.lengthOf(new Set(needs), needs.length)
      seen.add(id)
    }
  })

  law("what can fail without stopping anything is done before anything is stopped", (plan, { observation }) => {
    if (Option.isSome(keptOf(plan))) {
      const others = ["Pull", "Confirm", "Stop", "Remove", "OpenFirewall", "OpenPorts", "CloseFirewall"]
      for (const { action } of plan.steps) assert.include(others, action._tag)
      return
    }
    const free = having(plan, "Check", "Format").filter(
      ({ action }) => "device" in action && mountsOf(observation, action.device).length === 0
    )
    const careful = having(plan, "Pull", "CreateDirectory", "OpenFirewall", "OpenPorts", "CloseFirewall")
    precede(plan, [...careful, ...free], having(plan, "Stop", "SetAside"))
  })

  law("the same input gives the same plan", (plan, scene) => {
    assert.deepStrictEqual(Result.getOrThrow(decide(scene)), plan)
    assert.strictEqual(JSON.stringify(Result.getOrThrow(decide(scene))), JSON.stringify(plan))
  })

  law("what leaves is unmounted after every active container of ours has stopped, the last first", (plan, scene) => {
    const active = ours(scene.observation).filter(isActive)
    const unmounts = having(plan, "Unmount")
    const stops = having(plan, "Stop")
    if (Option.isNone(keptOf(plan))) assert.lengthOf(stops, active.length)
    precede(plan, stops, unmounts)
    for (const [index, step] of unmounts.entries()) precede(plan, unmounts.slice(0, index), [step])
    const order = unmounts.map(({ action }) => (action._tag === "Unmount" ? action.mount : assert.fail()))
    const inTable = order.map((mount) => scene.observation.mounts.lastIndexOf(mount))
    assert.deepStrictEqual(
      inTable,
      inTable.toSorted((a, b) => b - a)
    )
  })

  law("what is removed has been stopped, and its successor runs", (plan) => {
    const removals = having(plan, "Remove")
    // What has ended is missed by nobody where the declared container is there.
    const missed = removals.filter(
      ({ action }) =>
        action._tag === "Remove" &&
        (Option.isNone(keptOf(plan)) ||
          isActive(action.container) ||
          (!isLost(action.container) && Option.isSome(policyBeforeAside(action.container))))
    )
    precede(plan, having(plan, "Confirm", "Start"), missed)
    const before = ancestors(plan)
    for (const { id, action } of removals) {
      if (action._tag !== "Remove" || !isActive(action.container) || Option.isSome(action.grace)) continue
      assert.isTrue(before.get(id)!.has(`stop ${action.container.name}`))
    }
  })

  law("no value of the environment is in a plan's JSON", (plan) => {
    assert.notInclude(JSON.stringify(plan), secret)
  })

  it.effect("are tried on scenes of every kind", () =>
    Effect.gen(function* () {
      const scenes = yield* Arbitrary.sampleEffect(Scenes, { count: 1000, seed: 4, size: 30 })
      const counts = new Map<string, number>()
      const count = (kinds: Iterable<string>) => {
        for (const kind of new Set(kinds)) counts.set(kind, (counts.get(kind) ?? 0) + 1)
      }
      for (const scene of scenes) {
        const planned = decide(scene)
        if (Result.isFailure(planned)) {
          count(["refused", ...planned.failure.reasons.map(({ _tag }) => _tag)])
          continue
        }
        const { steps } = planned.success
        const kept = keptOf(planned.success)
        const tags = steps.map(({ action }) => action._tag)
        count(tags)
        if (planned.success.provisional) count(["provisional"])
        count([steps.length === 0 ? "empty" : Option.isSome(kept) ? "kept" : "replaced"])
        if (tags.includes("Unmount") && tags.includes("Stop")) count(["held by a container that runs"])
        if (scene.foreign.length > 0) count(["foreign containers"])
        if (scene.observation.lost.length > 0) count(["lost containers"])
        if (scene.observation.lost.some(isActive)) count(["lost containers that run"])
        if (Option.isSome(kept) && isLost(kept.value)) count(["a lost container is kept"])
        if (nameOf(planned.success) !== name) count(["a name is avoided"])
        if (scene.workload.containers[0].env.length > 0 && tags.includes("Create")) count(["secret in the container"])
      }
      const expected: ReadonlyArray<readonly [kind: string, atLeast: number]> = [
        ["replaced", 200],
        ["kept", 60],
        ["empty", 5],
        ["provisional", 3],
        ["held by a container that runs", 50],
        ["foreign containers", 80],
        ["secret in the container", 70],
        ["lost containers", 120],
        ["lost containers that run", 25],
        ["a lost container is kept", 4],
        ["a name is avoided", 40],
        ["Pull", 70],
        ["Format", 15],
        ["Check", 100],
        ["CreateDirectory", 40],
        ["Mount", 100],
        ["Unmount", 100],
        ["OpenFirewall", 50],
        ["OpenPorts", 10],
        ["CloseFirewall", 50],
        ["Stop", 100],
        ["SetAside", 100],
        ["Confirm", 100],
        ["Remove", 100],
        ["DiskNotAttached", 15],
        ["DiskDeviceMissing", 15],
        ["DiskNotBlank", 15],
        ["DiskPartitioned", 15],
        ["DiskInUse", 15],
        ["DiskReadOnly", 15],
        ["ContainerNameTaken", 8]
      ]
      for (const [kind, atLeast] of expected) {
        assert.isAtLeast(counts.get(kind) ?? 0, atLeast, `${kind}; ${JSON.stringify([...counts])}`)
      }
    })
  )
})

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
    wallMillis: 0,
    mountRoot: "/mnt/r",
    containers: [],
    lost: [],
    unusableNames: [],
    foreignNames: [],
    images: only({ local: Option.none(), wanted: { _tag: "Known", digest } }),
    imageConfigs: new Map([["sha256:id", plainImage]]),
    mounts: [{ source: "/dev/sda1", target: "/", type: "ext4", options: ["rw"] }],
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
    ),
    firewall: { ipv4: "Absent", ipv6: "Absent" },
    networks: [],
    takenPorts: []
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
        ...theImage(fresh),
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
