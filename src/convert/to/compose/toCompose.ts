import * as Redacted from "effect/Redacted"
import type { Converted } from "../../Converted.ts"
import { Asked } from "../../known/asked.ts"
import { addCommonLosses } from "../../known/commonLosses.ts"
import { type KnownContainer, knownContainers } from "../../known/KnownContainer.ts"
import { podShape, type PodShape } from "../../known/PodShape.ts"
import { Losses } from "../../Losses.ts"
import { containerNameOf, podNameOf } from "../../names.ts"
import type { Source } from "../../Source.ts"
import { writeYaml } from "../../writeYaml.ts"
import { sandboxImage } from "../sandboxImage.ts"
import { given, object } from "../kubernetes/words.ts"
import { escaped, interpolated } from "./Interpolated.ts"
import { hasHealth, serviceOf } from "./service.ts"
import { configsOf, mountsOf, volumesOf, type VolumesContext } from "./volumes.ts"

/** The service that holds what the others share. */
const sandbox = "pod-sandbox"

/** A Compose file, for Docker Compose from 2.30 on. */
export const toCompose = (source: Source): Converted => {
  const losses = new Losses()
  const { workload } = source
  const containers = knownContainers(source)
  const shape = podShape(workload)
  const pod = podNameOf(source)
  const asked = new Asked(
    losses,
    (name, command) => `Compose takes it from the environment or the file .env, as ${name}. To print it: ${command}`
  )
  const nameOf: VolumesContext["nameOf"] = (of, path) => asked.nameOf(of, path)
  const context: VolumesContext = {
    source,
    losses,
    nameOf,
    fill: (text, path) => interpolated(text, (of) => nameOf(of, path))
  }
  addCommonLosses(source, containers, "Compose", losses)
  for (const index of (workload.pullSecrets ?? []).keys()) {
    losses.note(`spec.imagePullSecrets[${index}]`, 'Compose has no credentials of its own: run "docker login" before.')
  }
  const names = new Map(containers.map((container) => [container, containerNameOf(source, container)]))
  const shared = sharedKeys(source)
  const services = containers.map((container, index): readonly [string, object] => [
    names.get(container)!,
    {
      ...serviceOf(container, context),
      ...shared,
      ...(shape.needsSandbox
        ? joining(source, shape)
        : holding(source, shape, container.role === "init" ? [] : [container])),
      ...mountsOf(container, context),
      depends_on: object({
        ...(shape.needsSandbox ? { [sandbox]: { condition: "service_started" } } : {}),
        ...Object.fromEntries(
          containers
            .slice(0, index)
            .filter(({ role }) => role !== "main")
            .map((before) => [names.get(before)!, { condition: conditionOf(before) }])
        )
      })
    }
  ])
  const ofSandbox = {
    image: sandboxImage,
    restart: "always",
    ...shared,
    pid: undefined,
    ipc: undefined,
    ...holding(
      source,
      shape,
      containers.filter(({ role }) => role !== "init")
    )
  }
  const file = {
    name: pod,
    services: Object.fromEntries([...(shape.needsSandbox ? [[sandbox, ofSandbox] as const] : []), ...services]),
    volumes: object(volumesOf(context)),
    configs: object(configsOf(context))
  }
  const text = Redacted.make(writeYaml(escaped(file)))
  return { files: [{ name: "compose.yaml", text, isSecret: true }], ...losses.found }
}

const conditionOf = (before: KnownContainer): string => {
  if (before.role === "init") return "service_completed_successfully"
  return hasHealth(before) ? "service_healthy" : "service_started"
}

/** What all containers have. */
const sharedKeys = ({ workload: { namespaces = {}, runtime }, written }: Source) => ({
  pid: namespaces.hostPid ? "host" : undefined,
  ipc: namespaces.hostIpc ? "host" : undefined,
  runtime,
  labels: object(written.metadata.labels)
})

/** Of whatever holds the Pod's network and its settings: the only container, or the sandbox. */
const holding = ({ workload }: Source, shape: PodShape, listening: ReadonlyArray<KnownContainer>) => {
  const { network, namespaces: { hostIpc, sysctls = [] } = {} } = workload
  const ports = listening.flatMap(({ declared }) => declared.ports)
  const common = {
    ...(shape.needsSandbox && !hostIpc ? { ipc: "shareable" } : {}),
    sysctls: object(Object.fromEntries(sysctls.map(({ name, value }) => [name, value])))
  }
  const expose = (of: typeof ports) =>
    given(of.map(({ containerPort, protocol }) => `${containerPort}${protocol === "tcp" ? "" : `/${protocol}`}`))
  if (network._tag === "Host") return { ...common, network_mode: "host", expose: expose(ports) }
  const { hostname, hostAliases, dns } = network
  return {
    ...common,
    hostname,
    extra_hosts: given(hostAliases.flatMap(({ ip, hostnames }) => hostnames.map((name) => `${name}=${ip}`))),
    dns: given(dns.nameservers),
    dns_search: given(dns.searches),
    dns_opt: given(dns.options),
    expose: expose(ports.filter(({ hostPort }) => hostPort === undefined)),
    ports: given(
      ports.flatMap(({ containerPort, hostPort, hostIp, protocol }) =>
        hostPort === undefined ? [] : [{ target: containerPort, published: `${hostPort}`, host_ip: hostIp, protocol }]
      )
    )
  }
}

/** Of a container that joins the sandbox. */
const joining = ({ workload }: Source, shape: PodShape) => ({
  network_mode: workload.network._tag === "Host" ? "host" : `service:${sandbox}`,
  ...(workload.namespaces?.hostIpc ? {} : { ipc: `service:${sandbox}` }),
  ...(shape.sharesProcesses ? { pid: `service:${sandbox}` } : {})
})
