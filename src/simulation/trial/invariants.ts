import { isLeftover } from "../engine/stuckByChance.ts"
import type { SimulatedContainer } from "../engine/SimulatedContainer.ts"
import type { MountSeen } from "../engine/Surroundings.ts"
import { isFilesystemContent } from "../host/SimulatedDisks.ts"
import type { SimulatedVm } from "../SimulatedVm.ts"
import { containerOf, type DeclaredContainer, hasLabel } from "./declaredContainers.ts"

type Vm = SimulatedVm["Service"]

/** By our label, or the predecessor's prefix. */
export const isOurs = (container: SimulatedContainer): boolean =>
  hasLabel(container) || container.name.startsWith("klt-")

/** How many containers of ours run and are not being stopped, init containers left out. */
export const countRunning = (vm: Vm): number =>
  vm.engine.containers.filter((one) => isOurs(one) && !isInit(one) && one.isUp && !one.isStopping).length

/** It had ended well, and is of a declaration of before: it may be declared again. */
export const isEndedAside = ({ name }: SimulatedContainer): boolean => name.startsWith("klt-aside-ended-")

const isInit = ({ spec }: SimulatedContainer): boolean => spec.labels["slipway.role"] === "init"

/** Files of a ConfigMap or the like lie in the mount root's tmpfs; all else is a mount of its own. */
const isMounted = (found: MountSeen | undefined, source: string): boolean =>
  found?.mountedAt === source || (found?.on === "tmpfs" && /\/files\/[^/]+\/files$/.test(source))

/** Invariants that must hold at any time, relative to the VM's present state. */
export const invariants = (vm: Vm, violated: (text: string) => void) => {
  const others = vm.engine.containers.filter((container) => !isOurs(container))
  const asTheyWere = others.map(({ status, starts }) => ({ status, starts: starts.length }))
  const disks = vm.host.disks.flatMap((disk) => [disk, ...disk.partitions])
  const contents = disks.map(({ content, formatted }) => ({
    content,
    formatted,
    files: isFilesystemContent(content) ? [...content.tree.files] : []
  }))
  return () => {
    const up = vm.engine.containers.filter((one) => isOurs(one) && one.isUp)
    const running = up.map(containerOf)
    for (const name of running.filter((name, index) => running.indexOf(name) !== index)) {
      violated(`two of ours run at once for ${name}`)
    }
    for (const { spec, seen } of up) {
      for (const { source } of spec.mounts) {
        const found = seen.find((mount) => mount.source === source)
        if (!isMounted(found, source)) violated(`${source} was not mounted when the container started`)
      }
    }
    for (const { image, name, spec } of vm.engine.containers) {
      const label = spec.labels["slipway.image-digest"]
      if (label !== undefined && label !== image.digest) violated(`the label of ${name} is not its image's digest`)
    }
    others.forEach((container, index) => {
      const { status, starts } = asTheyWere[index]!
      if (!vm.engine.containers.includes(container)) violated(`${container.name}, not ours, was removed`)
      // A reboot may have restarted it.
      else if (container.status !== status || container.starts.length < starts)
        violated(`${container.name} was touched`)
    })
    disks.forEach((disk, index) => {
      const { content, files, formatted } = contents[index]!
      if (content._tag === "Blank") return
      if (disk.content !== content || disk.formatted > formatted) violated(`${disk.path} was not blank and was changed`)
      else if (isFilesystemContent(content) && files.some(([path, file]) => content.tree.files.get(path) !== file)) {
        violated(`data on ${disk.path} was changed`)
      }
    })
  }
}

/** What must hold after any successful run: nothing that is declared is missing. */
export const isWhole = (vm: Vm, declared: ReadonlyArray<DeclaredContainer>, violated: (text: string) => void): void => {
  for (const { name, role, image } of declared) {
    if (role === "init") continue
    const found = vm.engine.containers.filter((one) => isOurs(one) && containerOf(one) === name && rests(one))
    if (found.length === 0) violated(`a run succeeded, and ${name || "the container"} does not run`)
    for (const { spec } of found.filter((one) => !isEndedAside(one))) {
      if (spec.image !== image) violated(`a run succeeded, and ${name} is of ${spec.image}, not of ${image}`)
    }
  }
}

/**
 * What must hold after a successful run without faults: exactly what is declared is there, and is well, besides what
 * `mayStay`.
 */
export const isMatched = (
  vm: Vm,
  declared: ReadonlyArray<DeclaredContainer>,
  violated: (text: string) => void,
  mayStay: (container: SimulatedContainer) => boolean = () => false
): void => {
  const ours = vm.engine.containers.filter((one) => isOurs(one) && !isLeftover(one) && !mayStay(one))
  for (const container of ours) {
    if (!declared.some(({ name }) => name === containerOf(container))) {
      violated(`${container.name} is left, and is not declared`)
    }
    if (container.isCutOff) violated(`${container.name} is cut off from its network`)
  }
  for (const { name, role } of declared) {
    const found = ours.filter((container) => containerOf(container) === name)
    const [container] = found
    // An init container that has served the others need not be there any more.
    if (container === undefined && role === "init") continue
    if (container === undefined || found.length !== 1) {
      violated(`${found.length} containers of ours are left for ${name || "the declared one"}`)
    } else if (role === "init" ? !hasSucceeded(container) : !rests(container)) {
      violated(`the declared container ${name} is ${container.status}, exit code ${container.exitCode}`)
    }
  }
}

const rests = ({ isUp, image }: SimulatedContainer): boolean => isUp || image.behaviour._tag === "Exits"
const hasSucceeded = ({ status, exitCode }: SimulatedContainer): boolean => status === "exited" && exitCode === 0
