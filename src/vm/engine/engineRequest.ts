import * as Redacted from "effect/Redacted"
import type { ContainerSpec } from "./ContainerSpec.ts"

/** The body of `POST /containers/create`. Holds the values of env: it goes to the engine and nowhere else. */
export const createBody = (spec: ContainerSpec): object => ({
  Image: spec.image,
  ...(spec.entrypoint === undefined ? {} : { Entrypoint: spec.entrypoint }),
  ...(spec.cmd === undefined ? {} : { Cmd: spec.cmd }),
  Env: spec.env.map(({ name, value }) => `${name}=${Redacted.value(value)}`),
  OpenStdin: spec.openStdin,
  Tty: spec.tty,
  Labels: spec.labels,
  HostConfig: {
    Binds: spec.binds,
    Mounts: spec.mounts.map(({ source, target, readOnly }) => ({
      Type: "bind",
      Source: source,
      Target: target,
      ReadOnly: readOnly
    })),
    NetworkMode: spec.networkMode,
    // An engine that maps its containers' users refuses the host's network, and privileges, to those that it maps.
    UsernsMode: "host",
    Privileged: spec.privileged,
    AutoRemove: false,
    RestartPolicy: { Name: spec.restartPolicy.name, MaximumRetryCount: spec.restartPolicy.maximumRetryCount },
    LogConfig: { Type: spec.logConfig.type, Config: spec.logConfig.config }
  }
})

/** A reference as part of a path: its slashes stay. */
export const imagePath = (reference: string): string => reference.split("/").map(encodeURIComponent).join("/")

/** `fromImage` and `tag` of a pull; the tag may be a digest. */
export const splitReference = (reference: string): { readonly name: string; readonly tag: string } => {
  const at = reference.indexOf("@")
  if (at !== -1) return { name: reference.slice(0, at).replace(/:[^/:]*$/, ""), tag: reference.slice(at + 1) }
  const colon = reference.lastIndexOf(":")
  return { name: reference.slice(0, colon), tag: reference.slice(colon + 1) }
}
