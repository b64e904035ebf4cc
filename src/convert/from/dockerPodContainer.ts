import type { Losses } from "../Losses.ts"
import type { DockerContainer, DockerHealth } from "./DockerContainer.ts"
import { rightsOf } from "./dockerRights.ts"
import { cpuQuantity, millisOfShares, quantityOf } from "./dockerUnits.ts"
import type { DockerVolumes } from "./DockerVolumes.ts"
import { literal } from "./literal.ts"
import { unusableBind } from "./unusableBind.ts"
import { signalOf } from "./signalOf.ts"
import { From, type Fields, type Told, type Value } from "./Value.ts"

interface InPod {
  readonly name: string
  /** Its own, if it is not the Pod's. */
  readonly restartPolicy: string | undefined
  readonly isHost: boolean
}

/** A Pod's container, as a Docker container says it. */
export const containerFields = (
  container: DockerContainer,
  { name, restartPolicy, isHost }: InPod,
  volumes: DockerVolumes,
  losses: Losses
): Fields => {
  const { image, workingDir, env, stdin, stdinOnce, tty } = container
  const words = commandOf(container, losses)
  return {
    name,
    image: new From(image.at, image.value),
    imagePullPolicy: pullPolicyOf(container, losses),
    ...words,
    workingDir: workingDir && new From(workingDir.at, workingDir.value),
    env:
      env.length === 0
        ? undefined
        : env.map(({ value, at }) => new From(at, { name: value.name, value: literal(value.value) })),
    ports: portsOf(container, isHost, losses),
    volumeMounts: mountsOf(container, name, volumes, losses),
    resources: resourcesOf(container, losses),
    securityContext: rightsOf(container, losses),
    logging: loggingOf(container, losses),
    stdin: stdin?.value === true ? new From(stdin.at, true) : undefined,
    stdinOnce: stdin?.value === true && stdinOnce?.value === true ? new From(stdinOnce.at, true) : undefined,
    tty: tty?.value === true ? new From(tty.at, true) : undefined,
    restartPolicy,
    lifecycle: lifecycleOf(container),
    ...probesOf(container, losses)
  }
}

/** An entrypoint takes the image's command away, and so does a Pod's command. */
const commandOf = ({ entrypoint, command }: DockerContainer, losses: Losses): Fields => {
  const list = (words: Told<ReadonlyArray<string>>) => new From(words.at, words.value.map(literal))
  if (entrypoint === undefined) return { args: command && list(command) }
  if (entrypoint.value.length > 0) return { command: list(entrypoint), args: command && list(command) }
  if (command !== undefined && command.value.length > 0) return { command: list(command) }
  losses.add(
    entrypoint.at.path,
    "An entrypoint that is cleared, and no command: the image's own is used. Write the command."
  )
  return {}
}

const pullPolicies: ReadonlyMap<string, string> = new Map([
  ["always", "Always"],
  ["missing", "IfNotPresent"],
  ["if_not_present", "IfNotPresent"],
  ["never", "Never"]
])

const pullPolicyOf = ({ pullPolicy }: DockerContainer, losses: Losses): Value | undefined => {
  if (pullPolicy === undefined) return undefined
  const policy = pullPolicies.get(pullPolicy.value)
  if (policy === undefined) {
    losses.add(
      pullPolicy.at.path,
      "A declaration has Always, IfNotPresent and Never alone; Always was taken, its default."
    )
  }
  return policy && new From(pullPolicy.at, policy)
}

const portsOf = ({ ports }: DockerContainer, isHost: boolean, losses: Losses): ReadonlyArray<Value> | undefined => {
  const seen = new Set<string>()
  const list = ports.flatMap(({ value, at }): ReadonlyArray<Value> => {
    const { containerPort, hostPort, hostIp, protocol } = value
    if (isHost && hostPort !== undefined && hostPort !== containerPort) {
      losses.note(
        at.path,
        "On the host's network nothing is published: the container is reached at the port that it listens on."
      )
    }
    const published = isHost ? {} : { hostPort, hostIP: hostIp }
    const key = JSON.stringify([containerPort, published, protocol])
    if (seen.has(key)) return []
    seen.add(key)
    const isTcp = protocol.toLowerCase() === "tcp"
    return [new From(at, { containerPort, ...published, protocol: isTcp ? undefined : protocol.toUpperCase() })]
  })
  return list.length === 0 ? undefined : list
}

const mountsOf = (
  { mounts, shmSize, ipc }: DockerContainer,
  owner: string,
  volumes: DockerVolumes,
  losses: Losses
): ReadonlyArray<Value> | undefined => {
  const list = mounts.flatMap((mount) => {
    const { value, at } = mount
    const reason = value.kind === "bind" ? unusableBind(value.source, value.target) : undefined
    if (reason !== undefined) losses.add(at.path, reason)
    return reason === undefined ? [volumes.mount(mount, owner)] : []
  })
  if (shmSize !== undefined) {
    // Else it is one of the mounts.
    if (ipc?.value === "host")
      losses.add(shmSize.at.path, "The host's shared memory has the size that the host gave it.")
  }
  return list.length === 0 ? undefined : list
}

const resourcesOf = (container: DockerContainer, losses: Losses): Fields | undefined => {
  const { cpuMillis, cpuShares, cpuRequestMillis, memory, memoryReservation, gpus } = container
  const amount = (told: Told<number> | undefined, write: (value: number) => string) =>
    told && new From(told.at, write(told.value))
  const limits = {
    cpu: amount(cpuMillis, cpuQuantity),
    memory: amount(memory, quantityOf),
    "nvidia.com/gpu": amount(gpus, String)
  }
  const weight = cpuShares && millisOfShares(cpuShares.value)
  if (cpuShares !== undefined && weight === undefined) {
    losses.add(cpuShares.at.path, "No request of CPU comes to this weight; 1024 is that of one CPU.")
  }
  const requests = {
    cpu:
      cpuShares && weight !== undefined
        ? new From(cpuShares.at, cpuQuantity(weight))
        : amount(cpuRequestMillis, cpuQuantity),
    memory: amount(memoryReservation, quantityOf)
  }
  const has = (amounts: Fields) => Object.values(amounts).some((one) => one !== undefined)
  if (!has(limits) && !has(requests)) return undefined
  return { limits: has(limits) ? limits : undefined, requests: has(requests) ? requests : undefined }
}

const lifecycleOf = ({ stopSignal, postStart, preStop }: DockerContainer): Fields | undefined => {
  const hook = (told: Told<ReadonlyArray<string>> | undefined) =>
    told && new From(told.at, { exec: { command: told.value } })
  return (stopSignal ?? postStart ?? preStop) === undefined
    ? undefined
    : {
        postStart: hook(postStart),
        preStop: hook(preStop),
        stopSignal: stopSignal && new From(stopSignal.at, signalOf(stopSignal.value))
      }
}

/** What is declared if nothing is. */
const defaultLogging = { "max-size": "500m", "max-file": "3" }

const loggingOf = ({ logging }: DockerContainer, losses: Losses): Value | undefined => {
  // The driver and the limits of the engine's daemon.json.
  if (logging === undefined) return { driver: "default" }
  const { driver, options: written } = logging.value
  const isJson = driver === "json-file" || driver === ""
  // Docker keeps one file unless more are asked for.
  const options: Readonly<Record<string, string>> =
    isJson && written["max-size"] !== undefined && written["max-file"] === undefined
      ? { ...written, "max-file": "1" }
      : written
  const asked = Object.entries(options).filter(
    ([name, value]) => !isJson || defaultLogging[name as keyof typeof defaultLogging] !== value
  )
  if (isJson && asked.length === 0 && Object.keys(options).length > 0) return undefined
  if (isJson && options["max-size"] === undefined) {
    losses.note(
      logging.at.path,
      "Its files do not grow without end: three of 500 MB are kept, unless max-size and max-file are written."
    )
  }
  const named = asked.map(([name, value]) => [
    name,
    new From({ ...logging.at, path: `${logging.at.path} (${name})` }, value)
  ])
  const fields = {
    driver: driver === "" ? "json-file" : driver,
    options: named.length === 0 ? undefined : Object.fromEntries(named)
  }
  return new From(logging.at, fields)
}

const probesOf = ({ health, role, isAwaited, at }: DockerContainer, losses: Losses): Fields => {
  if (isAwaited && (health === undefined || testOf(health.value) === undefined)) {
    losses.add(
      at.path,
      "Others wait until it is healthy, by a health check of its image that is not known here: they start as soon as it has " +
        "started. Write the command as the test of its healthcheck."
    )
  }
  if (health === undefined) return {}
  const { path } = health.at
  const command = testOf(health.value)
  if (health.value.test[0] === "NONE") {
    losses.add(path, "The image's own health check still runs, if it has one; nothing acts on what it finds.")
    return {}
  }
  if (command === undefined) {
    losses.add(
      path,
      "A health check without a command of its own is the image's, which nothing acts on: write the command."
    )
    return {}
  }
  if (role === "init") {
    losses.add(path, "A container that runs to its end before the others has no probes.")
    return {}
  }
  const { interval = 0, timeout = 0, retries = 0, startPeriod = 0 } = health.value
  const periodSeconds = whole(interval, 30)
  const probe = {
    exec: { command },
    periodSeconds,
    timeoutSeconds: whole(timeout, 30),
    failureThreshold: retries === 0 ? 3 : retries
  }
  const delay = Math.ceil(startPeriod)
  losses.note(
    path,
    "It became a livenessProbe: where Docker only calls the container unhealthy, `slipway agent` restarts it. Make it a " +
      "readinessProbe if that is not meant." +
      (delay === 0 || isAwaited
        ? ""
        : " Docker probes during the start period too, and counts no failures in it; initialDelaySeconds lets it pass without a probe.")
  )
  const started = Math.max(probe.failureThreshold, Math.ceil(delay / periodSeconds) + probe.failureThreshold)
  return {
    ...(isAwaited ? { startupProbe: new From(health.at, { ...probe, failureThreshold: started }) } : {}),
    livenessProbe: new From(health.at, {
      ...probe,
      initialDelaySeconds: delay === 0 || isAwaited ? undefined : delay
    })
  }
}

/** Kubernetes counts whole seconds, from one on. Nothing, and 0, is Docker's default. */
const whole = (seconds: number, otherwise: number): number =>
  seconds === 0 ? otherwise : Math.max(1, Math.ceil(seconds))

const testOf = ({ test: [kind, ...words] }: DockerHealth): ReadonlyArray<string> | undefined =>
  words.length === 0
    ? undefined
    : kind === "CMD-SHELL"
      ? ["/bin/sh", "-c", words.join(" ")]
      : kind === "CMD"
        ? words
        : undefined
