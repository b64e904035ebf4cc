import * as DateTime from "effect/DateTime"
import type { RecordedContainer } from "./RecordedContainer.ts"
import { changesContainers, isForAnother } from "./judge.ts"
import { judgeRecorded } from "./judgeRecorded.ts"
import { isAllDone } from "./isAllDone.ts"
import type { Status } from "./Status.ts"

/** What runs, what was wanted and why it is not there, in a line. */
export const sentenceOf = (status: Status): string => {
  const { engineAway } = status
  const isChanging = status.lastRun !== null && (isForAnother(status) || changesContainers(status))
  const sentence = `${isChanging ? "before the run that is under way: " : ""}${lastSentenceOf(status)}`
  return engineAway === undefined ? sentence : `${awayWords(engineAway)}; before: ${sentence}`
}

/** What is said of an engine that an agent has not reached since then. */
export const awayWords = (since: DateTime.Utc): string =>
  `the engine has been away since ${DateTime.formatIso(since)}, and what runs is not known`

/** By what the last run has left. */
const lastSentenceOf = (status: Status): string => {
  const { declared, running, lastRun, degraded } = status
  if (lastRun === null) return "no run has ended yet"
  const caution = degraded.map((text) => `. CAUTION: ${text}`).join("")
  const why = judgeRecorded(status)
    .reasons.filter((reason) => !degraded.includes(reason))
    .join("; ")
  const runs = running === null ? "what runs is not known" : runningText(shownOf(running))
  switch (lastRun.result) {
    case "done":
      return `${why === "" && caution === "" ? "as declared: " : ""}${runs}${why === "" ? "" : `: ${why}`}${caution}`
    case "nothing declared":
      return running === null || shownOf(running).length === 0 ? "nothing is declared" : `nothing is declared; ${runs}`
    case "down":
    case "left down":
      if (isAllDone(status)) return `as declared: ${runs}; \`slipway down\` had nothing to stop`
      return `${runs}: ${lastRun.goesDown ? "everything was stopped, as the machine goes down" : isAnythingUp(status) ? "`slipway down` has not come to its end" : "`slipway down` has stopped everything"}`
    case "failed":
    case "held back":
    case "superseded":
    case "stopped": {
      const images = declared?.containers.map(({ name, image }) => (name === "" ? image : `${name}, from ${image}`))
      const wanted =
        declared === null
          ? ""
          : `; declared is ${images?.length ? images.join("; ") : `${declared.file}, which cannot be used`}`
      return `${runs}${wanted}: ${why}`
    }
  }
}

/** Whether a container that was declared runs, be it by this declaration or by one before. One in a crash loop does not. */
export const isAnythingUp = ({ running }: Status): boolean =>
  running !== null && shownOf(running).some(({ status }) => status === "running")

/** One that has ended is of interest where it was to end. */
const shownOf = (running: ReadonlyArray<RecordedContainer>) =>
  running.filter((container) => container.role === "main" || (container.role === "sidecar" && isUp(container)))

const isUp = ({ status }: RecordedContainer): boolean =>
  status === "running" || status === "restarting" || status === "paused"

const runningText = (shown: ReadonlyArray<RecordedContainer>): string =>
  shown.length === 0
    ? "nothing runs"
    : shown
        .map(({ name, image, status }) =>
          status === "running" ? `${name} runs, from ${image}` : `${name} is ${status}`
        )
        .join("; ")
