import type { DeclarationWarning } from "./DeclarationWarning.ts"
import { KeyDuplicate, KeyMisplaced, KeyUnknown, KeyUnsupported } from "./DeclarationWarning.ts"
import type { Finding } from "./Finding.ts"
import { nearest } from "./Nearest.ts"
import { type RecordShape, recordsOf, type Shape } from "./Shape.ts"
import type { Span } from "./YamlNode.ts"
import { visible } from "./Visible.ts"
import type { YamlField } from "./yamlFields.ts"

/** A key that the record does not have. */
export interface IgnoredKey {
  readonly key: string
  readonly owner: RecordShape
  readonly span: Span
}

/** Keys of every Kubernetes object: expected, and without a meaning here. So are `x-…` keys, which hold anchors. */
const customary = /^(?:apiVersion|kind|metadata|x-.*)$/

/** Keys of a Pod, and of Docker Compose, that people expect to work. */
const unsupported: ReadonlyMap<string, string> = new Map([
  ["ports", "Remove it: the container uses the VM's network, so each of its ports is a port of the VM."],
  ["imagePullPolicy", "Remove it: the image is pulled whenever its tag points to something new."],
  ["imagePullSecrets", "Remove it: images are pulled with the VM's service account."],
  ["resources", "Remove it: the container may use all of the VM."],
  ["workingDir", "Set it in the image (WORKDIR)."],
  ["valueFrom", 'Write the value itself as "value".'],
  ["envFrom", 'List the variables in "env".'],
  ["subPath", "Mount the whole volume, or use a hostPath with the full path."],
  ["initContainers", "Do it in the image's entrypoint, or in a startup script of the VM."]
])
const withoutEffect = new Set(
  (
    "livenessProbe readinessProbe startupProbe lifecycle terminationMessagePath terminationMessagePolicy " +
    "terminationGracePeriodSeconds activeDeadlineSeconds dnsPolicy dnsConfig nodeName nodeSelector affinity tolerations " +
    "hostNetwork hostPID hostIPC hostname hostAliases subdomain serviceAccount serviceAccountName schedulerName " +
    "automountServiceAccountToken enableServiceLinks priority priorityClassName shareProcessNamespace runtimeClassName " +
    "stdinOnce volumeDevices mountPropagation sizeLimit type configMap secret persistentVolumeClaim nfs projected " +
    "capabilities runAsUser runAsGroup runAsNonRoot readOnlyRootFilesystem allowPrivilegeEscalation seccompProfile fsGroup"
  ).split(" ")
)

/** Other tools' names for our keys. */
const synonyms: ReadonlyMap<string, string> = new Map([
  ["environment", "env"],
  ["entrypoint", "command"],
  ["cmd", "args"],
  ["arguments", "args"],
  ["mounts", "volumeMounts"],
  ["restart", "restartPolicy"],
  ["deviceName", "pdName"],
  ["diskName", "pdName"]
])

/**
 * What keys look like that people make up. Anything else may be a value that slipped out of its place, as when a line of
 * a block scalar loses its indentation.
 */
const keyLike = /^(?=.{1,40}$)[a-z][a-zA-Z]*(?:[_-][a-zA-Z]+)*$/

/** What to say about keys that are not as they should be. */
export class KeyHints {
  readonly #root: Shape
  readonly #records: ReadonlyArray<RecordShape>

  constructor(root: Shape) {
    this.#root = root
    this.#records = recordsOf(root)
  }

  /** `secret`: what the key stands in may hold secrets, so the key is named only if it is one that we know of. */
  of(
    { key, owner }: IgnoredKey,
    { secret }: { readonly secret: boolean }
  ): { readonly shown: boolean; readonly warning: Finding<DeclarationWarning>["make"] | undefined } {
    if (owner === this.#root && customary.test(key)) return { shown: true, warning: undefined }
    const { title } = owner
    const belongsTo = this.#records.find((record) => record.fields.has(key))?.title
    const instead = unsupported.get(key) ?? (withoutEffect.has(key) ? "Remove it." : undefined)
    const synonym = synonyms.get(key)
    const suggestion = synonym !== undefined && owner.fields.has(synonym) ? synonym : nearest(key, owner.fields.keys())
    const known = belongsTo ?? instead ?? suggestion
    const shown = known !== undefined || (!secret && keyLike.test(key))
    return {
      shown,
      warning: (position) => {
        const common = { ...position, key: shown ? visible(key) : "…", owner: title }
        if (suggestion === undefined && belongsTo !== undefined) return new KeyMisplaced({ ...common, belongsTo })
        if (suggestion === undefined && instead !== undefined) return new KeyUnsupported({ ...common, advice: instead })
        return new KeyUnknown({ ...common, suggestion })
      }
    }
  }
}

/** About the last of several keys of one name. */
export const duplicateKey =
  (owner: RecordShape, name: string, { key, replaced }: YamlField): Finding<DeclarationWarning>["make"] =>
  (position, { lineOf }) =>
    new KeyDuplicate({
      ...position,
      key: owner.fields.has(name) ? name : "…",
      firstLine: lineOf(replaced.at(-1) ?? key)
    })
