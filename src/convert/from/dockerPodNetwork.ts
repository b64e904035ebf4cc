import type { Losses } from "../Losses.ts"
import type { DockerContainer } from "./DockerContainer.ts"
import { holdsForAll } from "./holdsForAll.ts"
import { sameOf } from "./sameOf.ts"
import { From, type Fields, type Told, type Value } from "./Value.ts"

/** Whether a container shares another's namespace, which is one of the Pod's: `container:NAME`, `service:NAME`. */
export const joins = (mode: Told<string> | undefined, containers: ReadonlyArray<DockerContainer>): boolean =>
  joinedBy(mode, containers) !== undefined

/** The container whose namespace it shares. */
export const joinedBy = (
  mode: Told<string> | undefined,
  containers: ReadonlyArray<DockerContainer>
): DockerContainer | undefined => {
  const [, name] = /^(?:container|service):(.+)$/.exec(mode?.value ?? "") ?? []
  return name === undefined ? undefined : named(name, containers)
}

/** The container that others call so. */
export const named = (name: string, containers: ReadonlyArray<DockerContainer>): DockerContainer | undefined =>
  containers.find((one) => one.name.value === name || one.hosts.includes(name) || one.id === name)

/** Whether all are on the host's network. The Pod has one network. */
export const isOnHost = (containers: ReadonlyArray<DockerContainer>, losses: Losses): boolean => {
  const isHost = containers.every((one) => one.network?.value === "host" || joins(one.network, containers))
  for (const { network } of containers) {
    if (network === undefined || joins(network, containers) || ["bridge", "default", "nat", ""].includes(network.value))
      continue
    if (network.value === "host") {
      if (!isHost)
        losses.add(
          network.at.path,
          "A Pod has one network, and other containers are not on the host's: it is on theirs."
        )
    } else losses.add(network.at.path, networkReason(network.value))
  }
  return isHost
}

const networkReason = (network: string): string =>
  network === "none"
    ? "No Pod is without a network: the container has one of its own, on which nothing is published but its ports."
    : /^(?:container|service):/.test(network)
      ? "A network is shared by being in one Pod: convert both containers together."
      : "There are no named networks: the Pod has a network of its own, and its containers reach each other at localhost."

export const networkOf = (containers: ReadonlyArray<DockerContainer>, isHost: boolean, losses: Losses): Fields => {
  const hostname = sameOf(
    containers.map(({ hostname }) => hostname),
    losses
  )
  const dns = {
    nameservers: listOf(containers.flatMap(({ dns }) => dns)),
    searches: listOf(containers.flatMap(({ dnsSearch }) => dnsSearch)),
    options: listOf(
      containers.flatMap(({ dnsOptions }) => dnsOptions),
      (option) => {
        const [name = "", ...value] = option.split(":")
        return { name, value: value.length === 0 ? undefined : value.join(":") }
      }
    )
  }
  const { nameservers, searches, options } = dns
  return {
    hostname,
    hostAliases: aliasesOf(containers, isHost, losses),
    dnsPolicy: nameservers === undefined ? undefined : "None",
    dnsConfig: (nameservers ?? searches ?? options) === undefined ? undefined : dns
  }
}

/** Each once. */
const listOf = (
  told: ReadonlyArray<Told<string>>,
  item: (text: string) => Value = (text) => text
): ReadonlyArray<Value> | undefined => {
  const once = [...new Map(told.map((one) => [one.value, one])).values()]
  return once.length === 0 ? undefined : once.map(({ value, at }) => new From(at, item(value)))
}

/** Containers of a Pod reach each other at its own address, by whichever name they have for each other. */
const aliasesOf = (
  containers: ReadonlyArray<DockerContainer>,
  isHost: boolean,
  losses: Losses
): ReadonlyArray<Value> | undefined => {
  const extra = containers.flatMap(({ extraHosts }) => extraHosts)
  const aliases = [...new Map(extra.map((one) => [`${one.value.ip} ${one.value.name}`, one])).values()].map(
    ({ value: { ip, name }, at }): Value => new From(at, { ip, hostnames: [name] })
  )
  // Who joins another's network has no name of its own there.
  const found = containers.filter(({ role, network }) => role !== "sandbox" && !joins(network, containers))
  const others =
    containers.length === 1 || isHost ? [] : found.flatMap(({ hosts, at }) => hosts.map((name) => ({ name, at })))
  const known = [...new Map(others.map((one) => [one.name, one])).values()]
  reportDoubleNames(containers, new Set(known.map(({ name }) => name)), losses)
  const local = known.map(({ name, at }) => new From({ ...at, path: `${at.path} (the name ${name})` }, name))
  const all = [...(local.length === 0 ? [] : [{ ip: "127.0.0.1", hostnames: local }]), ...aliases]
  return all.length === 0 ? undefined : all
}

/** A Pod has one hosts file, in which a name has all of its addresses. */
const reportDoubleNames = (
  containers: ReadonlyArray<DockerContainer>,
  local: ReadonlySet<string>,
  losses: Losses
): void => {
  for (const { extraHosts } of containers) {
    for (const { value, at } of extraHosts) {
      const isElsewhere = containers.some(
        (other) =>
          other.extraHosts.some((one) => one.value.name === value.name && one.value.ip !== value.ip) &&
          !other.extraHosts.some((one) => one.value.name === value.name && one.value.ip === value.ip)
      )
      const isLocal = local.has(value.name) && !value.ip.startsWith("127.")
      if (!isLocal && !isElsewhere) continue
      losses.add(
        at.path,
        `The Pod has one hosts file, in which this name is at ${isLocal ? "127.0.0.1 too, being one of its containers" : "another address too"}: ` +
          "which is taken is left to chance. Give one of them another name."
      )
    }
  }
}

/** Whose processes and shared memory containers see. Those of a Pod share memory anyway. */
export const namespacesOf = (containers: ReadonlyArray<DockerContainer>, losses: Losses): Fields => {
  const sharing = containers.find(({ pid }) => joins(pid, containers))?.pid
  const hostPid = hostNamespace(containers, "pid", losses)
  if (sharing !== undefined && containers.some(({ pid, role }) => role !== "sandbox" && !joins(pid, containers))) {
    losses.note(
      sharing.at.path,
      "All containers of the Pod see each other's processes, and process 1 is the Pod's sandbox, no program of theirs."
    )
  }
  return {
    hostPID: hostPid,
    hostIPC: hostNamespace(containers, "ipc", losses),
    shareProcessNamespace: sharing && hostPid === undefined ? new From(sharing.at, true) : undefined
  }
}

const hostNamespace = (
  containers: ReadonlyArray<DockerContainer>,
  key: "pid" | "ipc",
  losses: Losses
): Value | undefined => {
  const told = containers.flatMap((container) => container[key] ?? [])
  const host = told.find(({ value }) => value === "host")
  for (const { value, at } of told) {
    if (["host", "", "private", "shareable"].includes(value) || joins({ value, at }, containers)) continue
    losses.add(
      at.path,
      `Of other containers' ${key === "pid" ? "processes" : "shared memory"} nothing is carried over: convert them together into one Pod.`
    )
  }
  if (host !== undefined && told.length < containers.length) {
    losses.add(host.at.path, holdsForAll)
  }
  return host && new From(host.at, true)
}
