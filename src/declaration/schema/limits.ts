import { fileFieldPath, podFieldPath } from "../check/FieldPath.ts"
import { placeholder, placeholderOfReference } from "../check/Placeholder.ts"
import { dnsLabel } from "../../workload/dnsName.ts"
import { imageGrammar } from "../../workload/ImageReference.ts"
import { configKey, labelName } from "../../workload/qualifiedName.ts"
import { quantityGrammar } from "../../workload/Quantity.ts"
import { maximumId } from "../../workload/SecurityContext.ts"

/**
 * What a value may be, beside its type: what of it a JSON Schema can say. Given to `annotateKey` as `limits`. The checks
 * know more, and must refuse whatever is outside of these; a test holds that. Patterns are sources of regular expressions.
 */
export interface Limits {
  /** Of a number; of a text, if a number stands in its place. */
  readonly minimum?: number
  readonly maximum?: number
  /** What each text matches. */
  readonly pattern?: string
  /** What no text matches. */
  readonly not?: string
  /** What each key of a mapping matches. */
  readonly keys?: string
  /** Of a list. */
  readonly maxItems?: number
}

export const isWithin = ({ minimum, maximum }: Required<Pick<Limits, "minimum" | "maximum">>, value: number): boolean =>
  value >= minimum && value <= maximum

export const portNumber = { minimum: 1, maximum: 65535 }
/** 0 is none. */
export const hostPortNumber = { ...portNumber, minimum: 0 }

/** Kubernetes' IANA_SVC_NAME. Source: RFC 6335, section 5.1. */
export const portName = "(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*"
export const optionalPortName: Limits = { pattern: `^(?:${portName})?$` }
export const portNumberOrName: Limits = { ...portNumber, pattern: `^(?:\\d{1,5}|${portName})$` }

/** Kubernetes' ValidatePodSpec. */
export const activeSeconds = { minimum: 1, maximum: 2 ** 31 - 1 }

/** Of a file. */
export const permissions = { minimum: 0, maximum: 0o777 }
/** To YAML 1.2, and so to editors, `0777` is 777: what is read in octal here. */
export const permissionsAsWritten: Limits = { minimum: 0, maximum: 777 }

export const id = { minimum: 0, maximum: maximumId }
export const notNegative: Limits = { minimum: 0 }
export const positive: Limits = { minimum: 1 }

/** Letters of addresses alone. */
export const ipAddress: Limits = { pattern: "^[0-9a-fA-F:.]*$" }
export const optionalDnsLabel: Limits = { pattern: `^(?:${dnsLabel})?$` }
export const dnsName: Limits = { pattern: `^${dnsLabel}(?:\\.${dnsLabel})*$` }
export const optionalDnsName: Limits = { pattern: `^(?:${dnsLabel}(?:\\.${dnsLabel})*)?$` }
export const labels: Limits = {
  keys: `^(?:${dnsLabel}(?:\\.${dnsLabel})*/)?${labelName}$`,
  pattern: `^(?:${labelName})?$`
}

/** What the engine allows after the `klt-` of `klt-<name>-<suffix>`. */
export const containerName = { pattern: "^[a-zA-Z0-9_.-]*$" }
export const imageReference: Limits = { pattern: imageGrammar }
export const variableName: Limits = { pattern: "^[^=]+$", not: placeholder }
export const variablePrefix = { pattern: "^[ -<>-~]*$" }
export const fieldOfVariable: Limits = { pattern: podFieldPath }
export const fieldOfFile: Limits = { pattern: fileFieldPath }
/** A token. Source: RFC 9110, section 5.6.2. */
export const headerName = { pattern: "^[-!#$%&'*+.^_`|~\\da-zA-Z]+$" }

const upwards = String.raw`(?:^|/)\.\.(?:/|$)`
const absolute = { pattern: "^/", not: placeholder }
export const hostPath: Limits = absolute
export const workingDirectory: Limits = { pattern: "^(?:$|/)", not: placeholder }
export const optionalFile: Limits = { pattern: String.raw`^(?:/[\s\S]*[^/])?$`, not: `${upwards}|${placeholder}` }

/**
 * Files of `/proc` that runc lets be covered; and `/proc` itself by another `/proc`. Source: checkProcMount of its
 * rootfs_linux.go.
 */
export const coverable = ["cpuinfo", "diskstats", "meminfo", "stat", "swaps", "uptime", "loadavg", "slabinfo"].concat(
  "sys/kernel/ns_last_pid"
)
/** Paths that have to be cleaned first are left to the check. */
const inProc = `^/proc/(?!(?:${coverable.join("|")})/*$)[^./]+(?:/[^./]+)*/*$`
export const mountPath: Limits = { pattern: "^/", not: ["^/+$", ":", inProc, placeholder].join("|") }

/** Of a part of a volume. */
export const subPath: Limits = { not: `^/|${upwards}` }
/** Of a file in a volume. */
export const filePath: Limits = { not: `^/|^\\.\\.|${upwards}|^(?:\\.?/)*\\.?$` }
export const volumeName: Limits = { not: placeholder }
/** One component of a path. */
export const deviceName: Limits = { pattern: "^[^/]+$", not: `^\\.{1,2}$|${placeholderOfReference}` }
export const runtimeName: Limits = { not: placeholderOfReference }

/** Kubernetes' limits, which are those of glibc's resolver. */
export const nameServers = { ...ipAddress, maxItems: 3 }
export const searchDomains = { maxItems: 32 }

/** Less than nothing cannot be used. */
export const quantity: Limits = { minimum: 0, pattern: quantityGrammar, not: "^-[0.]*[1-9]" }
export const resourceNames: ReadonlyArray<string> = ["cpu", "memory", "nvidia.com/gpu", "ephemeral-storage"]
export const amounts: Limits = {
  ...quantity,
  keys: `^(?:${resourceNames.join("|").replaceAll(".", "\\.")}|hugepages-.*)$`
}

/** Of a ConfigMap or a Secret. */
export const dataKeys: Limits = { keys: configKey }
export const base64: Limits = { keys: configKey, pattern: "^[A-Za-z0-9+/=\\r\\n]*$" }
