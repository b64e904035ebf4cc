import * as Option from "effect/Option"
import type { Fate } from "./comparison.ts"
import { ImageNotPresent } from "./ImageRefusal.ts"

/** The images of new containers that are not there and may not be pulled, whatever other containers would pull. */
export const imageRefusals = (created: ReadonlyArray<Fate>): ReadonlyArray<ImageNotPresent> =>
  created.flatMap(({ member: { container, image } }) =>
    container.imagePullPolicy === "Never" && Option.isNone(image.local)
      ? [new ImageNotPresent({ container: container.name, image: container.image.text })]
      : []
  )
