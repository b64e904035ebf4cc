import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { HostRandom } from "../vm/host/HostRandom.ts"
import { mountExactly } from "./bindExactly.ts"
import { Mounts } from "../vm/storage/Mounts.ts"
import type { Mount } from "../vm/storage/MountTable.ts"
import { StateFolder } from "../vm/host/StateFolder.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { attempt } from "../timing/Retries.ts"
import { tell } from "../progress/Progress.ts"

const entryName = "unmounted"
const Entry = Schema.fromJsonString(
  Schema.Struct({
    /** Device names hold for one boot, and after a reboot nothing is mounted that could be mounted again. */
    boot: Schema.String,
    /** As the mount table had them, in the order in which they can be mounted again. */
    mounts: Schema.Array(
      Schema.Struct({
        source: Schema.String,
        target: Schema.String,
        type: Schema.String,
        options: Schema.Array(Schema.String)
      })
    )
  })
)
const decode = Schema.decodeUnknownOption(Entry)
const encode = Schema.encodeSync(Entry)

/**
 * What a run is about to unmount from under the container that it sets aside, written down before anything is stopped.
 * If the run dies before the successor is up, that container would find empty directories in place of its data: the
 * next run mounts these again before it starts it.
 */
export const makeUnmountRecord = Effect.gen(function* () {
  const state = yield* StateFolder
  const mounts = yield* Mounts
  const { seed: boot } = yield* HostRandom

  const read = state.read(entryName).pipe(
    withDeadline("FILE", "read what an earlier run unmounted"),
    Effect.map((kept) =>
      Option.match(Option.flatMap(kept, decode), {
        onNone: (): ReadonlyArray<Mount> => [],
        onSome: (entry) => (entry.boot === boot ? entry.mounts : [])
      })
    )
  )
  const table = mounts.table.pipe(attempt("LIST", "read the mount table"))

  /** Whatever is mounted there by now belongs to another run: it is unmounted. */
  const mountAgain = Effect.fnUntraced(function* (mount: Mount) {
    const there = (yield* table).findLast(({ target }) => target === mount.target)
    if (there !== undefined && isSame(there, mount)) return
    if (there !== undefined) {
      yield* mounts.unmount(mount.target).pipe(withDeadline("MOUNT", `unmount ${mount.target}`))
    }
    yield* mountExactly(mounts, mount).pipe(withDeadline("MOUNT", `mount ${mount.target}`))
  })

  return {
    /** In the order in which they will be unmounted. Failing to write the record is no reason to fail. */
    add: (leaving: ReadonlyArray<Mount>) =>
      Effect.gen(function* () {
        const before = yield* read
        const left = [
          ...leaving.toReversed(),
          ...before.filter((mount) => !leaving.some((other) => isSame(mount, other)))
        ]
        yield* state
          .write(entryName, encode({ boot, mounts: left }))
          .pipe(withDeadline("FILE", "keep what is unmounted"))
      }).pipe(
        Effect.catch((error) =>
          tell({
            _tag: "Warning",
            text: `if this run dies, the next may not bring the old container back: what is unmounted is not kept: ${error.message}`
          })
        )
      ),
    /** Mounts what is not. */
    mountAgain: Effect.flatMap(read, Effect.forEach(mountAgain, { discard: true })),
    /** Removes the record, which has served its purpose. */
    clear: Effect.flatMap(read, (left) =>
      left.length === 0 ? Effect.void : state.remove(entryName).pipe(withDeadline("FILE", "forget what was unmounted"))
    ).pipe(
      Effect.catch((error) =>
        tell({ _tag: "Warning", text: `what was unmounted is still kept for the next run: ${error.message}` })
      )
    )
  }
})

const isSame = (one: Mount, other: Mount): boolean =>
  one.target === other.target && one.source === other.source && isReadOnly(one) === isReadOnly(other)

const isReadOnly = ({ options }: Mount): boolean => options.includes("ro")
