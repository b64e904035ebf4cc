import type * as Redacted from "effect/Redacted"

/** What a registry is shown. */
export interface RegistryCredentials {
  readonly username: string
  readonly password: Redacted.Redacted
}

/** Google's registries take an access token in the place of a password. */
export const withToken = (token: Redacted.Redacted): RegistryCredentials => ({ username: "_token", password: token })
