import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { type ImageReference, parseImageReference, pullReference } from "../../workload/ImageReference.ts"
import type { RegistryCredentials } from "../../workload/RegistryCredentials.ts"
import type { ImageConfig } from "../../vm/engine/ContainerConfig.ts"
import { type DockerError } from "../../vm/engine/DockerError.ts"
import { registryFailure } from "../../vm/engine/EngineFailure.ts"
import type { Behaviour, ImageDescription, ListenedPort, RegistryLogin } from "../VmDescription.ts"
import { behavioursOf } from "./behavioursOf.ts"

/** An image as a registry has it. */
export interface SimulatedImage {
  readonly digest: string
  readonly id: string
  readonly sizeBytes: number
  readonly layers: number
  readonly unpackMillis: number | undefined
  /** Who may read it; everybody if there is none. */
  readonly logins: ReadonlyArray<RegistryLogin>
  readonly behaviour: Behaviour
  /** What it does instead if it is started with these words, joined by spaces. */
  readonly behaviourWith: (words: string) => Behaviour | undefined
  readonly listensOn: ReadonlyArray<ListenedPort>
  readonly files: ReadonlyArray<string> | undefined
  readonly programs: ReadonlyArray<string> | undefined
  readonly platform: string
  readonly config: ImageConfig
}

/** All registries that a VM can reach. */
export class SimulatedRegistry {
  private readonly images = new Map<string, SimulatedImage>()

  publish(reference: string, image: SimulatedImage): void {
    const parsed = Result.getOrThrow(parseImageReference(reference))
    this.images.set(pullReference(parsed), image)
    this.images.set(pullReference({ ...parsed, tag: undefined, digest: image.digest }), image)
  }
  withdraw(reference: string): void {
    this.images.delete(pullReference(Result.getOrThrow(parseImageReference(reference))))
  }

  /** The registry's answer for a reference to a client with these credentials; errors have the words of real registries. */
  ask(
    operation: string,
    image: ImageReference,
    credentials: Option.Option<RegistryCredentials>
  ): Result.Result<SimulatedImage, DockerError> {
    const key = pullReference(image)
    const found = this.images.get(key)
    if (found === undefined)
      return Result.fail(registryFailure(operation, key, `manifest for ${key} not found: manifest unknown`))
    const shown = Option.getOrUndefined(credentials)
    const isOpenTo = ({ username, password }: RegistryLogin) =>
      shown !== undefined && shown.username === username && Redacted.value(shown.password) === password
    if (found.logins.length > 0 && !found.logins.some(isOpenTo)) {
      const words = shown === undefined ? "no basic auth credentials" : "unauthorized: authentication required"
      return Result.fail(registryFailure(operation, key, words))
    }
    return Result.succeed(found)
  }
}

/** 64 hexadecimal digits, derived from a text. */
export const hexOf = (text: string): string => {
  let digits = ""
  for (let round = 0; digits.length < 64; round++) {
    // FNV-1a, 32 bits
    let hash = 0x811c9dc5 ^ round
    for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
    digits += (hash >>> 0).toString(16).padStart(8, "0")
  }
  return digits
}

export const makeImage = (description: ImageDescription): SimulatedImage => {
  const named = Result.getOrThrow(parseImageReference(description.reference)).digest
  const digest = named ?? description.digest ?? `sha256:${hexOf(description.reference)}`
  return {
    digest,
    id: `sha256:${hexOf(`image ${description.content ?? digest}`)}`,
    sizeBytes: description.sizeBytes ?? 60_000_000,
    layers: description.layers ?? 4,
    unpackMillis: description.unpackMillis,
    logins: [
      ...(description.token === undefined ? [] : [{ username: "_token", password: description.token }]),
      ...(description.logins ?? [])
    ],
    behaviour: description.behaviour ?? { _tag: "Runs" },
    behaviourWith: behavioursOf(description.commands ?? {}),
    listensOn: description.listensOn ?? [],
    platform: description.platform ?? "linux/amd64",
    files: description.files,
    programs: description.programs,
    config: {
      entrypoint: description.entrypoint ?? [],
      cmd: description.cmd ?? [],
      env: Object.entries(description.env ?? {}).map(([name, value]) => ({ name, value: Redacted.make(value) })),
      ...(description.user === undefined ? {} : { user: description.user })
    }
  }
}
