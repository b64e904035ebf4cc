import * as Result from "effect/Result"
import {
  ContainerNameInvalid,
  EnvironmentNameInvalid,
  ImageMissing,
  ImageReferenceInvalid
} from "./ContainerProblem.ts"
import type { DeclaredContainer } from "./DeclarationSchema.ts"
import { CommandContainsWhiteSpace } from "./DeclarationWarning.ts"
import type { Findings } from "./Finding.ts"
import { type ImageReference, parseImageReference, suggestImageReference } from "./ImageReference.ts"
import type { Places } from "./Places.ts"
import type { Container } from "./Workload.ts"

/** What the engine allows after the `klt-` of `klt-<name>-<suffix>`. */
const namePattern = /^[a-zA-Z0-9_.-]*$/

/** Checks everything of a container but its mounts. Undefined where it has no usable image. */
export const checkContainer = (
  container: DeclaredContainer,
  places: Places,
  findings: Findings
): Container | undefined => {
  const name = places.of(container, "name")
  if (!name.invalid && !namePattern.test(container.name)) {
    findings.problem(name.span, (position, { quote }) => {
      return new ContainerNameInvalid({ ...position, name: quote(container.name, name) })
    })
  }
  checkEnvironment(container, places, findings)
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
  if (Result.isSuccess(parsed)) return parsed.success
  findings.problem(place.span, (position, { quote }) => {
    const found = quote(image, place)
    const suggestion = found === image ? suggestImageReference(image) : undefined
    return new ImageReferenceInvalid({ ...position, image: found, detail: parsed.failure, suggestion })
  })
  return undefined
}

const checkEnvironment = ({ env }: DeclaredContainer, places: Places, findings: Findings): void => {
  for (const [index, variable] of env.entries()) {
    const place = places.of(variable, "name")
    const found = variable.name === "" ? "empty" : variable.name.includes("=") ? "equals sign" : undefined
    if (place.invalid || found === undefined) continue
    const { path } = places.of(env, index)
    findings.problem(place.span, (position) => new EnvironmentNameInvalid({ ...position, path, found }))
  }
}

/** One word with white space in it is most likely a command line that someone expected to be split. */
const checkWhiteSpace = ({ command = [], args = [] }: DeclaredContainer, places: Places, findings: Findings): void => {
  const [word, second] = [...command, ...args]
  if (word === undefined || second !== undefined || !/\s/.test(word)) return
  const { span } = command.length > 0 ? places.of(command, 0) : places.of(args, 0)
  const words = word.split(/\s+/).filter((part) => part !== "").length
  findings.warning(span, (position) => new CommandContainsWhiteSpace({ ...position, words }))
}
