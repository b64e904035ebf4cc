import { reapingSandboxImage, sandboxImage } from "../../vm/engine/SandboxImage.ts"
import type { ContainerSpec } from "../../vm/engine/ContainerSpec.ts"
import type { RestartPolicy, Workload } from "../../workload/Workload.ts"

/** A container that has to be on the VM for a declaration. */
export interface DeclaredContainer {
  /** Empty where a single container is declared without one. */
  readonly name: string
  readonly role: "sandbox" | "init" | "sidecar" | "main"
  /** The reference. */
  readonly image: string
  /** Under which it may come to its end. Absent: it runs on. */
  readonly policy?: Exclude<RestartPolicy, "Always">
}

/** Holds the network that the others share, or their processes too. */
export const sandboxOf = ({ sharesProcesses }: { readonly sharesProcesses: boolean }): DeclaredContainer => ({
  name: "pod.sandbox",
  role: "sandbox",
  image: (sharesProcesses ? reapingSandboxImage : sandboxImage).reference.text
})

/**
 * What has to be on the VM for a workload, the sandbox included where its containers share a network or their
 * processes.
 */
export const declaredContainers = ({
  initContainers,
  containers,
  network,
  namespaces
}: Workload): ReadonlyArray<DeclaredContainer> => {
  const declared = [
    ...initContainers.map(({ name, image, isSidecar }): DeclaredContainer => ({
      name,
      role: isSidecar ? "sidecar" : "init",
      image: image.text
    })),
    ...containers.map(({ name, image, restartPolicy }): DeclaredContainer => ({
      name,
      role: "main",
      image: image.text,
      ...(restartPolicy === "Always" ? {} : { policy: restartPolicy })
    }))
  ]
  const isShared = network._tag === "Pod" && (declared.length > 1 || network.isAddressNeeded === true)
  const sharesProcesses =
    namespaces?.sharesProcesses === true && declared.filter(({ role }) => role !== "init").length > 1
  return isShared || sharesProcesses ? [sandboxOf({ sharesProcesses }), ...declared] : declared
}

interface Labelled {
  readonly spec: Pick<ContainerSpec, "name" | "labels">
}

/** Which declared container one of ours is, or was: by its label, konlet's by the name that it was created with. */
export const containerOf = ({ spec }: Labelled): string =>
  spec.labels["slipway.container"] ??
  (hasLabel({ spec }) ? "" : (/^klt-(.*)-[a-z]{4}$/.exec(spec.name)?.[1] ?? spec.name))

/** It was created by us. */
export const hasLabel = ({ spec }: Labelled): boolean => "slipway.workload" in spec.labels
