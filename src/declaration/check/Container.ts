import type { Check } from "./Check.ts"
import { checkCommand, type CommandContainsWhiteSpace } from "./Command.ts"
import { checkComments, type ValueCutByComment } from "./Comments.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import { checkEnvFrom, type EnvFromProblem } from "./EnvFrom.ts"
import { checkEnvironment, type EnvironmentNameDuplicate, type EnvironmentNameInvalid } from "./Environment.ts"
import { checkExpansion, type PlaceholderInValue } from "./Expansion.ts"
import { checkImage, type ImageMissing, type ImageReferenceInvalid, type ImageRegistryDoubtful } from "./Image.ts"
import { checkLogging, type LogOptionInvalid } from "./Logging.ts"
import { mountOf } from "./MountOptions.ts"
import { checkSubPathExprs, type SubPathExprProblem } from "./SubPathExpr.ts"
import type { PlaceholderLeft } from "./Placeholder.ts"
import type {
  MemoryInThousandths,
  MemoryLimitTooSmall,
  QuantityInvalid,
  RequestInvalid,
  ResourceNotEnforced,
  ResourceUnknown
} from "./ResourceProblem.ts"
import { checkPullPolicy, type ImagePullPolicyInvalid } from "./PullPolicy.ts"
import { checkResources } from "./Resources.ts"
import { checkValueFrom, type EnvironmentScope, type ValueFromProblem, type ValueFromWarning } from "./ValueFrom.ts"
import { checkWorkingDirectory, type WorkingDirectoryNotAbsolute } from "./WorkingDirectory.ts"
import type { DeclaredContainer as CheckedContainer, DeclaredVariable } from "../../workload/DeclaredWorkload.ts"
import { hasReference, type Word } from "../../workload/expand.ts"
import type { Container } from "../../workload/Workload.ts"

type ContainerCheck = Check<
  | EnvFromProblem
  | SubPathExprProblem
  | ValueFromProblem
  | PlaceholderLeft
  | ImageMissing
  | ImageReferenceInvalid
  | ImagePullPolicyInvalid
  | EnvironmentNameInvalid
  | WorkingDirectoryNotAbsolute
  | QuantityInvalid
  | MemoryLimitTooSmall
  | ResourceUnknown
  | RequestInvalid
  | LogOptionInvalid,
  | CommandContainsWhiteSpace
  | EnvironmentNameDuplicate
  | ImageRegistryDoubtful
  | PlaceholderInValue
  | ValueCutByComment
  | MemoryInThousandths
  | ResourceNotEnforced
  | ValueFromWarning
>

/**
 * Checks what a container is by itself: its image, command and environment. `rest` is what depends on the Pod. Undefined
 * where it has no usable image.
 */
export const checkContainer = (
  container: DeclaredContainer,
  rest: Pick<
    Container,
    "ports" | "restartPolicy" | "security" | "probes" | "lifecycle" | "gracePeriod" | "terminationMessage"
  >,
  scope: EnvironmentScope,
  check: ContainerCheck
): CheckedContainer | undefined => {
  checkEnvironment(container, check)
  const { imported, importedSecrets } = checkEnvFrom(container, scope, check)
  checkExpansion(container, imported, check)
  checkComments(container, check)
  checkCommand(container, check)
  const workingDir = checkWorkingDirectory(container, check)
  const resources = checkResources(container, check)
  const imagePullPolicy = checkPullPolicy(container, "imagePullPolicy", check)
  const logging = checkLogging(container, check)
  const env = container.env.flatMap((variable) => variableOf(variable, container, scope, check) ?? [])
  const subPathExprs = checkSubPathExprs(container, { imported, importedSecrets, env }, check)
  const image = checkImage(container, check)
  if (image === undefined) return undefined
  const { name, command, args, volumeMounts, securityContext, stdin, stdinOnce, tty } = container
  return {
    name,
    image,
    ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }),
    command: wordsOf(command, check),
    args: wordsOf(args, check),
    env,
    ...(imported.length === 0 ? {} : { imported }),
    mounts: volumeMounts.map((mount) => mountOf(mount, container, subPathExprs.get(mount))),
    ...rest,
    privileged: securityContext.privileged,
    ...(resources === undefined ? {} : { resources }),
    ...(logging === undefined ? {} : { logging }),
    ...(workingDir === undefined ? {} : { workingDir }),
    stdin,
    ...(stdin && stdinOnce ? { stdinOnce } : {}),
    tty
  }
}

/** konlet passed everything on as it was written. */
const wordsOf = (words: ReadonlyArray<string> | undefined, check: ContainerCheck): ReadonlyArray<Word> | undefined =>
  check.followsKonlet ? words : words?.map((text) => (hasReference(text) ? { template: text } : text))

const variableOf = (
  variable: DeclaredContainer["env"][number],
  own: DeclaredContainer,
  scope: EnvironmentScope,
  check: ContainerCheck
): DeclaredVariable | undefined => {
  const { name, value, valueFrom } = variable
  if (valueFrom !== undefined) return checkValueFrom(variable, valueFrom, own, scope, check)
  return !check.followsKonlet && hasReference(value) ? { name, template: value } : { name, value }
}
