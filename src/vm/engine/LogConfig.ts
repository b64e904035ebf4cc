import * as Redacted from "effect/Redacted"

/** A log driver and its options, `LogConfig` in the engine's words. */
export interface LogConfig {
  readonly type: string
  readonly config: Readonly<Record<string, LogOption>>
}

/** Sizes and counts are plain; any other option may hold a token or a password. */
export type LogOption = string | Redacted.Redacted

/** Options with no secret in them. */
const plain: ReadonlySet<string> = new Set(["max-size", "max-file", "compress", "mode", "max-buffer-size"])

export const logConfig = (type: string, options: Readonly<Record<string, string>>): LogConfig => ({
  type,
  config: Object.fromEntries(
    Object.entries(options).map(([name, value]) => [name, plain.has(name) ? value : Redacted.make(value)])
  )
})

/** With the values of its options, for the engine alone. */
export const logOptions = ({ config }: LogConfig): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(config).map(([name, value]) => [name, typeof value === "string" ? value : Redacted.value(value)])
  )
