import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Stream from "effect/Stream"

/**
 * Emits once the directory of a file is watched, as the file may have changed before, and then whenever something of
 * the file's name changes in it: an editor, or a program that renames, puts another file in its place. Ends with a
 * warning where the system cannot watch it.
 */
export const fileChanges = Effect.fnUntraced(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const absolute = path.resolve(file)
  const installed = yield* Deferred.make<void>()
  const onReady = () => Deferred.doneUnsafe(installed, Effect.void)
  const events = files.watch(path.dirname(absolute), { onReady }).pipe(
    Stream.filter((event) => path.basename(event.path) === path.basename(absolute)),
    Stream.catch(({ message }) =>
      Stream.fromEffectDrain(Effect.logWarning(`changes of ${file} will not be seen: ${message}`))
    )
  )
  return Stream.merge(
    Stream.fromEffect(Deferred.await(installed)),
    Stream.map(events, () => undefined),
    {
      haltStrategy: "right"
    }
  )
})
