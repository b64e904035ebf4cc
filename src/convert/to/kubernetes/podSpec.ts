import { isDnsName } from "../../../workload/dnsName.ts"
import { knownContainers } from "../../known/KnownContainer.ts"
import type { Losses } from "../../Losses.ts"
import type { Source } from "../../Source.ts"
import { containerOf } from "./container.ts"
import { isThere } from "./environment.ts"
import { podSecurityContext } from "./securityContext.ts"
import { volumeOf } from "./volumes.ts"
import { given, text } from "./words.ts"

/** As with konlet, in seconds. Kubernetes' own is 30. */
const usualGrace = 10

export interface PodContext {
  readonly source: Source
  readonly losses: Losses
  readonly name: string
  readonly namespace: string | undefined
}

/** The spec of a Pod that runs as `up` runs it. */
export const podSpec = (context: PodContext) => {
  const { source, losses } = context
  const { workload, written } = source
  const { spec } = written
  const { network, namespaces = {} } = workload
  const podPolicy = spec.restartPolicy || "Always"
  const hasUserNamespace = network._tag === "Pod" && !namespaces.hostPid && !namespaces.hostIpc
  const containers = knownContainers(source)
  const isUnmasked = containers.some(({ declared }) => declared.security?.procMount !== undefined)
  const mayUnmask = isUnmasked && hasUserNamespace
  const of = (kind: "init" | "main") =>
    containers
      .filter(({ role }) => (role === "main") === (kind === "main"))
      .map((container) => containerOf(container, { source, losses, podPolicy, mayUnmask }))
  const needsOs = containers.some(({ declared }) => declared.lifecycle?.stopSignal !== undefined)
  for (const [index, { name }] of spec.imagePullSecrets.entries()) {
    if (isThere(source, "Secret", name)) continue
    losses.note(
      `spec.imagePullSecrets[${index}]`,
      "It is in Secret Manager, which a cluster does not read by itself: make it a Secret of the same name, of type kubernetes.io/dockerconfigjson."
    )
  }
  return {
    os: needsOs || spec.os.name !== "" ? { name: "linux" } : undefined,
    restartPolicy: podPolicy,
    terminationGracePeriodSeconds: containers.at(-1)?.declared.gracePeriod ?? usualGrace,
    activeDeadlineSeconds: workload.activeDeadlineSeconds,
    runtimeClassName: workload.runtime,
    // Left out it means the opposite here and there.
    hostNetwork: network._tag === "Host",
    hostPID: namespaces.hostPid,
    hostIPC: namespaces.hostIpc,
    hostUsers: mayUnmask ? false : undefined,
    shareProcessNamespace: namespaces.sharesProcesses,
    hostname: network._tag === "Pod" ? network.hostname : undefined,
    hostAliases: network._tag === "Pod" ? given(network.hostAliases) : undefined,
    dnsPolicy: spec.dnsPolicy,
    dnsConfig: dnsConfigOf(source),
    imagePullSecrets: given(spec.imagePullSecrets.map(({ name }) => ({ name: podSecretName(name) }))),
    securityContext: podSecurityContext(source),
    initContainers: given(of("init")),
    containers: of("main"),
    volumes: given(workload.volumes.map((volume) => volumeOf(volume, context)))
  }
}

const podSecretName = (name: string): string =>
  isDnsName(name) ? name : (name.split("/").at(-1) ?? name).toLowerCase()

const dnsConfigOf = ({ written: { spec }, workload: { network } }: Source) => {
  const { nameservers, searches, options } = spec.dnsConfig
  if (network._tag === "Host" || nameservers.length + searches.length + options.length === 0) return undefined
  return {
    nameservers: given(nameservers),
    searches: given(searches),
    options: given(options.map(({ name, value }) => ({ name, value: text(value) })))
  }
}
