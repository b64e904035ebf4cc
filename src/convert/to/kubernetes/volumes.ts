import type { DeclaredVolume as WrittenVolume } from "../../../declaration/DeclarationSchema.ts"
import type { DeclaredVolume } from "../../../workload/DeclaredWorkload.ts"
import type { DiskVolume } from "../../../workload/Workload.ts"
import { parseSecretName } from "../../../workload/SecretVersion.ts"
import * as Result from "effect/Result"
import type { Losses } from "../../Losses.ts"
import { type Source, volumePath } from "../../Source.ts"
import { isThere } from "./environment.ts"
import { managedReference } from "./managedSecrets.ts"
import { flag, given, text } from "./words.ts"

interface Context {
  readonly source: Source
  readonly losses: Losses
  /** Name and namespace of the Pod. */
  readonly name: string
  readonly namespace: string | undefined
}

/** A volume of the Pod. */
export const volumeOf = (volume: DeclaredVolume, context: Context): object => {
  const { source } = context
  const path = volumePath(source, volume.name)
  const written = source.written.spec.volumes.find(({ name }) => name === volume.name)
  return { name: volume.name, ...sourceOf(volume, written, path, context) }
}

const sourceOf = (
  volume: DeclaredVolume,
  written: WrittenVolume | undefined,
  path: string,
  context: Context
): object => {
  switch (volume._tag) {
    case "HostPath":
      return { hostPath: { path: volume.path, type: volume.type } }
    case "EmptyDir":
      return { emptyDir: { sizeLimit: written?.emptyDir?.sizeLimit } }
    case "Tmpfs":
      return { emptyDir: { medium: "Memory", sizeLimit: written?.emptyDir?.sizeLimit } }
    case "Image":
      return { image: { reference: volume.image.text, pullPolicy: volume.imagePullPolicy ?? "Always" } }
    case "Disk":
      return {
        persistentVolumeClaim: { claimName: claimName(context.name, volume.name), readOnly: flag(volume.readOnly) }
      }
    case "Files":
      return written === undefined ? {} : filesOf(written, path, context)
  }
}

const filesOf = (written: WrittenVolume, path: string, context: Context): object => {
  const { configMap, secret, downwardAPI, projected } = written
  if (configMap !== undefined) {
    const { name, defaultMode, optional } = configMap
    return { configMap: { name, items: itemsOf(configMap.items), defaultMode, optional: flag(optional) } }
  }
  if (secret !== undefined) {
    const { secretName, defaultMode, optional } = secret
    const name = nameOfSecret(secretName, secret.items, `${path}.secret`, context)
    const items = nameIsManaged(secretName, context) && secret.items.length === 0 ? undefined : itemsOf(secret.items)
    return { secret: { secretName: name, items, defaultMode, optional: flag(optional) } }
  }
  if (downwardAPI !== undefined) {
    return { downwardAPI: { items: downwardOf(downwardAPI.items), defaultMode: downwardAPI.defaultMode } }
  }
  return {
    projected: {
      sources: (projected?.sources ?? []).map((source, index) => ({
        configMap: source.configMap && {
          name: source.configMap.name,
          items: itemsOf(source.configMap.items),
          optional: flag(source.configMap.optional)
        },
        secret: source.secret && {
          name: nameOfSecret(
            source.secret.name,
            source.secret.items,
            `${path}.projected.sources[${index}].secret`,
            context
          ),
          items: itemsOf(source.secret.items),
          optional: flag(source.secret.optional)
        },
        downwardAPI: source.downwardAPI && { items: downwardOf(source.downwardAPI.items) }
      })),
      defaultMode: projected?.defaultMode
    }
  }
}

type Items = NonNullable<WrittenVolume["configMap"]>["items"]
type DownwardItems = NonNullable<WrittenVolume["downwardAPI"]>["items"]

const itemsOf = (items: Items) => given(items.map(({ key, path, mode }) => ({ key, path, mode })))

const downwardOf = (items: DownwardItems) =>
  items.map(({ path, mode, fieldRef, resourceFieldRef }) => ({
    path,
    mode,
    fieldRef: fieldRef && { apiVersion: text(fieldRef.apiVersion), fieldPath: fieldRef.fieldPath },
    resourceFieldRef: resourceFieldRef && {
      containerName: text(resourceFieldRef.containerName),
      resource: resourceFieldRef.resource,
      divisor: text(resourceFieldRef.divisor)
    }
  }))

const nameIsManaged = (name: string, { source }: Context): boolean => !isThere(source, "Secret", name)

/** Its name, or that of the Secret which has to stand for one of Secret Manager, whose versions are its keys. */
const nameOfSecret = (name: string, items: Items, path: string, { source, losses }: Context): string => {
  const parsed = parseSecretName(name)
  if (isThere(source, "Secret", name) || Result.isFailure(parsed)) return name
  const versions = items.length === 0 ? ["latest"] : items.map(({ key }) => key)
  const [reference] = versions.map((version) => managedReference({ ...parsed.success, version }, path, losses))
  return reference?.name ?? name
}

const claimName = (pod: string, volume: string): string => `${pod}-${volume}`

/** A claim asks for as much as its volume has: what the disk has, nobody says. */
const size = "1Gi"

/** The disk of a volume, and the claim by which the Pod has it. */
export const diskObjects = (volume: DiskVolume, context: Context): ReadonlyArray<object> => {
  const { name: pod, namespace, source, losses } = context
  const name = claimName(pod, volume.name)
  const { deviceName, partition, filesystem, readOnly } = volume
  losses.note(
    `${volumePath(source, volume.name)}.gcePersistentDisk`,
    `Here pdName is the name of the device, in Kubernetes that of the disk: see that "${deviceName}" is both, in the zone of the nodes. ` +
      `Its size is not declared: ${size} stands for it, by which the claim finds the volume.` +
      (filesystem === undefined ? " Without fsType Kubernetes takes it for ext4." : "")
  )
  const accessModes = [readOnly ? "ReadOnlyMany" : "ReadWriteOnce"]
  return [
    {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name },
      spec: {
        capacity: { storage: size },
        accessModes,
        persistentVolumeReclaimPolicy: "Retain",
        storageClassName: "",
        claimRef: { namespace: namespace ?? "default", name },
        gcePersistentDisk: {
          pdName: deviceName,
          fsType: filesystem,
          partition: partition === 0 ? undefined : partition,
          readOnly: flag(readOnly)
        }
      }
    },
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name, namespace },
      spec: {
        accessModes,
        // None: no other volume, and none that is made for it.
        storageClassName: "",
        volumeName: name,
        resources: { requests: { storage: size } }
      }
    }
  ]
}
