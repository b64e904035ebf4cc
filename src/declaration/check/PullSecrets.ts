import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import { type ConfigScope, lookUpConfig, type ReferenceProblem } from "./ConfigReference.ts"
import type { DeclaredSpec } from "../DeclarationSchema.ts"
import type { ConfigDocument } from "../documents/ConfigDocuments.ts"
import { checkManagedSecret, isManaged, type ManagedSecretProblem } from "./ManagedSecret.ts"
import { type DockerConfigForm, parseDockerConfig } from "../../workload/DockerConfig.ts"
import type { PullSecret } from "../../workload/PullSecret.ts"
import { position } from "../yaml/Position.ts"

/** A Secret of the text that has no credentials of registries. */
export class PullSecretUnfit extends Schema.TaggedError<PullSecretUnfit>()("PullSecretUnfit", {
  ...position,
  name: Schema.String,
  /** In words that follow its name; nothing of its values is in it. */
  found: Schema.String
}) {
  override get message(): string {
    return `the Secret "${this.name}" has no credentials for imagePullSecrets: it ${this.found}`
  }
  get advice(): string {
    return (
      'Give it the type kubernetes.io/dockerconfigjson and, below "stringData" and ".dockerconfigjson", ' +
      '{"auths": {"registry.example": {"username": "…", "password": "…"}}}.'
    )
  }
}

/** An item of imagePullSecrets without a name. */
export class PullSecretNameless extends Schema.TaggedError<PullSecretNameless>()("PullSecretNameless", {
  ...position,
  path: Schema.String
}) {
  override get message(): string {
    return `${this.path} has no name`
  }
  get advice(): string {
    return 'Write "name:" with the name of a Secret of the text, or of a secret in Secret Manager.'
  }
}

export type PullSecretProblem = ManagedSecretProblem | ReferenceProblem | PullSecretUnfit | PullSecretNameless

/** The types of Secrets that hold credentials of registries, and the key under which each does. */
const forms: Readonly<Record<string, readonly [key: string, form: DockerConfigForm]>> = {
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson", "dockerconfigjson"],
  "kubernetes.io/dockercfg": [".dockercfg", "dockercfg"]
}

/** What is shown to registries, in the order of the declaration. */
export const checkPullSecrets = (
  { imagePullSecrets }: DeclaredSpec,
  scope: ConfigScope,
  check: Check<PullSecretProblem, never>
): ReadonlyArray<PullSecret> =>
  imagePullSecrets.flatMap((reference, index): ReadonlyArray<PullSecret> => {
    const item = check.at(imagePullSecrets, index)
    const place = check.at(reference, "name")
    if (item.invalid || place.invalid) return []
    if (reference.name === "") {
      check.slip(item, PullSecretNameless, { path: item.path })
      return []
    }
    const document = scope.documents.find("Secret", scope.namespace, reference.name)
    if (document === undefined) {
      if (!isManaged(reference, scope, check)) {
        lookUpConfig("Secret", reference, scope, check)
        return []
      }
      const secret = checkManagedSecret(reference, scope, check)
      return secret === undefined ? [] : [{ _tag: "Secret", secret }]
    }
    const config = configOf(document)
    if (Result.isSuccess(config)) return config.success === undefined ? [] : [config.success]
    check.slip(place, PullSecretUnfit, { name: check.quote(reference, "name"), found: config.failure })
    return []
  })

/** Undefined where a part of the document could not be read, which has been reported. */
const configOf = ({ type, entries, isPartial }: ConfigDocument): Result.Result<PullSecret | undefined, string> => {
  const [key, form] = (Object.hasOwn(forms, type) ? forms[type] : undefined) ?? []
  if (key === undefined || form === undefined) {
    return Result.fail(type === "" ? "has no type" : "is of another type")
  }
  const entry = entries.get(key)
  if (entry === undefined) return isPartial ? Result.succeed(undefined) : Result.fail(`has no key "${key}"`)
  return Result.mapBoth(parseDockerConfig(entry.text ?? "", form), {
    onSuccess: (config): PullSecret => ({ _tag: "Config", config }),
    onFailure: (found) => found
  })
}
