import type { DockerConfig } from "./DockerConfig.ts"
import type { DeclaredSecretVersion } from "./SecretVersion.ts"

/** A secret with the credentials of registries. */
export type PullSecret =
  /** Of the declaration's text. */
  | { readonly _tag: "Config"; readonly config: DockerConfig }
  /** Of Secret Manager. */
  | { readonly _tag: "Secret"; readonly secret: DeclaredSecretVersion }
