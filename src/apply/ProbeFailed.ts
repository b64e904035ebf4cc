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
  /** Its command names a program that the container does not have. */
  hasNoProgram: Schema.optionalKey(Schema.Literal(true)),
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
    if (this.hasNoProgram === true) {
      return "Name a program that its image has, or probe by httpGet, tcpSocket or grpc, which need none. No shell reads the command."
    }
    const longer =
      this.probe === "startup"
        ? "If it only needs longer, raise the probe's failureThreshold."
        : "If it only needs longer, give it a startupProbe, or raise the probe's failureThreshold or initialDelaySeconds."
    return this.lastLogLines.length === 0 ? longer : `See its log for what keeps it. ${longer}`
  }
}
