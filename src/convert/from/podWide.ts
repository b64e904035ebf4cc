import type { Losses } from "../Losses.ts"
import type { DockerContainer } from "./DockerContainer.ts"
import { joinedBy } from "./dockerPodNetwork.ts"
import { holdsForAll } from "./holdsForAll.ts"
import type { Told } from "./Value.ts"

/** Lists what not all containers say in the same words, and all of them have in a Pod. */
export const reportPodWide = (all: ReadonlyArray<DockerContainer>, losses: Losses): void => {
  const running = all.filter(({ role }) => role !== "sandbox")
  if (running.length < 2) return
  // Who joins another's network has its names and settings.
  const onNetwork = running.map((one) => joinedBy(one.network, all) ?? one)
  const one = (told: Told<string> | undefined) => (told === undefined ? [] : [told])
  const each = <A>(
    containers: ReadonlyArray<DockerContainer>,
    toldBy: (container: DockerContainer) => ReadonlyArray<Told<A>>
  ): void => {
    const said = containers.map(
      (container) => new Map(toldBy(container).map((told) => [JSON.stringify(told.value), told]))
    )
    for (const [key, { at }] of said.flatMap((values) => [...values])) {
      if (!said.every((values) => values.has(key))) losses.add(at.path, holdsForAll)
    }
  }
  each(onNetwork, ({ dns }) => dns)
  each(onNetwork, ({ dnsSearch }) => dnsSearch)
  each(onNetwork, ({ dnsOptions }) => dnsOptions)
  each(onNetwork, ({ extraHosts }) => extraHosts)
  each(running, ({ groups }) => groups.filter(({ value }) => /^(?:\d+|root)$/.test(value)))
  // Where two say something else, one of them is lost, and listed as that.
  const first = <A>(
    containers: ReadonlyArray<DockerContainer>,
    toldBy: (of: DockerContainer) => ReadonlyArray<Told<A>>
  ) => {
    const told = containers.flatMap(toldBy)
    const isOne = new Set(told.map(({ value }) => JSON.stringify(value))).size === 1
    if (isOne) each(containers, toldBy)
    else if (told[0] !== undefined) losses.add(told[0].at.path, holdsForAll)
  }
  first(running, ({ runtime }) => one(runtime))
  first(onNetwork, ({ hostname }) => one(hostname))
  for (const name of new Set(onNetwork.flatMap(({ sysctls }) => sysctls.map(({ value }) => value.name)))) {
    first(onNetwork, ({ sysctls }) => sysctls.filter(({ value }) => value.name === name).slice(-1))
  }
}

/** Of each name what the first container says that has it; where another says something else, that is lost. */
export const sysctlsOf = (containers: ReadonlyArray<DockerContainer>, losses: Losses): DockerContainer["sysctls"] => {
  const found = new Map<string, DockerContainer["sysctls"][number]>()
  for (const { sysctls } of containers) {
    // Of one container the last counts.
    for (const told of new Map(sysctls.map((one) => [one.value.name, one])).values()) {
      const known = found.get(told.value.name)
      if (known === undefined) found.set(told.value.name, told)
      else if (known.value.value !== told.value.value) losses.add(told.at.path, oneForAll(known.at.path))
    }
  }
  return [...found.values()]
}

const oneForAll = (path: string): string => `A Pod has one for all its containers: that of ${path}.`

/** What Docker waits for before it kills a container. */
const dockersGrace = 10

/** The Pod has one: with less, what needs longer would be killed. */
export const longestGrace = (containers: ReadonlyArray<DockerContainer>, losses: Losses): Told<number> | undefined => {
  const told = containers.flatMap(({ stopTimeout }) => stopTimeout ?? [])
  const [longest] = told.toSorted((a, b) => b.value - a.value)
  if (longest === undefined) return undefined
  const isSilent = told.length < containers.length
  const value = Math.max(longest.value, isSilent ? dockersGrace : 0)
  for (const { value: own, at } of told) {
    if (own < value) {
      const whose =
        longest.value < value ? `the ${dockersGrace} seconds of one that says nothing` : `that of ${longest.at.path}`
      losses.add(at.path, `A Pod has one for all its containers, the longest: ${whose}.`)
    } else if (told.some((other) => other.value !== value) || (isSilent && value !== dockersGrace)) {
      losses.add(at.path, holdsForAll)
    }
  }
  return { ...longest, value }
}
