import * as Redacted from "effect/Redacted"
import { namespacesBody } from "./ContainerNamespaces.ts"
import { userText } from "./ContainerSecurity.ts"
import type { BindMount, ContainerSpec, ImageMount } from "./ContainerSpec.ts"
import { hooksLabel, hooksText } from "./hooksLabel.ts"
import { resourcesBody } from "./EngineResources.ts"
import { logOptions } from "./LogConfig.ts"
import { exposedPorts, extraHostText, networkModeText, portBindings } from "./engineNetwork.ts"
import { securityBody } from "./engineSecurity.ts"

const mountBody = (mount: BindMount): object => {
  const { source, target, readOnly, propagation, readOnlyNonRecursive, readOnlyForceRecursive } = mount
  const options = {
    // Engines force only what is private.
    ...(propagation === undefined && readOnlyForceRecursive === undefined
      ? {}
      : { Propagation: propagation ?? "rprivate" }),
    ...(readOnlyNonRecursive === undefined ? {} : { ReadOnlyNonRecursive: true }),
    ...(readOnlyForceRecursive === undefined ? {} : { ReadOnlyForceRecursive: true })
  }
  const hasOptions = Object.keys(options).length > 0
  return {
    Type: "bind",
    Source: source,
    Target: target,
    ReadOnly: readOnly,
    ...(hasOptions ? { BindOptions: options } : {})
  }
}

const imageMountBody = ({ source, target, subPath }: ImageMount): object => ({
  Type: "image",
  Source: source,
  Target: target,
  ReadOnly: true,
  ...(subPath === undefined ? {} : { ImageOptions: { Subpath: subPath } })
})

/**
 * The body of `POST /containers/create`. Holds the values of env, so it goes to the engine and nowhere else. `imageUser` is
 * needed where the spec has a group alone.
 */
export const createBody = (spec: ContainerSpec, imageUser?: string): object => ({
  Image: spec.image,
  ...(spec.entrypoint === undefined ? {} : { Entrypoint: spec.entrypoint }),
  ...(spec.cmd === undefined ? {} : { Cmd: spec.cmd }),
  Env: spec.env.map(({ name, value }) => `${name}=${Redacted.value(value)}`),
  OpenStdin: spec.openStdin,
  ...(spec.stdinOnce === undefined ? {} : { StdinOnce: spec.stdinOnce }),
  ...(spec.workingDir === undefined ? {} : { WorkingDir: spec.workingDir }),
  Tty: spec.tty,
  Labels: spec.hooks === undefined ? spec.labels : { ...spec.labels, [hooksLabel]: hooksText(spec.hooks) },
  ...(spec.security?.user === undefined ? {} : { User: userText(spec.security.user, imageUser) }),
  ...(spec.hostname === undefined ? {} : { Hostname: spec.hostname }),
  ...(spec.stopSignal === undefined ? {} : { StopSignal: spec.stopSignal }),
  ...(spec.stopTimeout === undefined ? {} : { StopTimeout: spec.stopTimeout }),
  ...(spec.ports === undefined ? {} : { ExposedPorts: exposedPorts(spec.ports) }),
  HostConfig: {
    Binds: spec.binds,
    Mounts: [...spec.mounts.map(mountBody), ...(spec.imageMounts ?? []).map(imageMountBody)],
    NetworkMode: networkModeText(spec.networkMode),
    ...(spec.ports === undefined ? {} : { PortBindings: portBindings(spec.ports) }),
    ...(spec.extraHosts === undefined ? {} : { ExtraHosts: spec.extraHosts.map(extraHostText) }),
    ...(spec.dns === undefined
      ? {}
      : { Dns: spec.dns.nameservers, DnsSearch: spec.dns.searches, DnsOptions: spec.dns.options }),
    // With user namespaces enabled, the engine refuses the host's network and privileges to remapped containers.
    UsernsMode: "host",
    Privileged: spec.privileged,
    ...securityBody(spec.security),
    ...namespacesBody(spec.namespaces),
    ...(spec.runtime === undefined ? {} : { Runtime: spec.runtime }),
    AutoRemove: false,
    RestartPolicy: { Name: spec.restartPolicy.name, MaximumRetryCount: spec.restartPolicy.maximumRetryCount },
    ...(spec.resources === undefined ? {} : resourcesBody(spec.resources)),
    ...(spec.logConfig === undefined
      ? {}
      : { LogConfig: { Type: spec.logConfig.type, Config: logOptions(spec.logConfig) } })
  }
})
