import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import { checkCommand, type CommandContainsWhiteSpace } from "./Command.ts"
import { checkComments, type ValueCutByComment } from "./Comments.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import { checkEnvironment, type EnvironmentNameDuplicate, type EnvironmentNameInvalid } from "./Environment.ts"
import { checkExpansion, type PlaceholderInValue } from "./Expansion.ts"
import { checkImage, type ImageMissing, type ImageReferenceInvalid, type ImageRegistryDoubtful } from "./Image.ts"
import { placeholderInReference, PlaceholderLeft } from "./Placeholder.ts"
import { position } from "../yaml/Position.ts"
import type { Container, RestartPolicy } from "../../workload/Workload.ts"

/** A container name that the engine would refuse. */
export class ContainerNameInvalid extends Schema.TaggedError<ContainerNameInvalid>()("ContainerNameInvalid", {
  ...position,
  name: Schema.String
}) {
  override get message(): string {
    return `"${this.name}" cannot be a container's name`
  }
  get advice(): string {
    return "Use letters, digits, '_', '.' and '-' only."
  }
}

/** What the engine allows after the `klt-` of `klt-<name>-<suffix>`. */
const namePattern = /^[a-zA-Z0-9_.-]*$/

/** Checks a container, except for its mounts. Undefined where it has no usable image. */
export const checkContainer = (
  container: DeclaredContainer,
  restartPolicy: RestartPolicy,
  check: Check<
    ContainerNameInvalid | PlaceholderLeft | ImageMissing | ImageReferenceInvalid | EnvironmentNameInvalid,
    | CommandContainsWhiteSpace
    | EnvironmentNameDuplicate
    | ImageRegistryDoubtful
    | PlaceholderInValue
    | ValueCutByComment
  >
): Container | undefined => {
  checkName(container, check)
  checkEnvironment(container, check)
  checkExpansion(container, check)
  checkComments(container, check)
  checkCommand(container, check)
  const image = checkImage(container, check)
  if (image === undefined) return undefined
  const { name, command, args, env, volumeMounts, securityContext, stdin, tty } = container
  return {
    name,
    image,
    command,
    args,
    env,
    mounts: volumeMounts.map(({ name, mountPath, readOnly }) => ({ volume: name, path: mountPath, readOnly })),
    ports: [],
    restartPolicy,
    privileged: securityContext.privileged,
    stdin,
    tty
  }
}

const checkName = (container: DeclaredContainer, check: Check<ContainerNameInvalid | PlaceholderLeft, never>): void => {
  const place = check.at(container, "name")
  if (place.invalid || namePattern.test(container.name)) return
  const form = placeholderInReference(container.name)
  if (form === undefined) check.problem(place, ContainerNameInvalid, { name: check.quote(container, "name") })
  else check.problem(place, PlaceholderLeft, { path: place.path, form })
}
