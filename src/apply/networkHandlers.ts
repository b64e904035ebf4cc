import * as Effect from "effect/Effect"
import { networkLabel } from "../observation/Ownership.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { unlessDone } from "../timing/LostAnswer.ts"
import { attempt } from "../timing/Retries.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { sandboxArchitecture, sandboxImageOf } from "../vm/engine/SandboxImage.ts"
import { Firewall } from "../vm/firewall/Firewall.ts"
import type { ImageReference } from "../workload/ImageReference.ts"
import type { Handlers } from "./Handler.ts"
import { SandboxUnsupported } from "./SandboxUnsupported.ts"

/**
 * The firewall, and a Pod's own network: its bridge, and the image of the sandbox that holds it. `warn` is given what
 * is no failure.
 */
export const makeNetworkHandlers = Effect.fnUntraced(function* (warn: (text: string) => Effect.Effect<void>) {
  const docker = yield* DockerClient
  const firewall = yield* Firewall

  const importSandbox = Effect.fnUntraced(function* ({ image }: { readonly image: ImageReference }) {
    const found = yield* docker.architecture.pipe(attempt("INSPECT", "ask the engine for its architecture"))
    const architecture = sandboxArchitecture(found)
    if (architecture === undefined) return yield* new SandboxUnsupported({ architecture: found })
    const { archive, changes } = sandboxImageOf(image)
    yield* docker
      .importImage(archive(architecture), image, changes)
      .pipe(attempt("INSPECT", `import image ${image.text}`))
  })

  return {
    OpenFirewall: {
      perform: () => firewall.open.pipe(withDeadline("FIREWALL", "open the firewall"))
    },
    OpenPorts: {
      perform: ({ ports }) => firewall.openPorts(ports).pipe(withDeadline("FIREWALL", "open the firewall"))
    },
    CloseFirewall: {
      perform: () => firewall.close.pipe(withDeadline("FIREWALL", "close the firewall"))
    },
    ImportImage: {
      perform: importSandbox
    },
    CreateNetwork: {
      perform: ({ network }) => {
        const isThere = docker.listNetworks(networkLabel).pipe(
          attempt("LIST", "list networks"),
          Effect.map((networks) => networks.some(({ name }) => name === network.name))
        )
        // A second network of the same name is refused, also if a lost request created the first.
        return docker.createNetwork(network).pipe(
          unlessDone(isThere, () => true),
          attempt("INSPECT", `create network ${network.name}`)
        )
      }
    },
    RemoveNetwork: {
      // Whatever a lost answer has removed is "absent".
      perform: ({ name }) =>
        docker.removeNetwork(name).pipe(
          attempt("REMOVE", `remove network ${name}`),
          Effect.flatMap((outcome) =>
            outcome === "in use"
              ? warn(`the network ${name} is left: a container that is not ours is on it`)
              : Effect.void
          )
        )
    }
  } satisfies Partial<Handlers>
})
