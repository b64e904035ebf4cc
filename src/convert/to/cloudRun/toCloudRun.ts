import * as Redacted from "effect/Redacted"
import type { DeclaredSecretVersion } from "../../../workload/SecretVersion.ts"
import type { Converted } from "../../Converted.ts"
import { type KnownContainer, knownContainers } from "../../known/KnownContainer.ts"
import { Losses } from "../../Losses.ts"
import { containerNameOf, podNameOf } from "../../names.ts"
import type { Source } from "../../Source.ts"
import { writeYaml } from "../../writeYaml.ts"
import { given, object } from "../kubernetes/words.ts"
import { addCloudRunLosses } from "./cloudRunLosses.ts"
import { cloudRunContainer } from "./container.ts"
import { cloudRunVolumes } from "./volumes.ts"

/** A service of Cloud Run that has one instance, as a VM has: for `gcloud run services replace`. */
export const toCloudRun = (source: Source): Converted => {
  const losses = new Losses()
  const { written } = source
  const all = knownContainers(source)
  const containers = all.filter(({ role }) => role !== "init")
  addCloudRunLosses(source, containers, losses)
  for (const { role, path } of all) {
    if (role === "init")
      losses.add(
        path,
        "Cloud Run runs nothing to its end before a service: make it a job, or part of the image's start."
      )
  }
  const name = podNameOf(source)
  const names = new Map(containers.map((container) => [container, containerNameOf(source, container)]))
  const secrets = new Secrets()
  const nameOf = (secret: DeclaredSecretVersion) => secrets.nameOf(secret)
  const volumes = cloudRunVolumes({ source, losses, nameOf })
  const ingress = ingressOf(containers)
  if (ingress === undefined) {
    losses.note(
      "spec.containers",
      "No port is declared. Cloud Run wants a container that serves HTTP on one, 8080 by default, and tells it as PORT."
    )
  }
  const context = { losses, ingress, volumes: new Set(volumes.map(({ name }) => name)), nameOf }
  const made = containers.map((container) => cloudRunContainer(container, names.get(container)!, context))
  const hasGpu = containers.some(({ declared }) => (declared.resources?.limits.gpus ?? 0) > 0)
  if (hasGpu) losses.note("spec.containers", "Which GPU is not declared: nvidia-l4 stands for it.")
  const dependencies = dependenciesOf(containers, names)
  const service = {
    apiVersion: "serving.knative.dev/v1",
    kind: "Service",
    metadata: { name, labels: object(written.metadata.labels) },
    spec: {
      template: {
        metadata: {
          annotations: {
            "run.googleapis.com/execution-environment": "gen2",
            // As on a VM: one instance, which always runs.
            "autoscaling.knative.dev/minScale": "1",
            "autoscaling.knative.dev/maxScale": "1",
            "run.googleapis.com/cpu-throttling": "false",
            "run.googleapis.com/container-dependencies":
              dependencies === undefined ? undefined : JSON.stringify(dependencies),
            "run.googleapis.com/secrets": secrets.annotation
          }
        },
        spec: {
          nodeSelector: hasGpu ? { "run.googleapis.com/accelerator": "nvidia-l4" } : undefined,
          containers: made,
          volumes: given(volumes)
        }
      }
    }
  }
  const file = { name: `${name}.yaml`, text: Redacted.make(writeYaml(service)), isSecret: true }
  return { files: [file], ...losses.found }
}

/** The first port that is declared gets the requests: of a container before a sidecar's. */
const ingressOf = (containers: ReadonlyArray<KnownContainer>) => {
  const inOrder = [...containers].toSorted((one, other) => Number(other.role === "main") - Number(one.role === "main"))
  for (const container of inOrder) {
    const port = container.declared.ports.find(({ protocol }) => protocol === "tcp")
    if (port !== undefined) return { container, port: port.containerPort }
  }
  return undefined
}

/** What starts before what: all containers after the sidecars, and each sidecar after those before it. */
const dependenciesOf = (containers: ReadonlyArray<KnownContainer>, names: ReadonlyMap<KnownContainer, string>) => {
  const sidecars = containers.filter(({ role }) => role === "sidecar")
  if (sidecars.length === 0) return undefined
  const entries = containers.map((container) => {
    const before = container.role === "sidecar" ? sidecars.slice(0, sidecars.indexOf(container)) : sidecars
    return [names.get(container)!, before.map((other) => names.get(other)!)] as const
  })
  return Object.fromEntries(entries.filter(([, before]) => before.length > 0))
}

/** A secret of another project needs a name in the service. */
class Secrets {
  readonly #aliases = new Map<string, string>()

  nameOf({ project, secret }: DeclaredSecretVersion): string {
    if (project === undefined) return secret
    const full = `projects/${project}/secrets/${secret}`
    const alias = this.#aliases.get(full) ?? `secret-${this.#aliases.size + 1}`
    this.#aliases.set(full, alias)
    return alias
  }

  get annotation(): string | undefined {
    return this.#aliases.size === 0
      ? undefined
      : [...this.#aliases].map(([full, alias]) => `${alias}:${full}`).join(",")
  }
}
