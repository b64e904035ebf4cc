import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import { divideResource } from "../../workload/divideResource.ts"
import type { DeclaredVariable } from "../../workload/DeclaredWorkload.ts"
import { milliValueOf, parseQuantity, type Quantity, valueOf } from "../../workload/Quantity.ts"
import { position } from "../yaml/Position.ts"

/** A part of a `resourceFieldRef` that Kubernetes would refuse. */
export class ResourceFieldInvalid extends Schema.TaggedError<ResourceFieldInvalid>()("ResourceFieldInvalid", {
  ...position,
  /** As in `spec.containers[0].env[0].valueFrom.resourceFieldRef.resource`. */
  path: Schema.String,
  what: Schema.Literals(["resource", "divisor", "container"]),
  found: Schema.String
}) {
  override get message(): string {
    return this.what === "container"
      ? this.found === ""
        ? `${this.path} is empty`
        : `${this.path}: there is no container "${this.found}"`
      : `${this.path} is not a ${this.what}: "${this.found}"`
  }
  get advice(): string {
    switch (this.what) {
      case "container":
        return 'Name a container of the Pod. A variable may leave out "containerName" for its own.'
      case "divisor":
        return "Write 1 or 1m for cpu, and 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi or 1Ei for the others."
      case "resource":
        return "Write limits or requests of cpu, memory, ephemeral-storage or hugepages-SIZE, as in limits.memory."
    }
  }
}

/** A limit that the container does not have, and which the VM does not tell. */
export class ResourceFieldUnlimited extends Schema.TaggedError<ResourceFieldUnlimited>()("ResourceFieldUnlimited", {
  ...position,
  resource: Schema.String
}) {
  override get message(): string {
    return `the container has no ${this.resource}`
  }
  get advice(): string {
    return 'Declare it in its "resources", or write the number itself as "value".'
  }
}

export type ResourceFieldProblem = ResourceFieldInvalid | ResourceFieldUnlimited

export type ResourceFieldRef = NonNullable<
  NonNullable<DeclaredContainer["env"][number]["valueFrom"]>["resourceFieldRef"]
>

const powers = [0, 1, 2, 3, 4, 5, 6].map(BigInt)
const nano = 10n ** 9n

/** In billionths. */
const divisorsOfCpu: ReadonlyArray<bigint> = [nano, nano / 1000n]
const divisorsOfBytes: ReadonlyArray<bigint> = powers.flatMap((power) => [nano * 1000n ** power, nano * 1024n ** power])

/**
 * What a container may use, or is kept for it, in units of the divisor. Without a limit it may use all of the VM, of which
 * the text does not tell. Undefined where it cannot be told, which has been reported.
 */
export const checkResourceField = (
  name: string,
  reference: ResourceFieldRef,
  /** Undefined where none is, so that it has to be named. */
  own: DeclaredContainer | undefined,
  containers: ReadonlyMap<string, DeclaredContainer>,
  check: Check<ResourceFieldProblem, never>
): DeclaredVariable | undefined => {
  const { containerName, resource } = reference
  const fails = (key: keyof ResourceFieldRef, what: ResourceFieldInvalid["what"]): undefined => {
    const place = check.at(reference, key)
    if (place.invalid) return undefined
    check.slip(place, ResourceFieldInvalid, { path: place.path, what, found: check.quote(reference, key) })
    return undefined
  }
  const container = containerName === "" ? own : containers.get(containerName)
  if (container === undefined) {
    // One whose name cannot be read may be the one.
    const isUnknown = [...containers.values()].some((other) => check.at(other, "name").invalid)
    return isUnknown ? undefined : fails("containerName", "container")
  }
  const [, kind, what] = /^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-.+)$/.exec(resource) ?? []
  if (kind === undefined || what === undefined) return fails("resource", "resource")
  const divisor = divisorOf(reference.divisor, what === "cpu" ? divisorsOfCpu : divisorsOfBytes)
  if (divisor === undefined) return fails("divisor", "divisor")

  const inUnits = what === "cpu" ? milliValueOf : valueOf
  const { limits, requests } = container.resources
  const limit = amountOf(limits, what)
  const amount = kind === "limits" ? limit : (amountOf(requests, what) ?? limit ?? none)
  if (amount === "unreadable") return undefined
  const by = Number(inUnits(divisor))
  if (amount !== undefined && !(kind === "limits" && amount.nanos === 0n)) {
    return { name, value: divideResource(Number(inUnits(amount)), by) }
  }
  if (what === "cpu" || what === "memory") return { name, from: { _tag: "Capacity", resource: what, divisor: by } }
  if (what.startsWith("hugepages-")) return { name, value: "0" }
  check.slip(check.at(reference, "resource"), ResourceFieldUnlimited, { resource })
  return undefined
}

const none: Quantity = { nanos: 0n }

/** One that is nothing is one of 1, as in Kubernetes. */
const divisorOf = (text: string, known: ReadonlyArray<bigint>): Quantity | undefined => {
  const divisor = text === "" ? none : parseQuantity(text)
  if (divisor?.nanos === 0n) return { nanos: nano }
  return divisor !== undefined && known.includes(divisor.nanos) ? divisor : undefined
}

/** What cannot be read is a problem of its own. */
const amountOf = (amounts: Readonly<Record<string, string>>, what: string): Quantity | "unreadable" | undefined => {
  const text = Object.hasOwn(amounts, what) ? amounts[what] : undefined
  return text === undefined ? undefined : (parseQuantity(text) ?? "unreadable")
}
