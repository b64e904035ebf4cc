import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { chosenDeclaration, declarationKey, konletKey } from "../../vm/metadata/DeclarationKeys.ts"
import { MetadataError, MetadataRefused, MetadataUnreachable } from "../../vm/metadata/MetadataError.ts"
import { type AttachedDisk, MetadataProvider } from "../../vm/metadata/MetadataProvider.ts"
import type { MetadataCall } from "../CallName.ts"
import type { Calls } from "../Calls.ts"
import { defaultProject } from "./SimulatedSecretManager.ts"
import type { SimulatedNetwork } from "./SimulatedNetwork.ts"
import { simulatedAddress, type VmDescription } from "../VmDescription.ts"

/** How a metadata server answers, where that is not as it should be. */
export interface MetadataManners {
  /**
   * Whoever waits for a change is answered at once, or with a tag of the past, so that the next question is answered at
   * once.
   */
  readonly polls?: "at once" | "with an old tag"
  /** Whoever waits, or whoever does not, is told what was declared before the last change. */
  readonly late?: "polls" | "reads"
}

/** The metadata of a simulated VM, and how it is changed from outside. */
export interface SimulatedMetadata {
  readonly provider: MetadataProvider["Service"]
  readonly setDeclaration: (text: string | undefined) => void
  readonly setManners: (manners: MetadataManners) => void
  readonly setToken: (token: string | null) => void
  readonly setDiskMode: (deviceName: string, mode: AttachedDisk["mode"]) => void
  /** Whether the cloud takes the VM back. */
  readonly setPreempted: (isPreempted: boolean) => void
  /** What has been written into the guest attributes of the namespace `slipway`, by its key. */
  readonly guestAttributes: ReadonlyMap<string, string>
}

export const makeSimulatedMetadata = (
  description: VmDescription,
  calls: Calls,
  network: SimulatedNetwork
): SimulatedMetadata => {
  const key = description.declarationKey ?? konletKey
  const attributes = new Map(Object.entries(description.attributes ?? {}))
  if (description.declaration !== undefined) attributes.set(key, description.declaration)
  const attribute = (name: string) => Option.fromUndefinedOr(attributes.get(name))
  const attached = new Map(
    (description.disks ?? [])
      .filter((disk) => disk.attached ?? true)
      .map(({ deviceName, mode = "READ_WRITE" }): [string, AttachedDisk] => [deviceName, { deviceName, mode }])
  )
  const guestAttributes = new Map<string, string>()
  let token = description.token === undefined ? "token" : description.token

  const received = <A>(path: MetadataCall, millis: number, answer: () => A) =>
    calls.receive(
      { name: `metadata ${path}`, subject: "", latencyMillis: millis, failure: () => refused(path, 503) },
      description.metadata === false
        ? Effect.fail(unreachable(path))
        : Effect.flatMap(network.metadata.take, (taken) =>
            taken ? Effect.sync(answer) : Effect.fail(refused(path, 429))
          )
    )

  const keys = watchable()
  const preemption = watchable()
  let isPreempted = false
  const present = () => chosenDeclaration(attribute(declarationKey), attribute(konletKey))
  let before = present()
  let manners: MetadataManners = {}
  const declaration = (asked: MetadataManners["late"]) => (manners.late === asked ? before : present())

  return {
    provider: MetadataProvider.of({
      declaration: received("declaration", 3, () => declaration("reads")),
      declarationAfter: (tag) =>
        Effect.suspend(() => (manners.polls === "at once" ? Effect.void : keys.otherThan(tag))).pipe(
          Effect.andThen(
            received("declaration after", 3, () => ({
              declaration: declaration("polls"),
              tag: keys.tag(manners.polls === "with an old tag" ? -1 : 0)
            }))
          )
        ),
      isPreemptible: received("preemptible", 3, () => description.preemptible ?? false),
      preemptionAfter: (tag) =>
        Effect.andThen(
          preemption.otherThan(tag),
          received("preemption after", 3, () => ({ isPreempted, tag: preemption.tag() }))
        ),
      instanceName: received("instance name", 3, () =>
        Option.some(description.instanceName ?? description.hostname ?? "vm")
      ),
      address: received("address", 3, () => Option.some(description.address ?? simulatedAddress)),
      keys: received("keys", 3, () => [...attributes.keys()]),
      disks: received("disks", 3, () => [...attached.values()]),
      token: received("token", 30, () => Option.map(Option.fromNullishOr(token), (text) => Redacted.make(text))),
      project: received("project", 3, () => Option.some(description.project ?? defaultProject)),
      setGuestAttribute: (name, value) =>
        received("guest attribute", 3, () => {
          if (description.guestAttributes ?? false) guestAttributes.set(name, value)
          return description.guestAttributes ?? false
        })
    }),
    guestAttributes,
    setDeclaration: (text) => {
      before = present()
      if (text === undefined) attributes.delete(key)
      else attributes.set(key, text)
      keys.changed()
    },
    setManners: (next) => {
      manners = next
    },
    setToken: (next) => {
      token = next
    },
    setDiskMode: (deviceName, mode) => void attached.set(deviceName, { deviceName, mode }),
    setPreempted: (next) => {
      isPreempted = next
      preemption.changed()
    }
  }
}

/** Something that can be asked to answer once it has changed. */
const watchable = () => {
  /** Counts the states that it has had. */
  let state = 1
  const watchers = new Set<() => void>()
  const next = Effect.callback<void>((resume) => {
    const wake = () => resume(Effect.void)
    watchers.add(wake)
    return Effect.sync(() => void watchers.delete(wake))
  })
  return {
    /** What names its state, or the one so many before. */
    tag: (offset = 0) => Option.some(String(state + offset)),
    /** Waits while it is in the state of this tag, and not longer than the server does. */
    otherThan: (tag: Option.Option<string>) =>
      Effect.suspend(() =>
        Option.contains(tag, String(state)) ? Effect.timeoutOption(next, watchLimit) : Effect.void
      ),
    changed: () => {
      state += 1
      for (const wake of watchers) wake()
      watchers.clear()
    }
  }
}

/** How long the server waits for a change. */
const watchLimit = Duration.minutes(1)

const urlOf = (path: string) => `http://metadata.google.internal/${path}`

const refused = (path: string, statusCode: number) =>
  new MetadataError({ reason: new MetadataRefused({ url: urlOf(path), statusCode }) })

const unreachable = (path: string) => {
  const detail = "getaddrinfo ENOTFOUND metadata.google.internal"
  return new MetadataError({ reason: new MetadataUnreachable({ url: urlOf(path), detail }) })
}
