/** What happens to a VM from outside. Times are in milliseconds. */
export type WeekEvent =
  /** The declaration of this number is put into its metadata. */
  | { readonly _tag: "Declares"; readonly declaration: number }
  /** Something does not work for a while. */
  | { readonly _tag: "Fails"; readonly what: WeekFault; readonly forMillis: number }
  /** It loses its power, is shut down in order, or is taken back by the cloud, and boots later. */
  | { readonly _tag: "PowerGoes"; readonly how: PowerLoss; readonly forMillis: number }
  /** The engine goes down, and comes up later. */
  | { readonly _tag: "EngineGoes"; readonly forMillis: number }
  /** SIGKILL in or beside the agent's call of this number from now; systemd starts it again after a pause. */
  | {
      readonly _tag: "AgentDies"
      readonly afterCalls: number
      readonly how: "crash" | "crash after" | "crash half"
      readonly pauseMillis: number
    }
  /** SIGTERM, and systemd starts it again after a pause. */
  | { readonly _tag: "AgentRestarts"; readonly pauseMillis: number }
  | { readonly _tag: "HangUp" }
  /** Somebody runs `slipway up` or `slipway down` by hand. */
  | { readonly _tag: "Up" }
  | { readonly _tag: "Down" }
  /** Somebody does this by hand to one of the containers. */
  | { readonly _tag: "ByHand"; readonly what: "stop" | "remove"; readonly which: number }
  /** One of the containers that have a liveness probe hangs until it is started again, or recovers after a while. */
  | { readonly _tag: "Hangs"; readonly which: number; readonly forMillis: number }
  /** A tag of the declarations' images stands for another image from now on. */
  | { readonly _tag: "TagMoves"; readonly which: number }
  | { readonly _tag: "ClockJumps"; readonly byMillis: number }

/** Whether the machine is told before, and how long it has then. */
export type PowerLoss = "at once" | "shut down" | "taken back"

/** What does not work for a while. */
export type WeekFault =
  /** Refuses everything. */
  | "metadata refuses"
  /** Answers nothing. */
  | "metadata is silent"
  /** Answers at once whoever waits for a change. */
  | "metadata does not wait"
  /** Answers with tags of the past. */
  | "metadata has old tags"
  /** Tells whoever waits of a change, and whoever reads what was before. */
  | "metadata reads late"
  | "metadata polls late"
  | "the registry is away"
  | "the engine hangs"
  | "the engine fails at times"
  | "calls fail at times"
  | "the disk is full"
  /** Whatever is started, it does not answer its liveness probe. */
  | "probes are not answered"

export const weekFaults: ReadonlyArray<WeekFault> = [
  "metadata refuses",
  "metadata is silent",
  "metadata does not wait",
  "metadata has old tags",
  "metadata reads late",
  "metadata polls late",
  "the registry is away",
  "the engine hangs",
  "the engine fails at times",
  "calls fail at times",
  "the disk is full",
  "probes are not answered"
]

/** For a count of such events. */
export const kindText = (event: WeekEvent): string => (event._tag === "Fails" ? event.what : kinds[event._tag])

const kinds: Readonly<Record<Exclude<WeekEvent["_tag"], "Fails">, string>> = {
  Declares: "declared",
  PowerGoes: "the power goes",
  EngineGoes: "the engine goes down",
  AgentDies: "SIGKILL",
  AgentRestarts: "SIGTERM",
  HangUp: "SIGHUP",
  Up: "up by hand",
  Down: "down by hand",
  ByHand: "stopped or removed by hand",
  Hangs: "a container hangs",
  TagMoves: "a tag moves",
  ClockJumps: "the clock jumps"
}

/** For the log of a week. */
export const eventText = (event: WeekEvent, titleOf: (declaration: number) => string): string => {
  switch (event._tag) {
    case "Declares":
      return `declared: ${titleOf(event.declaration)}`
    case "Fails":
      return `for ${minutes(event.forMillis)} ${event.what}`
    case "PowerGoes":
      return `the power goes, ${event.how}; boots after ${minutes(event.forMillis)}`
    case "EngineGoes":
      return `the engine is down for ${minutes(event.forMillis)}`
    case "AgentDies":
      return `SIGKILL to the agent (${event.how}), at call ${event.afterCalls} from now`
    case "AgentRestarts":
      return "SIGTERM to the agent"
    case "HangUp":
      return "SIGHUP to the agent"
    case "Up":
      return "slipway up by hand"
    case "Down":
      return "slipway down by hand"
    case "ByHand":
      return `a container is ${event.what === "stop" ? "stopped" : "removed"} by hand`
    case "Hangs":
      return `a container hangs, for ${minutes(event.forMillis)} if it is not started again`
    case "TagMoves":
      return "a tag moves"
    case "ClockJumps":
      return `the wall clock jumps by ${minutes(event.byMillis)}`
  }
}

const minutes = (millis: number): string => `${(millis / 60_000).toFixed(1)} min`
