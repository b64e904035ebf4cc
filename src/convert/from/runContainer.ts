import * as Arr from "effect/Array"
import * as Result from "effect/Result"
import type { Losses } from "../Losses.ts"
import { type DockerContainer, dockerContainer, type DockerHealth, type DockerMount } from "./DockerContainer.ts"
import { parseMount, parseTmpfs, parseVolume, type ReadMount } from "./dockerMounts.ts"
import { parsePublish, randomPort } from "./dockerPorts.ts"
import { checkSwap, millisOfQuota, noQuota } from "./dockerLimits.ts"
import { bytesOf, millisOf, positive, secondsOf } from "./dockerUnits.ts"
import { hostGateway, pairOf, parseExtraHost, parseGpus } from "./dockerWords.ts"
import { optional } from "./optional.ts"
import { lastOfEach, variableOf, variablesOf } from "./runVariables.ts"
import type { RunCommand, WrittenFlag } from "./parseRun.ts"
import { SourceInvalid, type SourceProblem } from "./SourceInvalid.ts"
import { variableIn } from "./variableIn.ts"
import type { Origin, Told } from "./Value.ts"

interface Reading {
  readonly losses: Losses
  readonly envFiles: ReadonlyMap<string, string>
  readonly originOf: (flag: WrittenFlag) => Origin
}

/** What `docker run` would start. */
export const runContainer = (
  file: string,
  { flags, image, command }: RunCommand,
  { losses, envFiles, originOf }: Reading
): Result.Result<DockerContainer, SourceInvalid> => {
  const invalid: Array<SourceProblem> = []
  const all = (name: string): ReadonlyArray<Told<string>> =>
    flags.flatMap((flag) => (flag.name === name ? [{ value: flag.value, at: originOf(flag) }] : []))
  /** The last one counts. */
  const one = (name: string) => all(name).at(-1)
  /** What a word of Docker's says; an error where it says nothing. */
  const read = <A>(
    told: Told<string>,
    parse: (text: string) => A | undefined,
    form: string
  ): ReadonlyArray<Told<A>> => {
    const value = parse(told.value)
    if (value !== undefined) return [{ value, at: told.at }]
    const { path, line } = told.at
    // An option of a log driver may be a secret, and what looks like a variable a part of it.
    const variable = path.includes("--log-opt") ? undefined : variableIn(told.value)
    const detail = variable === undefined ? "it cannot be read" : `the variable ${variable} in it is not replaced`
    const advice = `Write ${variable === undefined ? "it as in" : "what it stands for, as in"} ${form}.`
    invalid.push({ file, line, path, detail, advice })
    return []
  }
  const readOne = <A>(name: string, parse: (text: string) => A | undefined, form: string): Told<A> | undefined =>
    all(name)
      .flatMap((told) => read(told, parse, form))
      .at(-1)
  const readAll = <A>(name: string, parse: (text: string) => A | undefined, form: string) =>
    all(name).flatMap((told) => read(told, parse, form))
  const isSet = (name: string): Told<boolean> | undefined => {
    const told = one(name)
    return told && { value: told.value !== "false", at: told.at }
  }

  const mount =
    (parse: (text: string) => ReadMount) =>
    (told: Told<string>): ReadonlyArray<Told<DockerMount>> => {
      const { mount, losses: lost } = parse(told.value)
      for (const reason of lost) losses.add(told.at.path, reason)
      return mount === undefined ? [] : [{ value: mount, at: told.at }]
    }
  const published = readAll("publish", parsePublish, "8080:80").flatMap(({ value: { ports, isRandom }, at }) => {
    if (isRandom && one("network")?.value !== "host") losses.add(at.path, randomPort)
    return ports.map((value) => ({ value, at }))
  })
  const exposed = readAll("expose", parsePublish, "80/tcp").flatMap(({ value: { ports }, at }) =>
    ports.map((port) => ({ value: { ...port, hostPort: undefined }, at }))
  )
  const isPublished = (port: number, protocol: string) =>
    published.some(({ value }) => value.containerPort === port && value.protocol === protocol)

  const memory = readOne("memory", bytesOf, "512m")
  checkSwap(one("memory-swap"), memory, losses)
  const quota = readOne("cpu-quota", positive, "50000")
  const period = readOne("cpu-period", positive, "100000")
  if (quota === undefined && period !== undefined) losses.add(period.at.path, noQuota)
  const entrypoint = one("entrypoint")
  const user = one("user")
  const gpus = one("gpus")
  const gpu = gpus && parseGpus(gpus.value)
  if (gpus !== undefined && gpu?.loss !== undefined) losses.add(gpus.at.path, gpu.loss)

  const name = one("name")
  const { network, aliases } = networkOf(all("network"), losses)
  const container = dockerContainer(
    { path: "docker run", line: image.line },
    { value: image.text, at: { path: "the image", line: image.line } },
    {
      ...(name && { name }),
      hosts: [
        ...(name === undefined ? [] : [name.value]),
        ...all("network-alias").map(({ value }) => value),
        ...aliases
      ],
      ...(entrypoint && {
        entrypoint: { value: entrypoint.value === "" ? [] : [entrypoint.value], at: entrypoint.at }
      }),
      ...(command.length > 0 && {
        command: {
          value: command.map(({ text }) => text),
          at: { path: "what follows the image", line: command[0]?.line }
        }
      }),
      ...optional("workingDir", one("workdir")),
      env: lastOfEach([
        ...all("env-file").flatMap((told) => variablesOf(told, envFiles, losses)),
        ...all("env").flatMap((told) => variableOf(told, losses))
      ]),
      ports: [...published, ...exposed.filter(({ value }) => !isPublished(value.containerPort, value.protocol))],
      mounts: [
        ...all("volume").flatMap(mount(parseVolume)),
        ...all("mount").flatMap(mount(parseMount)),
        ...all("tmpfs").flatMap(mount(parseTmpfs))
      ],
      volumesFrom: all("volumes-from"),
      links: all("link").map(({ value, at }) => {
        const [container = "", alias = container] = value.split(":")
        return { value: { container, alias }, at }
      }),
      pullPolicy: one("pull") ?? { value: "missing", at: { path: "docker run" } },
      ...(one("restart") && { restart: one("restart")! }),
      ...optional("cpuMillis", readOne("cpus", millisOf, "1.5") ?? millisOfQuota(quota, period)),
      ...optional("cpuShares", readOne("cpu-shares", positive, "1024")),
      ...optional("memory", memory),
      ...optional("memoryReservation", readOne("memory-reservation", bytesOf, "256m")),
      ...(gpus && gpu?.count !== undefined && { gpus: { value: gpu.count, at: gpus.at } }),
      ...optional("shmSize", readOne("shm-size", bytesOf, "64m")),
      ...(user && user.value !== "" && { user }),
      groups: all("group-add"),
      capAdd: all("cap-add"),
      capDrop: all("cap-drop"),
      ...optional("privileged", isSet("privileged")),
      ...optional("readOnly", isSet("read-only")),
      securityOptions: all("security-opt"),
      sysctls: readAll("sysctl", pairOf, "net.core.somaxconn=1024"),
      ...optional("stdin", isSet("interactive")),
      ...optional("tty", isSet("tty")),
      ...optional("stopSignal", one("stop-signal")),
      ...optional("stopTimeout", readOne("stop-timeout", wholeNumber, "30")),
      ...optional("health", healthOf({ one, isSet, readOne })),
      ...optional("logging", loggingOf(one("log-driver"), readAll("log-opt", pairOf, "max-size=10m"))),
      ...optional("hostname", one("hostname")),
      dns: all("dns"),
      dnsSearch: all("dns-search"),
      dnsOptions: all("dns-option"),
      extraHosts: readAll("add-host", parseExtraHost, "db:10.0.0.2").filter(({ value, at }) => {
        if (value.ip === "host-gateway") losses.add(at.path, hostGateway)
        return value.ip !== "host-gateway"
      }),
      ...optional("network", network),
      ...optional("pid", one("pid")),
      ...optional("ipc", one("ipc")),
      ...optional("runtime", one("runtime"))
    }
  )
  return Arr.isArrayNonEmpty(invalid)
    ? Result.fail(new SourceInvalid({ file, problems: invalid }))
    : Result.succeed(container)
}

const wholeNumber = (text: string): number | undefined => (/^\d{1,9}$/.test(text) ? Number(text) : undefined)

const loggingOf = (
  driver: Told<string> | undefined,
  options: ReadonlyArray<Told<{ readonly name: string; readonly value: string }>>
): DockerContainer["logging"] => {
  const at = driver?.at ?? (options[0] && { ...options[0].at, path: "--log-opt" })
  if (at === undefined) return undefined
  return {
    at,
    value: {
      driver: driver?.value ?? "",
      options: Object.fromEntries(options.map(({ value: { name, value } }) => [name, value]))
    }
  }
}

const healthOf = ({
  one,
  isSet,
  readOne
}: {
  readonly one: (name: string) => Told<string> | undefined
  readonly isSet: (name: string) => Told<boolean> | undefined
  readonly readOne: <A>(name: string, parse: (text: string) => A | undefined, form: string) => Told<A> | undefined
}): Told<DockerHealth> | undefined => {
  const none = isSet("no-healthcheck")
  if (none?.value === true) return { value: { test: ["NONE"] }, at: none.at }
  const command = one("health-cmd")
  const interval = readOne("health-interval", secondsOf, "30s")
  const timeout = readOne("health-timeout", secondsOf, "5s")
  const retries = readOne("health-retries", wholeNumber, "3")
  const startPeriod = readOne("health-start-period", secondsOf, "1m")
  const at = (command ?? interval ?? timeout ?? retries ?? startPeriod)?.at
  return (
    at && {
      at,
      value: {
        test: command === undefined ? [] : ["CMD-SHELL", command.value],
        interval: interval?.value,
        timeout: timeout?.value,
        retries: retries?.value,
        startPeriod: startPeriod?.value
      }
    }
  )
}

/** The first counts; `name=…,alias=…` is its long form. */
const networkOf = (
  networks: ReadonlyArray<Told<string>>,
  losses: Losses
): { readonly network: Told<string> | undefined; readonly aliases: ReadonlyArray<string> } => {
  const [first, ...others] = networks
  for (const { at } of others) losses.add(at.path, "A Pod has one network.")
  if (first === undefined || !/(?:^|,)name=/.test(first.value)) return { network: first, aliases: [] }
  const parts = first.value.split(",").map((part) => part.split("="))
  const valuesOf = (key: string) => parts.flatMap(([name, value = ""]) => (name === key ? [value] : []))
  for (const [key = ""] of parts) {
    if (key !== "name" && key !== "alias")
      losses.add(`${first.at.path} (${key})`, "A Pod's network is the engine's choice.")
  }
  return { network: { ...first, value: valuesOf("name")[0] ?? "" }, aliases: valuesOf("alias") }
}
