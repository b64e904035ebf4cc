import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { CommandError } from "../vm/CommandError.ts"
import { type DiskFailed, Disks } from "../vm/Disks.ts"
import { DockerClient } from "../vm/DockerClient.ts"
import { Firewall, type FirewallFailed } from "../vm/Firewall.ts"
import { type MountFailed, Mounts } from "../vm/Mounts.ts"
import { confirm, type ContainerFailed, startFailed } from "./confirm.ts"
import { withDeadline } from "./Deadlines.ts"
import type { ImagePull, PullError } from "./ImagePull.ts"
import type { Action } from "./Step.ts"

/** What a step can fail with. */
export type StepError = CommandError | ContainerFailed | DiskFailed | FirewallFailed | MountFailed | PullError

/** What a plan is carried out with. */
export const makePerform = Effect.fnUntraced(function* (pull: ImagePull["join"]) {
  const docker = yield* DockerClient
  const disks = yield* Disks
  const mounts = yield* Mounts
  const firewall = yield* Firewall

  /** Does one step. */
  const perform = (action: Action): Effect.Effect<unknown, StepError, DockerClient> => {
    switch (action._tag) {
      case "Pull":
        return pull
      case "Format":
        // A half-made filesystem is neither blank nor a filesystem: once begun it is not interrupted.
        return disks.format(action.device).pipe(withDeadline("MKFS", `format ${action.device}`), Effect.uninterruptible)
      case "Check":
        return disks.check(action.device).pipe(withDeadline("FSCK", `check ${action.device}`))
      case "CreateDirectory":
        return mounts.createDirectory(action.path).pipe(withDeadline("MOUNT", `create ${action.path}`))
      case "Mount":
        return mounts.mount(action.mount).pipe(withDeadline("MOUNT", `mount ${action.mount.target}`))
      case "Unmount":
        return mounts.unmount(action.mount.target).pipe(withDeadline("MOUNT", `unmount ${action.mount.target}`))
      case "OpenFirewall":
        return firewall.open.pipe(withDeadline("MOUNT", "open the firewall"))
      case "CloseFirewall":
        return firewall.close.pipe(withDeadline("MOUNT", "close the firewall"))
      case "Stop": {
        const { container, grace } = action
        const stop = docker.stopContainer(container.id, grace)
        return stop.pipe(withDeadline("STOP", `stop container ${container.name}`, grace))
      }
      case "SetAside": {
        const { container, name } = action
        const renamed = container.name === name ? Effect.void : docker.renameContainer(container.id, name)
        return docker
          .updateRestartPolicy(container.id, { name: "no", maximumRetryCount: 0 })
          .pipe(Effect.andThen(renamed), withDeadline("INSPECT", `set container ${container.name} aside`))
      }
      case "Create":
        return docker.createContainer(action.spec).pipe(withDeadline("CREATE", `create container ${action.spec.name}`))
      case "Start":
        return docker.startContainer(action.name).pipe(
          withDeadline("START", `start container ${action.name}`),
          Effect.catchTag("DockerError", (error) => startFailed(action.name, error))
        )
      case "Confirm":
        return confirm(action.name, action.restartPolicy, action.window)
      case "Remove":
        return docker
          .removeContainer(action.container.id)
          .pipe(withDeadline("REMOVE", `remove container ${action.container.name}`))
    }
  }

  /**
   * Takes back a step that was begun, whether or not it came to have an effect. `none` for what leaves nothing to
   * take back: an image, a filesystem, an open firewall.
   */
  const undo = (action: Action): Option.Option<Effect.Effect<unknown, StepError>> => {
    switch (action._tag) {
      case "Mount":
        return Option.some(
          mounts.table.pipe(
            Effect.map((table) => table.some((mount) => mount.target === action.mount.target)),
            Effect.flatMap((mounted) => (mounted ? mounts.unmount(action.mount.target) : Effect.void)),
            withDeadline("MOUNT", `unmount ${action.mount.target}`)
          )
        )
      case "Unmount":
        return Option.some(
          mounts.table.pipe(
            Effect.map((table) => table.some((mount) => mount.target === action.mount.target)),
            Effect.flatMap((mounted) => (mounted ? Effect.void : mounts.mount(action.mount))),
            withDeadline("MOUNT", `mount ${action.mount.target}`)
          )
        )
      case "Stop":
        return Option.some(
          docker
            .startContainer(action.container.id)
            .pipe(withDeadline("START", `start container ${action.container.name}`))
        )
      case "SetAside": {
        const { container } = action
        return Option.some(
          docker.inspectContainer(container.id).pipe(
            Effect.flatMap(
              Option.match({
                onSome: (found) =>
                  found.name === container.name ? Effect.void : docker.renameContainer(found.id, container.name),
                onNone: () => Effect.void
              })
            ),
            Effect.andThen(docker.updateRestartPolicy(container.id, container.restartPolicy)),
            withDeadline("INSPECT", `restore container ${container.name}`)
          )
        )
      }
      case "Create":
        return Option.some(
          docker.removeContainer(action.spec.name).pipe(withDeadline("REMOVE", `remove container ${action.spec.name}`))
        )
      default:
        return Option.none()
    }
  }

  return { perform, undo }
})
