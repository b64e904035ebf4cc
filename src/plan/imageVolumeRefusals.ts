import * as Option from "effect/Option"
import type { Observation } from "../observation/Observation.ts"
import { speaks } from "../vm/engine/EngineProduct.ts"
import type { Fate } from "./comparison.ts"
import { ImageVolumeNotPresent, ImageVolumeUnsupported } from "./ImageVolumeRefusal.ts"
import { isVolumePulled } from "./imageVolumes.ts"

/** What keeps images from being mounted into new containers. */
export const imageVolumeRefusals = (
  { volumes: { engine } }: Pick<Observation, "volumes">,
  created: ReadonlyArray<Fate>
): ReadonlyArray<ImageVolumeNotPresent | ImageVolumeUnsupported> => {
  const images = new Map(
    created.flatMap(({ member }) => member.volumeImages).map((image) => [image.volume.name, image])
  )
  return [...images.values()].flatMap((one): ReadonlyArray<ImageVolumeNotPresent | ImageVolumeUnsupported> => {
    const { volume, observed } = one
    if (engine === undefined || !speaks(engine, 1, 48)) {
      const version = engine?.version === undefined ? "" : ` ${engine.version}`
      const found = `${engine?.name ?? "Docker"}${version}`
      return [new ImageVolumeUnsupported({ volume: volume.name, engine: found })]
    }
    return isVolumePulled(one) || Option.isSome(observed.local)
      ? []
      : [new ImageVolumeNotPresent({ volume: volume.name, image: volume.image.text })]
  })
}
