import * as Option from "effect/Option"
import type { EngineProduct } from "../vm/engine/EngineProduct.ts"

/** Podman's first release that can change a container's restart policy, in 5.1. */
const firstPodman = 5

/** What the engine lacks and a run does without, in one sentence. */
export const engineLimits = ({ name, version }: EngineProduct): Option.Option<string> => {
  if (name === "Docker") return Option.none()
  const release = Number.parseInt(version ?? "", 10)
  return Option.some(
    release < firstPodman
      ? `the engine is Podman ${version}: it is older than Podman ${firstPodman}, which Slipway needs, and replacing a container may fail on it`
      : `the engine is Podman${version === undefined ? "" : ` ${version}`}: it cannot ask a registry which image a tag stands for, so each run pulls the image and compares it with the container's, and it runs health checks only where systemd runs`
  )
}
