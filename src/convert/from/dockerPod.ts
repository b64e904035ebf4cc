import type { Losses } from "../Losses.ts"
import type { DockerContainer } from "./DockerContainer.ts"
import { DockerVolumes } from "./DockerVolumes.ts"
import { containerFields } from "./dockerPodContainer.ts"
import { isOnHost, namespacesOf, networkOf } from "./dockerPodNetwork.ts"
import { podRights } from "./dockerRights.ts"
import { imageName, labelOf } from "./labelOf.ts"
import { longestGrace, reportPodWide } from "./podWide.ts"
import { sameOf } from "./sameOf.ts"
import { From, type Fields, type Origin, type Value } from "./Value.ts"
import { withShared } from "./withShared.ts"

/** What a Pod of these containers has besides them. */
interface Around {
  readonly at: Origin
  readonly metadata?: Fields | undefined
}

/**
 * A Pod of Docker's containers. What a Pod has once is what the first container says that says anything; where another says
 * something else, that is lost.
 */
export const dockerPod = (given: ReadonlyArray<DockerContainer>, { at, metadata }: Around, losses: Losses): Value => {
  const all = withShared(given, losses)
  const volumes = new DockerVolumes(losses)
  const run = withPortsOfSandbox(all)
  const names = namesOf(run, losses)
  const running = run.filter(({ role }) => role === "main")
  const isHost = isOnHost(all, losses)
  const policies = new Set(running.map(({ restart }) => policyOf(restart.value)))
  const [policy = "Never"] = policies
  for (const container of run) reportRestart(container, losses)
  reportPodWide(all, losses)

  const fields = (container: DockerContainer): Value => {
    const own = policyOf(container.restart.value)
    const restartPolicy =
      container.role === "sidecar" ? "Always" : container.role === "init" || policies.size < 2 ? undefined : own
    const name = names.get(container)!
    return new From(container.at, containerFields(container, { name, restartPolicy, isHost }, volumes, losses))
  }
  const containersOf = (...roles: ReadonlyArray<DockerContainer["role"]>) =>
    run.filter(({ role }) => roles.includes(role)).map(fields)
  const initContainers = containersOf("init", "sidecar")
  const main = containersOf("main")
  const grace = longestGrace(run, losses)
  const spec: Fields = {
    hostNetwork: isHost,
    ...networkOf(all, isHost, losses),
    restartPolicy: policy,
    terminationGracePeriodSeconds: grace && new From(grace.at, grace.value),
    ...namespacesOf(all, losses),
    runtimeClassName: sameOf(
      all.map(({ runtime }) => runtime),
      losses
    ),
    securityContext: podRights(all, losses),
    ...(initContainers.length === 0 ? {} : { initContainers }),
    containers: main,
    ...(volumes.list.length === 0 ? {} : { volumes: volumes.list })
  }
  return new From(at, { apiVersion: "v1", kind: "Pod", metadata, spec })
}

/** What holds the network of the others publishes their ports: the first of them has these. */
const withPortsOfSandbox = (all: ReadonlyArray<DockerContainer>): ReadonlyArray<DockerContainer> => {
  const ports = all.flatMap((one) => (one.role === "sandbox" ? one.ports : []))
  const first = all.find(({ role }) => role === "main")
  return all.flatMap((one) =>
    one.role === "sandbox" ? [] : [one === first ? { ...one, ports: [...ports, ...one.ports] } : one]
  )
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
      if (value !== "" && name !== value) losses.note(at.path, `The container is named "${name}".`)
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
    losses.note(
      at.path,
      "It became Always: `slipway agent` starts a container again within seconds that was stopped by hand, and the engine does at " +
        "the next boot. `slipway down` stops it for longer."
    )
  } else if (/^on-failure:\d/.test(value)) {
    losses.add(at.path, "The number of retries is not carried over: OnFailure retries without end.")
  } else if (!/^(?:no|always|unless-stopped|on-failure)?$/.test(value)) {
    losses.add(
      at.path,
      "It is no restart policy of Docker's; the container is not restarted. Write no, always or on-failure."
    )
  }
  if (role === "sidecar" && policyOf(value) !== "Always") {
    losses.note(
      at.path,
      "Others wait for it before they start, so it became a sidecar, which is restarted whenever it ends."
    )
  }
}
