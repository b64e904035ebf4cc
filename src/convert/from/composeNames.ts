import * as Result from "effect/Result"
import type { Losses } from "../Losses.ts"
import { envFileLines } from "./composeVariables.ts"
import type { ComposeService } from "./ComposeService.ts"
import type { DockerContainer } from "./DockerContainer.ts"
import { hostGateway, parseExtraHost } from "./dockerWords.ts"
import { allOf, type SourceInvalid } from "./SourceInvalid.ts"
import type { SourceNode } from "./SourceNode.ts"
import type { Origin } from "./Value.ts"

/** What variables are read with. */
interface Reading {
  readonly losses: Losses
  readonly variables: ReadonlyMap<string, string>
  readonly files: ReadonlyMap<string, string>
}

export const environmentOf = (
  service: ComposeService,
  { losses, variables: given, files }: Reading
): Result.Result<DockerContainer["env"], SourceInvalid> =>
  Result.gen(function* () {
    const variables = new Map<string, DockerContainer["env"][number]>()
    const set = (name: string, value: string | undefined, at: Origin) => {
      const known = value ?? given.get(name)
      if (known === undefined)
        losses.add(at.path, "Its value is that of the environment in which Compose is called: write it.")
      else {
        variables.delete(name)
        variables.set(name, { value: { name, value: known }, at })
      }
    }
    const read = envFilesOf(service).map(({ node, path, format, isRequired }) => {
      const text = files.get(path)
      if (text !== undefined) {
        losses.note(node.path, "Its variables are env.")
        return Result.map(envFileLines({ file: path, path: node.path, text, format }, given, losses), (lines) =>
          lines.map((line) => ({ ...line, node }))
        )
      }
      const reason =
        "The file was not read: write its variables as env, or as a ConfigMap or Secret that envFrom names."
      if (isRequired) losses.add(node.path, reason)
      else losses.note(node.path, "The file is not there, and need not be.")
      return Result.succeed([])
    })
    for (const { name, value, node } of (yield* allOf(read)).flat()) {
      set(name, value, { ...node.at, path: `${node.path} (${name})` })
    }
    for (const { value, at } of service.pairs("environment")) set(value.name, value.value, at)
    return [...variables.values()]
  })

/** A file of variables that a service names. */
interface EnvFile {
  readonly node: SourceNode
  readonly path: string
  readonly format: string | undefined
  readonly isRequired: boolean
}

export const envFilesOf = (service: ComposeService): ReadonlyArray<EnvFile> =>
  service
    .all("env_file")
    .flatMap((one) => (one.kind === "list" ? one.items : [one]))
    .map((node) => ({
      node,
      path: (node.kind === "mapping" ? node.get("path")?.text : node.text) ?? "",
      format: node.get("format")?.text,
      isRequired: node.get("required")?.boolean !== false
    }))

/** Other services find it by these. */
export const hostsOf = (service: ComposeService): ReadonlyArray<string> => [
  ...new Set([
    service.name,
    ...service.texts("container_name").map(({ value }) => value),
    ...service
      .all("networks")
      .flatMap((node) =>
        node.kind === "mapping"
          ? node.entries.flatMap(
              ([, network]) => network.get("aliases")?.items.flatMap((alias) => alias.text ?? []) ?? []
            )
          : []
      ),
    // Another name for a service of this file: all of them are at one address.
    ...service.texts("links").flatMap(({ value }) => value.split(":")[1] ?? [])
  ])
]

export const extraHostsOf = (service: ComposeService, losses: Losses): DockerContainer["extraHosts"] =>
  service.all("extra_hosts").flatMap((node) => {
    const hosts =
      node.kind === "mapping"
        ? node.entries.flatMap(([name, value]) =>
            (value.kind === "list" ? value.items : [value]).flatMap((one) =>
              one.text === undefined ? [] : [{ value: { name, ip: one.text.replaceAll(/[[\]]/g, "") }, at: one.at }]
            )
          )
        : node.items.flatMap((item) => {
            const value = parseExtraHost(item.text ?? "")
            if (value === undefined) losses.add(item.path, 'It cannot be read: write it as in "db:10.0.0.2".')
            return value === undefined ? [] : [{ value, at: item.at }]
          })
    return hosts.filter(({ value, at }) => {
      if (value.ip === "host-gateway") losses.add(at.path, hostGateway)
      return value.ip !== "host-gateway"
    })
  })
