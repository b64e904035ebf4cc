import type { SourceNode } from "./SourceNode.ts"

/** Where an object has the Pod that it would run. */
export interface PodTemplate {
  /** With `metadata` and `spec`. */
  readonly node: SourceNode
  readonly isKnative: boolean
}

const paths: Readonly<Record<string, ReadonlyArray<string>>> = {
  Pod: [],
  PodTemplate: ["template"],
  Deployment: ["spec", "template"],
  StatefulSet: ["spec", "template"],
  DaemonSet: ["spec", "template"],
  ReplicaSet: ["spec", "template"],
  ReplicationController: ["spec", "template"],
  Job: ["spec", "template"],
  CronJob: ["spec", "jobTemplate", "spec", "template"]
}

/**
 * Undefined for an object that runs none. One that has containers is a Pod, whatever it calls itself, as a declaration
 * is.
 */
export const podTemplate = (object: SourceNode): PodTemplate | undefined => {
  const path = pathTo(object)
  const node = path && object.get(...path)
  return node?.get("spec") === undefined ? undefined : { node, isKnative: isKnative(object) }
}

const isKnative = (object: SourceNode): boolean =>
  (object.get("apiVersion")?.text ?? "").startsWith("serving.knative.dev/")

const pathTo = (object: SourceNode): ReadonlyArray<string> | undefined => {
  const kind = object.get("kind")?.text ?? ""
  if (object.get("spec", "containers") !== undefined) return []
  return isKnative(object) ? ["spec", "template"] : Object.hasOwn(paths, kind) ? paths[kind] : undefined
}

/** What stands beside the template in each `spec` on the way to it. */
export const besideTemplate = (object: SourceNode): ReadonlyArray<readonly [key: string, value: SourceNode]> => {
  const path = pathTo(object) ?? []
  return path.flatMap((step, index) => {
    const holder = object.get(...path.slice(0, index))
    return index === 0 ? [] : (holder?.entries ?? []).filter(([key]) => key !== step && key !== "metadata")
  })
}
