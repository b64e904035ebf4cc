import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { ImageDescription } from "../VmDescription.ts"
import type { DeclaredContainer } from "./declaredContainers.ts"
import { sandboxOf } from "./declaredContainers.ts"

type Fields = Record<string, unknown>
type When = "before" | "now"

/** What a Pod has besides the container `web`. */
export interface DrawnPod {
  /** A Pod around `web`, as it was declared before, or as it is now. */
  readonly around: (when: When, web: Fields) => Fields
  /** `web` differs between the two in more than its image. */
  readonly webChanges: boolean
  readonly images: ReadonlyArray<ImageDescription>
  /** As it is now. */
  readonly declared: (web: DeclaredContainer) => ReadonlyArray<DeclaredContainer>
}

interface Drawn {
  readonly name: string
  readonly role: "init" | "sidecar" | "main"
  readonly declaredIn: ReadonlyArray<When>
  readonly image: Readonly<Record<When, string>>
  readonly args: Readonly<Record<When, ReadonlyArray<string>>>
  readonly mounts: ReadonlyArray<Fields>
}

interface DrawnFrom {
  /** Those of which any container may have some. */
  readonly mounts: ReadonlyArray<Fields>
  /** Of what does not end. */
  readonly images: ReadonlyArray<string>
  readonly token: string
  /** How many of the draws are not `web` alone. */
  readonly likely: number
}

/**
 * Draws one to five containers and up to three init containers, some of them sidecars, on the host's network or their
 * own. Most often there is `web` alone on the host's. From a random stream of its own, so that a seed's other draws do
 * not depend on it.
 */
export const drawPod = Effect.fnUntraced(function* (seed: string, { mounts, images, token, likely }: DrawnFrom) {
  const chance = yield* Random.withSeed(Effect.service(Random.Random), `${seed}/pod`)
  const oneOf = <A>(...values: ReadonlyArray<A>): A => values[Math.floor(chance.nextDoubleUnsafe() * values.length)]!
  const some = (likely: number) => chance.nextDoubleUnsafe() < likely
  if (!some(likely)) return alone

  const setup: ImageDescription = {
    reference: "us-docker.pkg.dev/example/setup:1",
    token,
    local: some(0.3),
    behaviour: { _tag: "Exits", afterMillis: oneOf(100, 2_000, 20_000), exitCode: 0 }
  }
  const draw = (name: string, role: Drawn["role"]): Drawn => {
    const [before, now] = role === "init" ? [setup.reference, setup.reference] : [oneOf(...images), oneOf(...images)]
    return {
      name,
      role,
      declaredIn: oneOf<ReadonlyArray<When>>(
        ["before", "now"],
        ["before", "now"],
        ["before", "now"],
        ["before"],
        ["now"]
      ),
      image: { before, now: some(0.7) ? before : now },
      args: { before: ["--serve"], now: some(0.3) ? ["--serve", "--now"] : ["--serve"] },
      mounts: mounts.filter(() => some(0.3))
    }
  }
  const workers = Array.from({ length: oneOf(0, 1, 1, 1, 2, 2, 3, 4) }, (_, index) => draw(`worker-${index}`, "main"))
  const before = Array.from({ length: oneOf(0, 0, 1, 1, 2, 3) }, (_, index) =>
    some(0.4) ? draw(`proxy-${index}`, "sidecar") : draw(`setup-${index}`, "init")
  )
  const isOwn = some(0.4)
  const hasOwnNetwork = { before: some(0.1) ? !isOwn : isOwn, now: isOwn }
  const port = { before: 8080, now: some(0.2) ? 9090 : 8080 }

  const fieldsOf = (when: When, { name, role, image, args, mounts }: Drawn): Fields => ({
    name,
    image: image[when],
    args: args[when],
    volumeMounts: mounts,
    ...(role === "sidecar" ? { restartPolicy: "Always" } : {})
  })
  const fields = (when: When, drawn: ReadonlyArray<Drawn>) =>
    drawn.filter(({ declaredIn }) => declaredIn.includes(when)).map((one) => fieldsOf(when, one))
  const pod: DrawnPod = {
    around: (when, web) => ({
      ...(hasOwnNetwork[when] ? { hostNetwork: false } : {}),
      initContainers: fields(when, before),
      containers: [
        { ...web, ...(hasOwnNetwork[when] ? { ports: [{ containerPort: 80, hostPort: port[when] }] } : {}) },
        ...fields(when, workers)
      ]
    }),
    webChanges: some(0.5),
    images: [setup],
    declared: (web) => {
      const others = (drawn: ReadonlyArray<Drawn>) =>
        drawn
          .filter(({ declaredIn }) => declaredIn.includes("now"))
          .map(({ name, role, image }): DeclaredContainer => ({ name, role, image: image.now }))
      const all = [...others(before), web, ...others(workers)]
      return hasOwnNetwork.now && all.length > 1 ? [sandboxOf({ sharesProcesses: false }), ...all] : all
    }
  }
  return pod
})

/** `web` and nothing else, on the host's network. */
const alone: DrawnPod = {
  around: (_, web) => ({ containers: [web] }),
  webChanges: true,
  images: [],
  declared: (web) => [web]
}
