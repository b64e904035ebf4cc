import type { Losses } from "../Losses.ts"
import type { DockerContainer } from "./DockerContainer.ts"
import { DockerVolumes } from "./DockerVolumes.ts"
import { containerFields } from "./dockerPodContainer.ts"
import { podRights } from "./dockerRights.ts"
import { imageName, labelOf } from "./labelOf.ts"
import { sameOf } from "./sameOf.ts"
import { From, type Fields, type Origin, type Told, type Value } from "./Value.ts"

/** What a Pod of these containers has besides them. */
interface Around {
  readonly at: Origin
  readonly metadata?: Fields | undefined
}

/**
 * A Pod of Docker's containers. What a Pod has once is what the first container says that says anything; where another says
 * something else, that is lost.
 */
export const dockerPod = (
  containers: ReadonlyArray<DockerContainer>,
  { at, metadata }: Around,
  losses: Losses
): Value => {
  const volumes = new DockerVolumes(losses)
  const names = namesOf(containers, losses)
  const running = containers.filter(({ role }) => role === "main")
  const isHost = isOnHost(containers, losses)
  const policies = new Set(running.map(({ restart }) => policyOf(restart.value)))
  const [policy = "Never"] = policies
  for (const container of containers) reportRestart(container, losses)

  const fields = (container: DockerContainer): Value => {
    const own = policyOf(container.restart.value)
    const restartPolicy =
      container.role === "sidecar" ? "Always" : container.role === "init" || policies.size < 2 ? undefined : own
    const name = names.get(container)!
    return new From(container.at, containerFields(container, { name, restartPolicy, isHost }, volumes, losses))
  }
  const containersOf = (...roles: ReadonlyArray<DockerContainer["role"]>) =>
    containers.filter(({ role }) => roles.includes(role)).map(fields)
  const initContainers = containersOf("init", "sidecar")
  const main = containersOf("main")
  const grace = longestGrace(containers)
  const spec: Fields = {
    hostNetwork: isHost,
    ...networkOf(containers, isHost, losses),
    restartPolicy: policy,
    terminationGracePeriodSeconds: grace && new From(grace.at, grace.value),
    hostPID: namespaceOf(containers, "pid", losses),
    hostIPC: namespaceOf(containers, "ipc", losses),
    runtimeClassName: sameOf(
      containers.map(({ runtime }) => runtime),
      losses
    ),
    securityContext: podRights(containers, losses),
    ...(initContainers.length === 0 ? {} : { initContainers }),
    containers: main,
    ...(volumes.list.length === 0 ? {} : { volumes: volumes.list })
  }
  return new From(at, { apiVersion: "v1", kind: "Pod", metadata, spec })
}

/** Several need names of Kubernetes', each its own; one alone may have any that the engine takes. */
const namesOf = (containers: ReadonlyArray<DockerContainer>, losses: Losses): ReadonlyMap<DockerContainer, string> => {
  const taken = new Set<string>()
  return new Map(
    containers.map((container) => {
      const { value, at } = container.name
      const said = value === "" ? imageName(container.image.value) : value
      const base = containers.length === 1 && /^[a-zA-Z0-9_.-]+$/.test(said) ? said : labelOf(said, "container")
      let name = base
      for (let count = 2; taken.has(name); count++) name = `${base.slice(0, 60)}-${count}`
      taken.add(name)
      if (value !== "" && name !== value) losses.add(at.path, `The container is named "${name}".`)
      return [container, name]
    })
  )
}

const policyOf = (restart: string): "Always" | "OnFailure" | "Never" =>
  restart === "always" || restart === "unless-stopped"
    ? "Always"
    : restart.startsWith("on-failure")
      ? "OnFailure"
      : "Never"

const reportRestart = ({ restart: { value, at }, role }: DockerContainer, losses: Losses): void => {
  if (value === "unless-stopped") {
    losses.add(at.path, "It became Always: a container that was stopped by hand is started again at the next boot.")
  } else if (/^on-failure:\d/.test(value)) {
    losses.add(at.path, "The number of retries is not carried over: OnFailure retries without end.")
  } else if (!/^(?:no|always|unless-stopped|on-failure)?$/.test(value)) {
    losses.add(
      at.path,
      "It is no restart policy of Docker's; the container is not restarted. Write no, always or on-failure."
    )
  }
  if (role === "sidecar" && policyOf(value) !== "Always") {
    losses.add(
      at.path,
      "Others wait for it before they start, so it became a sidecar, which is restarted whenever it ends."
    )
  }
}

/** Whether all are on the host's network. The Pod has one network. */
const isOnHost = (containers: ReadonlyArray<DockerContainer>, losses: Losses): boolean => {
  const isHost = containers.every(({ network }) => network?.value === "host")
  for (const { network } of containers) {
    if (network === undefined || ["bridge", "default", "nat", ""].includes(network.value)) continue
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
    : network.startsWith("container:")
      ? "A network is shared by being in one Pod: convert both containers together."
      : "There are no named networks: the Pod has a network of its own, and its containers reach each other at localhost."

const networkOf = (containers: ReadonlyArray<DockerContainer>, isHost: boolean, losses: Losses): Fields => {
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
    hostAliases: aliasesOf(containers, isHost),
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
const aliasesOf = (containers: ReadonlyArray<DockerContainer>, isHost: boolean): ReadonlyArray<Value> | undefined => {
  const extra = containers.flatMap(({ extraHosts }) => extraHosts)
  const aliases = [...new Map(extra.map((one) => [`${one.value.ip} ${one.value.name}`, one])).values()].map(
    ({ value: { ip, name }, at }): Value => new From(at, { ip, hostnames: [name] })
  )
  const others =
    containers.length === 1 || isHost ? [] : containers.flatMap(({ hosts, at }) => hosts.map((name) => ({ name, at })))
  const known = [...new Map(others.map((one) => [one.name, one])).values()]
  const local = known.map(({ name, at }) => new From({ ...at, path: `${at.path} (the name ${name})` }, name))
  const all = [...(local.length === 0 ? [] : [{ ip: "127.0.0.1", hostnames: local }]), ...aliases]
  return all.length === 0 ? undefined : all
}

/** The Pod has one: with less, what needs longer would be killed. */
const longestGrace = (containers: ReadonlyArray<DockerContainer>): Told<number> | undefined => {
  const told = containers.flatMap(({ stopTimeout }) => stopTimeout ?? [])
  if (told.length === 0) return undefined
  // Those that say nothing have Docker's ten seconds.
  const least = told.length < containers.length ? 10 : 0
  const [longest] = told.toSorted((a, b) => b.value - a.value)
  return longest && { ...longest, value: Math.max(longest.value, least) }
}

const namespaceOf = (
  containers: ReadonlyArray<DockerContainer>,
  key: "pid" | "ipc",
  losses: Losses
): Value | undefined => {
  const told = containers.flatMap((container) => container[key] ?? [])
  const host = told.find(({ value }) => value === "host")
  for (const { value, at } of told) {
    if (value === "host" || value === "" || value === "private" || value === "shareable") continue
    losses.add(
      at.path,
      `Of other containers' ${key === "pid" ? "processes" : "shared memory"} nothing is carried over: convert them together into one Pod.`
    )
  }
  if (host !== undefined && told.length < containers.length) {
    losses.add(host.at.path, "It holds for all containers of the Pod.")
  }
  return host && new From(host.at, true)
}
