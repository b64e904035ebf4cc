import type { Losses } from "../Losses.ts"
import type { ComposeService } from "./ComposeService.ts"
import type { DockerContainer } from "./DockerContainer.ts"
import type { SourceInvalid } from "./SourceInvalid.ts"
import type { SourceNode } from "./SourceNode.ts"

interface Dependency {
  readonly on: string
  readonly condition: string
  readonly node: SourceNode
}

/** A service in its place. */
export interface Ordered {
  readonly service: ComposeService
  readonly role: DockerContainer["role"]
  readonly isAwaited: boolean
}

/**
 * Services in the order of their dependencies. What another waits for until it has completed is an init container. What
 * another waits for until it is healthy, and what an init container or a sidecar needs, is a sidecar: these are started one
 * after the other, before the containers. `circles`: what cannot be put in order.
 */
export const orderServices = (
  services: ReadonlyArray<ComposeService>,
  losses: Losses
): { readonly ordered: ReadonlyArray<Ordered>; readonly circles: ReadonlyArray<SourceInvalid> } => {
  const known = new Map(services.map((service) => [service.name, service]))
  const needs = new Map(services.map((service) => [service.name, dependenciesOf(service, known, losses)]))
  const all = [...needs.values()].flat()
  const completed = new Set(
    all.filter(({ condition }) => condition === "service_completed_successfully").map(({ on }) => on)
  )
  const awaited = new Set(all.filter(({ condition }) => condition === "service_healthy").map(({ on }) => on))
  const early = new Set([...completed, ...awaited])
  // What comes before an init container comes before all containers.
  for (const name of early) for (const { on } of needs.get(name) ?? []) early.add(on)

  const ordered: Array<Ordered> = []
  const state = new Map<string, "open" | "done">()
  const circles: Array<SourceInvalid> = []
  const visit = (service: ComposeService, by: SourceNode): void => {
    const { name } = service
    if (state.get(name) === "done") return
    if (state.get(name) === "open") {
      circles.push(
        by.fail(`the services depend on each other in a circle, by way of "${name}"`, "Remove one of the dependencies.")
      )
      return
    }
    state.set(name, "open")
    for (const { on, node } of needs.get(name) ?? []) visit(known.get(on)!, node)
    state.set(name, "done")
    const role = completed.has(name) ? "init" : early.has(name) ? "sidecar" : "main"
    ordered.push({ service, role, isAwaited: awaited.has(name) && role === "sidecar" })
  }
  for (const service of services) visit(service, service.own)
  return { ordered, circles }
}

/** What a service waits for, by name. */
export const dependedOn = (service: ComposeService): ReadonlyArray<string> =>
  writtenDependencies(service).map(({ on }) => on)

const writtenDependencies = (service: ComposeService): ReadonlyArray<Dependency> => {
  const written = service.all("depends_on").flatMap((node): ReadonlyArray<Dependency> =>
    node.kind === "mapping"
      ? node.entries.map(([on, value]) => ({
          on,
          condition: value.get("condition")?.text ?? "service_started",
          node: value
        }))
      : node.items.flatMap((item) =>
          item.text === undefined ? [] : [{ on: item.text, condition: "service_started", node: item }]
        )
  )
  const linked = service.all("links").flatMap(({ items }) =>
    items.flatMap((node) => {
      const [on = ""] = (node.text ?? "").split(":")
      return written.some((one) => one.on === on) ? [] : [{ on, condition: "service_started", node }]
    })
  )
  return [...written, ...linked]
}

const dependenciesOf = (
  service: ComposeService,
  known: ReadonlyMap<string, ComposeService>,
  losses: Losses
): ReadonlyArray<Dependency> => {
  const all = writtenDependencies(service)
  for (const { node } of all) {
    const restart = node.get("restart")
    if (restart?.boolean === true) losses.add(restart.path, "A container is not restarted because another is.")
  }
  return all.filter(({ on, node }) => {
    if (!known.has(on)) {
      const isOptional = node.get("required")?.boolean === false
      losses[isOptional ? "note" : "add"](node.path, `No service "${on}" is converted.`)
    }
    return known.has(on) && on !== service.name
  })
}
