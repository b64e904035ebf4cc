import * as Option from "effect/Option"
import type { ImageReference } from "../../workload/ImageReference.ts"
import type { RegistryCredentials } from "../../workload/RegistryCredentials.ts"
import type { RegistryLogin } from "./EngineConnection.ts"

/** What the engine shows to an image's registry; nothing without credentials. */
export const registryLogin = (
  { domain }: ImageReference,
  credentials: Option.Option<RegistryCredentials>
): RegistryLogin | undefined =>
  Option.isNone(credentials)
    ? undefined
    : { ...credentials.value, serverAddress: domain === "docker.io" ? dockerHubServer : domain }

/** Docker Hub has an address of its own in Docker's configuration. */
const dockerHubServer = "https://index.docker.io/v1/"
