import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { DeclaredContainer } from "./declaredContainers.ts"
import { drawPod } from "./drawPod.ts"
import type { ContainerDescription, DiskDescription, ImageDescription, VmDescription } from "../VmDescription.ts"

/** What a trial boots, and on what. */
export interface TrialScene {
  readonly description: VmDescription
  readonly before: string | undefined
  readonly declaration: string
  readonly declared: ReadonlyArray<DeclaredContainer>
  readonly moves: ReadonlyArray<ImageDescription>
  readonly secrets: ReadonlyArray<string>
}

const secret = "s3cr3t-v4lue"
const token = "ya29.t0ken"
const image = (version: number) => `us-docker.pkg.dev/example/app:${version}`

/** How many of the scenes have more than one container, or a network of their own. */
const podShare = 0.2

/** Draws a declaration and a VM on which it can start: containers, volumes, policies, previous state. */
export const drawScene = Effect.fnUntraced(function* (seed: string, pods = podShare) {
  const chance = yield* Random.withSeed(Effect.service(Random.Random), `${seed}/scene`)
  const oneOf = <A>(...values: ReadonlyArray<A>): A => values[Math.floor(chance.nextDoubleUnsafe() * values.length)]!
  const some = (likely: number) => chance.nextDoubleUnsafe() < likely

  const disks: Array<DiskDescription> = []
  const volumes: Array<Record<string, unknown>> = []
  const mounts: Array<Record<string, unknown>> = []
  const kinds = Array.from({ length: oneOf(0, 1, 1, 2, 3) }, () => oneOf("blank", "ext4", "tmpfs", "host"))
  kinds.forEach((kind, index) => {
    const name = `volume-${index}`
    mounts.push({ name, mountPath: `/data/${index}`, ...(kind === "host" && some(0.3) ? { readOnly: true } : {}) })
    if (kind === "tmpfs") return void volumes.push({ name, emptyDir: { medium: "Memory" } })
    if (kind === "host") return void volumes.push({ name, hostPath: { path: `/srv/${index}` } })
    volumes.push({ name, gcePersistentDisk: { pdName: `disk-${index}`, fsType: "ext4" } })
    disks.push({
      deviceName: `disk-${index}`,
      ...(some(0.2) ? { appearsAfterMillis: 5_000 } : {}),
      content:
        kind === "blank"
          ? { _tag: "Blank" }
          : { _tag: "Ext4", files: { kept: "data" }, ...(some(0.3) ? { fault: "repairable" as const } : {}) }
    })
  })
  // Bystanders: disks that no volume names, and other containers.
  disks.push({ deviceName: "other", content: oneOf({ _tag: "Data" }, { _tag: "Filesystem", type: "btrfs" }) })
  const containers: Array<ContainerDescription> = []
  if (some(0.5)) containers.push({ name: "somebody", image: image(1), restartPolicy: "always" })
  if (some(0.3)) containers.push({ name: "klt-web-zzzz", image: image(1), restartPolicy: "always" })

  // A random stream of its own, so that adding it changed no other draw of a seed.
  const links = yield* Random.withSeed(Effect.service(Random.Random), `${seed}/links`)
  const linked = links.nextDoubleUnsafe() < 0.3
  const drawVersion = () => ({ version: oneOf(1, 2), restartPolicy: oneOf("Always", "Always", "OnFailure") })
  const ipv6 = some(0.8)
  const before = some(0.5) ? drawVersion() : undefined
  const now = drawVersion()
  // How long each image's process takes to stop: some take their whole grace period, and more.
  const behaviours = [1, 2].map(() => ({
    _tag: "Runs" as const,
    log: [`PASSWORD=${secret}`],
    stopsAfterMillis: oneOf(200, 200, 3_000, 60_000)
  }))
  // A mount of the previous container may have to be unmounted.
  const dropped = some(0.3) ? 1 : 0

  const pod = yield* drawPod(seed, { mounts: mounts.slice(dropped), images: [1, 2].map(image), token, likely: pods })
  const declare = (
    { version, restartPolicy }: ReturnType<typeof drawVersion>,
    when: "before" | "now",
    without: number
  ): string =>
    JSON.stringify({
      spec: {
        ...pod.around(when, {
          name: "web",
          image: image(version),
          env: [
            { name: "PASSWORD", value: secret },
            { name: "MODE", value: pod.webChanges ? when : "same" }
          ],
          volumeMounts: mounts.slice(without)
        }),
        volumes: volumes.slice(without),
        restartPolicy
      }
    })
  // A random stream of its own, so that the rest of a seed's scene does not depend on it.
  const kind = yield* Random.withSeed(Effect.service(Random.Random), `${seed}/engine`)
  const imageStore = kind.nextDoubleUnsafe() < 0.5 ? "graph driver" : "containerd"
  const engine = kind.nextDoubleUnsafe() < 0.8 ? "Docker" : "Podman"
  const scene: TrialScene = {
    description: {
      token,
      ipv6,
      engine,
      imageStore,
      ...(linked ? { links: { "/mnt/disks": "/var/mnt" } } : {}),
      disks,
      containers,
      images: [
        ...behaviours.map((behaviour, index) => ({
          reference: image(index + 1),
          token,
          local: index === 0,
          behaviour
        })),
        ...pod.images
      ]
    },
    before: before === undefined ? undefined : declare(before, "before", 0),
    declaration: declare(now, "now", dropped),
    declared: pod.declared({ name: "web", role: "main", image: image(now.version) }),
    moves: [1, 2].flatMap((version) =>
      ["b", "c"].map((letter) => ({
        reference: image(version),
        token,
        digest: `sha256:${letter.repeat(63)}${version}`
      }))
    ),
    secrets: [secret, token]
  }
  return scene
})
