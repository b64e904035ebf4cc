import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { TrialScene } from "./TrialScene.ts"

const secret = "s3cr3t-v4lue"
const token = "ya29.t0ken"
const image = (name: string) => `us-docker.pkg.dev/example/${name}:1`

/** What one boot of a Pod declares of its containers. */
interface Member {
  readonly name: string
  readonly image: string
  readonly mode: string
}

/**
 * Draws a Pod of one to five containers and up to three init containers, on the host's network or, unless that is excluded,
 * on its own, and what it was before: some of its containers are new, gone, changed or as they were.
 */
export const drawPodScene = Effect.fnUntraced(function* (seed: string, onHostNetwork = false) {
  const chance = yield* Random.withSeed(Effect.service(Random.Random), `${seed}/pod`)
  const some = (likely: number) => chance.nextDoubleUnsafe() < likely
  const number = (most: number) => Math.floor(chance.nextDoubleUnsafe() * (most + 1))
  const members = (prefix: string, count: number, names: ReadonlyArray<string>): ReadonlyArray<Member> =>
    Array.from({ length: count }, (_, index) => ({
      name: `${prefix}${index}`,
      image: image(names[number(names.length - 1)]!),
      mode: "before"
    }))
  const inits = members("init-", number(3), ["job", "proxy"])
  const mains = members("web-", 1 + number(4), ["web", "api"])
  const ownNetwork = some(0.5) && !onHostNetwork
  // From one boot to the next.
  const later = (list: ReadonlyArray<Member>) => list.map((one) => (some(0.3) ? { ...one, mode: "now" } : one))
  const [initsNow, mainsNow] = [later(inits), later(mains)]
  const kept = some(0.3) && mains.length > 1 ? mainsNow.slice(1) : mainsNow
  const networkNow = some(0.1) ? !ownNetwork && !onHostNetwork : ownNetwork

  const declare = (inits: ReadonlyArray<Member>, mains: ReadonlyArray<Member>, isOwn: boolean) =>
    JSON.stringify({
      spec: {
        ...(isOwn ? { hostNetwork: false, hostname: "pod" } : {}),
        ...(inits.length === 0 ? {} : { initContainers: inits.map((one) => declareOne(one)) }),
        containers: mains.map((one) => ({
          ...declareOne(one),
          ...(isOwn ? { ports: [{ containerPort: 80, hostPort: 8000 + Number(one.name.slice(-1)) }] } : {})
        }))
      }
    })
  const scene: TrialScene = {
    description: {
      token,
      imageStore: some(0.5) ? "graph driver" : "containerd",
      containers: some(0.5) ? [{ name: "somebody", image: image("web"), restartPolicy: "always" }] : [],
      images: [
        ...["web", "api", "proxy"].map((name) => ({
          reference: image(name),
          token,
          local: true,
          behaviour: { _tag: "Runs" as const, log: [`PASSWORD=${secret}`] }
        })),
        { reference: image("job"), token, behaviour: { _tag: "Exits" as const, afterMillis: 500, exitCode: 0 } }
      ]
    },
    before: some(0.6) ? declare(inits, mains, ownNetwork) : undefined,
    declaration: declare(initsNow, kept, networkNow),
    moves: [],
    secrets: [secret, token],
    containers: kept.map(({ name }) => name)
  }
  return scene
})

/** What runs on is a sidecar where it is an init container. */
const declareOne = ({ name, image, mode }: Member) => ({
  name,
  image,
  env: [
    { name: "PASSWORD", value: secret },
    { name: "MODE", value: mode }
  ],
  ...(image.includes("/proxy:") ? { restartPolicy: "Always" } : {})
})
