import * as Result from "effect/Result"
import type { Losses } from "../Losses.ts"
import { type ComposeFiles, filesOf } from "./composeFiles.ts"
import { healthOf, mountsOf, type NamedVolume, portsOf, reportOthers } from "./composeLists.ts"
import type { Ordered } from "./composeOrder.ts"
import type { ComposeService } from "./ComposeService.ts"
import { type DockerContainer, dockerContainer } from "./DockerContainer.ts"
import { checkSwap, millisOfQuota, noQuota } from "./dockerLimits.ts"
import { bytesOf, millisOf, positive, secondsOf } from "./dockerUnits.ts"
import { environmentOf, extraHostsOf, hostsOf } from "./composeNames.ts"
import { optional } from "./optional.ts"
import { reportService } from "./reportCompose.ts"
import { splitCommand } from "./ShellWords.ts"
import { allOf, type SourceInvalid } from "./SourceInvalid.ts"
import type { SourceNode } from "./SourceNode.ts"
import type { Told } from "./Value.ts"

/** What services are read with. */
export interface ComposeReading {
  readonly file: string
  readonly losses: Losses
  readonly volumes: ReadonlyMap<string, NamedVolume>
  readonly mountable: ReadonlyArray<ComposeFiles>
  readonly variables: ReadonlyMap<string, string>
  readonly files: ReadonlyMap<string, string>
}

/** A service as a container. */
export const composeContainer = (
  { service, role, isAwaited }: Ordered,
  reading: ComposeReading
): Result.Result<DockerContainer, SourceInvalid> =>
  Result.gen(function* () {
    const { losses, volumes, mountable } = reading
    const { own, name } = service
    reportService(service, losses)
    const { image, entrypoint, command, postStart, preStop, env } = yield* allOf({
      image: imageOf(service),
      entrypoint: wordsOf(service, "entrypoint", reading.file),
      command: wordsOf(service, "command", reading.file),
      postStart: hookOf(service, "post_start", reading),
      preStop: hookOf(service, "pre_stop", reading),
      env: environmentOf(service, reading)
    })
    const seconds = (...keys: ReadonlyArray<string>) => number(service.one(...keys), secondsOf, "1m30s", losses)
    const bytes = (...keys: ReadonlyArray<string>) => number(service.one(...keys), bytesOf, "512m", losses)
    const cpus = (...keys: ReadonlyArray<string>) => number(service.one(...keys), millisOf, "1.5", losses)
    const whole = (...keys: ReadonlyArray<string>) => number(service.one(...keys), positive, "1024", losses)
    const grace = seconds("stop_grace_period")
    const memory = bytes("deploy", "resources", "limits", "memory") ?? bytes("mem_limit")
    checkSwap(service.text("memswap_limit"), memory, losses)
    const period = service.text("cpu_period")
    if (period !== undefined && service.one("cpu_quota") === undefined) losses.add(period.at.path, noQuota)
    const options = service.pairs("logging", "options")
    const logging = service.one("logging")
    return dockerContainer(own.at, image, {
      role,
      isAwaited,
      name: { value: service.text("container_name")?.value ?? name, at: service.text("container_name")?.at ?? own.at },
      hosts: hostsOf(service),
      ...optional("entrypoint", entrypoint),
      ...optional("command", command),
      ...optional("workingDir", service.text("working_dir")),
      env,
      ports: portsOf(service, losses),
      mounts: [...mountsOf(service, volumes, losses), ...mountable.flatMap((one) => filesOf(service, one, losses))],
      volumesFrom: service.texts("volumes_from"),
      pullPolicy: service.text("pull_policy") ?? { value: "missing", at: own.at },
      restart: restartOf(service, losses) ?? { value: "no", at: own.at },
      ...optional(
        "cpuMillis",
        cpus("deploy", "resources", "limits", "cpus") ??
          cpus("cpus") ??
          millisOfQuota(whole("cpu_quota"), whole("cpu_period"))
      ),
      ...optional("cpuShares", whole("cpu_shares")),
      ...optional("cpuRequestMillis", cpus("deploy", "resources", "reservations", "cpus")),
      ...optional("memory", memory),
      ...optional(
        "memoryReservation",
        bytes("deploy", "resources", "reservations", "memory") ?? bytes("mem_reservation")
      ),
      ...optional("gpus", gpusOf(service, losses)),
      ...optional("shmSize", bytes("shm_size")),
      ...optional("user", service.text("user")),
      groups: service.texts("group_add"),
      capAdd: service.texts("cap_add"),
      capDrop: service.texts("cap_drop"),
      ...optional("privileged", service.boolean("privileged")),
      ...optional("readOnly", service.boolean("read_only")),
      securityOptions: service.texts("security_opt"),
      sysctls: service
        .pairs("sysctls")
        .map(({ value, at }) => ({ value: { name: value.name, value: value.value ?? "" }, at })),
      ...optional("stdin", service.boolean("stdin_open")),
      ...optional("tty", service.boolean("tty")),
      ...optional("stopSignal", service.text("stop_signal")),
      ...optional("stopTimeout", grace && { value: Math.ceil(grace.value), at: grace.at }),
      ...optional("postStart", postStart),
      ...optional("preStop", preStop),
      ...optional("health", healthOf(service, losses)),
      ...(logging && {
        logging: {
          at: logging.at,
          value: {
            driver: service.text("logging", "driver")?.value ?? "",
            options: Object.fromEntries(options.map(({ value }) => [value.name, value.value ?? ""]))
          }
        }
      }),
      ...optional("hostname", service.text("hostname")),
      dns: service.texts("dns"),
      dnsSearch: service.texts("dns_search"),
      dnsOptions: service.texts("dns_opt"),
      extraHosts: extraHostsOf(service, losses),
      ...optional("network", service.text("network_mode")),
      ...optional("pid", service.text("pid")),
      ...optional("ipc", service.text("ipc")),
      ...optional("runtime", service.text("runtime"))
    })
  })

const imageOf = (service: ComposeService): Result.Result<Told<string>, SourceInvalid> => {
  const image = service.text("image")
  if (image !== undefined) return Result.succeed(image)
  const isBuilt = service.one("build") !== undefined
  return Result.fail(
    service.own.fail(
      `the service has no image${isBuilt ? " but one to be built" : ""}`,
      "Build the image, push it to a registry, and name it as image. --only converts other services without it."
    )
  )
}

const number = (
  node: SourceNode | undefined,
  parse: (text: string) => number | undefined,
  form: string,
  losses: Losses
): Told<number> | undefined => {
  if (node === undefined) return undefined
  const value = node.goText === undefined ? undefined : parse(node.goText)
  if (value === undefined) losses.add(node.path, `It cannot be read: write it as in ${form}.`)
  return value === undefined ? undefined : { value, at: node.at }
}

/** A list is taken as it is; a text is split into words, with no shell to run it. */
const wordsOf = (
  service: ComposeService,
  key: string,
  file: string
): Result.Result<Told<ReadonlyArray<string>> | undefined, SourceInvalid> =>
  Result.gen(function* () {
    const node = service.one(key)
    if (node === undefined) return undefined
    return { value: yield* splitNode(node, file), at: node.at }
  })

const splitNode = (node: SourceNode, file: string): Result.Result<ReadonlyArray<string>, SourceInvalid> => {
  if (node.kind !== "list") {
    return node.text === undefined
      ? Result.fail(node.fail("it is no command", "Write a text, or a list of its words."))
      : Result.mapError(splitCommand(file, node.text), ({ problems: [{ detail, advice }] }) =>
          node.fail(detail, advice)
        )
  }
  return allOf(
    node.items.map((item) =>
      item.text === undefined ? Result.fail(item.fail("it is no word", "Write a text.")) : Result.succeed(item.text)
    )
  )
}

const hookOf = (service: ComposeService, key: string, { file, losses }: ComposeReading) =>
  Result.gen(function* () {
    const [first, ...others] = service.one(key)?.items ?? []
    for (const { path } of others) losses.add(path, "There is one such hook: put the commands into a script.")
    const command = first?.get("command")
    if (first === undefined || command === undefined) return undefined
    reportOthers(first, ["command"], losses, "A hook runs as the container's user, with its directory and variables.")
    return { value: yield* splitNode(command, file), at: first.at }
  })

const restartOf = (service: ComposeService, losses: Losses): Told<string> | undefined => {
  const policy = service.one("deploy", "restart_policy")
  if (policy === undefined) return service.text("restart")
  for (const layer of service.all("deploy", "restart_policy")) {
    reportOthers(layer, ["condition"], losses, "The engine restarts with a back-off of its own, without end.")
  }
  const condition = service.text("deploy", "restart_policy", "condition")?.value ?? "any"
  const value = condition === "none" ? "no" : condition === "on-failure" ? "on-failure" : "always"
  return { value, at: policy.at }
}

const gpusOf = (service: ComposeService, losses: Losses): Told<number> | undefined => {
  const devices = service.all("deploy", "resources", "reservations", "devices").flatMap(({ items }) => items)
  const requests = service.all("gpus").flatMap((node) => (node.kind === "list" ? node.items : [node]))
  let count: Told<number> | undefined
  for (const node of [...devices, ...requests]) {
    const capabilities = node.get("capabilities")?.items.flatMap(({ text }) => text ?? []) ?? ["gpu"]
    const ids = node.get("device_ids")?.items
    const given = node.get("count")?.text ?? (node.kind === "text" ? node.text : undefined)
    if (!capabilities.includes("gpu")) losses.add(node.path, "Devices are not passed on but for GPUs.")
    else if (ids !== undefined && ids.length > 0) {
      losses.add(
        node.path,
        "Their number is carried over, not which ones they are: GPUs are given from the first one on."
      )
      count = { value: ids.length, at: node.at }
    } else if (given !== undefined && /^\d+$/.test(given)) count = { value: Number(given), at: node.at }
    else
      losses.add(
        node.path,
        'Their number has to be said: write "nvidia.com/gpu" into the limits, with how many the VM has.'
      )
    if (node.kind === "mapping") reportOthers(node, ["capabilities", "device_ids", "count", "driver"], losses)
  }
  return count
}
