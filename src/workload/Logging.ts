/** Where a container's output goes. */
export interface Logging {
  /** `default`: the engine's own, with its options. */
  readonly driver: string
  /** The driver's. Secrets as far as output goes: one may be a token. */
  readonly options: Readonly<Record<string, string>>
}
