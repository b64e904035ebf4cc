import * as Context from "effect/Context"

/**
 * The random source of one boot of one host. Its layer also gives Effect's `Random`, seeded with the same seed, so
 * that a run's jitter repeats with its seed.
 */
export class HostRandom extends Context.Service<
  HostRandom,
  {
    /** The same all through one boot of one host, another for every other. */
    readonly seed: string
  }
>()("slipway/vm/HostRandom") {}
