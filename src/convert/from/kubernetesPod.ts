import type { Losses } from "../Losses.ts"
import type { Claims } from "./kubernetesClaims.ts"
import { besideTemplate, type PodTemplate } from "./kubernetesTemplate.ts"
import { copied, itemShape, podShape } from "./kubernetesValue.ts"
import type { SourceNode } from "./SourceNode.ts"
import { From, type Fields, type Value } from "./Value.ts"

/** A Pod as a declaration says it. */
export const podFields = (
  object: SourceNode,
  { node, isKnative }: PodTemplate,
  claims: Claims,
  losses: Losses
): From => {
  const spec = node.get("spec")!
  reportBeside(object, isKnative, losses)
  if (isKnative) reportKnative(node, losses)
  const written = fieldsOf(copied(spec, podShape("spec")))
  const grace = spec.get("terminationGracePeriodSeconds")
  const fields: Fields = {
    ...written,
    ...(isKnative ? { containerConcurrency: undefined, timeoutSeconds: undefined } : {}),
    // In Kubernetes a Pod has a network of its own unless it says otherwise.
    hostNetwork: written["hostNetwork"] ?? false,
    terminationGracePeriodSeconds:
      grace === undefined || grace.kind === "null"
        ? 30
        : grace.number === 10
          ? undefined
          : written["terminationGracePeriodSeconds"],
    ...(isKnative ? startedInOrder(node, losses) : containersOf(spec)),
    volumes: volumesOf(spec, claims, losses)
  }
  const pod = { apiVersion: "v1", kind: "Pod", metadata: metadataOf(object, node), spec: new From(spec.at, fields) }
  return new From(object.at, pod)
}

const containersOf = (spec: SourceNode): Fields => ({
  initContainers: spec.get("initContainers")?.items.map((item) => containerOf(item)),
  containers: spec.get("containers")?.items.map((item) => containerOf(item))
})

const dependencies = "run.googleapis.com/container-dependencies"

/** What others wait for on Cloud Run, until its startupProbe has succeeded, is a sidecar. */
const startedInOrder = (template: SourceNode, losses: Losses): Fields => {
  const spec = template.get("spec")!
  const written = template.get("metadata", "annotations", dependencies)
  const needed = new Map(
    Array.from((written?.text ?? "").matchAll(/"([^"]+)"\s*:\s*\[([^\]]*)\]/g), ([, name = "", list = ""]) => [
      name,
      Array.from(list.matchAll(/"([^"]+)"/g), ([, on = ""]) => on)
    ])
  )
  const all = spec.get("containers")?.items ?? []
  const nameOf = (node: SourceNode) => node.get("name")?.text ?? ""
  const early = new Set([...needed.values()].flat())
  const ordered: Array<SourceNode> = []
  const visit = (node: SourceNode, seen: ReadonlySet<SourceNode>): void => {
    if (ordered.includes(node) || seen.has(node)) return
    const before = needed.get(nameOf(node)) ?? []
    for (const other of all) if (before.includes(nameOf(other))) visit(other, new Set([...seen, node]))
    ordered.push(node)
  }
  for (const node of all) visit(node, new Set())
  const sidecars = ordered.filter((node) => early.has(nameOf(node)))
  if (sidecars.length === 0 || sidecars.length === all.length) return containersOf(spec)
  for (const node of sidecars) {
    losses.note(
      node.path,
      "Others wait for it, so it became a sidecar, which is started before them and stopped after them."
    )
  }
  return {
    initContainers: sidecars.map(
      (node) => new From(node.at, { ...fieldsOf(containerOf(node)), restartPolicy: "Always" })
    ),
    containers: all.filter((node) => !early.has(nameOf(node))).map((item) => containerOf(item))
  }
}

const fieldsOf = ({ value }: From): Fields => value as Fields

/** That of the template, under the name of the object. */
const metadataOf = (object: SourceNode, template: SourceNode): Value | undefined => {
  const own = template.get("metadata")
  const name = object.get("metadata", "name")
  const namespace = object.get("metadata", "namespace")
  const fields: Fields = {
    ...(name?.text === undefined ? {} : { name: copied(name, podShape("metadata", "name")) }),
    ...(namespace?.text === undefined ? {} : { namespace: copied(namespace, podShape("metadata", "namespace")) }),
    ...(own === undefined ? {} : fieldsOf(copied(own, podShape("metadata"))))
  }
  return Object.keys(fields).length === 0 ? undefined : new From((own ?? object).at, fields)
}

const ofKubernetes = "No controller of Kubernetes is there: the Pod runs once on this VM."
/** Which Pods an object has is plain where it makes them, and what it was is no wish. */
const plumbing = new Set(["selector", "template", "serviceName"])

const reasons: Readonly<Record<string, string>> = {
  schedule:
    "Nothing starts it at its times: it runs at each boot, and when the declaration changes. Start the VM by an instance schedule.",
  replicas: "The Pod is once on each VM: a managed instance group has several.",
  traffic: "There is one revision.",
  volumeClaimTemplates:
    "Nothing provisions disks: attach one to the VM and write gcePersistentDisk, with its device name as pdName.",
  backoffLimit: "The number of retries is not carried over: OnFailure retries without end, Never not at all."
}

const reportBeside = (object: SourceNode, isKnative: boolean, losses: Losses): void => {
  for (const [key, value] of besideTemplate(object)) {
    const isIdle = (key === "replicas" && value.text === "1") || (key === "suspend" && value.boolean === false)
    if (!plumbing.has(key) && value.kind !== "null" && !isIdle) losses.add(value.path, reasons[key] ?? ofKubernetes)
  }
  if (object.get("spec", "containers") !== undefined) return
  for (const key of ["labels", "annotations"]) {
    const found = object.get("metadata", key)
    if (found !== undefined && found.entries.length > 0) {
      losses.add(
        found.path,
        isKnative ? "They are for Cloud Run." : "They are those of the object that runs the Pod, which nothing reads."
      )
    }
  }
}

const reportKnative = (template: SourceNode, losses: Losses): void => {
  for (const key of ["containerConcurrency", "timeoutSeconds"]) {
    const found = template.get("spec", key)
    if (found !== undefined)
      losses.add(found.path, "Nothing stands before the container that would hold requests back.")
  }
  for (const [key, value] of template.get("metadata", "annotations")?.entries ?? []) {
    if (key !== dependencies && /(?:^|\.)(?:googleapis\.com|knative\.dev)\//.test(key))
      losses.add(value.path, "It is for Cloud Run.")
  }
  for (const container of template.get("spec", "containers")?.items ?? []) {
    const isTold = container.get("env")?.items.some((variable) => variable.get("name")?.text === "PORT") === true
    if (!isTold && container.get("ports") !== undefined) {
      losses.add(`${container.path}.env`, "Cloud Run sets the variable PORT: write it, if the program reads it.")
    }
  }
}

const containerOf = (node: SourceNode): From => {
  const fields = fieldsOf(copied(node, itemShape("containers")))
  const image = node.get("image")?.text ?? ""
  return new From(node.at, { ...fields, imagePullPolicy: fields["imagePullPolicy"] ?? pullPolicyOf(image) })
}

/** Kubernetes' default: a tag that moves is asked for. */
const pullPolicyOf = (image: string): string => {
  const name = image.split("/").at(-1) ?? ""
  return name.includes("@") || /:(?!latest$)/.test(name) ? "IfNotPresent" : "Always"
}

const volumesOf = (spec: SourceNode, claims: Claims, losses: Losses): ReadonlyArray<Value> | undefined =>
  spec.get("volumes")?.items.map((volume) => {
    const fields = fieldsOf(copied(volume, itemShape("volumes")))
    const claim = volume.get("persistentVolumeClaim")
    const image = volume.get("image")
    if (image !== undefined) {
      const source = fieldsOf(copied(image, podShape("spec", "volumes", "image")))
      const pullPolicy = source["pullPolicy"] ?? pullPolicyOf(image.get("reference")?.text ?? "")
      return new From(volume.at, { ...fields, image: new From(image.at, { ...source, pullPolicy }) })
    }
    const source = claim && claims.sourceOf(claim, losses)
    return source === undefined ? new From(volume.at, fields) : new From(volume.at, { name: fields["name"], ...source })
  })
