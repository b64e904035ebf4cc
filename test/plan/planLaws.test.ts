import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { mountPoint } from "../../src/observation/MountPoints.ts"
import { viewMounts } from "../../src/observation/MountView.ts"
import { entriesOf } from "../../src/observation/VolumeFiles.ts"
import { bootNames } from "../../src/observation/bootNames.ts"
import {
  asHeld,
  imageOf,
  isActive,
  isImagePresent,
  isLost,
  type Observation,
  type ObservedDisk,
  type OurContainer
} from "../../src/observation/Observation.ts"
import { policyBeforeAside } from "../../src/observation/Ownership.ts"
import { actionJson, describePlan } from "../../src/plan/describe.ts"
import { type Plan, plan, type PlannedContainer } from "../../src/plan/Plan.ts"
import type { PlanRefused } from "../../src/plan/PlanRefused.ts"
import type { Step } from "../../src/plan/Step.ts"
import type { DiskContent } from "../../src/vm/storage/DiskContent.ts"
import type { Mount } from "../../src/vm/storage/MountTable.ts"
import { pullReference } from "../../src/workload/ImageReference.ts"
import { allContainers } from "../../src/workload/Workload.ts"
import { plainImage } from "../vm/engine/Configs.ts"
import { after } from "../startup/After.ts"
import { digest, only, type Scene, Scenes, secret } from "./Generated.ts"
import { type PodScene, PodScenes } from "./GeneratedPods.ts"
import { areInOrder, having, orders, precede } from "./StepOrders.ts"

const decide = ({ workload, observation, settings, names }: Scene): Result.Result<Plan, PlanRefused> =>
  plan(workload, observation, names, settings)

/** Scenes that are refused obey a law by having no plan; how many do not is counted below. */
const lawOf =
  <S extends Scene>(scenes: Arbitrary.Arbitrary<S>, runs: number) =>
  (title: string, holds: (plan: Plan, scene: S) => void) =>
    it.prop(
      title,
      [scenes],
      ([scene]) => {
        const planned = decide(scene)
        if (Result.isSuccess(planned)) holds(planned.success, scene)
      },
      { arbitrary: { runs, seed: seeds++ } }
    )

/** Each law is tried on scenes of its own. */
let seeds = 1
const lawOfOne = lawOf(Scenes, 500)
const lawOfPods = lawOf(PodScenes, 250)

/** A law of every plan. */
const law = (title: string, holds: (plan: Plan, scene: Scene) => void) => {
  lawOfOne(`${title} (one container)`, holds)
  lawOfPods(`${title} (several)`, holds)
}

const isCreated = ({ fate }: Pick<PlannedContainer, "fate">): boolean => fate === "new" || fate === "replaced"
/** Something is created or started again, and what is in its place goes. */
const isSwitch = ({ containers, provisional }: Plan): boolean =>
  !provisional && containers.some(({ fate }) => isCreated({ fate }) || fate === "stopped")
/** All that is to be there in the end; an init container that is done may be gone. */
const expected = ({ containers }: Plan): ReadonlyArray<string> =>
  containers.flatMap(({ fate, name }) => (fate === "done" ? [] : [name]))
/** The containers that stay. */
const keptOf = ({ containers }: Plan): ReadonlyArray<OurContainer> =>
  containers.flatMap(({ kept }) => Option.toArray(kept))
const ours = ({ containers, lost }: Observation): ReadonlyArray<OurContainer> => [...containers, ...lost]

const hasUnknownImage = ({ workload, observation }: Scene): boolean =>
  allContainers(workload).some(({ image }) => imageOf(observation, image).wanted._tag === "Unknown")

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

/** While what a lost container has mounted is not known, no directory is removed: the next plan does. */
const isNotPutOff =
  ({ observation }: Scene) =>
  ({ action }: Step): boolean =>
    (action._tag !== "RemoveEmptyDir" && action._tag !== "RemoveFiles") || !observation.lost.some(isActive)

describe("the laws of plans", () => {
  law("nothing is stopped before all images are there", (plan) => {
    precede(plan, having(plan, "Pull", "ImportImage"), having(plan, "Stop", "SetAside"))
  })

  law("a container is created only where its image was held, or is pulled or made", (plan, { observation }) => {
    const brought = having(plan, "Pull", "ImportImage")
    const references = brought.map(({ action }) => pullReference(action.image))
    assert.lengthOf(new Set(references), references.length)
    for (const { action } of having(plan, "Pull")) {
      assert.isFalse(isImagePresent(imageOf(observation, action.image)))
    }
    for (const create of having(plan, "Create")) {
      const reference = pullReference(create.action.image)
      const bringing = brought.filter(({ action }) => pullReference(action.image) === reference)
      precede(plan, bringing, [create])
      const { local, wanted } = imageOf(observation, create.action.image)
      const isHeld = wanted._tag === "Known" ? isImagePresent({ local, wanted }) : Option.isSome(local)
      assert.isTrue(isHeld || bringing.length === 1, `${create.id}: nothing brings its image`)
    }
  })

  law("no disk is formatted without proof that it is blank, nor while it is mounted", (plan, { observation }) => {
    for (const { action } of having(plan, "Format")) {
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
    for (const { action } of having(plan, "Unmount")) {
      assert.isTrue(observation.mounts.includes(action.mount))
      assert.isTrue(action.mount.target.startsWith(`${observation.mountRoot}/`))
    }
  })

  law("after a plan has been applied, in whatever order, the next is empty", (plan, scene) => {
    if (hasUnknownImage(scene)) return
    for (const steps of orders(plan.steps, plan.steps.length, 2)) {
      const observation = after(scene.observation, steps, scene.observation.mountRoot)
      const next = Result.getOrThrow(decide({ ...scene, observation }))
      assert.deepStrictEqual(next.steps.filter(isNotPutOff(scene)), [])
      assert.deepStrictEqual(expected(next), expected(plan))
      assert.sameMembers(
        ours(observation).map(({ name }) => name),
        [...expected(plan)]
      )
    }
  })

  law(
    "what is lost stands in nobody's way: where it stays, the next plan tries to remove it and no more",
    (plan, scene) => {
      if (hasUnknownImage(scene)) return
      const { lost } = scene.observation
      const isStuck = ({ action }: Step) =>
        action._tag === "Remove" && lost.some(({ id }) => id === action.container.id)
      const steps = plan.steps.filter((step) => !isStuck(step))
      const observation = after(scene.observation, steps, scene.observation.mountRoot)
      const next = Result.getOrThrow(decide({ ...scene, observation }))
      assert.deepStrictEqual(expected(next), expected(plan))
      const kept = new Set(keptOf(next))
      assert.sameMembers(
        next.steps
          .filter(isNotPutOff(scene))
          .map(({ action }) => (action._tag === "Remove" ? action.container.id : assert.fail(action._tag))),
        ours(observation).flatMap((container) => (kept.has(container) ? [] : [container.id]))
      )
    }
  )

  law(
    "no two containers are to have one name, and this boot's have theirs",
    ({ containers }, { observation, names }) => {
      assert.lengthOf(new Set(containers.map(({ name }) => name)), containers.length)
      for (const planned of containers) {
        assert.include(bootNames(names.get(planned.container)!), planned.name)
        if (!isCreated(planned)) continue
        assert.isFalse(observation.lost.some((container) => container.name === planned.name))
        assert.isFalse(observation.unusableNames.some(({ name }) => name === planned.name))
      }
    }
  )

  law("without an image's digest a plan can be applied all the same, and the next one too", (plan, scene) => {
    if (!hasUnknownImage(scene)) return
    const { mountRoot } = scene.observation
    const observation = after(scene.observation, plan.steps, mountRoot)
    const images = new Map(
      [...observation.images].map(([reference, image]) => [
        reference,
        image.wanted._tag === "Unknown" && Option.isSome(image.local) ? asHeld(image.local.value) : image
      ])
    )
    const pulled = { ...observation, images }
    const next = Result.getOrThrow(decide({ ...scene, observation: pulled }))
    const last = after(pulled, next.steps, mountRoot)
    assert.lengthOf(ours(last), expected(next).length)
    const steps = Result.getOrThrow(decide({ ...scene, observation: last })).steps
    assert.deepStrictEqual(steps.filter(isNotPutOff(scene)), [])
  })

  law(
    "a plan is provisional where a container that is kept is of an image whose digest is not known",
    (plan, scene) => {
      const { workload, observation } = scene
      const declared = allContainers(workload)
      const isUncertain = plan.containers.some(({ container, kept }) => {
        const image = declared.find(({ name }) => name === container)?.image
        return Option.isSome(kept) && image !== undefined && imageOf(observation, image).wanted._tag === "Unknown"
      })
      assert.strictEqual(plan.provisional, isUncertain)
      if (!plan.provisional) return
      for (const { action } of plan.steps) assert.strictEqual(action._tag, "Pull")
    }
  )

  lawOfOne("a container that is kept provisionally stays if the pull brings its image", (plan, scene) => {
    if (!plan.provisional) return
    const kept = keptOf(plan)[0]!
    const pulled = (id: string): Plan => {
      const image = asHeld({ id, digests: [digest], sizeBytes: 1, config: plainImage })
      return Result.getOrThrow(decide({ ...scene, observation: { ...scene.observation, images: only(image) } }))
    }
    assert.deepStrictEqual(keptOf(pulled(kept.imageId)), [kept])
    const replaced = pulled("sha256:another")
    assert.isEmpty(keptOf(replaced))
    assert.lengthOf(having(replaced, "Create"), 1)
    assert.lengthOf(having(replaced, "Pull"), 0)
  })

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
    if (!isSwitch(plan)) {
      const others = [
        "Pull",
        "Grow",
        "Adjust",
        "Confirm",
        "Probe",
        "Stop",
        "Remove",
        "RemoveEmptyDir",
        "RemoveFiles",
        "OpenFirewall",
        "OpenPorts",
        "CloseFirewall"
      ]
      for (const { action } of plan.steps) assert.include(others, action._tag)
      return
    }
    const free = having(plan, "Check", "Format").filter(
      ({ action }) => mountsOf(observation, action.device).length === 0
    )
    const careful = having(
      plan,
      "Pull",
      "CreateDirectory",
      "CreateFile",
      "MakeEmptyDir",
      "OpenFirewall",
      "OpenPorts",
      "CloseFirewall"
    )
    const made = having(plan, "ImportImage", "CreateNetwork")
    precede(plan, [...careful, ...made, ...free], having(plan, "Stop", "SetAside"))
  })

  law("the same input gives the same plan", (plan, scene) => {
    assert.deepStrictEqual(Result.getOrThrow(decide(scene)), plan)
    assert.strictEqual(JSON.stringify(Result.getOrThrow(decide(scene))), JSON.stringify(plan))
  })

  law("what leaves is unmounted after all that has to go has stopped, the last first", (plan, scene) => {
    const kept = new Set(keptOf(plan))
    const active = ours(scene.observation).filter((container) => isActive(container) && !kept.has(container))
    const unmounts = having(plan, "Unmount")
    const stops = having(plan, "Stop")
    if (isSwitch(plan)) assert.lengthOf(stops, active.length)
    precede(plan, stops, unmounts)
    areInOrder(plan, unmounts)
    const inTable = unmounts.map(({ action }) => scene.observation.mounts.lastIndexOf(action.mount))
    assert.deepStrictEqual(
      inTable,
      inTable.toSorted((a, b) => b - a)
    )
  })

  law("what a container that stays has mounted is not unmounted, nor anything mounted over it", (plan, scene) => {
    const { mountRoot } = scene.observation
    const unmounted = new Set(having(plan, "Unmount").map(({ action }) => action.mount.target))
    const mounted = having(plan, "Mount").map(({ action }) => action.mount.target)
    for (const container of keptOf(plan)) {
      // What has come to its end holds nothing, unless it is started again.
      if (isLost(container) || !(isActive(container) || scene.observation.stopped.includes(container.id))) continue
      for (const { source } of container.config.mounts) {
        if (!source.startsWith(`${mountRoot}/`)) continue
        assert.isFalse(unmounted.has(source), `${source} is unmounted under ${container.name}`)
        for (const target of mounted) assert.isFalse(`${source}/`.startsWith(`${target}/`), `${target} hides ${source}`)
      }
    }
  })

  law("what is removed has been stopped, and all that is new has come up", (plan) => {
    const removals = having(plan, "Remove")
    // What has ended is missed by nobody where all that is declared is there.
    const missed = removals.filter(
      ({ action: { container } }) =>
        isSwitch(plan) || isActive(container) || (!isLost(container) && Option.isSome(policyBeforeAside(container)))
    )
    precede(plan, having(plan, "Confirm", "Probe", "Start", "StartAgain", "RunToEnd"), missed)
    for (const removal of removals) {
      const { container, grace } = removal.action
      if (!isActive(container) || Option.isSome(grace)) continue
      const stop = having(plan, "Stop").filter(({ action }) => action.container === container)
      assert.lengthOf(stop, 1)
      precede(plan, stop, [removal])
    }
  })

  law("containers are stopped one by one, the last started first", (plan) => {
    const stops = plan.steps.flatMap((step) =>
      step.action._tag === "Stop" || (step.action._tag === "Remove" && Option.isSome(step.action.grace))
        ? [{ step, container: step.action.container }]
        : []
    )
    areInOrder(
      plan,
      stops.map(({ step }) => step)
    )
    // One that was restarted since is still of its stage.
    const starts = stops.map(({ container }) => {
      const stage = ["sandbox", "init", "sidecar"].indexOf(container.labels["slipway.role"] ?? "")
      const started = isLost(container) ? 0 : Option.getOrElse(container.startedAt, () => 0)
      return [stage === -1 ? 2 : Math.min(stage, 1), started] as const
    })
    assert.deepStrictEqual(
      starts,
      starts.toSorted(([stage, start], [otherStage, otherStart]) => otherStage - stage || otherStart - start)
    )
  })

  law("init containers keep their order, and what follows them starts once they have ended", (plan, { workload }) => {
    const stepOf = (name: string) =>
      having(plan, "Start", "StartAgain", "RunToEnd").filter(({ subject }) => subject === name)
    const sequence = workload.initContainers.flatMap(({ name }) => stepOf(name))
    areInOrder(plan, sequence)
    for (const { name } of workload.containers) precede(plan, sequence, stepOf(name))
    // Those that follow a sidecar wait until its startup probe has succeeded.
    const holds = having(plan, "Probe").filter(({ action }) => action.kind === "startup")
    for (const [index, { name }] of workload.initContainers.entries()) {
      const probed = holds.filter(({ subject }) => subject === name)
      for (const later of [...workload.initContainers.slice(index + 1), ...workload.containers]) {
        precede(plan, probed, stepOf(later.name))
      }
    }
    for (const { name, isSidecar } of workload.initContainers) {
      for (const { action } of stepOf(name)) {
        assert.include(isSidecar ? ["Start", "StartAgain"] : ["RunToEnd"], action._tag)
      }
    }
  })

  law(
    "each probe of what is started is awaited, the readiness probe behind the startup probe",
    (plan, { workload }) => {
      const probed = having(plan, "Probe")
      for (const start of having(plan, "Start", "StartAgain")) {
        const { startup, readiness } = allContainers(workload).find(({ name }) => name === start.subject)?.probes ?? {}
        const own = probed.filter(({ subject }) => subject === start.subject)
        const declared = [
          ...(startup === undefined ? [] : ["startup"]),
          ...(readiness === undefined ? [] : ["readiness"])
        ]
        assert.deepStrictEqual(
          own.map(({ action }) => action.kind),
          declared
        )
        assert.deepStrictEqual(
          own.map(({ action }) => action.isLast),
          declared.map((_, index) => index === declared.length - 1)
        )
        assert.strictEqual(start.action.isProbed, declared.length > 0)
        precede(plan, [start], own)
        areInOrder(plan, own)
      }
    }
  )

  law("what joins a sandbox is created and started behind it", (plan) => {
    const holder = plan.containers.find(({ role }) => role === "sandbox")
    const isHolders = ({ subject }: Step) => subject === holder?.container
    for (const create of having(plan, "Create")) {
      const { networkMode } = create.action.spec
      if (typeof networkMode !== "object" || networkMode._tag !== "Container") {
        assert.isTrue(holder === undefined || isHolders(create))
        continue
      }
      const kept = holder && Option.getOrUndefined(holder.kept)
      assert.strictEqual(networkMode.id, kept?.id ?? holder?.name)
      const starts = having(plan, "Start", "RunToEnd").filter(({ subject }) => subject === create.subject)
      precede(plan, having(plan, "Create").filter(isHolders), [create])
      precede(plan, having(plan, "Start", "StartAgain").filter(isHolders), starts)
    }
  })

  lawOfPods("a container that is as declared is left alone unless something that it rests on is not", (plan, scene) => {
    const touched = plan.steps.flatMap(({ action }) =>
      action._tag === "Stop" || action._tag === "SetAside" || action._tag === "Remove" ? [action.container.id] : []
    )
    for (const id of scene.steady) assert.notInclude(touched, id)
    const kept = keptOf(plan).map(({ id }) => id)
    for (const id of scene.steady) assert.include(kept, id)
  })

  lawOfPods(
    "an init container that is done is not run again, unless one before it is or it has changed",
    (plan, scene) => {
      const done = scene.observation.containers.filter(({ id }) => scene.steady.has(id))
      const run = new Set(having(plan, "RunToEnd").map(({ subject }) => subject))
      for (const { labels } of done) assert.isFalse(run.has(labels["slipway.container"]!))
    }
  )

  lawOfPods("where an init container is run, all that follow it are made anew", ({ containers }) => {
    const first = containers.findIndex((container) => container.role === "init" && isCreated(container))
    if (first >= 0) for (const container of containers.slice(first)) assert.isTrue(isCreated(container))
  })

  lawOfPods("what an init container has left in a tmpfs is there for as long as it is not run again", (plan, scene) => {
    const { mountRoot } = scene.observation
    const { initContainers, volumes } = scene.workload
    const mounted = having(plan, "Mount", "Unmount").map(({ action }) => action.mount.target)
    for (const { container, role, fate } of plan.containers) {
      if (role !== "init" || isCreated({ fate })) continue
      const { mounts } = initContainers.find(({ name }) => name === container)!
      const used = new Set(mounts.map(({ volume }) => volume))
      for (const volume of volumes) {
        if (volume._tag !== "Tmpfs" || !used.has(volume.name)) continue
        assert.notInclude(mounted, mountPoint(mountRoot, volume))
      }
    }
  })

  lawOfPods(
    "what `down` had stopped is started again once what it joins has been, or something is in its place",
    (plan, scene) => {
      const again = having(plan, "StartAgain")
      for (const { action } of again) assert.include(scene.observation.stopped, action.container.id)
      const ids = again.map(({ action }) => action.container.id)
      const stopped = plan.containers.filter(({ fate }) => fate === "stopped")
      if (!plan.provisional)
        assert.sameMembers(
          ids,
          keptOf({ ...plan, containers: stopped }).map(({ id }) => id)
        )
      for (const { action, subject } of again) {
        const mode = action.container.config.networkMode
        if (typeof mode !== "object" || mode._tag !== "Container") continue
        const holder = again.filter(({ action: { container } }) => [container.id, container.name].includes(mode.id))
        precede(
          plan,
          holder,
          again.filter((step) => step.subject === subject)
        )
        assert.isFalse(having(plan, "Create").some(({ action }) => action.spec.name === mode.id))
      }
    }
  )

  law("no value of the environment is in a plan's JSON", (plan) => {
    assert.notInclude(JSON.stringify(plan), secret)
  })

  law("only what is mounted for writing is grown, and before what is new starts", (plan, scene) => {
    for (const step of having(plan, "Grow")) {
      const { growth, mounted } = step.action
      assert.isAbove(growth.toBytes, growth.fromBytes)
      const mounting = having(plan, "Mount").filter(({ action }) => action.mount.target === mounted.target)
      const [now] =
        mounting.length > 0 ? mounting.map(({ action }) => action.mount) : mountsOf(scene.observation, mounted.device)
      assert.deepInclude(now, { source: mounted.path, target: mounted.target, type: mounted.filesystem })
      assert.strictEqual(now?.options[0], "rw")
      precede(plan, mounting, [step])
      precede(plan, [step], having(plan, "Start", "RunToEnd"))
    }
  })

  law(
    "a disk that is declared as another filesystem than it holds, or readOnly, is not written to",
    (plan, { observation }) => {
      for (const { volume, device } of observation.disks) {
        if (Option.isNone(device) || device.value._tag !== "Present") continue
        const { content } = device.value
        const mounting = having(plan, "Mount").filter(({ action }) => action.disk?.volume === volume)
        for (const { action } of mounting) {
          if (volume.readOnly === true) assert.include(action.mount.options, "ro")
          if (content._tag === "Filesystem") assert.strictEqual(action.mount.type, content.type)
          assert.include([action.mount.type, undefined], volume.filesystem)
        }
        const writing = [...having(plan, "Check"), ...having(plan, "Format")].filter(
          ({ action }) => action.volume === volume
        )
        if (volume.readOnly === true) assert.deepStrictEqual(writing, [])
      }
    }
  )
  law("only directories of ours that no declared volume has are removed, once all else is done", (plan, scene) => {
    const removals = having(plan, "RemoveEmptyDir")
    const { found, paths } = scene.observation.volumes.emptyDirs
    for (const { action } of removals) {
      assert.include(found, action.path)
      for (const path of paths.values()) assert.isFalse(`${path}/`.startsWith(`${action.path}/`))
      for (const container of keptOf(plan)) {
        if (isLost(container)) assert.isFalse(isActive(container))
        else for (const { source } of container.config.mounts) assert.isFalse(source.startsWith(action.path))
      }
    }
    const others = plan.steps.filter(({ action }) => !/^Remove(?:EmptyDir|Files)$/.test(action._tag))
    precede(plan, others, removals)
  })

  law(
    "files are written between the old containers and the new, and what is needed stays until the end",
    (plan, scene) => {
      const writing = having(plan, "WriteFiles")
      precede(plan, [...having(plan, "Stop", "SetAside"), ...having(plan, "Mount")], writing)
      precede(plan, writing, having(plan, "Create", "Start"))
      const { identities, entries } = scene.observation.volumes.files
      for (const { action } of writing) {
        const found = identities.get(action.volume)
        const isThere = found !== undefined && Redacted.value(found) === Redacted.value(action.identity)
        const root = viewMounts(scene.observation.mounts, scene.observation.mountRoot)
        assert.isFalse(isThere && root.rootInPlace, "they are there")
      }
      const removals = having(plan, "RemoveFiles")
      const declared = scene.workload.volumes.map(({ name }) => entriesOf(name).now)
      const replaced = writing.map(({ action }) => entriesOf(action.volume).old)
      for (const { action } of removals) {
        const entry = action.path.slice(action.path.lastIndexOf("/") + 1)
        assert.include([...entries, ...replaced], entry)
        assert.notInclude(declared, entry)
      }
      precede(
        plan,
        plan.steps.filter(({ action }) => action._tag !== "RemoveFiles"),
        removals
      )
      // Neither what they hold nor what identifies that is told.
      const told = JSON.stringify([describePlan(plan), plan.steps.map(({ action }) => actionJson(action))])
      assert.notInclude(told, secret)
      for (const { action } of writing) assert.notInclude(told, Redacted.value(action.identity))
    }
  )
})

/** How many of a thousand scenes are of each kind. */
const counted = <S extends Scene>(
  scenes: Arbitrary.Arbitrary<S>,
  kindsOf: (plan: Plan, scene: S) => ReadonlyArray<string>
) =>
  Effect.gen(function* () {
    const counts = new Map<string, number>()
    for (const scene of yield* Arbitrary.sampleEffect(scenes, { count: 1000, seed: 4, size: 30 })) {
      const planned = decide(scene)
      const kinds = Result.isFailure(planned)
        ? ["refused", ...planned.failure.reasons.map(({ _tag }) => _tag)]
        : [...planned.success.steps.map(({ action }) => action._tag), ...kindsOf(planned.success, scene)]
      for (const kind of new Set(kinds)) counts.set(kind, (counts.get(kind) ?? 0) + 1)
    }
    return counts
  })

const occur = (counts: ReadonlyMap<string, number>, expected: Readonly<Record<string, number>>) => {
  for (const [kind, atLeast] of Object.entries(expected)) {
    assert.isAtLeast(counts.get(kind) ?? 0, atLeast, `${kind}; ${JSON.stringify([...counts])}`)
  }
}

/** The kinds that are so. */
const those = (kinds: Readonly<Record<string, boolean>>): ReadonlyArray<string> =>
  Object.entries(kinds).flatMap(([kind, isSo]) => (isSo ? [kind] : []))

/** What scenes of one container and of several can both be. */
const commonKinds = (plan: Plan, { observation, foreign }: Scene) => ({
  provisional: plan.provisional,
  empty: plan.steps.length === 0,
  kept: plan.steps.length > 0 && keptOf(plan).length > 0,
  replaced: isSwitch(plan) && keptOf(plan).length === 0,
  "held by a container that runs": having(plan, "Unmount").length > 0 && having(plan, "Stop").length > 0,
  "foreign containers": foreign.length > 0,
  "lost containers": observation.lost.length > 0,
  "lost containers that run": observation.lost.some(isActive),
  "a lost container is kept": keptOf(plan).some(isLost)
})

describe("the laws of plans are tried on scenes of every kind", () => {
  it.effect("of one container", () =>
    Effect.gen(function* () {
      const counts = yield* counted(Scenes, (plan, scene) =>
        those({
          ...commonKinds(plan, scene),
          "a name is avoided": plan.containers[0]!.name !== scene.names.get("web"),
          "secret in the container": scene.workload.containers[0].env.length > 0 && having(plan, "Create").length > 0
        })
      )
      occur(counts, {
        replaced: 200,
        kept: 55,
        empty: 4,
        provisional: 3,
        "held by a container that runs": 50,
        "foreign containers": 80,
        "secret in the container": 70,
        "lost containers": 120,
        "lost containers that run": 25,
        "a lost container is kept": 4,
        "a name is avoided": 40,
        Pull: 70,
        Format: 15,
        Check: 100,
        Grow: 30,
        CreateDirectory: 40,
        MakeEmptyDir: 20,
        RemoveEmptyDir: 20,
        WriteFiles: 40,
        RemoveFiles: 40,
        Mount: 100,
        BindSubPath: 40,
        Unmount: 100,
        OpenFirewall: 50,
        OpenPorts: 10,
        CloseFirewall: 50,
        Stop: 100,
        SetAside: 100,
        Confirm: 100,
        Remove: 100,
        DiskNotAttached: 15,
        DiskDeviceMissing: 15,
        DiskNotBlank: 15,
        DiskPartitioned: 15,
        DiskInUse: 15,
        DiskReadOnly: 15,
        DiskFilesystemDiffers: 8,
        FormatterMissing: 2,
        ContainerNameTaken: 8
      })
    })
  )

  it.effect("of several", () =>
    Effect.gen(function* () {
      const counts = yield* counted(PodScenes, (plan, scene: PodScene) => {
        const { containers, initContainers, network } = scene.workload
        const mounted = allContainers(scene.workload).flatMap(({ mounts }) => mounts.map(({ volume }) => volume))
        const isShared = (volume: string) => mounted.filter((other) => other === volume).length > 1
        return [
          scene.history,
          `${network._tag} network`,
          `${containers.length} containers`,
          `${initContainers.length} init containers`,
          ...plan.containers.map(({ role, fate }) => `${role} ${fate}`),
          ...those({
            ...commonKinds(plan, scene),
            "some stay and some are replaced": isSwitch(plan) && keptOf(plan).length > 0,
            "some stay, and something is unmounted": having(plan, "Unmount").length > 0 && keptOf(plan).some(isActive),
            gone: plan.gone.length > 0,
            steady: scene.steady.size > 0,
            "steady beside what is replaced": scene.steady.size > 0 && isSwitch(plan),
            "a disk is shared": isShared("data"),
            "a tmpfs is shared": isShared("cache"),
            "several stop": having(plan, "Stop").length > 1,
            "set aside by an earlier run": scene.observation.containers.some((one) =>
              Option.isSome(policyBeforeAside(one))
            )
          })
        ]
      })
      occur(counts, {
        replaced: 200,
        kept: 200,
        empty: 150,
        provisional: 10,
        none: 80,
        boot: 300,
        interrupted: 120,
        "other boot": 60,
        down: 50,
        "down interrupted": 50,
        StartAgain: 60,
        "main stopped": 50,
        "sidecar stopped": 20,
        "sandbox stopped": 10,
        konlet: 60,
        "Host network": 300,
        "Pod network": 300,
        "1 containers": 4,
        "2 containers": 40,
        "3 containers": 100,
        "4 containers": 200,
        "5 containers": 150,
        "0 init containers": 150,
        "1 init containers": 150,
        "2 init containers": 120,
        "3 init containers": 100,
        "main kept": 300,
        "main new": 200,
        "main replaced": 300,
        "init kept": 200,
        "init done": 8,
        "init new": 100,
        "init replaced": 80,
        "sidecar kept": 80,
        "sidecar new": 40,
        "sidecar replaced": 50,
        "sandbox kept": 150,
        "sandbox new": 80,
        "sandbox replaced": 50,
        "some stay and some are replaced": 120,
        "some stay, and something is unmounted": 50,
        gone: 60,
        steady: 200,
        "steady beside what is replaced": 80,
        "a disk is shared": 400,
        "a tmpfs is shared": 250,
        "several stop": 150,
        "set aside by an earlier run": 10,
        "held by a container that runs": 100,
        "lost containers": 40,
        "lost containers that run": 10,
        "a lost container is kept": 4,
        Pull: 200,
        ImportImage: 80,
        CreateNetwork: 80,
        Check: 200,
        Mount: 300,
        Unmount: 100,
        OpenFirewall: 50,
        OpenPorts: 50,
        CloseFirewall: 25,
        Stop: 250,
        SetAside: 250,
        RunToEnd: 200,
        Confirm: 300,
        Probe: 200,
        Remove: 300
      })
    })
  )
})
