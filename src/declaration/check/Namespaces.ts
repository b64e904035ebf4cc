import * as Schema from "effect/Schema"
import { type Namespaces, namespaceOf, type Sysctl } from "../../workload/Namespaces.ts"
import type { Network } from "../../workload/Workload.ts"
import type { DeclaredSpec } from "../DeclarationSchema.ts"
import type { Place } from "../yaml/Places.ts"
import { position } from "../yaml/Position.ts"
import type { Check } from "./Check.ts"

/** No name that a setting of the kernel can have. */
export class SysctlNameInvalid extends Schema.TaggedError<SysctlNameInvalid>()("SysctlNameInvalid", {
  ...position,
  /** As in `spec.securityContext.sysctls[0]`. */
  path: Schema.String,
  name: Schema.String
}) {
  override get message(): string {
    return this.name === "" ? `${this.path} has no name` : `"${this.name}" is not a name of a sysctl`
  }
  get advice(): string {
    return "Write its name as `sysctl` does, such as net.core.somaxconn."
  }
}

/** A setting of the kernel that is written twice. */
export class SysctlDuplicate extends Schema.TaggedError<SysctlDuplicate>()("SysctlDuplicate", {
  ...position,
  name: Schema.String,
  firstLine: Schema.Int
}) {
  override get message(): string {
    return `the sysctl "${this.name}" is already set on line ${this.firstLine}`
  }
  get advice(): string {
    return "Keep one of them."
  }
}

/** A setting of the kernel that no container has for itself. */
export class SysctlOfHost extends Schema.TaggedError<SysctlOfHost>()("SysctlOfHost", {
  ...position,
  name: Schema.String,
  /** What shares the namespace with the host; absent where the kernel has the setting once. */
  shared: Schema.optionalKey(Schema.Literals(["network", "IPC"]))
}) {
  override get message(): string {
    const { name, shared } = this
    if (shared === undefined) return `the sysctl "${name}" is the whole VM's, and no container has its own`
    return `the sysctl "${name}" would be the host's, as the Pod is on the host's ${shared === "IPC" ? "IPC (hostIPC)" : "network"}`
  }
  get advice(): string {
    if (this.shared === "network") {
      return 'Remove it and set it on the host, or give the Pod a network of its own by "hostNetwork: false" in "spec".'
    }
    return this.shared === "IPC"
      ? 'Remove it and set it on the host, or remove "hostIPC".'
      : "Remove it and set it on the host, as in /etc/sysctl.d."
  }
}

/** The containers are to share the host's processes, and their own. */
export class SharedProcessesOfHost extends Schema.TaggedError<SharedProcessesOfHost>()("SharedProcessesOfHost", {
  ...position
}) {
  override get message(): string {
    return '"shareProcessNamespace" and "hostPID" cannot both be true'
  }
  get advice(): string {
    return 'Keep one of them: by "hostPID" containers see each other\'s processes too.'
  }
}

export type NamespaceProblem = SharedProcessesOfHost | SysctlNameInvalid | SysctlDuplicate | SysctlOfHost
type NamespaceCheck = Check<NamespaceProblem, never>

/** What a Pod's containers share besides their network; undefined where nothing is declared. */
export const checkNamespaces = (
  spec: DeclaredSpec,
  network: Network["_tag"],
  check: NamespaceCheck
): Namespaces | undefined => {
  const { hostPID, hostIPC, shareProcessNamespace } = spec
  const sharesProcesses = shareProcessNamespace && !hostPID
  if (shareProcessNamespace && hostPID) check.slip(check.at(spec, "shareProcessNamespace"), SharedProcessesOfHost, {})
  const sysctls = checkSysctls(spec, network, check)
  const namespaces: Namespaces = {
    ...(hostPID ? { hostPid: true } : {}),
    ...(hostIPC ? { hostIpc: true } : {}),
    ...(sharesProcesses ? { sharesProcesses: true } : {}),
    ...(sysctls.length === 0 ? {} : { sysctls })
  }
  return Object.keys(namespaces).length === 0 ? undefined : namespaces
}

const segment = "[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?"
/** Source: IsValidSysctlName of Kubernetes, which takes slashes too. */
const validName = new RegExp(`^(?:${segment}[./])*${segment}$`)
const maximumLength = 253

export const isSysctlName = (text: string): boolean => text.length <= maximumLength && validName.test(text)

const checkSysctls = (spec: DeclaredSpec, network: Network["_tag"], check: NamespaceCheck): ReadonlyArray<Sysctl> => {
  const { hostIPC } = spec
  const { sysctls } = spec.securityContext
  // One that is misspelt or of a wrong type has been reported.
  const isOnHost = network === "Host" && !check.at(spec, "hostNetwork").invalid
  const names = new Map<string, Place>()
  return sysctls.flatMap((sysctl, index) => {
    const item = check.at(sysctls, index)
    const place = check.at(sysctl, "name")
    if (item.invalid || place.invalid || check.at(sysctl, "value").invalid) return []
    const name = check.quote(sysctl, "name")
    if (!isSysctlName(sysctl.name)) {
      check.slip(place, SysctlNameInvalid, { path: item.path, name: sysctl.name === "" ? "" : name })
      return []
    }
    const dotted = withDots(sysctl.name)
    const first = names.get(dotted)
    if (first !== undefined) {
      check.slip(place, SysctlDuplicate, { name, firstLine: check.lineOf(first) })
      return []
    }
    names.set(dotted, place)
    const namespace = namespaceOf(dotted)
    const shared = namespace === "net" && isOnHost ? "network" : namespace === "ipc" && hostIPC ? "IPC" : undefined
    if (namespace !== undefined && shared === undefined) return [{ name: dotted, value: sysctl.value }]
    check.slip(place, SysctlOfHost, { name, ...(shared === undefined ? {} : { shared }) })
    return []
  })
}

/** Of dots and slashes, the first one tells which separates: `net/ipv4/conf/eth0.1/forwarding` has a dot in a name. */
export const withDots = (name: string): string =>
  /^[^./]*\//.test(name) ? name.replaceAll(/[./]/g, (separator) => (separator === "/" ? "." : "/")) : name
