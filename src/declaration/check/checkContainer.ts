import * as Result from "effect/Result"
import { checkComments } from "./checkComments.ts"
import { checkEnvironment } from "./checkEnvironment.ts"
import { checkExpansion } from "./checkExpansion.ts"
import { ContainerNameInvalid, ImageMissing, ImageReferenceInvalid } from "./ContainerProblem.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import { CommandContainsWhiteSpace, ImageRegistryDoubtful } from "../DeclarationWarning.ts"
import type { Finding } from "../yaml/Finding.ts"
import type { Findings } from "../Findings.ts"
import { type ImageReference, parseImageReference, suggestImageReference } from "../../workload/ImageReference.ts"
import { placeholderInReference } from "./Placeholder.ts"
import { placeholderLeft } from "./PlaceholderProblem.ts"
import type { Place, Places } from "../yaml/Places.ts"
import { registryMistake } from "./RegistryMistake.ts"
import type { Container, RestartPolicy } from "../../workload/Workload.ts"

/** What the engine allows after the `klt-` of `klt-<name>-<suffix>`. */
const namePattern = /^[a-zA-Z0-9_.-]*$/

/** Checks everything of a container but its mounts. Undefined where it has no usable image. */
export const checkContainer = (
  container: DeclaredContainer,
  restartPolicy: RestartPolicy,
  places: Places,
  findings: Findings
): Container | undefined => {
  const name = places.of(container, "name")
  if (!name.invalid && !namePattern.test(container.name)) {
    const invalid: Finding<ContainerNameInvalid>["make"] = (position, { quote }) =>
      new ContainerNameInvalid({ ...position, name: quote(container.name, name) })
    findings.problem(name.span, placeholderLeft(container.name, name, placeholderInReference) ?? invalid)
  }
  checkEnvironment(container, places, findings)
  checkExpansion(container, places, findings)
  checkComments(container, places, findings)
  checkWhiteSpace(container, places, findings)
  const image = checkImage(container, places, findings)
  if (image === undefined) return undefined
  return {
    name: container.name,
    image,
    command: container.command,
    args: container.args,
    env: container.env,
    mounts: container.volumeMounts.map(({ name, mountPath, readOnly }) => ({
      volume: name,
      path: mountPath,
      readOnly
    })),
    ports: [],
    restartPolicy,
    privileged: container.securityContext.privileged,
    stdin: container.stdin,
    tty: container.tty
  }
}

const checkImage = (container: DeclaredContainer, places: Places, findings: Findings): ImageReference | undefined => {
  const { image } = container
  const place = places.of(container, "image")
  if (place.invalid) return undefined
  if (image === "") {
    const name = places.of(container, "name")
    findings.problem(place.span, (position, { quote }) => {
      return new ImageMissing({ ...position, container: quote(container.name, name) })
    })
    return undefined
  }
  const parsed = parseImageReference(image)
  if (Result.isSuccess(parsed)) {
    checkRegistry(parsed.success, place, findings)
    return parsed.success
  }
  const invalid: Finding<ImageReferenceInvalid>["make"] = (position, { quote }) => {
    const found = quote(image, place)
    const suggestion = found === image ? suggestImageReference(image) : undefined
    return new ImageReferenceInvalid({ ...position, image: found, detail: parsed.failure, suggestion })
  }
  findings.problem(place.span, placeholderLeft(image, place, placeholderInReference) ?? invalid)
  return undefined
}

const checkRegistry = (image: ImageReference, place: Place, findings: Findings): void => {
  const mistake = registryMistake(image)
  if (mistake === undefined) return
  findings.warning(place.span, (position, { quote }) => {
    const found = quote(image.text, place)
    const suggestion = found === image.text ? mistake.suggestion : undefined
    return new ImageRegistryDoubtful({ ...position, image: found, detail: mistake.detail, suggestion })
  })
}

/** One word with white space in it is most likely a command line that someone expected to be split. */
const checkWhiteSpace = ({ command = [], args = [] }: DeclaredContainer, places: Places, findings: Findings): void => {
  const [word, second] = [...command, ...args]
  if (word === undefined || second !== undefined || !/\s/.test(word)) return
  const { span } = command.length > 0 ? places.of(command, 0) : places.of(args, 0)
  const words = word.split(/\s+/).filter((part) => part !== "").length
  findings.warning(span, (position) => new CommandContainsWhiteSpace({ ...position, words }))
}
