import * as Schema from "effect/Schema"
import { named } from "../text/named.ts"

/** The engine does not hold an image that is never to be pulled. */
export class ImageNotPresent extends Schema.TaggedError<ImageNotPresent>()("ImageNotPresent", {
  /** As it is declared. */
  container: Schema.String,
  image: Schema.String
}) {
  override get message() {
    const { container, image } = this
    return (
      `the container ${named(container)}has the imagePullPolicy Never, and the engine does not hold ${image}. ` +
      "Pull or load it on the VM, or write IfNotPresent."
    )
  }
}
