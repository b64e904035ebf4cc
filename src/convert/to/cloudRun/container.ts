import type { DeclaredContainer as WrittenContainer } from "../../../declaration/DeclarationSchema.ts"
import type { DeclaredSecretVersion } from "../../../workload/SecretVersion.ts"
import type { Probe } from "../../../workload/Probe.ts"
import * as Redacted from "effect/Redacted"
import type { KnownContainer } from "../../known/KnownContainer.ts"
import { onlySource, type Text, wholeText } from "../../known/Text.ts"
import type { Losses } from "../../Losses.ts"
import { given, object, text } from "../kubernetes/words.ts"

export interface CloudRunContext {
  readonly losses: Losses
  /** The container that gets the requests, and its port. */
  readonly ingress: { readonly container: KnownContainer; readonly port: number } | undefined
  readonly volumes: ReadonlySet<string>
  readonly nameOf: (secret: DeclaredSecretVersion) => string
}

/** Cloud Run expands no references to variables: what is known is written. */
export const cloudRunContainer = (
  known: KnownContainer,
  name: string,
  { losses, ingress, volumes, nameOf }: CloudRunContext
): object => {
  const { declared, written, path, env, command, args } = known
  const { probes = {} } = declared
  const unknown = "Only a VM can tell what is in it."
  const wordsOf = (key: string, words: ReadonlyArray<Text> | undefined) =>
    words?.map((word) => {
      const whole = wholeText(word)
      if (whole === undefined) losses.add(`${path}.${key}`, `${unknown} Have the program read it from a variable.`)
      return whole ?? ""
    })
  for (const [index, port] of declared.ports.entries()) {
    // On the host's network each port is the host's as well.
    const isPublished = Boolean(written.ports[index]?.hostPort) || port.hostIp !== undefined
    if (ingress?.container !== known || port.containerPort !== ingress.port || isPublished) {
      losses.add(`${path}.ports`, "Cloud Run passes requests to one port of one container, as HTTP on its own address.")
    }
  }
  if (probes.readiness !== undefined)
    losses.add(`${path}.readinessProbe`, "A service sends requests once it has started.")
  return {
    name,
    image: declared.image.text,
    command: wordsOf("command", command),
    args: wordsOf("args", args),
    workingDir: declared.workingDir,
    ports: ingress?.container === known ? [{ containerPort: ingress.port }] : undefined,
    env: given(
      env.flatMap(({ name, place, value, isOptional }): ReadonlyArray<object> => {
        const source = onlySource(value)
        if (source?._tag === "Secret") {
          if (isOptional) losses.add(place, "A secret that is missing keeps the service from starting.")
          const { secret } = source
          return [{ name, valueFrom: { secretKeyRef: { name: nameOf(secret), key: secret.version } } }]
        }
        const whole = wholeText(value)
        if (whole === undefined) losses.add(place, unknown)
        return whole === undefined ? [] : [{ name, value: whole }]
      })
    ),
    resources: limitsOf(written),
    startupProbe: probeOf(probes.startup, `${path}.startupProbe`, losses),
    livenessProbe:
      probes.liveness?.handler._tag === "TcpSocket"
        ? void losses.add(
            `${path}.livenessProbe`,
            "Cloud Run has no tcpSocket as a livenessProbe: write httpGet or grpc."
          )
        : probeOf(probes.liveness, `${path}.livenessProbe`, losses),
    volumeMounts: given(
      known.mounts.flatMap(({ volume, path: mountPath, place, subPath, readOnly }) => {
        if (!volumes.has(volume)) {
          losses.add(place, "Its volume is not carried over.")
          return []
        }
        if (subPath !== undefined) losses.add(`${place}.subPath`, "Cloud Run mounts the whole volume.")
        return [{ name: volume, mountPath, readOnly: readOnly || undefined }]
      })
    )
  }
}

const limitsOf = ({ resources: { limits } }: WrittenContainer) => {
  const known = Object.entries(limits).filter(([name]) => ["cpu", "memory", "nvidia.com/gpu"].includes(name))
  return known.length === 0 ? undefined : { limits: Object.fromEntries(known) }
}

const probeOf = (probe: Probe | undefined, path: string, losses: Losses): object | undefined => {
  if (probe === undefined) return undefined
  const { handler } = probe
  if (handler._tag === "Exec") {
    losses.add(path, "Cloud Run runs no command in a container: write httpGet, tcpSocket or grpc.")
    return undefined
  }
  if (handler.host !== undefined) losses.add(path, "The container itself is asked.")
  if (probe.terminationGracePeriodSeconds !== undefined) {
    losses.add(`${path}.terminationGracePeriodSeconds`, "Cloud Run leaves 10 s from SIGTERM to SIGKILL.")
  }
  return {
    ...(handler._tag === "HttpGet"
      ? {
          httpGet: {
            path: `${handler.path}${handler.query === undefined ? "" : `?${Redacted.value(handler.query)}`}`,
            port: handler.port,
            httpHeaders: given(handler.headers.map(({ name, value }) => ({ name, value: Redacted.value(value) })))
          }
        }
      : handler._tag === "TcpSocket"
        ? { tcpSocket: { port: handler.port } }
        : { grpc: object({ port: handler.port, service: text(handler.service) }) }),
    initialDelaySeconds: probe.initialDelaySeconds,
    timeoutSeconds: probe.timeoutSeconds,
    periodSeconds: probe.periodSeconds,
    failureThreshold: probe.failureThreshold
  }
}
