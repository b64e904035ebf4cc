import * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { type Operation, deadlineTable } from "../../timing/Deadlines.ts"
import { DeclarationUnreadable } from "../../startup/DeclarationUnreadable.ts"
import { defaultSettings, type Settings } from "../../startup/Settings.ts"
import { defaultEngineAddress, parseEngineAddress } from "../../vm/engine/EngineAddress.ts"
import type { HostSettings } from "../../vm/Vm.ts"
import { isPrintable } from "../../text/printable.ts"
import { parseDuration } from "./duration.ts"
import { logFormats } from "./logging.ts"
import { policyFlag, readPolicy } from "./policy.ts"
import { readInput } from "./readInput.ts"
import { SettingsInvalid } from "./SettingsInvalid.ts"

/** Everything that a run is told. */
export interface RunSettings {
  readonly settings: Settings
  readonly host: HostSettings
  readonly deadlines: Readonly<Record<Operation, Duration.Duration>>
  readonly detached: boolean
}

const variableOf = (flag: string) => `SLIPWAY_${flag.toUpperCase().replaceAll("-", "_")}`

const boolean = (name: string, description: string, otherwise: string) =>
  Flag.Boolean(name).pipe(
    Flag.withDescription(`${description} (default); --no-${name} ${otherwise}. Also ${variableOf(name)}`),
    Flag.optional
  )
const text = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(
    Flag.withMetavar(metavar),
    Flag.withDescription(`${description}. Also ${variableOf(name)}`),
    Flag.optional
  )

/** Where the declaration comes from, and what the VM is like. `up` and `plan` share them. */
export const sharedFlags = {
  declaration: text("declaration", "FILE", "Read the declaration from a file (- is standard input), not from metadata"),
  policy: policyFlag,
  token: Flag.Redacted("token").pipe(
    Flag.withMetavar("TOKEN"),
    Flag.withDescription(
      "Access token for images that Google hosts; the VM's own by default. Also SLIPWAY_TOKEN, which others cannot see"
    ),
    Flag.optional
  ),
  openIptables: boolean(
    "open-iptables",
    "Accept tcp, udp and icmp in the host's firewall",
    "removes the rules that do so"
  ),
  mountedVolumesPathPrefix: text(
    "mounted-volumes-path-prefix",
    "PATH",
    `Where disks and tmpfs are mounted (default: ${defaultSettings.mountRoot})`
  ),
  lastGood: boolean(
    "last-good",
    "Where metadata does not answer, start its last declaration that came up",
    "fails instead"
  ),
  hostProcPath: text(
    "host-proc-path",
    "PATH",
    "Where the host's /proc is, when run in a container (default: /host_proc if it is there)"
  ),
  confirm: text("confirm", "DURATION", "How long a new container must stay up; 0s does not look (default: 3s)")
}

/** Flags of `up` alone. */
export const upFlags = {
  ...sharedFlags,
  pullFallback: text(
    "pull-fallback",
    "WHAT",
    "Where no registry answers: start the image that the engine holds (cached, the default), or fail (never)"
  ),
  retry: Flag.Boolean("retry").pipe(
    Flag.withDescription(
      "Try at once what failed before, even where another container runs in its place. Also SLIPWAY_RETRY"
    ),
    Flag.optional
  ),
  showWelcome: boolean("show-welcome", "Greet logins with how the run went", "leaves the greeting as it is"),
  detached: boolean(
    "detached",
    "Return when the container is up",
    "stays: the container's output and exit code become ours"
  )
}

type Values<Flags> = { readonly [K in keyof Flags]: Flags[K] extends Flag.Flag<infer A> ? A : never }
export type SharedValues = Values<typeof sharedFlags>
export type UpValues = Values<typeof upFlags>

/** Flags first, then `SLIPWAY_…`, then defaults. All that is wrong is found at once. */
export const readSettings = Effect.fn("readSettings")(function* (flags: SharedValues & Partial<UpValues>) {
  const problems: Array<string> = []

  /** A flag's text or its variable's, read by `parse`, whose error says what is expected. */
  const setting = Effect.fnUntraced(function* <A>(
    flag: Option.Option<string> | undefined,
    variable: string,
    parse: (text: string) => Result.Result<A, string>,
    fallback: A
  ) {
    const isFlag = flag !== undefined && Option.isSome(flag)
    const name = isFlag ? flagOf(variable) : variable
    const given = isFlag
      ? flag
      : yield* Effect.orElseSucceed(Config.option(Config.String(variable)), Option.none<string>)
    // An empty variable is how a unit leaves one out.
    if (Option.isNone(given) || (given.value === "" && !isFlag)) return fallback
    const parsed = parse(given.value)
    if (Result.isSuccess(parsed)) return parsed.success
    problems.push(`${name} ${parsed.failure}`)
    return fallback
  })
  const truth = (flag: Option.Option<boolean> | undefined, variable: string, fallback: boolean) =>
    setting(flag === undefined ? undefined : Option.map(flag, String), variable, parseBoolean, fallback)
  const length = (flag: Option.Option<string> | undefined, variable: string, fallback: Duration.Duration) =>
    setting(flag, variable, durationSetting, fallback)

  const deadlines = { ...deadlineTable } as Record<Operation, Duration.Duration>
  for (const name of Object.keys(deadlineTable) as ReadonlyArray<Operation>) {
    deadlines[name] = yield* length(undefined, `SLIPWAY_${name}_TIMEOUT`, deadlineTable[name])
  }
  const file = yield* setting(flags.declaration, "SLIPWAY_DECLARATION", fileName, Option.none<string>())
  // Only commands with a log read it; they have taken another by then.
  yield* setting(undefined, "SLIPWAY_LOG_FORMAT", logFormat, "auto")
  const token = yield* setting(
    Option.map(flags.token, Redacted.value),
    "SLIPWAY_TOKEN",
    // konlet's units pass on what they have, which may be nothing.
    (text) => Result.succeed(text === "" ? Option.none() : Option.some(Redacted.make(text))),
    Option.none<Redacted.Redacted>()
  )
  const settings: Settings = {
    token,
    declaration: yield* Option.match(file, {
      onNone: () => Effect.succeedNone,
      onSome: (file) =>
        Effect.matchEffect(readInput(file), {
          onSuccess: Effect.succeedSome,
          onFailure: ({ message }) => {
            problems.push(`${Option.isSome(flags.declaration) ? "--declaration" : "SLIPWAY_DECLARATION"}: ${message}`)
            return Effect.succeedNone
          }
        })
    }),
    policy: yield* Effect.catch(readPolicy(flags.policy), (invalid) => {
      problems.push(...invalid.problems)
      return Effect.succeedNone
    }),
    showWelcome: yield* truth(flags.showWelcome, "SLIPWAY_SHOW_WELCOME", defaultSettings.showWelcome),
    openIptables: yield* truth(flags.openIptables, "SLIPWAY_OPEN_IPTABLES", defaultSettings.openIptables),
    mountRoot: yield* setting(
      flags.mountedVolumesPathPrefix,
      "SLIPWAY_MOUNTED_VOLUMES_PATH_PREFIX",
      absolutePath,
      defaultSettings.mountRoot
    ),
    confirm: yield* length(flags.confirm, "SLIPWAY_CONFIRM", defaultSettings.confirm),
    pullFallback: yield* setting(flags.pullFallback, "SLIPWAY_PULL_FALLBACK", fallback, defaultSettings.pullFallback),
    lastGood: yield* truth(flags.lastGood, "SLIPWAY_LAST_GOOD", defaultSettings.lastGood),
    retry: yield* truth(flags.retry, "SLIPWAY_RETRY", defaultSettings.retry),
    // What standard input gave is gone.
    ...(Option.isSome(file) && file.value !== "-"
      ? { rereadDeclaration: Effect.provideContext(reread(file.value), yield* Effect.context<InputServices>()) }
      : {})
  }
  const host: HostSettings = {
    engine: yield* setting(undefined, "DOCKER_HOST", parseEngineAddress, defaultEngineAddress),
    hostProcPath: yield* setting<string | undefined>(
      flags.hostProcPath,
      "SLIPWAY_HOST_PROC_PATH",
      absolutePath,
      undefined
    ),
    lockPath: yield* setting(undefined, "SLIPWAY_LOCK", absolutePath, "/run/slipway/lock"),
    welcomeScriptPath: yield* setting(
      undefined,
      "SLIPWAY_WELCOME_SCRIPT",
      absolutePath,
      "/etc/profile.d/gce-containers-welcome.sh"
    ),
    statePath: yield* setting(undefined, "SLIPWAY_STATE", absolutePath, "/var/lib/slipway")
  }
  const detached = yield* truth(flags.detached, "SLIPWAY_DETACHED", true)
  const [first, ...others] = problems
  if (first !== undefined) return yield* new SettingsInvalid({ problems: [first, ...others] })
  const run: RunSettings = { settings, host, deadlines, detached }
  return run
})

const reread = (file: string) =>
  Effect.mapError(readInput(file), ({ file, detail }) => new DeclarationUnreadable({ file, detail }))
type InputServices = Effect.Services<ReturnType<typeof readInput>>

const flagOf = (variable: string) => `--${variable.replace("SLIPWAY_", "").toLowerCase().replaceAll("_", "-")}`

/** What Linux takes for a path. */
const maximumPathLength = 4095

const fileName = (text: string): Result.Result<Option.Option<string>, string> =>
  text === "" || text.length > maximumPathLength ? Result.fail("must name a file") : Result.succeed(Option.some(text))

const logFormat = (text: string): Result.Result<string, string> =>
  logFormats.some((format) => format === text)
    ? Result.succeed(text)
    : Result.fail(`must be one of ${logFormats.join(", ")}`)

const fallback = (text: string): Result.Result<Settings["pullFallback"], string> =>
  text === "cached" || text === "never" ? Result.succeed(text) : Result.fail("must be cached or never")

const parseBoolean = (text: string): Result.Result<boolean, string> => {
  if (/^(true|1|yes|on)$/i.test(text)) return Result.succeed(true)
  return /^(false|0|no|off)$/i.test(text) ? Result.succeed(false) : Result.fail("must be true or false")
}

const durationSetting = (text: string): Result.Result<Duration.Duration, string> =>
  Result.fromOption(parseDuration(text), () => 'must be a length of time, as in 500ms, 30s, 5m, 1h or "3 seconds"')

/** Without a slash at its end. Control characters, `..` and the root itself are nothing that volumes can be mounted below. */
const absolutePath = (text: string): Result.Result<string, string> => {
  const path = text.replace(/\/+/g, "/").replace(/\/$/, "")
  return path.startsWith("/") &&
    path.length <= maximumPathLength &&
    !path.split("/").includes("..") &&
    isPrintable(path)
    ? Result.succeed(path)
    : Result.fail("must be an absolute path, without ..")
}
