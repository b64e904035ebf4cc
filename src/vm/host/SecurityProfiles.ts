import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { CommandError } from "./CommandError.ts"
import { type HostFileFailed, HostFiles } from "./HostFiles.ts"

/** What is at the place of a seccomp profile. */
export type SeccompProfileFound =
  /** `json` is on one line. */
  | { readonly _tag: "Found"; readonly json: string }
  /** `path` is where it was looked for. */
  | { readonly _tag: "Missing"; readonly path: string }
  /** Its path leads out of the folder, to `target`. */
  | { readonly _tag: "Outside"; readonly path: string; readonly target: string }
  | { readonly _tag: "Invalid"; readonly path: string; readonly why: string }

/** Profiles of the host by which the kernel limits what processes may do. */
export class SecurityProfiles extends Context.Service<
  SecurityProfiles,
  {
    /** The seccomp profile at a path below the folder of profiles. */
    readonly seccomp: (path: string) => Effect.Effect<SeccompProfileFound, CommandError | HostFileFailed>
    /** The AppArmor profiles that the kernel has; `none` if it does not tell. */
    readonly appArmor: Effect.Effect<Option.Option<ReadonlyArray<string>>>
  }
>()("slipway/vm/SecurityProfiles") {
  /** `statePath` holds the folder `seccomp`, in which an operator puts profiles. */
  static readonly layer = (statePath = "/var/lib/slipway") =>
    Layer.effect(
      SecurityProfiles,
      Effect.map(HostFiles, (files) => {
        const folder = `${statePath.replace(/(?<=.)\/+$/, "")}/seccomp`
        return SecurityProfiles.of({
          seccomp: Effect.fn("SecurityProfiles.seccomp")(function* (name) {
            const path = `${folder}/${name}`
            const [root, target] = yield* Effect.all([files.resolve(folder), files.resolve(path)])
            if (Option.isNone(root) || Option.isNone(target)) return { _tag: "Missing", path }
            if (!target.value.startsWith(`${root.value}/`)) return { _tag: "Outside", path, target: target.value }
            const text = yield* files.read(target.value)
            if (Option.isNone(text)) return { _tag: "Missing", path }
            return Result.match(profileOf(text.value), {
              onFailure: (why): SeccompProfileFound => ({ _tag: "Invalid", path, why }),
              onSuccess: (json): SeccompProfileFound => ({ _tag: "Found", json })
            })
          }),
          appArmor: files.read("/sys/kernel/security/apparmor/profiles").pipe(
            Effect.orElseSucceed(() => Option.none<string>()),
            Effect.map(Option.map(loadedProfiles))
          )
        })
      })
    )
}

/** As large as Docker's own profile many times over. */
const maximumLength = 1024 * 1024

const decodeJson = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Unknown))
const decodeProfile = Schema.decodeUnknownOption(Schema.Struct({ defaultAction: Schema.String }))

/** The profile on one line. What the engine makes of it shows when a container starts; that it is none shows here. */
const profileOf = (text: string): Result.Result<string, string> => {
  if (text.length > maximumLength) return Result.fail("it is larger than 1 MiB")
  const json = decodeJson(text)
  if (Option.isNone(json)) return Result.fail("it is not JSON")
  return Option.isNone(decodeProfile(json.value))
    ? Result.fail('it has no "defaultAction", which every profile has')
    : Result.succeed(JSON.stringify(json.value))
}

/** `name (mode)` a line. */
const loadedProfiles = (text: string): ReadonlyArray<string> =>
  text.split("\n").flatMap((line) => /^(.+) \(\w+\)$/.exec(line)?.[1] ?? [])
