import type { DeclaredSecretVersion } from "./SecretVersion.ts"

/** Where a value comes from that the declaration's text does not have. */
export type ValueSource = FieldSource | SecretSource | CapacitySource

/** How much of a resource the VM has: as much may a container use that has no limit. */
export interface CapacitySource {
  readonly _tag: "Capacity"
  readonly resource: "cpu" | "memory"
  /** The unit of the value: in thousandths of a cpu, or bytes. */
  readonly divisor: number
}

/** A secret of Google Secret Manager. */
export interface SecretSource {
  readonly _tag: "Secret"
  readonly secret: DeclaredSecretVersion
  /** Where there is no such secret, the variable is left out. */
  readonly isOptional: boolean
}

/** A field of the Pod that only the VM can tell. */
export interface FieldSource {
  readonly _tag: "Field"
  readonly field: VmField
}

/**
 * As in Kubernetes: `metadata.name` where none is written, `metadata.uid` likewise; `spec.nodeName`, the instance's name;
 * `status.hostIP`, the VM's internal address; `status.podIP`, which on the host's network is the same.
 */
export type VmField = "metadata.name" | "metadata.uid" | "spec.nodeName" | "status.hostIP" | "status.podIP"
