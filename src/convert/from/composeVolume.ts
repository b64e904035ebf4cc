import type { Losses } from "../Losses.ts"
import { type NamedVolume, reportOthers } from "./composeLists.ts"
import { type ComposeProject, noteProject, volumeOfProject } from "./composeProject.ts"
import { bytesOf, quantityOf } from "./dockerUnits.ts"
import type { SourceNode } from "./SourceNode.ts"
import { From } from "./Value.ts"

/** A volume of the local driver that is bound to a directory is that directory; one of a disk, or in memory, is that. */
export const composeVolume = (key: string, node: SourceNode, project: ComposeProject, losses: Losses): NamedVolume => {
  const text = (...keys: ReadonlyArray<string>) => node.get(...keys)?.text
  const options = (text("driver_opts", "o") ?? "").split(",")
  const device = text("driver_opts", "device")
  const type = text("driver_opts", "type")
  const [, pdName, partition] = /^\/dev\/disk\/by-id\/google-(.+?)(?:-part(\d+))?$/.exec(device ?? "") ?? []
  const isBind = options.includes("bind") || options.includes("rbind")
  const known =
    pdName !== undefined ? ["type", "device", "o"] : type === "tmpfs" || isBind ? ["type", "device", "o"] : []
  const carried = ["name", "external", ...(text("driver") === "local" ? ["driver"] : []), "driver_opts"]
  const reason = "Volumes are directories and disks of the VM: write a hostPath or a gcePersistentDisk."
  const isLocal = (text("driver") ?? "local") === "local"
  reportOthers(node, carried, losses, reason)
  const driverOptions = node.get("driver_opts")
  if (driverOptions !== undefined) reportOthers(driverOptions, known, losses, reason)
  const isExternal = node.get("external")?.boolean === true
  const given = text("name") ?? (isExternal ? key : undefined)
  if (given === undefined && !isBind && pdName === undefined && type !== "tmpfs") noteProject(project, losses)
  const { name, why } = given === undefined ? volumeOfProject(project, key) : { name: given, why: undefined }
  if (pdName !== undefined) {
    const disk = {
      pdName,
      fsType: type,
      partition: partition === undefined ? undefined : Number(partition),
      readOnly: options.includes("ro") || undefined
    }
    return { name, source: new From(node.at, { gcePersistentDisk: disk }) }
  }
  if (type === "tmpfs") {
    const size = options.flatMap((option) => /^size=(.+)$/.exec(option)?.[1] ?? [])[0]
    const bytes = size === undefined ? undefined : bytesOf(size)
    for (const option of options) {
      if (option !== "" && !(option.startsWith("size=") && bytes !== undefined)) {
        losses.add(`${node.path}.driver_opts.o`, "Of a tmpfs its size is carried over, as in size=64m.")
      }
    }
    const sizeLimit = bytes === undefined ? undefined : quantityOf(bytes)
    return { name, source: new From(node.at, { emptyDir: { medium: "Memory", sizeLimit } }) }
  }
  // Docker would mount something else there, as of another machine.
  const isElsewhere = !isExternal && (!isLocal || (!isBind && device !== undefined))
  return { name, isElsewhere, directory: isBind ? device : undefined, why }
}
