import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { ImageDescription } from "../VmDescription.ts"

type Fields = Readonly<Record<string, unknown>>

/** A container that has a liveness probe, by its declared name. */
export interface ProbedContainer {
  readonly name: string
  readonly initialDelaySeconds: number
  readonly periodSeconds: number
  readonly timeoutSeconds: number
  readonly failureThreshold: number
}

/** The liveness probes of a scene: none, or some containers' own. */
export interface DrawnProbes {
  readonly probed: ReadonlyArray<ProbedContainer>
  /** What a container is declared with. */
  readonly fieldsOf: (name: string) => Fields
  /** How its image answers, as long as its process is well. */
  readonly answersOf: (name: string) => Pick<ImageDescription, "listensOn" | "commands">
}

const command = "check"
const path = "/healthz"

/**
 * Draws liveness probes for some of the containers that do not end. From a random stream of its own, so that a seed's other
 * draws do not depend on it. On the host's network somebody else may have the port, so that only commands are asked there.
 */
export const drawProbes = Effect.fnUntraced(function* (seed: string, likely: number, isOwnNetwork: boolean) {
  const chance = yield* Random.withSeed(Effect.service(Random.Random), `${seed}/week probes`)
  const oneOf = <A>(...values: ReadonlyArray<A>): A => values[Math.floor(chance.nextDoubleUnsafe() * values.length)]!
  const some = (likely: number) => chance.nextDoubleUnsafe() < likely
  const isAny = some(likely)

  const ports = new Map([
    ["web", 8_081],
    ["proxy", 8_082]
  ])
  const all = ["web", "proxy", "worker-0"].map((name) => {
    const port = isOwnNetwork && some(0.7) ? ports.get(name) : undefined
    return {
      name,
      port,
      isProbed: isAny && some(name === "web" ? 0.9 : 0.5),
      initialDelaySeconds: oneOf(0, 0, 20),
      periodSeconds: oneOf(20, 30, 60),
      timeoutSeconds: 1,
      failureThreshold: oneOf(1, 2, 3, 3),
      // Less than it takes some of the images to end, and more.
      terminationGracePeriodSeconds: oneOf(undefined, undefined, 2, 30)
    }
  })
  const probeOf = (name: string) => all.find((one) => one.name === name && one.isProbed)
  const drawn: DrawnProbes = {
    probed: all.filter(({ isProbed }) => isProbed),
    fieldsOf: (name) => {
      const probe = probeOf(name)
      if (probe === undefined) return {}
      const { port, initialDelaySeconds, periodSeconds, failureThreshold, terminationGracePeriodSeconds } = probe
      const handler = port === undefined ? { exec: { command: [command] } } : { httpGet: { path, port } }
      return {
        livenessProbe: {
          ...handler,
          initialDelaySeconds,
          periodSeconds,
          failureThreshold,
          ...(terminationGracePeriodSeconds === undefined ? {} : { terminationGracePeriodSeconds })
        }
      }
    },
    answersOf: (name) => {
      const probe = probeOf(name)
      if (probe === undefined) return {}
      return probe.port === undefined
        ? { commands: { [command]: { _tag: "Exits", afterMillis: 10, exitCode: 0 } } }
        : { listensOn: [{ port: probe.port, serves: { http: { [path]: 200 } } }] }
    }
  }
  return drawn
})
