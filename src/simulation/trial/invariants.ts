import { isLeftover } from "../engine/stuckByChance.ts"
import type { SimulatedVm } from "../SimulatedVm.ts"

type Vm = SimulatedVm["Service"]

/** By our label, or the predecessor's prefix. */
export const isOurs = ({ name, spec }: Vm["engine"]["containers"][number]): boolean =>
  "slipway.workload" in spec.labels || name.startsWith("klt-")

/** A container of ours runs and is not being stopped. */
export const oursRuns = (vm: Vm): boolean =>
  vm.engine.containers.some((one) => isOurs(one) && one.isUp && !one.isStopping)

/** What a container of ours is in the declaration, as far as its labels tell; konlet's have its name in theirs alone. */
const declaredName = ({ name, spec: { labels } }: Vm["engine"]["containers"][number]): string =>
  labels["slipway.container"] ?? labels["slipway.role"] ?? name.replace(/^klt-(.*)-[^-]*$/, "$1")

/** Invariants that must hold at any time, relative to the VM's present state. */
export const invariants = (vm: Vm, violated: (text: string) => void) => {
  const others = vm.engine.containers.filter((container) => !isOurs(container))
  const asTheyWere = others.map(({ status, starts }) => ({ status, starts: starts.length }))
  const disks = vm.host.disks.flatMap((disk) => [disk, ...disk.partitions])
  const contents = disks.map(({ content, formatted }) => ({
    content,
    formatted,
    files: content._tag === "Ext4" ? [...content.tree.files] : []
  }))
  return () => {
    const up = vm.engine.containers.filter((one) => isOurs(one) && one.isUp)
    const names = up.map(declaredName)
    for (const name of new Set(names)) {
      if (names.filter((one) => one === name).length > 1) violated(`two of ours run at once as ${name}`)
    }
    for (const { spec, seen } of up) {
      for (const { source } of spec.mounts) {
        const found = seen.find((mount) => mount.source === source)
        if (found?.mountedAt !== source) violated(`${source} was not mounted when the container started`)
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
      else if (content._tag === "Ext4" && files.some(([path, file]) => content.tree.files.get(path) !== file)) {
        violated(`data on ${disk.path} was changed`)
      }
    })
  }
}

/** What must hold after a successful run without faults. */
export const isMatched = (
  vm: Vm,
  declared: ReadonlyArray<string> | undefined,
  violated: (text: string) => void
): void => {
  const ours = vm.engine.containers.filter((container) => isOurs(container) && !isLeftover(container))
  const ofRole = (role: string | undefined) => ours.filter(({ spec }) => spec.labels["slipway.role"] === role)
  const mains = ofRole(undefined)
  if (declared === undefined ? mains.length !== 1 : mains.length !== declared.length) {
    return violated(`${mains.length} containers of ours are left`)
  }
  const missing = declared?.filter((name) => !mains.some((container) => declaredName(container) === name)) ?? []
  for (const name of missing) violated(`the declared container ${name} is not there`)
  for (const container of [...mains, ...ofRole("sidecar"), ...ofRole("sandbox")]) {
    const rests = container.isUp || container.image.behaviour._tag === "Exits"
    if (!rests) violated(`the declared container ${declaredName(container)} is ${container.status}`)
    if (container.isCutOff) violated(`${container.name} is on a network that is gone`)
  }
  for (const { name, status, exitCode } of ofRole("init")) {
    if (status !== "exited" || exitCode !== 0) violated(`the init container ${name} is ${status} (${exitCode})`)
  }
  if (ofRole("sandbox").length > 1) violated("two sandboxes are left")
}
