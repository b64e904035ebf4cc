import * as Arr from "effect/Array"
import * as Result from "effect/Result"
import { shapeOf } from "../../declaration/keys/Shape.ts"
import { ConfigMapSchema, SecretSchema } from "../../declaration/schema/ConfigSchema.ts"
import type { Converted } from "../Converted.ts"
import { Losses } from "../Losses.ts"
import { checkNames, notChosen } from "./checkNames.ts"
import { bindClaims } from "./kubernetesClaims.ts"
import { copied } from "./kubernetesValue.ts"
import { podTemplate } from "./kubernetesTemplate.ts"
import { podFields } from "./kubernetesPod.ts"
import { referencesOf } from "./kubernetesReferences.ts"
import type { SourceInvalid } from "./SourceInvalid.ts"
import { reportOddities } from "./reportOddities.ts"
import { readNodes, type SourceNode } from "./SourceNode.ts"
import { writeDeclaration } from "./writeDeclaration.ts"

/** Objects of Kubernetes, or of Cloud Run: a Pod, or what would run one, and what it needs. */
export interface KubernetesSource {
  /** Names it, in errors. */
  readonly file: string
  readonly text: string | Uint8Array
  /** Which of the objects is converted, as in `Deployment/web` or `web`. Absent: the first that runs a Pod. */
  readonly only?: string
}

/**
 * A declaration of the Pod that the first of the objects is, or would run, with its ConfigMaps and Secrets. Where a field
 * that is left out means something else in a declaration than in Kubernetes, Kubernetes' meaning is written.
 */
export const fromKubernetes = ({ file, text, only }: KubernetesSource): Result.Result<Converted, SourceInvalid> =>
  Result.gen(function* () {
    const losses = new Losses()
    const roots = yield* readNodes(file, text)
    const objects = roots.flatMap(itemsOf)
    const found = objects.flatMap((object) => {
      const template = podTemplate(object)
      return template === undefined ? [] : [{ object, template }]
    })
    const isNamed = ({ object }: (typeof found)[number]) =>
      only === undefined || [nameOf(object), nameOf(object).replace(/^[^/]*\//, "")].includes(only)
    const first = found.find(isNamed)
    if (first === undefined && found.length > 0) {
      yield* checkNames(
        [only ?? ""],
        found.map(({ object }) => nameOf(object)),
        { at: roots[0]!, what: "object that runs a Pod, called" }
      )
    }
    if (first === undefined) {
      const what = "Give a Pod, a Deployment, a StatefulSet, a DaemonSet, a Job, a CronJob, or a Service of Cloud Run."
      return yield* Result.fail(roots[0]!.fail("none of its objects runs a Pod", what))
    }
    for (const one of found) {
      if (one === first) continue
      if (only === undefined)
        losses.add(nameOf(one.object), "A declaration is one Pod: convert this one by itself (--only), for another VM.")
      else losses.note(nameOf(one.object), notChosen)
    }
    reportOddities(roots, losses)
    const pod = podFields(first.object, first.template, bindClaims(objects, first.object), losses)
    const references = referencesOf(pod)
    const isWanted = (object: SourceNode) => references.has(nameOf(object))
    const values = objects.filter((object) => ["ConfigMap", "Secret"].includes(kindOf(object)))
    for (const object of values) if (!isWanted(object)) losses.add(nameOf(object), "The Pod does not refer to it.")
    for (const object of objects) {
      const kind = kindOf(object)
      if (podTemplate(object) !== undefined || values.includes(object) || claims.has(kind)) continue
      losses.add(nameOf(object), otherKinds[kind] ?? "A declaration is a Pod with its ConfigMaps and Secrets.")
    }
    if (roots[0]!.tooMuch !== undefined) return yield* Result.fail(roots[0]!.tooMuch)
    const documents = Arr.prepend(
      values.filter(isWanted).map((object) =>
        copied(object, shapeOf(kindOf(object) === "Secret" ? SecretSchema : ConfigMapSchema), {
          prefix: nameOf(object)
        })
      ),
      pod
    )
    return yield* writeDeclaration({ file, source: "objects of Kubernetes", documents, losses })
  })

const itemsOf = (root: SourceNode): ReadonlyArray<SourceNode> =>
  kindOf(root).endsWith("List") && root.get("items") !== undefined ? root.get("items")!.items : [root]

const kindOf = (object: SourceNode): string => object.get("kind")?.text ?? ""

/** As kubectl names it. */
const nameOf = (object: SourceNode): string => `${kindOf(object)}/${object.get("metadata", "name")?.text ?? ""}`

/** What of them is carried over is in the Pod's volumes. */
const claims = new Set(["PersistentVolume", "PersistentVolumeClaim"])

const access = "There are no service accounts: containers use the VM's own, whose roles are granted in IAM."
const scaling = "There is one VM: a managed instance group scales VMs."
const otherKinds: Readonly<Record<string, string>> = {
  ClusterRole: access,
  ClusterRoleBinding: access,
  HorizontalPodAutoscaler: scaling,
  Ingress: "Nothing routes requests to the Pod: write hostPort, and put a load balancer before the VM.",
  Namespace: "There is one Pod, whose namespace is a name.",
  NetworkPolicy: "The VM's firewall rules say who reaches it.",
  PodDisruptionBudget: scaling,
  Role: access,
  RoleBinding: access,
  Service: "Ports are published on the VM by hostPort, and its firewall rules say who reaches them.",
  ServiceAccount: access,
  StorageClass: "Nothing provisions disks: attach them to the VM."
}
