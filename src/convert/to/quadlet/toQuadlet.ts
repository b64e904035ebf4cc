import * as Redacted from "effect/Redacted"
import type { Converted, ConvertedFile } from "../../Converted.ts"
import { Asked } from "../../known/asked.ts"
import { addCommonLosses } from "../../known/commonLosses.ts"
import { type KnownContainer, knownContainers } from "../../known/KnownContainer.ts"
import { podShape } from "../../known/PodShape.ts"
import { Losses } from "../../Losses.ts"
import { containerNameOf, podNameOf } from "../../names.ts"
import type { Source } from "../../Source.ts"
import { containerLines } from "./containerLines.ts"
import { containerNetwork, podLines } from "./networkLines.ts"
import { serviceLines } from "./serviceLines.ts"
import { tmpfiles } from "./tmpfiles.ts"
import { emptyVariable, type Line, line, unitText, words } from "./unitText.ts"
import { mountLines, volumeLines } from "./volumeLines.ts"

/** Units of Podman's quadlet, for /etc/containers/systemd, and a file for systemd-tmpfiles. */
export const toQuadlet = (source: Source): Converted => {
  const losses = new Losses()
  const containers = knownContainers(source)
  const shape = podShape(source.workload)
  const pod = podNameOf(source)
  const environmentFile = `/etc/containers/systemd/${pod}.env`
  const asked = new Asked(
    losses,
    (name, command) => `the units take it from ${environmentFile}, as a line ${name}=… To print it: ${command}`
  )
  addCommonLosses(source, containers, "Podman", losses)
  for (const index of (source.workload.pullSecrets ?? []).keys()) {
    losses.add(
      `spec.imagePullSecrets[${index}]`,
      'Units have no credentials: run "podman login --authfile /etc/containers/auth.json" with them before.'
    )
  }
  const comment = `${source.file.replaceAll(/[^\x20-\x7e]/g, "?")}, as units of Podman. Made by slipway convert.`
  const file = (
    name: string,
    isSecret: boolean,
    sections: Parameters<typeof unitText>[1],
    path: string
  ): ConvertedFile => ({
    name,
    text: Redacted.make(unitText(comment, sections, (of) => asked.nameOf(of, path))),
    isSecret
  })

  const context = { source, pod, losses }
  const volumes = source.workload.volumes.flatMap((volume) => {
    const lines = volumeLines(volume, context)
    return lines === undefined ? [] : [file(`${pod}-${volume.name}.volume`, false, [["Volume", lines]], "spec.volumes")]
  })
  const files = tmpfiles(source, pod, losses)
  const unitOf = (container: KnownContainer) => unitName(pod, containerNameOf(source, container))
  let gpus = 0
  const units = containers.map((container, index): ConvertedFile => {
    const name = containerNameOf(source, container)
    const mounts = mountLines(container, context)
    const before = containers.slice(0, index).filter(({ role }) => role !== "main")
    const service = [...mounts.service, ...serviceLines(container, name, losses)]
    const own: ReadonlyArray<Line> = [
      ...containerLines(container, name, gpus, losses),
      ...containerNetwork(container, source, shape, pod),
      ...mounts.container
    ]
    gpus += container.role === "init" ? 0 : (container.declared.resources?.limits.gpus ?? 0)
    const needsFile = [...own, ...service].some(({ words }) =>
      words.some((word) => Redacted.value(word).some((piece) => typeof piece === "object"))
    )
    const needsEmpty = [...own, ...service].some(
      ({ words, isQuoted }) => isQuoted && words.some((word) => Redacted.value(word).length === 0)
    )
    return file(
      `${unitOf(container)}.container`,
      true,
      [
        [
          "Unit",
          [
            line("Description", `${name} of ${pod}`),
            ...before.flatMap((other) => [
              line("Requires", `${unitOf(other)}.service`),
              line("After", `${unitOf(other)}.service`)
            ]),
            ...mounts.unit,
            // However often it fails, it is started again.
            line("StartLimitIntervalSec", "0")
          ]
        ],
        ["Container", own],
        [
          "Service",
          [
            ...service,
            ...(needsEmpty ? [line("Environment", `${emptyVariable}=`)] : []),
            ...(needsFile ? [line("EnvironmentFile", environmentFile)] : [])
          ]
        ],
        ["Install", [words("WantedBy", "multi-user.target", "default.target")]]
      ],
      container.path
    )
  })
  const pods = shape.needsSandbox
    ? [file(`${pod}.pod`, false, [["Pod", podLines(source, containers, shape, pod)]], "spec")]
    : []
  return {
    files: [
      ...volumes,
      ...(files === undefined ? [] : [{ name: `${pod}.conf`, text: Redacted.make(files), isSecret: true }]),
      ...pods,
      ...units
    ],
    ...losses.found
  }
}

/** A container that is named as its Pod has the Pod's name. */
const unitName = (pod: string, name: string): string => (name === pod ? pod : `${pod}-${name}`)
