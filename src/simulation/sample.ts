import { imagesOf, pullPolicyOf } from "../workload/images.ts"
import { type ImageReference, isGoogleHosted } from "../workload/ImageReference.ts"
import type { DeclaredContainer, DeclaredWorkload } from "../workload/DeclaredWorkload.ts"
import type { Word } from "../workload/expand.ts"
import { allContainers, type DiskVolume } from "../workload/Workload.ts"
import { describeSecretVersion, latestVersion } from "../workload/SecretVersion.ts"
import { answersFor } from "./answersFor.ts"
import { machineFor } from "./machineFor.ts"
import type { DiskContentDescription, ImageDescription, SecretDescription, VmDescription } from "./VmDescription.ts"

/** A typical declaration: what `slipway rehearse` boots if no file is given. */
export const sampleDeclaration = `# A web server with its data on a persistent disk, and a sidecar through which it reaches its database.
spec:
  initContainers:
    - name: proxy
      image: gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.14
      args: ["example:europe-west1:shop"]
      restartPolicy: Always
  containers:
    - name: web
      image: us-docker.pkg.dev/example/shop/web:1.4
      args: ["--listen", ":8080"]
      env:
        - name: DATABASE_URL
          value: postgres://shop:secret@localhost/shop
      volumeMounts:
        - name: data
          mountPath: /var/lib/shop
        - name: cache
          mountPath: /tmp/cache
        - name: certificates
          mountPath: /etc/ssl/certs
          readOnly: true
  volumes:
    - name: data
      gcePersistentDisk:
        pdName: shop-data
        fsType: ext4
    - name: cache
      emptyDir:
        medium: Memory
    - name: certificates
      hostPath:
        path: /etc/ssl/certs
  restartPolicy: Always
`

/** For a fleet, most of whose VMs need no disk. */
export const fleetDeclaration = `# A web server, on every VM of a group.
spec:
  containers:
    - name: web
      image: us-docker.pkg.dev/example/shop/web:1.4
      args: ["--listen", ":8080"]
  restartPolicy: Always
`

/**
 * A VM on which a workload can start: the registries have its images (for the VM's token if Google hosts one), whose
 * processes answer its probes, its disks are attached, its secrets are there, and the machine is large enough.
 */
export const vmFor = (workload: DeclaredWorkload, declaration: string): VmDescription => {
  const [{ name }] = workload.containers
  const token = "ya29.simulated"
  return {
    hostname: name === "" ? "vm" : name,
    declaration,
    token,
    images: imagesOf(workload).map((image) => ({
      reference: image.text,
      ...(isGoogleHosted(image) ? { token } : {}),
      // One that is never pulled has to be there.
      ...(pullPolicyOf(workload, image) === "Never" ? { local: true } : {}),
      ...behaviourOf(workload, image)
    })),
    secrets: secretsFor(workload),
    ...(workload.volumes.some(({ _tag }) => _tag === "Image") ? { apiVersion: "1.51" } : {}),
    ...machineFor(workload),
    disks: workload.volumes.flatMap((volume) =>
      volume._tag !== "Disk"
        ? []
        : [
            {
              deviceName: volume.deviceName,
              content:
                volume.partition === 0
                  ? contentOf(volume)
                  : {
                      _tag: "Partitioned" as const,
                      partitions: Array.from({ length: volume.partition }, () => contentOf(volume))
                    }
            }
          ]
    )
  }
}

/** Nothing is on a disk that may be formatted. */
const contentOf = ({ readOnly, filesystem }: DiskVolume): DiskContentDescription =>
  readOnly !== true ? { _tag: "Blank" } : filesystem === "xfs" ? { _tag: "Xfs" } : { _tag: "Ext4" }

/**
 * The secrets that variables and files are of, with all versions that they name, and those with registries'
 * credentials.
 */
const secretsFor = (workload: DeclaredWorkload): ReadonlyArray<SecretDescription> => {
  const named = new Map<string, Array<string>>()
  const values = [
    ...allContainers<DeclaredContainer>(workload).flatMap(({ env }) => env),
    ...workload.volumes.flatMap((volume) => (volume._tag === "Files" ? volume.files : []))
  ]
  for (const value of values) {
    if (!("from" in value) || value.from._tag !== "Secret") continue
    const { version, ...secret } = value.from.secret
    const name = describeSecretVersion({ ...secret, version: latestVersion })
    named.set(name, [...(named.get(name) ?? []), version])
  }
  const pullSecrets = (workload.pullSecrets ?? []).flatMap((one) =>
    one._tag === "Secret" ? [{ name: describeSecretVersion(one.secret), versions: ['{"auths":{}}'] }] : []
  )
  const secrets = [...named].map(([name, versions]) => {
    const newest = Math.min(100, Math.max(1, ...versions.map(Number).filter(Number.isInteger)))
    return {
      name,
      versions: Array.from({ length: newest }, (_, index) => `simulated value ${index + 1} of ${name}`),
      aliases: Object.fromEntries(
        versions.filter((version) => version !== latestVersion).map((alias) => [alias, newest])
      )
    }
  })
  return [...pullSecrets, ...secrets]
}

/** Probes and hooks succeed; init containers come to their end, unlike what else runs of the same image. */
const behaviourOf = (
  workload: DeclaredWorkload,
  { text }: ImageReference
): Pick<ImageDescription, "behaviour" | "commands" | "listensOn"> => {
  const { containers, initContainers } = workload
  const init = initContainers.filter(({ image, isSidecar }) => image.text === text && !isSidecar)
  const others = [...containers, ...initContainers.filter(({ isSidecar }) => isSidecar)]
  if (init.length > 0 && !others.some(({ image }) => image.text === text)) return { behaviour: ends }
  const { listensOn, commands } = answersFor(workload, text)
  const own = init.map(({ command = [], args = [] }) => [[...command, ...args].map(textOf).join(" "), ends] as const)
  return { listensOn, commands: { ...commands, ...Object.fromEntries(own) } }
}

const textOf = (word: Word): string => (typeof word === "string" ? word : word.template)

const ends = { _tag: "Exits", afterMillis: 400, exitCode: 0 } as const
