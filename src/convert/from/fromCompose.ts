import * as Arr from "effect/Array"
import * as Result from "effect/Result"
import type { Converted } from "../Converted.ts"
import { Losses } from "../Losses.ts"
import { chooseServices } from "./composeChoice.ts"
import { composeContainer } from "./composeContainer.ts"
import { documentsOf, readFiles } from "./composeFiles.ts"
import { reportOthers } from "./composeLists.ts"
import { envFilesOf } from "./composeNames.ts"
import { orderServices } from "./composeOrder.ts"
import { projectOf } from "./composeProject.ts"
import { ComposeService } from "./ComposeService.ts"
import { readVariables, type VariableFile } from "./composeVariables.ts"
import { composeVolume } from "./composeVolume.ts"
import type { DockerContainer } from "./DockerContainer.ts"
import { dockerPod } from "./dockerPod.ts"
import { interpolate } from "./interpolate.ts"
import { labelOf } from "./labelOf.ts"
import { SourceInvalid, withAlso } from "./SourceInvalid.ts"
import { reportOddities } from "./reportOddities.ts"
import { readNodes, type SourceNode } from "./SourceNode.ts"
import { withSandboxes } from "./withSandboxes.ts"
import { writeDeclaration } from "./writeDeclaration.ts"

/** A Compose file. */
export interface ComposeSource {
  /** Names it, in errors. */
  readonly file: string
  readonly text: string | Uint8Array
  /** The name of the folder that it is in, if that is known: a project without a name is named by it. */
  readonly folder?: string
  /** What it may refer to by `${NAME}`. */
  readonly variables?: ReadonlyMap<string, string>
  /** Files of such variables, as `.env` is one: of one name the last counts, and `variables` go before them. */
  readonly variableFiles?: ReadonlyArray<VariableFile>
  /** The content of the files that `env_file` and `configs` name, as far as it is at hand. */
  readonly files?: ReadonlyMap<string, string>
  /** The services that are converted, with what they depend on. Empty: all. */
  readonly only?: ReadonlyArray<string>
  /** The profiles that are active, beside those of the variable COMPOSE_PROFILES. */
  readonly profiles?: ReadonlyArray<string>
}

/** A declaration of a Compose file's services as one Pod, with all of its keys carried over or listed. */
export const fromCompose = (source: ComposeSource): Result.Result<Converted, SourceInvalid> =>
  Result.mapError(declareServices(source), (invalid) => invalid.in(source.file))

const declareServices = (source: ComposeSource): Result.Result<Converted, SourceInvalid> =>
  Result.gen(function* () {
    const { file, folder, files = new Map(), only = [], profiles = [] } = source
    const losses = new Losses()
    const { root, services, variables } = yield* readCompose(source, losses)
    reportTop(root, losses)
    if (/[:;]/.test(variables.get("COMPOSE_FILE") ?? ""))
      losses.add(
        "COMPOSE_FILE",
        "It names several files: merge them by `docker compose config`, and convert what that prints."
      )
    const name = variables.get("COMPOSE_PROJECT_NAME") ?? root.get("name")?.text
    const project = projectOf(name, folder)
    if (project.name !== undefined) variables.set("COMPOSE_PROJECT_NAME", project.name)
    const volumes = new Map(
      (root.get("volumes")?.entries ?? []).map(([key, node]) => [key, composeVolume(key, node, project, losses)])
    )
    const active = [...profiles, ...(variables.get("COMPOSE_PROFILES") ?? "").split(",")]
    const chosen = yield* chooseServices(
      servicesOf(services, losses),
      { only, profiles: active },
      { at: services, losses }
    )
    const { ordered, circles } = orderServices(chosen, losses)
    const mountable = [
      readFiles(root.get("secrets"), "Secret", { variables, files, losses }),
      readFiles(root.get("configs"), "ConfigMap", { variables, files, losses })
    ]
    const read = ordered.map((one) => composeContainer(one, { file, losses, volumes, mountable, variables, files }))
    const metadata = name === undefined ? undefined : { name: labelOf(name, "pod") }
    const written = (containers: ReadonlyArray<DockerContainer>) => {
      const pod = dockerPod(withSandboxes(containers), { at: services.at, metadata }, losses)
      const documents = Arr.prepend(mountable.flatMap(documentsOf), pod)
      return writeDeclaration({ file, source: "a Compose file", documents, losses })
    }
    const tooMuch = root.tooMuch === undefined ? [] : [root.tooMuch]
    const failed = [...circles, ...tooMuch, ...Arr.getFailures(read)]
    const containers = Arr.getSuccesses(read)
    if (!containers.some(({ role }) => role === "main")) {
      const none = services.fail("no service is left that runs on", "Have one that no other waits for.")
      return yield* Result.fail(Arr.isArrayNonEmpty(failed) ? SourceInvalid.join(failed) : none)
    }
    return yield* withAlso(failed, written(containers))
  })

/** A file's parts, and the variables that are replaced in it. */
const readCompose = (
  { file, text, variables: given = new Map(), variableFiles = [] }: ComposeSource,
  losses: Losses
): Result.Result<
  { readonly root: SourceNode; readonly services: SourceNode; readonly variables: Map<string, string> },
  SourceInvalid
> =>
  Result.gen(function* () {
    const variables = yield* readVariables(given, variableFiles, losses)
    const roots = yield* readNodes(file, text, interpolate(variables, losses))
    const [root, second] = roots
    const services = root!.get("services")
    if (second !== undefined)
      return yield* Result.fail(second.fail("another document follows", "Give one Compose file at a time."))
    if (services === undefined || services.entries.length === 0) {
      return yield* Result.fail(
        (services ?? root!).fail("it has no services", 'Give a Compose file, which has them below "services:".')
      )
    }
    reportOddities(roots, losses, ["!reset", "!override"])
    return { root: root!, services, variables }
  })

/** The files that `env_file` and `configs` name, as they are written. */
export const filesIn = (source: ComposeSource): ReadonlyArray<string> => {
  const losses = new Losses()
  return Result.match(readCompose(source, losses), {
    onFailure: () => [],
    onSuccess: ({ root, services }) => [
      ...servicesOf(services, losses).flatMap((service) => envFilesOf(service).map(({ path }) => path)),
      ...(root.get("configs")?.entries ?? []).flatMap(([, config]) => config.get("file")?.text ?? [])
    ]
  })
}

const servicesOf = (services: SourceNode, losses: Losses): ReadonlyArray<ComposeService> => {
  const known = new Map(services.entries)
  return services.entries.map(([name, node]) => new ComposeService(name, layersOf(node, known, losses), losses))
}

/** A service and what it extends, from the farthest on. */
const layersOf = (
  node: SourceNode,
  known: ReadonlyMap<string, SourceNode>,
  losses: Losses,
  seen: ReadonlySet<SourceNode> = new Set()
): ReadonlyArray<SourceNode> => {
  const extended = node.get("extends")
  const name = extended?.kind === "mapping" ? extended.get("service")?.text : extended?.text
  const base = name === undefined ? undefined : known.get(name)
  if (extended === undefined || extended.kind === "null") return [node]
  if (extended.get("file") !== undefined || base === undefined) {
    losses.add(extended.path, "The service that it extends is not in this file: merge them by `docker compose config`.")
    return [node]
  }
  if (seen.has(base) || base === node) {
    losses.add(extended.path, "The services extend each other in a circle.")
    return [node]
  }
  return [...layersOf(base, known, losses, new Set([...seen, node])), node]
}

const reportTop = (root: SourceNode, losses: Losses): void => {
  reportOthers(
    root,
    ["version", "name", "services", "networks", "volumes", "configs", "secrets"],
    losses,
    "It is not read: merge it by `docker compose config`, and convert what that prints."
  )
  reportNetworks(root.get("networks"), losses)
}

/** All services are on the Pod's network. Only what a network has beside its name is lost. */
const reportNetworks = (networks: SourceNode | undefined, losses: Losses): void => {
  for (const [, network] of networks?.entries ?? []) {
    reportOthers(network, ["name"], losses, "The services share the Pod's network, which the engine chooses.")
  }
}
