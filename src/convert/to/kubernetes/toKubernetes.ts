import * as Redacted from "effect/Redacted"
import type { Converted } from "../../Converted.ts"
import { Losses } from "../../Losses.ts"
import { podNameOf } from "../../names.ts"
import type { Source } from "../../Source.ts"
import type { Kind } from "../../targets.ts"
import { writeYaml } from "../../writeYaml.ts"
import { configObjects } from "./configObjects.ts"
import { podSpec } from "./podSpec.ts"
import { diskObjects } from "./volumes.ts"
import { object, text } from "./words.ts"

/** A manifest with all that a cluster needs besides images and what only Google's APIs have. */
export const toKubernetes = (source: Source, { kind = "Pod" }: { readonly kind?: Kind }): Converted => {
  const losses = new Losses()
  const { written, workload } = source
  const { metadata } = written
  const name = podNameOf(source)
  const namespace = text(metadata.namespace)
  const context = { source, losses, name, namespace }
  if (metadata.uid !== "") losses.add("metadata.uid", "A cluster gives each Pod one of its own.")
  addUnused(source, losses)
  const disks = workload.volumes.flatMap((volume) => (volume._tag === "Disk" ? diskObjects(volume, context) : []))
  const spec = podSpec(context)
  const labels = kind === "Pod" ? metadata.labels : { ...(object(metadata.labels) ?? { app: name }) }
  const described = { labels: object(labels), annotations: object(metadata.annotations) }
  const objects = [
    ...(namespace === undefined || namespace === "default"
      ? []
      : [{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }]),
    ...configObjects(source),
    ...disks,
    ...(workload.runtime === undefined ? [] : [runtimeClass(workload.runtime)]),
    ...(kind === "StatefulSet" ? [headless(name, namespace, labels)] : []),
    kind === "Pod"
      ? { apiVersion: "v1", kind, metadata: { name, namespace, ...described }, spec }
      : {
          apiVersion: "apps/v1",
          kind,
          metadata: { name, namespace, labels },
          spec: {
            replicas: 1,
            selector: { matchLabels: labels },
            // Disks and ports of the host are for one at a time; a StatefulSet has one at a time anyway.
            strategy: kind === "Deployment" ? { type: "Recreate" } : undefined,
            serviceName: kind === "StatefulSet" ? name : undefined,
            template: { metadata: described, spec: always(spec, kind, losses) }
          }
        }
  ]
  const file = { name: `${name}.yaml`, text: Redacted.make(writeYaml(...objects)), isSecret: true }
  return { files: [file], ...losses.found }
}

/** What a controller runs is always restarted, and has no deadline. */
const always = (spec: ReturnType<typeof podSpec>, kind: Kind, losses: Losses) => {
  if (spec.restartPolicy !== "Always") {
    losses.add("spec.restartPolicy", `A ${kind} restarts its containers always: leave out --kind, or make it a Job.`)
  }
  if (spec.activeDeadlineSeconds !== undefined) {
    losses.add("spec.activeDeadlineSeconds", `A ${kind} has no deadline: leave out --kind, or make it a Job.`)
  }
  return { ...spec, restartPolicy: "Always", activeDeadlineSeconds: undefined }
}

const runtimeClass = (runtime: string) => ({
  apiVersion: "node.k8s.io/v1",
  kind: "RuntimeClass",
  metadata: { name: runtime },
  handler: runtime
})

/** A StatefulSet wants a Service that names its Pods. */
const headless = (name: string, namespace: string | undefined, selector: object) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace },
  spec: { clusterIP: "None", selector }
})

const addUnused = ({ written, workload }: Source, losses: Losses): void => {
  for (const [index, { name }] of written.spec.volumes.entries()) {
    if (!workload.volumes.some((volume) => volume.name === name)) {
      losses.add(`spec.volumes[${index}]`, "No container mounts it.")
    }
  }
}
