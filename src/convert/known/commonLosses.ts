import type { Losses } from "../Losses.ts"
import type { Source } from "../Source.ts"
import { isGoogleHosted } from "../../workload/ImageReference.ts"
import { type KnownContainer, securityPath } from "./KnownContainer.ts"

/** What has no meaning to a program that runs containers on one machine, and knows no Pods. */
export const addCommonLosses = (
  source: Source,
  containers: ReadonlyArray<KnownContainer>,
  program: string,
  losses: Losses
): void => {
  const { written, workload } = source
  const { metadata, spec } = written
  const metadataReason = "Only fieldRef reads it, and what fieldRef gives of it is written in the result."
  for (const key of ["namespace", "uid"] as const)
    if (metadata[key] !== "") losses.add(`metadata.${key}`, metadataReason)
  if (Object.keys(metadata.annotations).length > 0) losses.add("metadata.annotations", metadataReason)
  if (spec.os.name !== "") losses.note("spec.os", "Linux is the only choice, and needs no word.")
  if (workload.volumeGroup !== undefined && spec.securityContext.fsGroupChangePolicy !== undefined) {
    losses.add(
      "spec.securityContext.fsGroupChangePolicy",
      `${program} gives volumes to no group: see spec.securityContext.fsGroup.`
    )
  }
  if (spec.dnsPolicy !== undefined) {
    losses.note(
      "spec.dnsPolicy",
      "Names are looked up as the VM does it, unless dnsConfig, which is carried over, says otherwise."
    )
  }
  if (spec.securityContext.supplementalGroupsPolicy !== undefined) {
    losses.note(
      "spec.securityContext.supplementalGroupsPolicy",
      `As for Slipway, ${program} leaves out the groups that the image has for its user where runAsGroup is written.`
    )
  }
  if (workload.activeDeadlineSeconds !== undefined) {
    losses.add("spec.activeDeadlineSeconds", `${program} has no deadline for what it has started.`)
  }
  addPortNames(containers, losses)
  for (const container of containers) addOfContainer(container, program, losses)
  for (const volume of spec.volumes) {
    if (!workload.volumes.some(({ name }) => name === volume.name)) {
      losses.add(`spec.volumes[${spec.volumes.indexOf(volume)}]`, "No container mounts it.")
    }
  }
}

/** Names of ports are for whoever refers to them: probes and hooks, which have the numbers. */
export const addPortNames = (containers: ReadonlyArray<KnownContainer>, losses: Losses): void => {
  for (const { written, path } of containers) {
    for (const [index, { name }] of written.ports.entries()) {
      if (name !== "") losses.note(`${path}.ports[${index}].name`, "What refers to the port has its number.")
    }
  }
}

const addOfContainer = (container: KnownContainer, program: string, losses: Losses): void => {
  const { declared, path } = container
  const { security, resources, terminationMessage, image } = declared
  if (terminationMessage !== undefined) {
    const reason = `${program} reads no last words of a container: look for them in its log.`
    losses.add(`${path}.terminationMessagePath`, reason)
    losses.add(`${path}.terminationMessagePolicy`, reason)
  }
  if (security?.runAsNonRoot === true && security.runAsUser === undefined) {
    losses.add(
      securityPath(container, "runAsNonRoot"),
      `${program} refuses no image whose user is root: write runAsUser, or look at the image's USER.`
    )
  }
  if (security?.runAsGroup !== undefined && security.runAsUser === undefined) {
    losses.add(
      securityPath(container, "runAsGroup"),
      `${program} takes a group with a user alone: write runAsUser as well.`
    )
  }
  const { limits, requests } = resources ?? {}
  for (const [key, amounts] of [
    ["limits", limits],
    ["requests", requests]
  ] as const) {
    if (amounts?.ephemeralStorageBytes !== undefined) {
      losses.add(`${path}.resources.${key}.ephemeral-storage`, `Neither Slipway nor ${program} limits it.`)
    }
  }
  if (isGoogleHosted(image)) {
    losses.note(
      `${path}.image`,
      `Slipway shows Google's registries the VM's token, ${program} does not: run "gcloud auth configure-docker ${image.domain}" before.`
    )
  }
}
