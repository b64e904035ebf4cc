import { cleanPath } from "./checkMounts.ts"
import type { DeclaredContainer, DeclaredVolume } from "../DeclarationSchema.ts"
import type { Findings } from "../Findings.ts"
import type { Places } from "../yaml/Places.ts"
import { tolerable } from "../Findings.ts"
import { HostPathIsDisk } from "./VolumeProblem.ts"

/** The names that Linux and Google give disks and partitions. */
const disk = /^\/dev\/(?:sd[a-z]+\d*|x?vd[a-z]+\d*|nvme\d+n\d+(?:p\d+)?|disk\/by-[a-z]+\/[^/]+)$/
const google = /^\/dev\/disk\/by-id\/google-(.+?)(?:-part(\d+))?$/

/**
 * A disk's device as a hostPath is most likely meant as a gcePersistentDisk: the container gets no directory but the device,
 * which only a privileged one may open; and where the disk is not attached, the engine makes an empty directory there.
 */
export const checkDevices = (
  { volumeMounts, securityContext }: DeclaredContainer,
  volumes: ReadonlyArray<DeclaredVolume>,
  places: Places,
  findings: Findings
): void => {
  if (securityContext.privileged) return
  const mounted = new Set(volumeMounts.map(({ name }) => name))
  for (const { name, hostPath } of volumes) {
    if (hostPath === undefined || !mounted.has(name)) continue
    const place = places.of(hostPath, "path")
    const path = cleanPath(hostPath.path)
    if (place.invalid || !disk.test(path)) continue
    const [, pdName, partition = "0"] = google.exec(path) ?? []
    findings.slip(
      place.span,
      tolerable((position, { quote }) => {
        return new HostPathIsDisk({
          ...position,
          path: quote(hostPath.path, place),
          pdName: pdName === undefined ? undefined : quote(pdName, place),
          partition: Number(partition)
        })
      })
    )
  }
}
