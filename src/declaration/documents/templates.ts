import { valueAt } from "../yaml/entryAt.ts"
import type { YamlNode } from "../yaml/YamlNode.ts"

/** Where a Kubernetes object holds its Pod. */
export const templates: ReadonlyMap<string, string> = new Map([
  ["Deployment", "spec.template"],
  ["StatefulSet", "spec.template"],
  ["DaemonSet", "spec.template"],
  ["ReplicaSet", "spec.template"],
  ["ReplicationController", "spec.template"],
  ["Job", "spec.template"],
  ["CronJob", "spec.jobTemplate.spec.template"],
  ["PodTemplate", "template"]
])

/**
 * Where an object holds the Pod that it would run; undefined if it would run none. Objects that are none of Kubernetes' own
 * are known by what they hold, such as a Service of Knative, and so of Cloud Run.
 */
export const templateOf = (root: YamlNode, kind: string): string | undefined =>
  templates.get(kind) ??
  (valueAt(root, "spec", "template", "spec", "containers") === undefined ? undefined : "spec.template")
