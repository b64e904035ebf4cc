import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { Looked } from "./Looked.ts"

/** What makes an agent look besides what it sees by itself, and who is told of each look. Everything has a default. */
export interface AgentOptions {
  /** Emits when the file that the declaration is read from may have changed. */
  readonly fileChanges?: Stream.Stream<void>
  /** Emits when somebody wants the VM looked at now. */
  readonly asked?: Stream.Stream<void>
  /** How often the registries are asked what the declared tags stand for, besides with each change; absent: never. */
  readonly followTagsEvery?: Duration.Duration
  readonly onLooked?: (looked: Looked) => Effect.Effect<void>
}
