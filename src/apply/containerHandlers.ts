import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { makeRecord } from "../observation/ContainerRecord.ts"
import { isLost, type OurContainer } from "../observation/Observation.ts"
import { observeHeld } from "../observation/observe.ts"
import { digestLabel } from "../observation/Ownership.ts"
import { refusalOf } from "../plan/ImageUserRefused.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import type { ContainerSpec } from "../vm/engine/ContainerSpec.ts"
import { withMessageFile } from "../vm/engine/terminationMessageLabel.ts"
import { TerminationMessages } from "../vm/host/TerminationMessages.ts"
import { makeBringBack } from "./bringBack.ts"
import { confirm, ContainerFailed } from "./confirm.ts"
import { makeContainerChanges } from "./containerChanges.ts"
import type { Created } from "./Created.ts"
import { graceLeft } from "./graceLeft.ts"
import { type Handlers, leftForNextRun, nothingDone, UndoneOtherwise } from "./Handler.ts"
import type { ImagePulls } from "./ImagePull.ts"
import { joiningCreated } from "./joiningCreated.ts"
import { addressed } from "./podAddress.ts"
import { makeProbing } from "./probing.ts"
import { runToEnd } from "./runToEnd.ts"

const gone = ({ name }: OurContainer): ContainerFailed =>
  new ContainerFailed({
    container: name,
    detail: "was removed while it was stopped for its successor",
    exitCode: Option.none(),
    isRemoved: true,
    lastLogLines: []
  })

/** Containers and their images. */
export const makeContainerHandlers = Effect.fnUntraced(function* (
  pulls: ImagePulls,
  mountRoot: string,
  created: Created
) {
  const containers = yield* makeContainerChanges
  const messages = yield* TerminationMessages
  const probing = yield* makeProbing
  const bringBack = yield* makeBringBack(mountRoot)
  const stopped = yield* makeRecord("stopped")
  const restarting = yield* makeRecord("restarting")

  /** The file is made with the container: another one's words are not its own. */
  const withMessage = Effect.fnUntraced(function* (spec: ContainerSpec) {
    if (spec.terminationMessage === undefined) return spec
    const made = messages.make(spec.name)
    return withMessageFile(spec, yield* made.pipe(withDeadline("FILE", `make the termination message of ${spec.name}`)))
  })

  return {
    Pull: {
      perform: ({ image }) => pulls.of(image).join
    },
    JudgeUser: {
      perform: ({ containerName: container, declared, image, policy }) =>
        Effect.flatMap(observeHeld(image), ({ local }) =>
          Option.match(
            Option.flatMap(local, ({ config }) =>
              refusalOf(
                { container, image: declared.text, ...(policy === undefined ? {} : { policy }) },
                config.user ?? ""
              )
            ),
            { onNone: () => Effect.void, onSome: Effect.fail }
          )
        )
    },
    Adjust: {
      perform: ({ container, name, restartPolicy }) => containers.adjust(container, name, restartPolicy)
    },
    Disarm: {
      perform: ({ container }) => containers.disarm(container)
    },
    Stop: {
      perform: ({ container, grace, isAside = false }) =>
        Effect.gen(function* () {
          if (isAside && !isLost(container)) {
            if (yield* containers.hasEndedAside(container)) return
            yield* containers.disarm(container)
          }
          yield* containers.stop(container, yield* graceLeft(grace))
        }),
      // The mounts of a lost container are not known.
      undo: ({ container, grace }) =>
        (isLost(container) ? containers.startAgain(container) : bringBack(container, grace)).pipe(
          Effect.catchReason("DockerError", "NotFound", (_, error) =>
            Effect.flatMap(containers.isGone(container), (isGone) => Effect.fail(isGone ? gone(container) : error))
          )
        )
    },
    SetAside: {
      perform: ({ container, name }) => containers.setAside(container, name),
      undo: ({ container }) =>
        Effect.map(containers.restore(container), (name) =>
          name === undefined
            ? leftForNextRun
            : name === container.name
              ? undefined
              : new UndoneOtherwise(`the earlier container is named ${name} now`)
        )
    },
    Create: {
      // The container is created from declared tags, and its labels have to say which images those are.
      perform: ({ spec, image, volumeImages = [] }) => {
        const digest = spec.labels[digestLabel]
        const tags = [...(digest === undefined ? [] : [{ image, digest }]), ...volumeImages]
        const tagged = Effect.forEach(tags, ({ image, digest }) => pulls.of(image).ensureTag(digest), { discard: true })
        return tagged.pipe(
          Effect.andThen(addressed(joiningCreated(spec, created))),
          Effect.flatMap(withMessage),
          Effect.flatMap(containers.create),
          Effect.tap((id) => Effect.sync(() => created.add({ id, name: spec.name })))
        )
      },
      undo: ({ spec }) =>
        Effect.gen(function* () {
          const { name, hooks } = spec
          const id = created.idOf(name) ?? Option.getOrUndefined(yield* containers.findMade(spec))
          if (id === undefined) return nothingDone
          yield* containers.clear({ id, name }, hooks?.preStop !== undefined)
          yield* probing.forget(id)
        })
    },
    Start: {
      perform: (start) =>
        created.with(start, (container) =>
          Effect.andThen(probing.beforeStart(container, start), containers.start(container))
        )
    },
    StartAgain: {
      perform: ({ container, restartPolicy, grace, isProbed, isHooked }) =>
        probing
          .beforeStart(container, { isProbed, isHooked })
          .pipe(
            Effect.andThen(bringBack({ ...container, restartPolicy }, grace)),
            Effect.andThen(stopped.end(container.id)),
            Effect.andThen(restarting.end(container.id))
          ),
      // It did not run before this run.
      undo: ({ container, grace, isRestart = false }) =>
        (isRestart ? restarting : stopped)
          .begin(container.id)
          .pipe(
            Effect.andThen(containers.disarm(container)),
            Effect.andThen(containers.stop({ ...container, status: "running" }, grace)),
            Effect.andThen(probing.forget(container.id))
          )
    },
    PostStart: {
      perform: (hook) => created.with(hook, (container) => probing.hook(container, hook))
    },
    RunToEnd: {
      perform: (run) => created.with(run, (container) => runToEnd(container, run.restartPolicy, run.retriedFor))
    },
    Confirm: {
      perform: (action) =>
        created.with(action, (container) =>
          confirm(container, action.restartPolicy, action.window, action.kept?.restarts)
        )
    },
    Probe: {
      perform: (probe) => created.with(probe, (container) => probing.await(container, probe))
    },
    Remove: {
      perform: ({ container, name, grace }) => containers.discard(container, name, grace)
    }
  } satisfies Partial<Handlers>
})
