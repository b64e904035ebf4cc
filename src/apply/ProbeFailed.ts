import * as Schema from "effect/Schema"

/** A container runs, but has not started or is not ready, by a probe that is declared for it. */
export class ProbeFailed extends Schema.TaggedError<ProbeFailed>()("ProbeFailed", {
  container: Schema.String,
  probe: Schema.Literals(["startup", "readiness"]),
  /** What the probe does, without secrets. */
  handler: Schema.String,
  /** How often it failed, in a row unless that many successes in a row were wanted and never came. */
  failures: Schema.Int,
  successThreshold: Schema.optionalKey(Schema.Int),
  /** What it found at last: `HTTP 503`. */
  lastResult: Schema.String,
  /** Of the container's own, oldest first. */
  lastLogLines: Schema.Array(Schema.String)
}) {
  override get message() {
    const { container, probe, handler, failures, successThreshold, lastResult } = this
    const what = probe === "startup" ? "has not started" : "is not ready"
    const times = failures === 1 ? "once" : `${failures} times`
    const howOften =
      successThreshold === undefined
        ? `${times}${failures === 1 ? "" : " in a row"}`
        : `${times}, and did not succeed ${successThreshold} times in a row`
    return `the container ${container} ${what}: its ${probe}Probe (${handler}) failed ${howOften}, at last: ${lastResult}`
  }
  get advice() {
    return this.probe === "startup"
      ? "See its log for what keeps it. If it only needs longer, raise the probe's failureThreshold."
      : "See its log for what keeps it. If it only needs longer, give it a startupProbe, or raise the probe's failureThreshold or initialDelaySeconds."
  }
}
