import type { Steps } from "./DeclarationParts.ts"

/**
 * What has to go where something below it is refused, or all that follows from it: a variable without its source would be
 * empty, a mount without its subPath the whole volume. Of the first that matches, the group is what goes.
 */
const rules: ReadonlyArray<RegExp> = [
  // A ConfigMap or a Secret without a name is none.
  /^(\/[1-9]\d*)\/metadata(?:\/name)?$/,
  /^(.*\/env\/\d+)\/valueFrom(?:\/|$)/,
  /^(.*\/envFrom\/\d+)\//,
  /^(.*\/env\/\d+)\/(?:name|value)$/,
  /^(.*\/volumeMounts\/\d+)\/(?:name|mountPath|subPath|subPathExpr)$/,
  /^(.*\/ports\/\d+)\/(?:containerPort|protocol)$/,
  /^(.*\/volumes\/\d+\/projected\/sources\/\d+)\/\w+\/(?!items\/)/,
  /^(.*\/items\/\d+)\/(?!mode$)/,
  // What a volume can be without.
  /^(.*\/volumes\/\d+\/\w+\/(?:defaultMode|sizeLimit|type|fsType|readOnly|pullPolicy|optional|items\/\d+(?:\/mode)?))$/,
  /^(.*\/volumes\/\d+\/projected\/sources\/\d+(?:\/.*\/mode)?)$/,
  /^(.*\/volumes\/\d+)\//,
  /^(.*\/(?:livenessProbe|readinessProbe|startupProbe))\/(?:exec|httpGet|tcpSocket|grpc)(?:\/|$)/,
  /^(.*\/lifecycle\/(?:postStart|preStop))\//,
  /^(.*\/(?:seccompProfile|appArmorProfile))\//,
  /^(.*\/(?:sysctls|hostAliases|imagePullSecrets)\/\d+)\/(?:name|value|ip)$/,
  /^(.*\/dnsConfig\/options\/\d+)\//,
  /^(.*\/(?:containers|initContainers)\/\d+)\/(?:name|image)$/
]

/** The part that goes where a part is refused. */
export const refusedPart = (steps: Steps): Steps => {
  // A key of data or labels may have slashes; nothing above it does.
  const path = `/${steps.map((step) => String(step).replaceAll("/", "~")).join("/")}`
  for (const rule of rules) {
    const [, part] = rule.exec(path) ?? []
    if (part !== undefined) return steps.slice(0, part.split("/").length - 1)
  }
  return steps
}
