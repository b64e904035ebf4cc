import * as Schema from "effect/Schema"
import { orElse } from "../../text/nearest.ts"
import { position } from "../yaml/Position.ts"

/** An amount that is none, or that the resource cannot have. */
export class QuantityInvalid extends Schema.TaggedError<QuantityInvalid>()("QuantityInvalid", {
  ...position,
  /** As in `spec.containers[0].resources.limits.memory`. */
  path: Schema.String,
  found: Schema.String,
  why: Schema.Literals(["no quantity", "negative", "not whole", "too large"]),
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    if (this.found === "") return `${this.path} has no amount`
    switch (this.why) {
      case "no quantity":
        return `${this.path} is not an amount as Kubernetes writes it: "${this.found}"`
      case "negative":
        return `${this.path} is less than nothing: ${this.found}`
      case "not whole":
        return `${this.path} must be a whole number, not ${this.found}`
      case "too large":
        return `${this.path} is more than any machine has: ${this.found}`
    }
  }
  get advice(): string {
    const advice =
      this.why === "no quantity"
        ? "Write a number with a unit or none, as in 512Mi, 1.5Gi or, of cpu, 500m and 2. Units are n, u, m, k, M, G, T, P, E, and Ki, Mi, Gi, Ti, Pi, Ei; an exponent may stand in their place (1e3)."
        : "Write what it may have, or remove it."
    return orElse(this.suggestion, advice)
  }
}

/** A memory limit below what the engine takes. */
export class MemoryLimitTooSmall extends Schema.TaggedError<MemoryLimitTooSmall>()("MemoryLimitTooSmall", {
  ...position,
  path: Schema.String,
  found: Schema.String,
  /** What it comes to. */
  bytes: Schema.Int
}) {
  override get message(): string {
    const bytes = this.bytes === 1 ? "1 byte" : `${this.bytes} bytes`
    return `${this.path} is ${this.found}, ${bytes}, and no container can have less than 6 MiB (6Mi)`
  }
  get advice(): string {
    return memoryAdvice(this.found)
  }
}

/** A part of a byte: `m` is a thousandth, and most likely `M` was meant. */
export class MemoryInThousandths extends Schema.TaggedClass<MemoryInThousandths>()("MemoryInThousandths", {
  ...position,
  path: Schema.String,
  found: Schema.String
}) {
  get message(): string {
    return `${this.path} is ${this.found}, which is not a whole number of bytes; it is rounded up`
  }
  get advice(): string {
    return memoryAdvice(this.found)
  }
}

const memoryAdvice = (found: string): string => {
  const [, number] = /^([\d.]+)(m?)$/.exec(found) ?? []
  if (number === undefined) return 'Write it in bytes with a unit, as in "512Mi".'
  return found.endsWith("m")
    ? `"m" is a thousandth: write "${number}M" for millions of bytes, or "${number}Mi".`
    : `Without a unit it is bytes: write "${number}M" for millions of bytes, or "${number}Mi".`
}

/** A resource that nothing here gives to a container. */
export class ResourceUnknown extends Schema.TaggedError<ResourceUnknown>()("ResourceUnknown", {
  ...position,
  /** As in `spec.containers[0].resources.limits`. */
  path: Schema.String,
  resource: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return this.resource.includes("/")
      ? `${this.path} names "${this.resource}", and no device plugin is on the VM that would give it`
      : `${this.path} names "${this.resource}", which is no resource`
  }
  get advice(): string {
    return orElse(this.suggestion, 'Remove it. There are "cpu", "memory" and "nvidia.com/gpu".')
  }
}

/** A resource that Kubernetes limits and nothing here does. */
export class ResourceNotEnforced extends Schema.TaggedClass<ResourceNotEnforced>()("ResourceNotEnforced", {
  ...position,
  path: Schema.String
}) {
  get message(): string {
    return `${this.path} is not enforced: the container may use all that the VM has`
  }
  get advice(): string {
    return "Remove it, or keep it for Kubernetes."
  }
}

/** More is requested than may be used, or of what cannot be shared another amount. */
export class RequestInvalid extends Schema.TaggedError<RequestInvalid>()("RequestInvalid", {
  ...position,
  path: Schema.String,
  found: Schema.String,
  /** Empty where there is none. */
  limit: Schema.String,
  why: Schema.Literals(["above the limit", "not the limit"])
}) {
  override get message(): string {
    if (this.limit === "") return `${this.path} is requested without a limit`
    return this.why === "above the limit"
      ? `${this.path}, ${this.found}, is above the limit of ${this.limit}`
      : `${this.path}, ${this.found}, must be the limit, ${this.limit}: it cannot be shared`
  }
  get advice(): string {
    return this.why === "above the limit"
      ? "Raise the limit, or lower the request."
      : "Write the limit alone: the request follows it."
  }
}

/** Beside it, a container without a request has the weight of a whole cpu. */
export class CpuRequestOutweighed extends Schema.TaggedClass<CpuRequestOutweighed>()("CpuRequestOutweighed", {
  ...position,
  path: Schema.String,
  found: Schema.String,
  /** A container that requests no cpu. */
  other: Schema.String
}) {
  get message(): string {
    return `${this.path}, ${this.found}, weighs less than the container "${this.other}", which requests no cpu and has the weight of 1`
  }
  get advice(): string {
    return "Request cpu for each container, or for none."
  }
}
