import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { type DeclarationOrigin, isFinalFor } from "../observation/DeclarationOrigin.ts"
import { tell } from "../progress/Progress.ts"
import { type OperationTimeout, withDeadline } from "../timing/Deadlines.ts"
import { attempt, isRetryable } from "../timing/Retries.ts"
import { HostIdentity } from "../vm/host/HostIdentity.ts"
import { StateFolder } from "../vm/host/StateFolder.ts"
import type { MetadataError } from "../vm/metadata/MetadataError.ts"
import { MetadataProvider } from "../vm/metadata/MetadataProvider.ts"
import { VmFactUnknown } from "./ResolutionError.ts"

/** What metadata says of the VM. */
export type VmFact = "name" | "address" | "project"

export interface VmFacts {
  /** The instance's name. */
  readonly name: Effect.Effect<string, VmFactError>
  /** Its internal IPv4 address. */
  readonly address: Effect.Effect<string, VmFactError>
  /** The id of its project. */
  readonly project: Effect.Effect<string, VmFactError>
}

/** Why a fact of the VM, such as its name, could not be learnt. */
export type VmFactError = MetadataError | OperationTimeout | VmFactUnknown

/**
 * Reads each fact once, when it is first needed. While metadata is away, what it said last stands: another value would
 * replace the containers that have it. Outside of Google Cloud, where there is no metadata server to be asked, the host
 * tells its own name and address.
 */
export const makeVmFacts = Effect.fnUntraced(function* (origin: DeclarationOrigin) {
  const metadata = yield* MetadataProvider
  const identity = yield* HostIdentity
  const kept = yield* makeKeptFacts

  const fact = (
    name: VmFact,
    what: string,
    read: Effect.Effect<Option.Option<string>, MetadataError>,
    ofHost: Effect.Effect<Option.Option<string>>
  ) =>
    Effect.gen(function* () {
      const asked = yield* read.pipe(
        attempt("METADATA", `read ${what} from metadata`, isFinalFor(origin)),
        Effect.catchIf(isRetryable, (error) => whileAway(name, error))
      )
      if (Option.isSome(asked)) yield* kept.keep(name, asked.value)
      const found = Option.isSome(asked) ? asked : yield* ofHost
      return Option.isSome(found) ? found.value : yield* new VmFactUnknown({ what })
    }).pipe(Effect.cached)

  const whileAway = Effect.fnUntraced(function* (name: VmFact, error: MetadataError | OperationTimeout) {
    const last = yield* kept.read(name)
    const isElsewhere = origin === "settings" && isFinalFor("settings")(error)
    return Option.isNone(last) && !isElsewhere ? yield* error : last
  })

  const facts: VmFacts = {
    name: yield* fact("name", "the instance's name", metadata.instanceName, Effect.asSome(identity.name)),
    address: yield* fact("address", "the VM's internal address", metadata.address, identity.address),
    project: yield* fact("project", "the VM's project", metadata.project, Effect.succeedNone)
  }
  return facts
})

const entryName = (fact: VmFact): string => `metadata-${fact}`

/** What metadata said last. Failing to keep it is no reason to fail. */
const makeKeptFacts = Effect.gen(function* () {
  const state = yield* StateFolder
  const read = (fact: VmFact) =>
    state.read(entryName(fact)).pipe(
      withDeadline("FILE", `read what metadata said last of the VM's ${fact}`),
      Effect.orElseSucceed(() => Option.none<string>()),
      Effect.map(Option.flatMap(decode))
    )
  return {
    read,
    keep: (fact: VmFact, value: string) =>
      Effect.flatMap(read(fact), (last) =>
        Option.contains(last, value) ? Effect.void : state.write(entryName(fact), encode(value))
      ).pipe(
        withDeadline("FILE", `keep the VM's ${fact}`),
        Effect.catch((error) =>
          tell({ _tag: "Warning", text: `the VM's ${fact} is not kept for when metadata is away: ${error.message}` })
        )
      )
  }
})

const Entry = Schema.fromJsonString(Schema.NonEmptyString)
const decode = Schema.decodeUnknownOption(Entry)
const encode = Schema.encodeSync(Entry)
