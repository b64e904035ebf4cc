import * as Option from "effect/Option"
import type { MountView } from "../observation/MountView.ts"
import { joiningAt } from "../vm/engine/ContainerNamespaces.ts"
import { imageMark, imageMarkBytes, mountPoint, subPathsOf } from "../observation/MountPoints.ts"
import { isActive, isLost, type Observation, type OurContainer } from "../observation/Observation.ts"
import { hadEndedBeforeAside, inStartOrder, isAside } from "../observation/Ownership.ts"
import type { Workload } from "../workload/Workload.ts"
import { heldBy } from "./podNetwork.ts"
import { changedIdentity, difference, isInPlace, restsOnOther, type Wanted } from "./difference.ts"
import type { DiskNeeds } from "./diskNeeds.ts"
import { wantedFiles } from "./wantedFiles.ts"
import { type Drift, driftOf, isRenamedIn } from "./drift.ts"
import { type Member, memberOf } from "./Member.ts"
import { doubt, isFailedJob } from "./doubt.ts"
import { hadEndedIn, isStoppedByAgent, isStoppedByDown, isStoppedIn, isWaitingIn } from "./restingContainers.ts"

/** What becomes of one of the workload's containers. */
export interface Fate {
  readonly member: Member
  /**
   * `kept`: it is there as declared, and left alone. `done`: an init container that has served those which are kept, and
   * need not be there any more. `stopped`: it is there as declared, but `down` or an agent has stopped it, and it is to be
   * started again. `new` and `replaced`: it is to be created, the latter in the place of another.
   */
  readonly fate: "kept" | "done" | "stopped" | "new" | "replaced"
  /** The container that is kept, or started again. */
  readonly kept: Option.Option<OurContainer>
  /** Why it is to be created, or was stopped, if not by `down`. */
  readonly cause: string | undefined
  /** What is to be put right with what is kept, without stopping it. */
  readonly drift?: Drift
}

const stoppedByAgent = "an agent had stopped it for a probe that failed"
/** A job that an agent stops for a probe stays stopped, and is on no record. */
const endedByEngine = "the engine went away while it was starting"

/** Whether a container is to be created. */
export const isCreated = ({ fate }: Pick<Fate, "fate">): boolean => fate === "new" || fate === "replaced"

/** Whether a container is to be started, created or not. */
export const isStarted = ({ fate }: Pick<Fate, "fate">): boolean => fate === "stopped" || isCreated({ fate })

/** A container of ours that has to go, and why. */
export interface OldContainer {
  readonly container: OurContainer
  readonly cause: string
  /** Undefined where it is not declared any more. */
  readonly member: Member | undefined
}

export interface Comparison {
  /** In the order in which they start. */
  readonly fates: ReadonlyArray<Fate>
  /** In the order in which they are stopped: the last started first. */
  readonly old: ReadonlyArray<OldContainer>
}

/** What containers are compared with. */
export interface Surroundings {
  readonly workload: Workload
  readonly observation: Observation
  readonly members: ReadonlyArray<Member>
  readonly disks: ReadonlyArray<DiskNeeds>
  readonly mounts: MountView
  /** Replace what looks unwell. */
  readonly retry: boolean
}

/**
 * Compares each container of ours with its declaration. One that is as declared is left alone, whatever becomes of the
 * others, unless something that it rests on is replaced.
 */
export const compare = (surroundings: Surroundings): Comparison => {
  const { observation, members } = surroundings
  const sandbox = members.find(({ role }) => role === "sandbox")
  const found = [...observation.containers, ...observation.lost].map((container): Found => {
    const member = memberOf(members, container)
    return { container, member, difference: member && differenceOf(container, member, surroundings) }
  })
  const isStopped = (container: OurContainer) => isStoppedIn(observation, container)
  // What still runs while its sandbox was stopped has lost what it shared.
  const isCutOff = ({ container, member }: Found) =>
    member !== undefined && member !== sandbox && isActive(container) && !isStopped(container)
  const network =
    sandbox &&
    found.find(
      (one) => one.member === sandbox && isAsDeclared(one) && !(isStopped(one.container) && found.some(isCutOff))
    )?.container
  const candidates = new Map<Member, OurContainer>()
  for (const one of found) {
    if (one.member === undefined || !isAsDeclared(one)) continue
    const other = candidates.get(one.member)
    if (other === undefined || (isAside(other) && !isAside(one.container))) candidates.set(one.member, one.container)
  }
  /**
   * It starts before the others, and the container that is there for it was created from another declaration or image.
   */
  const hasChanged = (member: Member) =>
    member.role !== "main" &&
    !candidates.has(member) &&
    found.some(
      ({ container, member: its }) =>
        its === member &&
        member.names.includes(container.name) &&
        Option.isSome(changedIdentity(container, wantedOf(member, surroundings)))
    )
  // A container that runs as declared was started after the init containers that it rests on had succeeded.
  const serves =
    members.some((member) => member.role === "main" && candidates.has(member)) &&
    !members.some(hasChanged) &&
    (sandbox === undefined || network !== undefined)
  const hasItsTmpfs = (member: Member) =>
    wantedOf(member, surroundings).tmpfs.every((one) => isInPlace(one, surroundings.mounts))
  let rerun: string | undefined
  let held: string | undefined
  const fates = members.map((member): Fate => {
    const { container, role } = member
    if (role === "sandbox" ? network === undefined || hasChanged(member) : hasChanged(member)) {
      rerun ??=
        role === "sandbox"
          ? `the ${heldBy(member.spec)} that it shares is made anew`
          : `the init container ${container.name} has changed`
    }
    const kept = rerun === undefined ? candidates.get(member) : undefined
    const drift = kept === undefined ? undefined : driftOf(kept, member, observation)
    // It may be renamed before what joins it is created.
    if (role === "sandbox") held = kept?.id
    if (kept !== undefined && isStopped(kept)) {
      // Of two of this boot's the other may be the one whose name its spec has.
      const named = { ...member, spec: { ...member.spec, name: kept.name } }
      const isJob = member.spec.restartPolicy.name === "no"
      const cause = isStoppedByDown(observation, kept) ? undefined : isJob ? endedByEngine : stoppedByAgent
      return { member: named, fate: "stopped", kept: Option.some(kept), cause }
    }
    if (kept !== undefined) {
      if (drift === undefined) return { member, fate: "kept", kept: Option.some(kept), cause: undefined }
      const named = drift.name === kept.name ? kept : { ...kept, name: drift.name }
      return { member, fate: "kept", kept: Option.some(named), cause: undefined, drift }
    }
    if (role === "init" && rerun === undefined && serves && hasItsTmpfs(member)) {
      return { member, fate: "done", kept: Option.none(), cause: undefined }
    }
    const before = found.find((one) => one.member === member)
    const own = before?.difference && Option.getOrUndefined(before.difference)
    const cause = own ?? (before === undefined ? removalOf(member, surroundings) : rerun)
    if (role === "init") rerun ??= `the init container ${container.name} before it is run`
    const fate = before === undefined ? "new" : "replaced"
    // A lost sandbox that is kept has another name than its spec, which avoids the names of lost containers.
    const joining = held === undefined ? member : joiningAs(member, held)
    return { member: joining, fate, kept: Option.none(), cause }
  })
  const isKept = new Set(fates.flatMap(({ kept }) => Option.toArray(kept).map(({ id }) => id)))
  // They have ended well, what was to take their places has failed, and they may be declared again.
  const isAwaited = (container: OurContainer) =>
    hadEndedBeforeAside(container) && container.exitCode === 0 && fates.some(isFailed)
  const old = found
    .filter(({ container }) => !isKept.has(container.id) && !isAwaited(container))
    .map(({ container, member, difference }): OldContainer => {
      const own = difference && Option.getOrUndefined(difference)
      // Which of those that it rests on is known here alone.
      const cause = own === restsOnOther ? (rerun ?? own) : own
      return {
        container,
        member,
        cause:
          member === undefined
            ? "it is not declared any more"
            : (cause ??
              (candidates.get(member) === container ? rerun : undefined) ??
              "another container is what is declared as well")
      }
    })
  return { fates, old: old.toSorted((one, other) => inStartOrder(other.container, one.container)) }
}

/** Said of one that the last run left, and that is not there any more. */
const removalOf = ({ role, names, container }: Member, { observation }: Surroundings): string | undefined => {
  if (role === "init") return undefined
  const left = (observation.left ?? []).find((one) => names.includes(one.name) || one.container === container.name)
  return left === undefined ? undefined : `${left.name}, which the last run left, was removed`
}

/** A container of ours, the member that it was meant to be, and how it differs. */
interface Found {
  readonly container: OurContainer
  readonly member: Member | undefined
  readonly difference: Option.Option<string> | undefined
}

/** What `down` has stopped is started again. */
const isFailed = ({ member: { spec }, fate, kept }: Fate): boolean =>
  fate === "kept" && Option.exists(kept, (container) => !isLost(container) && isFailedJob(container, spec))

const isAsDeclared = ({ difference }: Found): boolean => difference !== undefined && Option.isNone(difference)

const joiningAs = (member: Member, id: string): Member => {
  const { spec } = member
  const { networkMode, namespaces } = spec
  const sandbox = { _tag: "Container", id } as const
  return {
    ...member,
    spec: {
      ...spec,
      ...(typeof networkMode === "object" && networkMode._tag === "Container" ? { networkMode: sandbox } : {}),
      ...(namespaces === undefined ? {} : { namespaces: joiningAt(namespaces, id) })
    }
  }
}

const differenceOf = (container: OurContainer, member: Member, surroundings: Surroundings): Option.Option<string> => {
  const differs = difference(container, wantedOf(member, surroundings, container))
  // What is started again has its hook run again, and is as well as it was.
  if (isStoppedIn(surroundings.observation, container) || isWaitingIn(surroundings.observation, container))
    return differs
  return Option.orElse(differs, () =>
    member.spec.hooks?.postStart !== undefined && surroundings.observation.unhooked.includes(container.id)
      ? Option.some("no run has seen its postStart hook succeed")
      : surroundings.retry && !isLost(container)
        ? Option.map(
            doubt(container, member.spec, surroundings.observation.wallMillis),
            (cause) => `${cause}, and is to be retried`
          )
        : Option.none()
  )
}

/** The mark of images and the parts of volumes that a container has. */
const boundFor = ({ container, volumeImages }: Member, { volumes }: Workload, mountRoot: string): Wanted["tmpfs"] => [
  ...(volumeImages.length === 0 ? [] : [{ target: imageMark(mountRoot), sizeBytes: imageMarkBytes }]),
  ...subPathsOf(mountRoot, volumes, container.mounts).map(({ target }) => ({ target, sizeBytes: undefined }))
]

const wantedOf = (
  member: Member,
  { workload, observation, disks, mounts }: Surroundings,
  container?: OurContainer
): Wanted => {
  const used = new Set(member.container.mounts.map(({ volume }) => volume))
  return {
    member,
    imageConfigs: observation.imageConfigs,
    disks: disks.filter(({ volume }) => used.has(volume.name)),
    tmpfs: [
      ...workload.volumes.flatMap((volume) =>
        (volume._tag === "Tmpfs" || volume._tag === "EmptyDir") && used.has(volume.name)
          ? [
              {
                target: mountPoint(observation.mountRoot, volume),
                sizeBytes: volume._tag === "Tmpfs" ? volume.sizeBytes : undefined
              }
            ]
          : []
      ),
      // An init container that has ended needs none of these, and nothing is lost with them.
      ...(member.role === "init" ? [] : boundFor(member, workload, observation.mountRoot))
    ],
    files: workload.volumes.flatMap((volume) =>
      volume._tag === "Files" && used.has(volume.name) ? [wantedFiles(volume, workload, observation, mounts)] : []
    ),
    mounts,
    isStopped: container !== undefined && isStoppedByDown(observation, container),
    isRestarting:
      container !== undefined && (isStoppedByAgent(observation, container) || isWaitingIn(observation, container)),
    isRenamed: container !== undefined && isRenamedIn(observation, member, container),
    hadEnded: container !== undefined && hadEndedIn(observation, member, container)
  }
}
