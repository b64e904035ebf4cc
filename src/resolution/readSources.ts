import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { DeclarationOrigin } from "../observation/DeclarationOrigin.ts"
import type { SecretManagerError } from "../vm/secrets/SecretManagerError.ts"
import { describeSecretVersion } from "../workload/SecretVersion.ts"
import type { Reached } from "../observation/observe.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { attempt } from "../timing/Retries.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { divideResource } from "../workload/divideResource.ts"
import { HostIdentity } from "../vm/host/HostIdentity.ts"
import type { DeclaredWorkload } from "../workload/DeclaredWorkload.ts"
import { defaultNamespace } from "../workload/PodMetadata.ts"
import { podAddress } from "../workload/podAddress.ts"
import type { SecretSource, ValueSource, VmField } from "../workload/ValueSource.ts"
import { findSecrets, type FoundSecret, type SecretError, versionsOf } from "./findSecrets.ts"
import type { KnownVersions } from "./KnownVersions.ts"
import { podUid } from "./podUid.ts"
import { SecretsUnavailable, type SecretUnusable } from "./ResolutionError.ts"
import { type Resolved, type ResolvedContent, textContent } from "./resolveWorkload.ts"
import { secretContent, secretValue } from "./secretValue.ts"
import { makeVmFacts, type VmFacts } from "./VmFacts.ts"

/** What was read of a declaration's sources. */
export interface ReadSources {
  readonly resolved: Resolved
  readonly contentOf: ResolvedContent
  /** The versions that secrets of Secret Manager have. */
  readonly versions: KnownVersions
  /** Why secrets could not be asked for of which the containers hold a version. */
  readonly unread: ReadonlyArray<string>
}

/** Reads the values of sources, each once, all concurrently. */
export const readSources = Effect.fnUntraced(function* (
  workload: DeclaredWorkload,
  { variables, files }: { readonly variables: ReadonlyArray<ValueSource>; readonly files: ReadonlyArray<ValueSource> },
  origin: DeclarationOrigin,
  reached: Effect.Effect<unknown, Effect.Error<Reached>>
) {
  const facts = yield* makeVmFacts(origin)
  const fieldOf = yield* makeFields(workload, facts)
  const sources = [...variables, ...files]
  const fields = new Set(sources.flatMap((source) => (source._tag === "Field" ? [source.field] : [])))
  const secrets = sources.filter((source) => source._tag === "Secret")
  const [capacity, entries, found] = yield* Effect.all(
    [
      sources.some(({ _tag }) => _tag === "Capacity") ? Effect.andThen(reached, readCapacity) : Effect.undefined,
      Effect.forEach(fields, (field) => Effect.map(fieldOf(field), (value) => [field, value] as const), {
        concurrency: "unbounded"
      }),
      findSecrets(
        secrets.map(({ secret }) => secret),
        facts.project,
        origin
      )
    ],
    { concurrency: 3 }
  )
  const values = new Map(entries)
  const secretValues = yield* readEach(
    variables.filter((source) => source._tag === "Secret"),
    found,
    secretValue
  )
  const secretContents = yield* readEach(
    files.filter((source) => source._tag === "Secret"),
    found,
    secretContent
  )
  const resolved: Resolved = (source) => {
    switch (source._tag) {
      case "Secret":
        return secretValues.get(source)
      case "Capacity":
        return capacity && { value: divideResource(capacity[source.resource], source.divisor) }
      case "Field": {
        const value = values.get(source.field)
        return value === undefined ? undefined : { value }
      }
    }
  }
  const read: ReadSources = {
    resolved,
    contentOf: (source) => (source._tag === "Secret" ? secretContents.get(source) : textContent(resolved)(source)),
    versions: versionsOf(found),
    unread: [...found].flatMap(([secret, one]) =>
      one._tag === "Unread" ? [`the secret ${secret} could not be asked for: ${one.error.message}`] : []
    )
  }
  return read
})

/** In thousandths of a cpu, and bytes. */
const readCapacity = Effect.gen(function* () {
  const docker = yield* DockerClient
  const { cpus, memoryBytes } = yield* docker.facts.pipe(attempt("INSPECT", "ask the engine for its machine"))
  return { cpu: cpus * 1000, memory: memoryBytes }
})

/** All that cannot be had is told at once. */
const readEach = Effect.fnUntraced(function* <A>(
  secrets: ReadonlyArray<SecretSource>,
  found: ReadonlyMap<string, FoundSecret>,
  read: (source: SecretSource, found: FoundSecret) => Result.Result<A | undefined, SecretError | SecretUnusable>
) {
  const values = new Map<SecretSource, A | undefined>()
  const reasons: Array<SecretManagerError | SecretUnusable> = []
  for (const source of secrets) {
    const result = read(source, found.get(describeSecretVersion(source.secret))!)
    if (Result.isSuccess(result)) values.set(source, result.success)
    // What is no secret's own failure would be the same for all.
    else if (result.failure._tag === "SecretManagerError" || result.failure._tag === "SecretUnusable") {
      reasons.push(result.failure)
    } else return yield* result.failure
  }
  return Arr.isArrayNonEmpty(reasons) ? yield* new SecretsUnavailable({ reasons }) : values
})

/** The fields of the Pod that only the VM can tell. */
const makeFields = Effect.fnUntraced(function* ({ pod = {}, network }: DeclaredWorkload, facts: VmFacts) {
  const identity = yield* HostIdentity
  const name = pod.name === undefined ? facts.name : Effect.succeed(pod.name)
  const uid = Effect.gen(function* () {
    if (pod.uid !== undefined) return pod.uid
    const machine = yield* identity.machine.pipe(withDeadline("FILE", "read the machine's identity"))
    return podUid(pod.namespace ?? defaultNamespace, yield* name, machine)
  })
  return (field: VmField) => {
    switch (field) {
      case "metadata.name":
        return name
      case "metadata.uid":
        return uid
      case "spec.nodeName":
        return facts.name
      case "status.hostIP":
        return facts.address
      case "status.podIP":
        return network._tag === "Host" ? facts.address : Effect.succeed(podAddress)
    }
  }
})
