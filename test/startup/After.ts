import { assert } from "@effect/vitest"
import * as Option from "effect/Option"
import {
  asHeld,
  imageOf,
  isLost,
  type LostContainer,
  type Observation,
  type OurContainer
} from "../../src/observation/Observation.ts"
import { entriesOf } from "../../src/observation/VolumeFiles.ts"
import type { Step } from "../../src/plan/Step.ts"
import { mergedConfig } from "../../src/vm/engine/ContainerConfig.ts"
import type { DiskObservation } from "../../src/vm/storage/Disks.ts"
import type { ContainerInspection } from "../../src/vm/engine/Inspection.ts"
import type { Mount } from "../../src/vm/storage/MountTable.ts"
import { pullReference } from "../../src/workload/ImageReference.ts"
import { plainImage } from "../vm/engine/Configs.ts"

/** What the engine does not start by itself any more. */
const disarmed = { restartPolicy: { name: "no", maximumRetryCount: 0 } } as const

export const isActive = ({ status }: Pick<OurContainer, "status">): boolean =>
  status === "running" || status === "restarting" || status === "paused"

/** What is observed once the steps have been done in this order. Fails at a step that a real host would refuse. */
export const after = (observation: Observation, steps: ReadonlyArray<Step>, mountRoot: string): Observation => {
  const seen = { ...observation }
  for (const step of steps) Object.assign(seen, changed(seen, step, mountRoot))
  return seen
}

const changed = (seen: Observation, { id, action }: Step, mountRoot: string): Partial<Observation> => {
  switch (action._tag) {
    case "Pull": {
      const observed = imageOf(seen, action.image)
      const digest = observed.wanted._tag === "Known" ? observed.wanted.digest : "sha256:pulled"
      const id = `sha256:${pullReference(action.image)}@${digest}`
      const local = Option.some({ id, digests: [digest], sizeBytes: 1, config: plainImage })
      return { images: new Map([...seen.images, [pullReference(action.image), { ...observed, local }]]) }
    }
    case "Check": {
      const disk = presentDisk(seen, action.device)
      assert.strictEqual(disk.content._tag === "Filesystem" && disk.content.type, "ext4")
      assert.isFalse(isMounted(seen, disk), `${id}: it is mounted`)
      return {}
    }
    case "Format": {
      const disk = presentDisk(seen, action.device)
      assert.isFalse(isMounted(seen, disk), `${id}: it is mounted`)
      return {
        disks: seen.disks.map((entry) => {
          if (Option.isNone(entry.device) || entry.device.value.device !== action.device) return entry
          const size = { bytes: disk.sizeBytes, logBytes: 0 }
          const content = { _tag: "Filesystem" as const, type: action.filesystem, size }
          return { ...entry, device: Option.some({ ...disk, content }) }
        })
      }
    }
    case "CreateDirectory":
    case "CreateFile": {
      const kind = action._tag === "CreateFile" ? ("File" as const) : ("Directory" as const)
      return { volumes: { ...seen.volumes, kinds: new Map([...seen.volumes.kinds, [action.path, kind]]) } }
    }
    case "MakeEmptyDir": {
      const { paths, found } = seen.volumes.emptyDirs
      assert.strictEqual(paths.get(action.volume), action.path, id)
      assert.notInclude(found, action.path, `${id}: it is there`)
      return { volumes: { ...seen.volumes, emptyDirs: { paths, found: [...found, action.path] } } }
    }
    case "RemoveEmptyDir": {
      const { paths, found } = seen.volumes.emptyDirs
      assert.include(found, action.path, `${id}: it is not there`)
      const isIn = (path: string) => isAtOrBelow(path, action.path)
      assert.isFalse([...paths.values()].some(isIn), `${id}: it is a declared volume's`)
      assert.isFalse(
        seen.mounts.some(({ source }) => isIn(source)),
        `${id}: it is mounted`
      )
      return {
        volumes: { ...seen.volumes, emptyDirs: { paths, found: found.filter((path) => path !== action.path) } }
      }
    }
    case "WriteFiles": {
      const { now, old, next } = entriesOf(action.volume)
      const { identities, entries } = seen.volumes.files
      const mounted = seen.containers.filter(isActive).flatMap(({ config }) => config.mounts)
      assert.isFalse(
        mounted.some(({ source }) => source.startsWith(`${action.folder}/${now}/`)),
        `${id}: a container that runs has what is there`
      )
      const others = entries.filter((entry) => entry !== now && entry !== old && entry !== next)
      const files = {
        identities: new Map([...identities, [action.volume, action.identity]]),
        entries: [...others, now, ...(entries.includes(now) ? [old] : [])]
      }
      return { volumes: { ...seen.volumes, files } }
    }
    case "RemoveFiles": {
      const { identities, entries } = seen.volumes.files
      const entry = action.path.slice(action.path.lastIndexOf("/") + 1)
      assert.include(entries, entry, `${id}: it is not there`)
      const files = { identities, entries: entries.filter((other) => other !== entry) }
      return { volumes: { ...seen.volumes, files } }
    }
    case "JudgeUser":
      assert.isTrue(Option.isSome(imageOf(seen, action.declared).local), `${id}: its image is not there`)
      return {}
    case "ImportImage": {
      const local = Option.some({ id: "sha256:sandbox", digests: [], sizeBytes: 1, config: plainImage })
      const held = asHeld(Option.getOrThrow(local))
      return { images: new Map([...seen.images, [pullReference(action.image), held]]) }
    }
    case "CreateNetwork":
      assert.notInclude(seen.networks, action.network.name, `${id}: it is there`)
      return { networks: [...seen.networks, action.network.name] }
    case "RemoveNetwork":
      assert.include(seen.networks, action.name, `${id}: it is not there`)
      return { networks: seen.networks.filter((name) => name !== action.name) }
    case "Disarm":
      return changeContainer(seen, action.container.id, (container) => ({ ...container, ...disarmed }))
    case "Confirm": {
      const confirmed = seen.containers.find((container) => container.name === action.name)
      return changeContainer(seen, confirmed?.id ?? "", (container) =>
        // Done, it has found that all is well.
        container.status === "exited"
          ? { ...container, exitCode: 0 }
          : { ...container, status: "running", health: Option.none() }
      )
    }
    case "PostStart": {
      const hooked = seen.containers.find((container) => container.name === action.name)
      return { unhooked: seen.unhooked.filter((one) => one !== hooked?.id) }
    }
    case "Probe": {
      const probed = seen.containers.find((container) => container.name === action.name)
      assert.isDefined(probed, `${id}: it is not there`)
      return action.isLast ? { unready: seen.unready.filter((one) => one !== probed!.id) } : {}
    }
    case "Mount": {
      const { mount } = action
      if (mount.target !== mountRoot) {
        const root = topmost(seen.mounts, mountRoot)
        assert.isTrue(root?.type === "tmpfs", `${id}: the mount root is not there`)
        assert.isUndefined(topmost(seen.mounts, mount.target), `${id}: something is mounted there`)
      }
      if (mount.options.includes("bind")) {
        assert.include(seen.volumes.emptyDirs.found, mount.source, `${id}: there is nothing to bind`)
        return { mounts: [...seen.mounts, mount] }
      }
      if (mount.type !== "tmpfs") {
        const disk = diskAt(seen, mount.source)
        assert.strictEqual(disk.content._tag === "Filesystem" && disk.content.type, mount.type, id)
        assert.isFalse(isMounted(seen, disk), `${id}: it is mounted`)
      }
      return { mounts: [...seen.mounts, { ...mount, options: [...mount.options, "relatime"] }] }
    }
    case "BindSubPath": {
      const { target, root } = action
      assert.strictEqual(topmost(seen.mounts, mountRoot)?.type, "tmpfs", `${id}: the mount root is not there`)
      assert.isUndefined(topmost(seen.mounts, target), `${id}: something is mounted there`)
      if (isAtOrBelow(root, mountRoot)) assert.isDefined(topmost(seen.mounts, root), `${id}: its volume is not mounted`)
      const leadsTo = seen.volumes.subPaths.get(target)
      if (leadsTo?._tag !== "Inside") return assert.fail(`${id}: it does not lead into its volume`)
      return { mounts: [...seen.mounts, { source: leadsTo.path, target, type: "none", options: ["bind"] }] }
    }
    case "SetGroup":
      assert.isDefined(topmost(seen.mounts, action.target), `${id}: it is not mounted`)
      return {}
    case "Grow": {
      const { path, target, filesystem, device } = action.mounted
      const there = topmost(seen.mounts, target)
      assert.isTrue(there?.source === path && there.type === filesystem && there.options.includes("rw"), id)
      return {
        disks: seen.disks.map((entry) => {
          if (Option.isNone(entry.device) || entry.device.value.device !== device) return entry
          const disk = presentDisk(seen, device)
          if (disk.content._tag !== "Filesystem") return assert.fail(`${id}: it holds no filesystem`)
          const size = { bytes: disk.sizeBytes, logBytes: 0 }
          return { ...entry, device: Option.some({ ...disk, content: { ...disk.content, size } }) }
        })
      }
    }
    case "Unmount": {
      const index = seen.mounts.lastIndexOf(action.mount)
      assert.isAtLeast(index, 0, `${id}: it is not mounted`)
      const { target } = action.mount
      const users = seen.containers.filter(({ config }) => config.mounts.some(({ source }) => source === target))
      assert.isFalse(users.some(isActive), `${id}: a container runs on it`)
      for (const later of seen.mounts.slice(index + 1)) {
        assert.isFalse(isAtOrBelow(later.target, target), `${id}: ${later.target} is mounted on it`)
        assert.isFalse(isAtOrBelow(target, later.target), `${id}: ${later.target} hides it`)
      }
      return { mounts: seen.mounts.toSpliced(index, 1) }
    }
    case "OpenFirewall":
    case "OpenPorts":
    case "CloseFirewall": {
      const state =
        action._tag === "OpenFirewall"
          ? "Open"
          : action._tag === "CloseFirewall"
            ? "Absent"
            : { _tag: "OpenPorts" as const, ports: action.ports }
      const { ipv4, ipv6 } = seen.firewall
      return {
        firewall: {
          ipv4: ipv4 === "Unavailable" ? ipv4 : state,
          ipv6: ipv6 === "Unavailable" ? ipv6 : state
        }
      }
    }
    case "Stop":
      if (isLost(action.container)) {
        assert.isTrue(isActive(action.container), `${id}: it does not run`)
        const stopped: LostContainer = { ...action.container, status: "exited", exitCode: 143 }
        return { lost: seen.lost.map((one) => (one.id === stopped.id ? stopped : one)) }
      }
      return changeContainer(seen, action.container.id, (container) => {
        assert.isTrue(isActive(container), `${id}: it does not run`)
        return { ...container, status: "exited", exitCode: 143, ...(action.isAside === true ? disarmed : {}) }
      })
    case "Adjust":
      if (action.container.name !== action.name) assertFree(seen, action.name)
      return changeContainer(seen, action.container.id, (container) => ({
        ...container,
        name: action.name,
        restartPolicy: action.restartPolicy,
        status: container.status === "paused" ? "running" : container.status
      }))
    case "SetAside":
      if (action.container.name !== action.name) assertFree(seen, action.name)
      return changeContainer(seen, action.container.id, (container) => ({
        ...container,
        name: action.name,
        ...(isActive(container) ? {} : disarmed)
      }))
    case "Create": {
      const { name, labels, restartPolicy, mounts, networkMode } = action.spec
      assertFree(seen, name)
      const image = Option.getOrThrow(imageOf(seen, action.image).local)
      if (typeof networkMode === "object" && networkMode._tag === "Network") {
        assert.include(seen.networks, networkMode.name, `${id}: its network is not there`)
      }
      if (typeof networkMode === "object" && networkMode._tag === "Container") {
        assert.isDefined(joined(seen, networkMode.id), `${id}: what it joins is not there`)
      }
      for (const { source } of mounts) {
        if (!source.startsWith(`${mountRoot}/`)) continue
        const [, entry] = /\/files\/(now\.[^/]+)\/files(?:\/|$)/.exec(source) ?? []
        if (entry !== undefined) {
          assert.isDefined(topmost(seen.mounts, mountRoot), `${id}: the mount root is not mounted`)
          assert.include(seen.volumes.files.entries, entry, `${id}: its files are not there`)
          continue
        }
        assert.isDefined(topmost(seen.mounts, source), `${id}: ${source} is not mounted`)
      }
      const created: ContainerInspection = {
        id: nextId(seen),
        name,
        imageId: image.id,
        labels,
        status: "created",
        exitCode: 0,
        error: "",
        restartCount: 0,
        startedAt: Option.none(),
        image: action.spec.image,
        restartPolicy,
        health: Option.none(),
        config: mergedConfig(action.spec, plainImage)
      }
      return { containers: [...seen.containers, created] }
    }
    case "Start": {
      const startedAt = Option.some(lastStart(seen) + 1)
      const ownId = toStart(seen, id, action.name)
      const unready = action.isProbed ? [...seen.unready, ownId] : seen.unready
      const started = changeContainer(seen, ownId, (container) => ({
        ...container,
        status: "running",
        startedAt
      }))
      return { ...started, unready, unhooked: action.isHooked ? [...seen.unhooked, ownId] : seen.unhooked }
    }
    case "StartAgain": {
      const { container, restartPolicy, isProbed, isHooked } = action
      assert.include(seen.stopped, container.id, `${id}: \`down\` has not stopped it`)
      const startedAt = Option.some(lastStart(seen) + 1)
      const { name } = container
      return {
        ...changeContainer(seen, toStart(seen, id, name), (found) => ({
          ...found,
          status: "running",
          exitCode: 0,
          restartCount: 0,
          health: Option.none(),
          restartPolicy,
          startedAt
        })),
        stopped: seen.stopped.filter((one) => one !== container.id),
        unready: isProbed ? [...seen.unready, container.id] : seen.unready,
        unhooked: isHooked ? [...seen.unhooked, container.id] : seen.unhooked
      }
    }
    case "RunToEnd": {
      const startedAt = Option.some(lastStart(seen) + 1)
      return changeContainer(seen, toStart(seen, id, action.name), (container) => ({
        ...container,
        status: "exited",
        exitCode: 0,
        startedAt
      }))
    }
    case "Remove": {
      const found = [...seen.containers, ...seen.lost].find((container) => container.id === action.container.id)
      assert.isDefined(found, `there is no container ${action.container.id}`)
      assert.isTrue(!isActive(found!) || Option.isSome(action.grace), `${id}: it runs`)
      return {
        containers: seen.containers.filter((container) => container.id !== action.container.id),
        lost: seen.lost.filter((container) => container.id !== action.container.id)
      }
    }
  }
}

/** An id whose first twelve digits, of which names are made, none other has. */
const nextId = ({ containers, lost, stopped }: Observation): string => {
  const ids = [...[...containers, ...lost].map(({ id }) => id), ...stopped]
  const numbers = ids.map((id) => Number.parseInt(id.slice(0, 12), 16))
  return (Math.max(0, ...numbers) + 1).toString(16).padStart(12, "0")
}

/** The container of that id or name, whose network another is to join. */
const joined = ({ containers, lost }: Observation, idOrName: string): OurContainer | undefined =>
  [...containers, ...lost].find(({ id, name }) => id === idOrName || name === idOrName)

const lastStart = ({ containers }: Observation): number =>
  Math.max(0, ...containers.map(({ startedAt }) => Option.getOrElse(startedAt, () => 0)))

/** The id of what is to be started, which is refused if what it joins does not run. */
const toStart = (seen: Observation, step: string, name: string): string => {
  const created = seen.containers.find((container) => container.name === name)
  const mode = created?.config.networkMode
  if (typeof mode === "object" && mode._tag === "Container") {
    assert.strictEqual(joined(seen, mode.id)?.status, "running", `${step}: what it joins does not run`)
  }
  return created?.id ?? ""
}

type PresentDisk = Extract<DiskObservation, { readonly _tag: "Present" }>

const presentDisks = ({ disks }: Observation): ReadonlyArray<PresentDisk> =>
  disks.flatMap(({ device }) => (Option.isSome(device) && device.value._tag === "Present" ? [device.value] : []))

const presentDisk = (seen: Observation, device: string): PresentDisk =>
  presentDisks(seen).find((disk) => disk.device === device) ?? assert.fail(`there is no ${device}`)

const diskAt = (seen: Observation, path: string): PresentDisk =>
  presentDisks(seen).find((disk) => disk.path === path) ?? assert.fail(`there is no ${path}`)

const isMounted = ({ mounts }: Observation, { path, device }: PresentDisk): boolean =>
  mounts.some(({ source }) => source === path || source === device)

const isAtOrBelow = (path: string, directory: string): boolean => path === directory || path.startsWith(`${directory}/`)

/** What is seen at a path: the last mount there, if nothing was mounted at or above it later. */
const topmost = (mounts: ReadonlyArray<Mount>, path: string): Mount | undefined => {
  const last = mounts.findLast(({ target }) => isAtOrBelow(path, target))
  return last?.target === path ? last : undefined
}

const changeContainer = (
  { containers }: Observation,
  id: string,
  change: (container: ContainerInspection) => ContainerInspection
): Partial<Observation> => {
  assert.isTrue(
    containers.some((container) => container.id === id),
    `there is no container ${id}`
  )
  return { containers: containers.map((container) => (container.id === id ? change(container) : container)) }
}

const assertFree = ({ containers, lost, unusableNames, foreignNames }: Observation, name: string) => {
  const others = [...containers, ...lost, ...unusableNames].map((one) => one.name)
  const names = [...foreignNames, ...others]
  assert.notInclude(names, name, `the name ${name} is taken`)
}
