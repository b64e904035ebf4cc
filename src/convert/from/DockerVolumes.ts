import { defaultMountRoot } from "../../workload/mountRoot.ts"
import type { Losses } from "../Losses.ts"
import type { DockerMount } from "./DockerContainer.ts"
import { quantityOf } from "./dockerUnits.ts"
import { labelOf } from "./labelOf.ts"
import { From, type Fields, type Told, type Value } from "./Value.ts"

const diskPath = new RegExp(`^${defaultMountRoot}/gce-persistent-disks/([^/]+)/?$`)
const tmpfsPath = new RegExp(`^${defaultMountRoot}/tmpfss/([^/]+)/?$`)
const emptyDirPath = new RegExp(`^${defaultMountRoot}/empty-dirs/([^/]+)/?$`)

/** Where Docker's own driver keeps a volume's files. */
const directoryOf = (volume: string): string => `/var/lib/docker/volumes/${volume}/_data`

/** The volumes of a Pod, each once, as its containers' mounts ask for them. */
export class DockerVolumes {
  readonly #losses: Losses
  readonly #byIdentity = new Map<string, { readonly name: string; readonly value: Value }>()
  readonly #names = new Set<string>()

  constructor(losses: Losses) {
    this.#losses = losses
  }

  get list(): ReadonlyArray<Value> {
    return [...this.#byIdentity.values()].map(({ value }) => value)
  }

  /** The mount of a container. `owner` tells apart what each container has for itself. */
  mount({ value: mount, at }: Told<DockerMount>, owner: string): Value {
    const { name, from } = this.#volumeOf(mount, mount.of ?? owner, at.path)
    const readOnly = mount.readOnly || undefined
    const propagation = mount.kind === "bind" ? propagations.get(mount.propagation ?? "") : undefined
    if (mount.kind === "bind" && mount.propagation !== undefined && !propagations.has(mount.propagation)) {
      this.#losses.add(at.path, "The mount propagation is none of Docker's: write shared, slave or private.")
    }
    return new From(at, {
      name: this.#named(name, from, at),
      mountPath: mount.target,
      readOnly,
      subPath: mount.subPath,
      mountPropagation: propagation,
      recursiveReadOnly:
        mount.kind !== "bind" || mount.recursive === undefined
          ? undefined
          : mount.recursive === "readonly"
            ? "Enabled"
            : "Disabled"
    })
  }

  #addLoss({ isListed }: DockerMount, path: string, reason: string): void {
    if (isListed !== true) this.#losses.add(path, reason)
  }

  #named(name: string, { identity, source }: Source, at: Told<unknown>["at"]): string {
    const known = this.#byIdentity.get(identity)
    if (known !== undefined) return known.name
    const base = labelOf(name, "data").slice(0, 55)
    let free = base
    for (let count = 2; this.#names.has(free); count++) free = `${base}-${count}`
    this.#names.add(free)
    this.#byIdentity.set(identity, { name: free, value: new From(at, { name: free, ...source }) })
    return free
  }

  #volumeOf(mount: DockerMount, owner: string, path: string): { readonly name: string; readonly from: Source } {
    const last = mount.target.split("/").findLast((part) => part !== "") ?? ""
    switch (mount.kind) {
      case "bind":
        return bindOf(mount.source, last)
      case "volume": {
        if (mount.name === undefined) {
          this.#addLoss(
            mount,
            path,
            "An anonymous volume became an emptyDir, which is empty after each boot and has nothing of the image. Write a " +
              "path of the host, or a disk (gcePersistentDisk), for what is to stay."
          )
          return { name: last, from: { identity: `own ${owner} ${mount.target}`, source: { emptyDir: {} } } }
        }
        const directory = mount.directory ?? directoryOf(mount.name)
        if (!this.#byIdentity.has(`path ${directory}`) && mount.isListed !== true) {
          this.#losses.note(
            path,
            `A named volume became a hostPath, ${directory}, where Docker keeps a volume of this name: nothing of the image is ` +
              "copied into it, and `docker volume prune` does not see that it is used. Write a disk (gcePersistentDisk) for what " +
              `is to outlive the VM.${mount.why === undefined ? "" : ` ${mount.why}`}`
          )
        }
        const isAnonymous = /^[0-9a-f]{64}$/.test(mount.name)
        return {
          name: isAnonymous ? last : mount.name,
          from: { identity: `path ${directory}`, source: { hostPath: { path: directory } } }
        }
      }
      case "tmpfs": {
        const sizeLimit = mount.size === undefined ? undefined : quantityOf(mount.size)
        const source = { emptyDir: { medium: "Memory", sizeLimit } }
        return { name: last, from: { identity: `own ${owner} ${mount.target}`, source } }
      }
      case "image":
        return {
          name: last,
          from: { identity: `image ${mount.image}`, source: { image: { reference: mount.image } } }
        }
      case "other":
        return {
          name: mount.name,
          from: {
            identity: `${Object.keys(fieldsOf(mount.source)).join()} ${mount.name}`,
            source: { ...fieldsOf(mount.source) }
          }
        }
    }
  }
}

interface Source {
  readonly identity: string
  readonly source: Fields
}

const fieldsOf = ({ value }: From): Fields => value as Fields

/** A path where konlet or Slipway mounted something of theirs is what they mounted there. */
const bindOf = (path: string, last: string): { readonly name: string; readonly from: Source } => {
  const [, pdName] = diskPath.exec(path) ?? []
  const [, tmpfs] = tmpfsPath.exec(path) ?? []
  const [, emptyDir] = emptyDirPath.exec(path) ?? []
  const identity = `path ${path}`
  if (pdName !== undefined) return { name: pdName, from: { identity, source: { gcePersistentDisk: { pdName } } } }
  if (tmpfs !== undefined) return { name: tmpfs, from: { identity, source: { emptyDir: { medium: "Memory" } } } }
  if (emptyDir !== undefined) return { name: emptyDir, from: { identity, source: { emptyDir: {} } } }
  return { name: last, from: { identity, source: { hostPath: { path } } } }
}

/** Docker's words for it. Without one it is rprivate. */
const propagations: ReadonlyMap<string, string | undefined> = new Map([
  ["", undefined],
  ["private", undefined],
  ["rprivate", undefined],
  ["slave", "HostToContainer"],
  ["rslave", "HostToContainer"],
  ["shared", "Bidirectional"],
  ["rshared", "Bidirectional"]
])
