import * as Schema from "effect/Schema"
import { named } from "../text/named.ts"
import { nearest } from "../text/nearest.ts"

/** The engine has no log driver of this name. */
export class LogDriverMissing extends Schema.TaggedError<LogDriverMissing>()("LogDriverMissing", {
  /** As it is declared. */
  container: Schema.String,
  driver: Schema.String,
  /** Those that the engine has. */
  drivers: Schema.Array(Schema.String)
}) {
  override get message() {
    const { container, driver, drivers } = this
    const near = nearest(driver, drivers)
    const meant = near === undefined ? "" : ` Did you mean "${near}"?`
    return (
      `the container ${named(container)}logs by the driver "${driver}", which the engine does not have.${meant} ` +
      `It has ${drivers.join(", ")}; any other is a plugin, which has to be installed (docker plugin install).`
    )
  }
}
