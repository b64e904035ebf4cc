import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { isLost } from "../observation/Observation.ts"
import { type Fate, isCreated } from "./comparison.ts"
import { isProbed, planProbes } from "./planProbes.ts"
import { type Member, subjectOf } from "./Member.ts"
import { namesAddress } from "./addressInSpec.ts"
import type { Hook } from "../workload/Lifecycle.ts"
import { heldBy } from "./podNetwork.ts"
import { graceOf } from "./stopGrace.ts"
import type { PlanSettings } from "./PlanSettings.ts"
import type { Action, KeptContainer, StepList } from "./Step.ts"

/** As to the kubelet, nothing that follows begins before the hook has succeeded. */
const planHook = (
  steps: StepList,
  member: Member,
  hook: Hook,
  kept: KeptContainer | undefined,
  start: string
): string => {
  const { name, restartPolicy } = member.spec
  const action: Action = { _tag: "PostStart", name, hook, restartPolicy, kept }
  return steps.add("hook", subjectOf(member), action, "it is not up before its postStart hook has succeeded", [start])
}

/** The container mounts images by their declared tags. */
const volumeTags = ({ volumeImages }: Member): Pick<Extract<Action, { readonly _tag: "Create" }>, "volumeImages"> => {
  const known = volumeImages.flatMap(({ image, observed: { wanted } }) =>
    wanted._tag === "Known" ? [{ image, digest: wanted.digest }] : []
  )
  return known.length === 0 ? {} : { volumeImages: known }
}

/** Starts a container that is not run to its end. */
const starting = ({ member, fate, kept, cause }: Fate): Action => {
  const { spec, container } = member
  const marks = { isProbed: isProbed(container.probes), isHooked: spec.hooks?.postStart !== undefined }
  return fate === "stopped" && Option.isSome(kept) && !isLost(kept.value)
    ? {
        _tag: "StartAgain",
        container: kept.value,
        restartPolicy: spec.restartPolicy,
        grace: graceOf(kept.value),
        ...(cause === undefined ? {} : { isRestart: true }),
        ...marks
      }
    : { _tag: "Start", name: spec.name, ...marks }
}

const startCause = (
  { fate, cause: stopped = "`down`, or its deadline, had stopped it" }: Fate,
  cause: string
): string => (fate === "stopped" ? `${stopped}, and ${cause}` : cause)

/**
 * Creates the containers that are to be created side by side, and starts them in order: an init container has to
 * succeed before the next one starts, a sidecar has to have started, which its startup probe says if it has one.
 * `heldBackBy` has the steps that one of them waits for because of what is kept; `retriedFor` limits the retries of an
 * init container that fails. Gives the ids of the steps that show that all are up.
 */
export const planStarts = (
  steps: StepList,
  started: ReadonlyArray<Fate>,
  { confirm }: PlanSettings,
  needs: ReadonlyArray<string>,
  heldBackBy: ReadonlyMap<Fate, ReadonlyArray<string>>,
  retriedFor: Duration.Duration | undefined
): ReadonlyArray<string> => {
  // What joins the sandbox is created after it, and after its start if it is to be told the address.
  let sandbox: ReadonlyArray<string> = []
  let hasAddress: ReadonlyArray<string> = []
  const isAddressNeeded = started.some((fate) => isCreated(fate) && namesAddress(fate.member.spec))
  for (const one of started) {
    const { member, fate } = one
    if (fate === "stopped") {
      if (member.role === "sandbox" && isAddressNeeded) hasAddress = [startSandbox(steps, one, needs)]
      continue
    }
    const because =
      fate === "new" ? (one.cause ?? "there is no such container yet") : "it takes the place of the old one"
    const { spec, container } = member
    const action: Action = { _tag: "Create", spec, image: container.image, ...volumeTags(member) }
    const id = steps.add("create", subjectOf(member), action, because, [
      ...needs,
      ...sandbox,
      ...(namesAddress(spec) ? hasAddress : [])
    ])
    if (member.role !== "sandbox") continue
    sandbox = [id]
    if (isAddressNeeded) hasAddress = [startSandbox(steps, one, [id])]
  }
  let before: ReadonlyArray<string> = []
  return started.flatMap((one) => {
    const { member, fate } = one
    const { role, spec, container } = member
    const subject = subjectOf(member)
    const behind = [...(fate === "stopped" ? needs : steps.last([subject])), ...before, ...(heldBackBy.get(one) ?? [])]
    if (role === "init") {
      const { restartPolicy } = container
      const cause = "what follows starts once it has succeeded"
      const action: Action = { _tag: "RunToEnd", name: spec.name, restartPolicy, retriedFor }
      const run = steps.add("run", subject, action, cause, behind)
      before = [run]
      return [run]
    }
    if (role === "sandbox") {
      // It does nothing: whether it is up shows when others join it.
      before = hasAddress.length > 0 ? hasAddress : [startSandbox(steps, one, behind)]
      return before
    }
    const hook = spec.hooks?.postStart
    // The engine's events of one that is started again have its earlier end. It counts restarts from a start on.
    const kept =
      fate === "stopped" ? Option.getOrUndefined(Option.map(one.kept, ({ id }) => ({ id, restarts: 0 }))) : undefined
    const begun = steps.add("start", subject, starting(one), startCause(one, "it is declared to run"), behind)
    const start = hook === undefined ? begun : planHook(steps, member, hook, kept, begun)
    // Beside the confirmation: a probe's delays count from the start.
    const probes = planProbes(steps, member, [start], kept)
    if (role !== "main") before = [probes.started ?? start]
    if (Duration.isZero(confirm)) return [start, ...probes.all]
    const { name, restartPolicy } = spec
    const action: Action = { _tag: "Confirm", name, restartPolicy, window: confirm, kept }
    return [
      steps.add("confirm", subject, action, "a container that ends at once has not started", [start]),
      ...probes.all
    ]
  })
}

const startSandbox = (steps: StepList, fate: Fate, needs: ReadonlyArray<string>): string =>
  steps.add(
    "start",
    subjectOf(fate.member),
    starting(fate),
    startCause(fate, `the other containers join its ${heldBy(fate.member.spec)}`),
    needs
  )
