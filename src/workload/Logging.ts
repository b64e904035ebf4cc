/** Where a container's output goes. */
export interface Logging {
  /** `default`: the engine's own, with its options. */
  readonly driver: string
  /** The driver's. Secrets as far as output goes: one may be a token. */
  readonly options: Readonly<Record<string, string>>
}

/** konlet's driver and options, unless others are declared. Undefined leaves both to the engine. */
export const grantedLogging = (logging: Logging = { driver: "json-file", options: {} }): Logging | undefined => {
  const { driver, options } = logging
  if (driver === "default") return undefined
  return { driver, options: driver === "json-file" ? { "max-size": "500m", "max-file": "3", ...options } : options }
}
