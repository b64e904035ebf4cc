import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { decodeDeclaration } from "../../src/declaration/Declaration.ts"
import type { Workload } from "../../src/workload/Workload.ts"
import type { ImageObservation, Observation } from "../../src/observation/Observation.ts"
import { pullReference } from "../../src/workload/ImageReference.ts"
import { type Plan, plan } from "../../src/plan/Plan.ts"
import { defaultSettings } from "../../src/startup/Settings.ts"
import { resolvedAlone } from "../../test/declaration/check/Declared.ts"
import { emptyVm } from "../../test/plan/EmptyVm.ts"

/** What is grown, and up to how many fit into the 512 KiB of a declaration. */
export const kinds = { env: 10_000, volumes: 5_000, containers: 100 } as const

/** A declaration with so many env entries, volumes, each with its mount, or containers. */
export const declarationOf = (kind: keyof typeof kinds, count: number): Uint8Array => {
  const each = (text: (index: number) => string) => Array.from({ length: count }, (_, index) => text(index)).join(", ")
  const env = kind === "env" ? each((index) => `{name: N${index}, value: "value ${index}"}`) : ""
  const mounts = kind === "volumes" ? each((index) => `{name: v${index}, mountPath: /m/${index}}`) : ""
  const volumes = kind === "volumes" ? each((index) => `{name: v${index}, hostPath: {path: /srv/${index}}}`) : ""
  const containers =
    kind === "containers"
      ? each((index) => `{name: c${index}, image: app}`)
      : `{name: web, image: app, env: [${env}], volumeMounts: [${mounts}]}`
  return new TextEncoder().encode(`spec: {containers: [${containers}], volumes: [${volumes}]}\n`)
}

const held: ImageObservation = {
  local: Option.some({
    id: "sha256:00",
    digests: ["sha256:11"],
    sizeBytes: 1,
    taggedAt: undefined,
    config: { entrypoint: [], cmd: [], env: [] }
  }),
  wanted: { _tag: "Known", digest: "sha256:11" }
}

/** A VM that has the image, and nothing else. */
const observation: Observation = {
  ...emptyVm,
  mountRoot: defaultSettings.mountRoot,
  mounts: [],
  firewall: { ipv4: "Open", ipv6: "Open" }
}

/** What is made of a declaration's text. */
export const decoded = (text: Uint8Array): Workload =>
  resolvedAlone(Result.getOrThrow(decodeDeclaration({ file: "big.yaml", text })).workload)

export const planned = (workload: Workload): Plan =>
  Result.getOrThrow(
    plan(
      workload,
      { ...observation, images: new Map(workload.containers.map(({ image }) => [pullReference(image), held])) },
      new Map(workload.containers.map(({ name }) => [name, `klt-${name}-abcd`])),
      defaultSettings
    )
  )
