import * as Result from "effect/Result"
import { type ImageReference, parseImageReference, pullReference } from "../../workload/ImageReference.ts"
import type { ImageInspection } from "../../vm/engine/Inspection.ts"
import type { SimulatedImage } from "../network/SimulatedRegistry.ts"
import type { VmDescription } from "../VmDescription.ts"

interface Held {
  readonly image: SimulatedImage
  /** `domain/path:tag` */
  readonly tags: Set<string>
  /** `domain/path@digest` */
  readonly digests: Set<string>
  taggedAt: number | undefined
  /** It was pulled by its digest, which keeps it as a tag would. */
  isPinned: boolean
}

/**
 * The images of a simulated engine, with their names. A graph driver keeps an image that has lost its last tag, and
 * does not tell when an image was pulled; containerd's store (of Docker 26.1) drops it, and does tell.
 */
export class SimulatedImages {
  readonly #held = new Map<string, Held>()
  readonly #isContainerd: boolean

  constructor(store: VmDescription["imageStore"] = "graph driver") {
    this.#isContainerd = store === "containerd"
  }

  /** By `domain/path:tag`; an image without a tag by `<none>@` and its id. */
  get byReference(): ReadonlyMap<string, SimulatedImage> {
    return new Map(
      [...this.#held.values()].flatMap(({ image, tags }) =>
        tags.size === 0 ? [[`<none>@${image.id}`, image] as const] : [...tags].map((tag) => [tag, image] as const)
      )
    )
  }

  /** By a reference as a container's spec has it. */
  named(reference: string): SimulatedImage | undefined {
    return this.#find(parsed(reference))?.image
  }

  /** Puts an image there of which the engine does not know when it was pulled. */
  load(reference: string, image: SimulatedImage): void {
    this.add(parsed(reference), image)
  }

  /** By a reference, or by its id. */
  inspect(image: ImageReference | string): ImageInspection | undefined {
    const held = typeof image === "string" ? this.#held.get(image) : this.#find(image)
    if (held === undefined) return undefined
    const { id, sizeBytes, config } = held.image
    const digests = [...held.digests].map((name) => name.slice(name.indexOf("@") + 1))
    return { id, digests, sizeBytes, taggedAt: held.taggedAt, config }
  }

  /** No registry has it. Only containerd's store gives it a digest. */
  import(reference: ImageReference, image: SimulatedImage, now: number): void {
    const held = { image, tags: new Set<string>(), digests: new Set<string>(), taggedAt: now, isPinned: false }
    if (this.#isContainerd) held.digests.add(pullReference({ ...reference, digest: image.id }))
    this.#held.set(image.id, held)
    this.#giveTag(pullReference(reference), held, this.#isContainerd)
  }

  /** It was pulled, by its tag or its digest. */
  add(reference: ImageReference, pulled: SimulatedImage, now?: number): void {
    const image = this.#isContainerd ? { ...pulled, id: pulled.digest } : pulled
    const held = this.#held.get(image.id) ?? {
      image,
      tags: new Set(),
      digests: new Set(),
      taggedAt: undefined,
      isPinned: false
    }
    this.#held.set(image.id, held)
    held.digests.add(pullReference({ ...reference, digest: image.digest }))
    if (reference.digest === undefined) this.#giveTag(pullReference(reference), held, this.#isContainerd)
    else held.isPinned = true
    if (this.#isContainerd) held.taggedAt = now
  }

  /** False if there is no such source. */
  tag(source: ImageReference, target: ImageReference, now: number): boolean {
    const held = this.#find(source)
    if (held === undefined) return false
    this.#giveTag(pullReference(target), held, false)
    held.taggedAt = now
    return true
  }

  /** By its id, if it has one tag at most. */
  remove(id: string): "removed" | "in use" | "absent" {
    const held = this.#held.get(id)
    if (held === undefined) return "absent"
    if (held.tags.size > 1) return "in use"
    this.#held.delete(id)
    return "removed"
  }

  #find(reference: ImageReference): Held | undefined {
    const name = pullReference(reference)
    return [...this.#held.values()].find(({ tags, digests }) => tags.has(name) || digests.has(name))
  }

  #giveTag(tag: string, to: Held, dropsTagless: boolean): void {
    for (const held of this.#held.values()) {
      if (held === to || !held.tags.delete(tag)) continue
      if (dropsTagless && held.tags.size === 0 && !held.isPinned) this.#held.delete(held.image.id)
    }
    to.tags.add(tag)
  }
}

const parsed = (reference: string): ImageReference => Result.getOrThrow(parseImageReference(reference))
