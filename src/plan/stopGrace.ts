import * as Duration from "effect/Duration"

/** How long a container has between SIGTERM and SIGKILL. */
export const stopGrace = Duration.seconds(10)
