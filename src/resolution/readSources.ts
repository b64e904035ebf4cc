import * as Effect from "effect/Effect"
import type { DeclarationOrigin } from "../observation/DeclarationOrigin.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { HostIdentity } from "../vm/host/HostIdentity.ts"
import type { DeclaredWorkload } from "../workload/DeclaredWorkload.ts"
import { defaultNamespace } from "../workload/PodMetadata.ts"
import { podAddress } from "../workload/podAddress.ts"
import type { ValueSource, VmField } from "../workload/ValueSource.ts"
import { podUid } from "./podUid.ts"
import type { Resolved, ResolvedValue } from "./resolveWorkload.ts"
import { makeVmFacts } from "./VmFacts.ts"

/** Reads the values of sources, each once, all concurrently. */
export const readSources = Effect.fnUntraced(function* (
  workload: DeclaredWorkload,
  sources: ReadonlyArray<ValueSource>,
  origin: DeclarationOrigin
) {
  const fields = yield* makeFields(workload, origin)
  const read = (source: ValueSource) => {
    switch (source._tag) {
      case "Field":
        return Effect.map(fields(source.field), (value): ResolvedValue => ({ value }))
    }
  }
  const each = new Map(sources.map((source) => [keyOf(source), source]))
  const entries = yield* Effect.forEach(
    each,
    ([key, source]) => Effect.map(read(source), (value) => [key, value] as const),
    { concurrency: "unbounded" }
  )
  const values = new Map(entries)
  const resolved: Resolved = (source) => values.get(keyOf(source))
  return resolved
})

const keyOf = (source: ValueSource): string => JSON.stringify(source)

/** The fields of the Pod that only the VM can tell. */
const makeFields = Effect.fnUntraced(function* ({ pod = {}, network }: DeclaredWorkload, origin: DeclarationOrigin) {
  const facts = yield* makeVmFacts(origin)
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
