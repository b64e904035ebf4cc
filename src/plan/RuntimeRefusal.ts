import * as Schema from "effect/Schema"
import { nearest } from "../text/nearest.ts"

/** The containers are to have a runtime that the engine cannot give them. */
export class RuntimeUnavailable extends Schema.TaggedError<RuntimeUnavailable>()("RuntimeUnavailable", {
  runtime: Schema.String,
  /** Those that the engine has. */
  runtimes: Schema.Array(Schema.String),
  /** `engine`: Podman, which drops the name. Source: `cliOpts` in its pkg/api/handlers/compat/containers_create.go. */
  why: Schema.Literals(["missing", "engine"])
}) {
  override get message() {
    const { runtime, runtimes } = this
    if (this.why === "engine") {
      return (
        `the containers are to have the runtime "${runtime}", but Podman's Docker API drops the name, and would run them ` +
        "with its own. Remove runtimeClassName; `runtime` in containers.conf names the runtime of all containers."
      )
    }
    const near = nearest(runtime, runtimes)
    const meant = near === undefined ? "" : ` Did you mean "${near}"?`
    return (
      `the containers are to have the runtime "${runtime}", which the engine does not have.${meant} ` +
      `It has ${runtimes.join(", ")}; any other has to be installed, and named in "runtimes" of the engine's daemon.json.`
    )
  }
}
