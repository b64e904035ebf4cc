import type { Losses } from "../Losses.ts"
import type { ComposeService } from "./ComposeService.ts"
import type { DockerContainer } from "./DockerContainer.ts"
import { hostGateway, parseExtraHost } from "./dockerWords.ts"
import { parseEnvFile } from "./envFile.ts"
import type { Origin } from "./Value.ts"

export const environmentOf = (
  service: ComposeService,
  { losses, envFiles }: { readonly losses: Losses; readonly envFiles: ReadonlyMap<string, string> }
): DockerContainer["env"] => {
  const variables = new Map<string, DockerContainer["env"][number]>()
  const set = (name: string, value: string | undefined, at: Origin) => {
    if (value === undefined)
      losses.add(at.path, "Its value is that of the environment in which Compose is called: write it.")
    else {
      variables.delete(name)
      variables.set(name, { value: { name, value }, at })
    }
  }
  for (const node of service.all("env_file").flatMap((one) => (one.kind === "list" ? one.items : [one]))) {
    const path = (node.kind === "mapping" ? node.get("path")?.text : node.text) ?? ""
    const text = envFiles.get(path)
    if (text === undefined) {
      losses.add(
        node.path,
        "The file was not read: write its variables as env, or as a ConfigMap or Secret that envFrom names."
      )
    }
    for (const { name, value } of parseEnvFile(text ?? "")) {
      const at = { ...node.at, path: `${node.path} (${name})` }
      set(name.replace(/^export\s+/, ""), value === undefined ? undefined : unquoted(value), at)
    }
  }
  for (const { value, at } of service.pairs("environment")) set(value.name, value.value, at)
  return [...variables.values()]
}

const unquoted = (value: string): string => {
  const text = value.trim()
  const [, quote, inner] = /^(["'])([^]*)\1$/.exec(text) ?? []
  return quote === undefined ? text.replace(/\s+#.*$/, "") : (inner ?? "")
}

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
