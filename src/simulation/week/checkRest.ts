import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { SimulatedContainer } from "../engine/SimulatedContainer.ts"
import type { SimulatedVm } from "../SimulatedVm.ts"
import { containerOf, type DeclaredContainer } from "../trial/declaredContainers.ts"
import { isEndedAside, isMatched, isOurs, isWhole } from "../trial/invariants.ts"
import type { WeekLog } from "./WeekLog.ts"
import type { WeekDeclaration } from "./WeekScene.ts"

type Vm = SimulatedVm["Service"]

/** What must be once changes and faults have been over for long enough: the newest declaration that can work runs. */
export const checkRest = Effect.fnUntraced(function* (vm: Vm, log: WeekLog) {
  // What fails is tried in a place of its own: that of what ran before.
  for (let seconds = 0; log.isUnderWay() && seconds < 300; seconds++) yield* Effect.sleep("1 second")
  const now = yield* vm.engine.settled
  const violated = (text: string) => log.violate(now, text)
  const newest = log.declarations[log.declared.at(-1)!.declaration]!
  const last = log.runs.findLast(({ outcome }) => outcome !== "under way")
  // A job that was ended while it was being started is not tried again in this boot.
  const isGivenUp = last?.outcome === "final" && last.isOfJob
  if (newest.fate === "works" && isPastDeadline(vm, log, log.declared.at(-1)!.declaration, now)) return
  if (newest.fate === "works" && !isGivenUp) {
    isWhole(vm, newest.declared, violated)
    const isFailing = newest.declared.some((one) => hasFailed(vm, one))
    // What had ended well before may be declared again, and is not run again then.
    isMatched(vm, newest.declared, violated, (one) => isFailing && isEndedAside(one))
    hasRevision(vm, newest, violated)
    // It is not started again in this boot, whatever has ended it.
    if (isFailing) return
    isTold(vm, violated)
    if (log.open().some(({ isOfTags }) => !isOfTags))
      violated("no look has found everything in order, though nothing is wrong")
    return
  }
  // What ran before it runs on, unless something else has befallen that.
  const standing = log.standings.at(-1)
  if (standing === undefined) return
  if (isPastDeadline(vm, log, standing.declaration, now)) return
  const worked = log.declared.findLastIndex(({ declaration }) => log.declarations[declaration]!.fate === "works")
  const since = log.declared[worked + 1]?.from ?? now
  const isAlone = log.disturbances.every(({ cause, settledAt }) => cause === "a bad declaration" || settledAt < since)
  if (!isAlone) return
  const { declared } = log.declarations[standing.declaration]!
  isWhole(vm, declared, violated)
  hasRevision(vm, log.declarations[standing.declaration]!, violated)
})

const hasFailed = (vm: Vm, { name, policy }: DeclaredContainer): boolean =>
  policy === "Never" &&
  vm.engine.containers.some((one) => isOurs(one) && containerOf(one) === name && !one.isUp && one.exitCode !== 0)

/** Whether its time may be over; once it must be, nothing runs. */
const isPastDeadline = (vm: Vm, log: WeekLog, declaration: number, now: number): boolean => {
  if (!log.deadlines.mayBeOver(now, declaration)) return false
  const { title, declared } = log.declarations[declaration]!
  // What was declared after it, and fails, may be left so that its log can be read.
  const isIts = ({ spec }: SimulatedContainer) => declared.some(({ image }) => image === spec.image)
  const up = vm.engine.containers.filter((one) => isOurs(one) && one.isUp && isIts(one)).map(containerOf)
  // What only waits may, where all jobs had come to their ends before.
  const isAnyUp = up.some((name) => declared.find((one) => one.name === name)?.role !== "sandbox")
  if (log.deadlines.mustBeOver(now, declaration) && isAnyUp) {
    log.violate(now, `${up.join()} runs, though the time of ${title} is over`)
  }
  return true
}

const hasRevision = (vm: Vm, { revision, title }: WeekDeclaration, violated: (text: string) => void): void => {
  if (revision === undefined) return
  const web = vm.engine.containers.find((one) => isOurs(one) && one.isUp && containerOf(one) === "web")
  const found = web === undefined ? undefined : revisionOf(web)
  if (web !== undefined && found !== revision) violated(`web runs with revision ${found}, and ${title} has ${revision}`)
}

/** Whoever asks the VM's guest attributes is told that it runs what is declared. */
const isTold = (vm: Vm, violated: (text: string) => void): void => {
  const told = vm.guestAttributes.get("status") ?? ""
  if (!told.includes('"verdict":"as declared"')) violated(`the guest attributes do not say so: ${told || "nothing"}`)
}

const revisionOf = ({ spec }: SimulatedContainer): string | undefined => {
  const variable = spec.env.find(({ name }) => name === "REVISION")
  return variable === undefined ? undefined : Redacted.value(variable.value)
}
