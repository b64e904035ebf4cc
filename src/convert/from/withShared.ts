import type { Losses } from "../Losses.ts"
import type { DockerContainer, DockerMount } from "./DockerContainer.ts"
import { joinedBy, named } from "./dockerPodNetwork.ts"
import { notTogether } from "./dockerRunFlags.ts"
import type { Told } from "./Value.ts"

/** Containers with what they have of each other: names that links give, volumes, shared memory. */
export const withShared = (
  containers: ReadonlyArray<DockerContainer>,
  losses: Losses
): ReadonlyArray<DockerContainer> => {
  const owned = containers.map(withOwner)
  const hosts = linkedHosts(owned, losses)
  const shared = owned.map((one) => ({
    ...one,
    hosts: [...new Set([...one.hosts, ...(hosts.get(one) ?? [])])],
    mounts: mountsWith(one, owned, losses)
  }))
  return shared.map((one) => {
    const holder = joinedBy(one.ipc, shared)
    const memory = holder?.mounts.find(isMemory)
    return memory === undefined || one.mounts.some(isMemory)
      ? one
      : { ...one, mounts: [...one.mounts, { ...memory, value: { ...memory.value, isListed: true as const } }] }
  })
}

const memoryAt = "/dev/shm"
const isMemory = ({ value }: Told<DockerMount>): boolean => value.target.replace(/\/+$/, "") === memoryAt

/** What is a container's own says whose it is, so that others have the same. */
const withOwner = (container: DockerContainer, index: number): DockerContainer => {
  const of = `#${index}`
  const { shmSize, ipc, mounts } = container
  const memory: ReadonlyArray<Told<DockerMount>> =
    shmSize === undefined || ipc?.value === "host" || mounts.some(isMemory)
      ? []
      : [{ value: { kind: "tmpfs", target: memoryAt, readOnly: false, size: shmSize.value }, at: shmSize.at }]
  return { ...container, mounts: [...mounts, ...memory].map(({ value, at }) => ({ value: { ...value, of }, at })) }
}

const linkedHosts = (
  containers: ReadonlyArray<DockerContainer>,
  losses: Losses
): ReadonlyMap<DockerContainer, ReadonlyArray<string>> => {
  const hosts = new Map<DockerContainer, ReadonlyArray<string>>()
  for (const one of containers) {
    for (const { value, at } of one.links) {
      const other = named(value.container, containers)
      if (other === undefined) losses.add(at.path, notTogether.link)
      else {
        hosts.set(other, [...(hosts.get(other) ?? []), value.alias])
        if ([undefined, "bridge", "default"].includes(one.network?.value)) {
          losses.add(at.path, "The name is carried over; the variables that Docker sets for a link are not.")
        }
      }
    }
  }
  return hosts
}

/** Docker's order: the later container's, then its own, take the place of what is at the same path. */
const mountsWith = (
  container: DockerContainer,
  containers: ReadonlyArray<DockerContainer>,
  losses: Losses,
  seen: ReadonlySet<DockerContainer> = new Set()
): DockerContainer["mounts"] => {
  if (container.volumesFrom.length === 0) return container.mounts
  const borrowed = container.volumesFrom.flatMap(({ value, at }): ReadonlyArray<Told<DockerMount>> => {
    const [, name = "", options = ""] = /^(?:container:)?([^:]+)(?::(.*))?$/.exec(value) ?? []
    const other = named(name, containers)
    if (other === undefined || other === container || seen.has(other)) {
      losses.add(at.path, notTogether.volumesFrom)
      return []
    }
    const mounts = mountsWith(other, containers, losses, new Set([...seen, container])).filter(
      ({ value: { kind } }) => kind === "bind" || kind === "volume"
    )
    if (mounts.length === 0) {
      losses.add(
        at.path,
        "The other container has no volumes here. What its image declares as one is not known: write it for both."
      )
    }
    return mounts.map(({ value: mount }) => ({
      value: { ...mount, readOnly: mount.readOnly || options.split(",").includes("ro"), isListed: true as const },
      at
    }))
  })
  return [...new Map([...borrowed, ...container.mounts].map((mount) => [mount.value.target, mount])).values()]
}
