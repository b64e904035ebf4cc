import * as Arr from "effect/Array"
import * as Result from "effect/Result"
import type { Converted } from "../Converted.ts"
import { Losses } from "../Losses.ts"
import { composeContainer } from "./composeContainer.ts"
import { documentsOf, readFiles } from "./composeFiles.ts"
import { reportOthers } from "./composeLists.ts"
import { orderServices } from "./composeOrder.ts"
import { projectOf } from "./composeProject.ts"
import { ComposeService } from "./ComposeService.ts"
import { composeVolume } from "./composeVolume.ts"
import { dockerPod } from "./dockerPod.ts"
import { interpolate } from "./interpolate.ts"
import { labelOf } from "./labelOf.ts"
import type { SourceInvalid } from "./SourceInvalid.ts"
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
  /** The content of the files that `env_file` names, as far as it is at hand. */
  readonly envFiles?: ReadonlyMap<string, string>
}

/** A declaration of a Compose file's services as one Pod, with all of its keys carried over or listed. */
export const fromCompose = ({
  file,
  text,
  folder,
  variables = new Map(),
  envFiles = new Map()
}: ComposeSource): Result.Result<Converted, SourceInvalid> =>
  Result.gen(function* () {
    const losses = new Losses()
    const [root, second] = yield* readNodes(file, text, interpolate(variables, losses))
    const services = root!.get("services")
    if (second !== undefined)
      return yield* Result.fail(second.fail("another document follows", "Give one Compose file at a time."))
    if (services === undefined || services.entries.length === 0) {
      return yield* Result.fail(
        (services ?? root!).fail("it has no services", 'Give a Compose file, which has them below "services:".')
      )
    }
    const top = ["version", "name", "services", "networks", "volumes", "configs", "secrets"]
    reportOthers(
      root!,
      top,
      losses,
      "It is not read: merge it by `docker compose config`, and convert what that prints."
    )
    reportNetworks(root!.get("networks"), losses)
    const name = root!.get("name")?.text
    const project = projectOf(name, folder)
    const volumes = new Map(
      (root!.get("volumes")?.entries ?? []).map(([key, node]) => [key, composeVolume(key, node, project, losses)])
    )
    const known = new Map(services.entries)
    const chosen = services.entries.filter(([, node]) => {
      const profiles = node.get("profiles")
      const isLeftOut = profiles !== undefined && profiles.items.length > 0
      if (isLeftOut)
        losses.add(node.path, "Its profiles are not active by default, so it is left out: remove profiles to have it.")
      return !isLeftOut
    })
    const layered = chosen.map(([name, node]) => new ComposeService(name, layersOf(node, known, losses), losses))
    const ordered = yield* orderServices(layered, losses)
    const files = [
      readFiles(root!.get("secrets"), "Secret", { variables, losses }),
      readFiles(root!.get("configs"), "ConfigMap", { variables, losses })
    ]
    const containers = yield* Result.all(
      ordered.map((one) => composeContainer(one, { file, losses, volumes, files, envFiles }))
    )
    if (!containers.some(({ role }) => role === "main")) {
      return yield* Result.fail(services.fail("no service is left that runs on", "Have one that no other waits for."))
    }
    if (root!.tooMuch !== undefined) return yield* Result.fail(root!.tooMuch)
    const metadata = name === undefined ? undefined : { name: labelOf(name, "pod") }
    const pod = dockerPod(withSandboxes(containers), { at: services.at, metadata }, losses)
    const documents = Arr.prepend(files.flatMap(documentsOf), pod)
    return yield* writeDeclaration({ file, source: "a Compose file", documents, losses })
  })

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
  if (extended === undefined || extended.kind === "null" || seen.has(node)) return [node]
  if (extended.get("file") !== undefined || base === undefined) {
    losses.add(extended.path, "The service that it extends is not in this file: merge them by `docker compose config`.")
    return [node]
  }
  return [...layersOf(base, known, losses, new Set([...seen, node])), node]
}

/** All services are on the Pod's network. Only what a network has beside its name is lost. */
const reportNetworks = (networks: SourceNode | undefined, losses: Losses): void => {
  for (const [, network] of networks?.entries ?? []) {
    reportOthers(network, ["name"], losses, "The services share the Pod's network, which the engine chooses.")
  }
}
