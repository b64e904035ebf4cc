import type { Losses } from "../Losses.ts"
import { copied, podShape } from "./kubernetesValue.ts"
import type { SourceNode } from "./SourceNode.ts"
import { From, type Fields } from "./Value.ts"

/** The volumes that the objects' claims are bound to. */
export interface Claims {
  /** The source of a volume that names a claim; undefined if that is bound to none that a VM can have. */
  readonly sourceOf: (claim: SourceNode, losses: Losses) => Fields | undefined
}

/** A claim is bound where it, or a PersistentVolume, names the other. */
export const bindClaims = (objects: ReadonlyArray<SourceNode>, pod: SourceNode): Claims => {
  const ofKind = (kind: string) => objects.filter((object) => object.get("kind")?.text === kind)
  const namespaceOf = (object: SourceNode) => object.get("metadata", "namespace")?.text ?? "default"
  const nameOf = (object: SourceNode) => object.get("metadata", "name")?.text
  const claims = ofKind("PersistentVolumeClaim").filter((claim) => namespaceOf(claim) === namespaceOf(pod))
  const volumes = ofKind("PersistentVolume")
  const volumeOf = (name: string) => {
    const claim = claims.find((claim) => nameOf(claim) === name)
    const volume = claim?.get("spec", "volumeName")?.text
    return volumes.find((one) =>
      volume === undefined ? one.get("spec", "claimRef", "name")?.text === name : nameOf(one) === volume
    )
  }
  return {
    sourceOf: (node, losses) => {
      const volume = volumeOf(node.get("claimName")?.text ?? "")
      const source = volume && sourceIn(volume)
      if (source === undefined || node.get("readOnly")?.boolean !== true) return source
      losses.add(node.path, "Write readOnly into each mount of it.")
      return source
    }
  }
}

const driver = "pd.csi.storage.gke.io"

const sourceIn = (volume: SourceNode): Fields | undefined => {
  const spec = volume.get("spec")
  const disk = spec?.get("gcePersistentDisk")
  const hostPath = spec?.get("hostPath")
  const local = spec?.get("local", "path")
  const csi = spec?.get("csi")
  if (disk !== undefined) return { gcePersistentDisk: copied(disk, podShape("spec", "volumes", "gcePersistentDisk")) }
  if (hostPath !== undefined) return { hostPath: copied(hostPath, podShape("spec", "volumes", "hostPath")) }
  if (local !== undefined)
    return { hostPath: new From(local.at, { path: copied(local, podShape("spec", "volumes", "hostPath", "path")) }) }
  const handle = csi?.get("volumeHandle")
  // projects/P/zones/Z/disks/NAME
  const pdName = csi?.get("driver")?.text === driver ? handle?.text?.split("/").at(-1) : undefined
  if (csi === undefined || handle === undefined || pdName === undefined) return undefined
  const partition = csi.get("volumeAttributes", "partition")?.text
  return {
    gcePersistentDisk: new From(csi.at, {
      pdName: new From(handle.at, pdName),
      fsType: csi.get("fsType")?.text,
      readOnly: csi.get("readOnly")?.boolean,
      partition: partition !== undefined && /^[1-9]\d*$/.test(partition) ? Number(partition) : undefined
    })
  }
}
