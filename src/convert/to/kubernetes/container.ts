import type { DeclaredContainer as WrittenContainer } from "../../../declaration/DeclarationSchema.ts"
import type { DeclaredMount } from "../../../workload/DeclaredWorkload.ts"
import { parseQuantity } from "../../../workload/Quantity.ts"
import type { KnownContainer } from "../../known/KnownContainer.ts"
import type { Losses } from "../../Losses.ts"
import { containerNameOf } from "../../names.ts"
import type { Source } from "../../Source.ts"
import { envFromOf, envOf } from "./environment.ts"
import { lifecycleOf, probeOf } from "./handlers.ts"
import { containerSecurityContext } from "./securityContext.ts"
import { expandable, flag, given, object, text } from "./words.ts"

interface Context {
  readonly source: Source
  readonly losses: Losses
  /** A Pod's own policy may be another than its container's. */
  readonly podPolicy: string
  /** Whether `procMount` can be what is declared. */
  readonly mayUnmask: boolean
}

export const containerOf = (known: KnownContainer, context: Context): object => {
  const { declared, written, path, role } = known
  const { source, losses, podPolicy, mayUnmask } = context
  const onHost = source.workload.network._tag === "Host"
  const { probes = {}, terminationMessage } = declared
  const environment = { source, losses, path }
  if (declared.logging !== undefined) {
    losses.add(`${path}.logging`, "In Kubernetes the node keeps all logs in its own way.")
  }
  if (declared.security?.procMount !== undefined && !mayUnmask) {
    losses.add(
      `${path}.securityContext.procMount`,
      "Kubernetes unmasks /proc in a user namespace alone, which a Pod with a namespace of the host's cannot have."
    )
  }
  return {
    name: containerNameOf(source, known),
    image: declared.image.text,
    imagePullPolicy: declared.imagePullPolicy ?? "Always",
    command: declared.command?.map(expandable),
    args: declared.args?.map(expandable),
    workingDir: declared.workingDir,
    restartPolicy:
      role === "sidecar" ? "Always" : declared.restartPolicy === podPolicy ? undefined : declared.restartPolicy,
    ports: given(
      declared.ports.map(({ containerPort, hostPort, hostIp, protocol }, index) => ({
        name: text(written.ports[index]?.name ?? ""),
        containerPort,
        hostPort: hostPort ?? undefined,
        hostIP: hostIp,
        protocol: protocol === "tcp" ? undefined : protocol.toUpperCase()
      }))
    ),
    env: envOf(declared, written, environment),
    envFrom: envFromOf(written, environment),
    resources: object({
      limits: amountsOf(written.resources.limits),
      requests: amountsOf(written.resources.requests)
    }),
    securityContext: containerSecurityContext(declared, mayUnmask),
    volumeMounts: given(declared.mounts.map((mount, index) => mountOf(mount, written.volumeMounts[index]))),
    lifecycle: lifecycleOf(declared.lifecycle, onHost),
    startupProbe: probeOf(probes.startup, onHost),
    readinessProbe: probeOf(probes.readiness, onHost),
    livenessProbe: probeOf(probes.liveness, onHost),
    terminationMessagePath: terminationMessage?.path,
    terminationMessagePolicy: terminationMessage?.policy,
    stdin: flag(declared.stdin),
    stdinOnce: flag(declared.stdinOnce),
    tty: flag(declared.tty)
  }
}

/** Under konlet's rules what is no amount is ignored. */
const amountsOf = (amounts: Readonly<Record<string, string>>) =>
  object(
    Object.fromEntries(Object.entries(amounts).filter(([, amount]) => (parseQuantity(amount)?.nanos ?? -1n) >= 0n))
  )

const mountOf = (mount: DeclaredMount, written: WrittenContainer["volumeMounts"][number] | undefined) => ({
  name: mount.volume,
  mountPath: mount.path,
  readOnly: flag(mount.readOnly),
  subPath: "subPathExpr" in mount ? undefined : mount.subPath,
  subPathExpr: "subPathExpr" in mount ? mount.subPathExpr : undefined,
  mountPropagation: mount.propagation,
  recursiveReadOnly: mount.recursiveReadOnly ?? (mount.readOnly ? text(written?.recursiveReadOnly ?? "") : undefined)
})
