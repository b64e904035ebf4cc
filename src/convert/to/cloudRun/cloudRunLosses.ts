import { addPortNames } from "../../known/commonLosses.ts"
import { type KnownContainer, securityPath } from "../../known/KnownContainer.ts"
import type { Losses } from "../../Losses.ts"
import type { Source } from "../../Source.ts"

/** What Cloud Run has no word for, if it is declared. */
export const addCloudRunLosses = (
  { written, workload }: Source,
  containers: ReadonlyArray<KnownContainer>,
  losses: Losses
): void => {
  const { metadata, spec } = written
  const { network, namespaces = {} } = workload
  const add = (path: string, isDeclared: boolean, reason: string) => {
    if (isDeclared) losses.add(path, reason)
  }
  const isolated = "Each instance of Cloud Run is a sandbox of its own."
  add(
    "metadata.namespace",
    metadata.namespace !== "",
    "A service's namespace is its project: gcloud run services replace --project."
  )
  add("metadata.uid", metadata.uid !== "", "Cloud Run gives each service one of its own.")
  add(
    "metadata.annotations",
    Object.keys(metadata.annotations).length > 0,
    "Cloud Run takes no annotations but its own."
  )
  add(
    "spec.restartPolicy",
    (spec.restartPolicy || "Always") !== "Always",
    "Cloud Run keeps instances of a service up: make what ends a job."
  )
  add(
    "spec.terminationGracePeriodSeconds",
    spec.terminationGracePeriodSeconds !== undefined,
    "Cloud Run leaves 10 s from SIGTERM to SIGKILL."
  )
  add("spec.activeDeadlineSeconds", workload.activeDeadlineSeconds !== undefined, "A service has no deadline.")
  add("spec.hostNetwork", spec.hostNetwork === true, isolated)
  add("spec.hostPID", namespaces.hostPid === true, isolated)
  add("spec.hostIPC", namespaces.hostIpc === true, isolated)
  add(
    "spec.shareProcessNamespace",
    namespaces.sharesProcesses === true,
    "Containers of an instance do not see each other's processes."
  )
  add("spec.runtimeClassName", workload.runtime !== undefined, isolated)
  add("spec.os", spec.os.name !== "", "Linux is the only choice, and needs no word.")
  if (network._tag === "Pod") {
    add("spec.hostname", network.hostname !== undefined, "An instance has no name.")
    add("spec.hostAliases", network.hostAliases.length > 0, "Names are looked up by DNS alone.")
    add(
      "spec.dnsConfig",
      network.dns.nameservers.length + network.dns.searches.length + network.dns.options.length > 0,
      "Names are looked up as the VPC network has it."
    )
  }
  add("spec.dnsPolicy", spec.dnsPolicy !== undefined, "Names are looked up as the VPC network has it.")
  add(
    "spec.imagePullSecrets",
    spec.imagePullSecrets.length > 0,
    "Cloud Run pulls what needs credentials by a remote repository of Artifact Registry alone."
  )
  const podSecurity = spec.securityContext
  for (const key of [
    "supplementalGroups",
    "supplementalGroupsPolicy",
    "fsGroup",
    "fsGroupChangePolicy",
    "sysctls"
  ] as const) {
    const value = podSecurity[key]
    add(`spec.securityContext.${key}`, value !== undefined && (!Array.isArray(value) || value.length > 0), isolated)
  }
  addPortNames(containers, losses)
  for (const container of containers) addOfContainer(container, add)
}

const addOfContainer = (
  container: KnownContainer,
  add: (path: string, isDeclared: boolean, reason: string) => void
): void => {
  const { declared, path } = container
  const { security = {}, privileged, lifecycle, resources, image } = declared
  const rights = "Cloud Run decides what a container may do."
  add(`${path}.securityContext.privileged`, privileged, rights)
  for (const key of Object.keys(security)) {
    // What the Pod declares is in each container's.
    if (key !== "supplementalGroups" && key !== "rootForbiddenBy") {
      add(
        securityPath(container, key),
        true,
        key.startsWith("runAs") ? "The image's USER is who its processes run as." : rights
      )
    }
  }
  add(
    `${path}.imagePullPolicy`,
    declared.imagePullPolicy !== undefined,
    "Cloud Run pulls the image that a tag means when a revision is made."
  )
  add(`${path}.logging`, declared.logging !== undefined, "Cloud Run sends all output to Cloud Logging.")
  add(`${path}.stdin`, declared.stdin, "Nothing is connected to a container's input.")
  add(`${path}.stdinOnce`, declared.stdinOnce === true, "Nothing is connected to a container's input.")
  add(`${path}.tty`, declared.tty, "Nothing is connected to a container's input.")
  add(
    `${path}.restartPolicy`,
    declared.restartPolicy !== "Always",
    "Cloud Run keeps instances of a service up: make what ends a job."
  )
  add(`${path}.lifecycle`, lifecycle !== undefined, "Cloud Run runs no hooks, and stops by SIGTERM.")
  const noWords = "Cloud Run reads no last words of a container: look for them in its log."
  add(`${path}.terminationMessagePath`, declared.terminationMessage !== undefined, noWords)
  add(`${path}.terminationMessagePolicy`, declared.terminationMessage !== undefined, noWords)
  const { requests = {}, limits = {} } = resources ?? {}
  add(
    `${path}.resources.requests`,
    Object.keys(requests).length > 0,
    "An instance has what its limits say, and shares it with nobody."
  )
  add(
    `${path}.resources.limits.ephemeral-storage`,
    limits.ephemeralStorageBytes !== undefined,
    "All that is written is in memory."
  )
  const isPulled = image.domain === "docker.io" || /(?:^|\.)gcr\.io$|\.pkg\.dev$/.test(image.domain)
  add(
    `${path}.image`,
    !isPulled,
    "Cloud Run pulls from Google's registries and Docker Hub alone: make a remote repository of Artifact Registry for this one."
  )
}
