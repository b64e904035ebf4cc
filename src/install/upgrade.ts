import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { CommandError } from "../vm/host/CommandError.ts"
import { CommandRunner } from "../vm/host/CommandRunner.ts"
import { complaint } from "../vm/host/Complaint.ts"
import { HostFiles } from "../vm/host/HostFiles.ts"
import { fetchScript } from "./downloadScript.ts"
import { type FirstRun, isWanted, judgeFirstRun, type UnitState } from "./FirstRun.ts"
import { planInstall } from "./InstallPlan.ts"
import { succeeding, Systemd, type SystemdFailed } from "./Systemd.ts"
import { type Runs, runsOf, unitName, unitPath } from "./unit.ts"
import {
  DownloadDiffers,
  DownloadFailed,
  DownloadUnusable,
  NotReplaceable,
  RollbackFailed,
  UpgradeRolledBack
} from "./UpgradeFailed.ts"

export interface UpgradeDemand {
  /** The words that execute this program. */
  readonly program: ReadonlyArray<string>
  /** Where the newer one is: `isSource` holds. */
  readonly url: string
  /** 64 hexadecimal digits, in lower case. */
  readonly sha256: string
  /** What the unit is to run; what it runs now if nothing is said. */
  readonly runs: Runs | undefined
  readonly takeover: boolean
  /** How long its first run may take. */
  readonly within: Duration.Duration
  readonly dryRun: boolean
}

/** Between two looks at the unit. systemd waits for five seconds before it starts what has ended again. */
const pause = Duration.seconds(1)
/** For the old one to be up again, where the containers that it left are still there. */
const patience = Duration.minutes(1)

/** The words of the package manager's programs. Source: Filesystem Hierarchy Standard 3.0, 4.4 and 4.9. */
const isPackaged = (path: string): boolean => /^(\/usr)?\/s?bin\//.test(path)

/**
 * Fetches a newer executable, puts it in this one's place, and has the unit run it. The old one stays beside it as
 * `<path>.old`. What can be known before the old one is touched is checked before: whether it can be replaced, the digest,
 * and that the newer one runs here. If its first run fails, or the upgrade is interrupted, the old one is put back.
 */
export const upgrade = Effect.fnUntraced(function* (demand: UpgradeDemand, say: (line: string) => Effect.Effect<void>) {
  const { url, sha256, takeover, within } = demand
  const runner = yield* CommandRunner
  const files = yield* HostFiles
  const systemd = yield* Systemd
  const [path = "", ...rest] = demand.program
  if (rest.length > 0) return yield* new NotReplaceable({ path: rest.join(" "), owner: "Node" })
  if (isPackaged(path)) return yield* new NotReplaceable({ path, owner: "package manager" })
  const installed = yield* systemd.observe
  const runs = demand.runs ?? (installed.unit === undefined ? "agent" : runsOf(installed.unit))
  yield* Effect.fromResult(planInstall(installed, { program: demand.program, runs, takeover }))

  const run = (program: string, ...args: ReadonlyArray<string>) => runner.run({ program, args })
  const done = (program: string, ...args: ReadonlyArray<string>) => succeeding(runner, { program, args })
  const digestOf = (file: string) =>
    Effect.map(run("sha256sum", "--", file), ({ stdout }) => /^\\?([0-9a-f]{64}) /.exec(stdout)?.[1])
  /** Its exit code says whether what runs is what is declared. */
  const status = Effect.map(run(path, "status"), ({ exitCode }) => exitCode)

  const [draft, old] = [`${path}.new`, `${path}.old`]
  if ((yield* digestOf(path)) === sha256) {
    yield* say(`${path} is that executable already`)
    return
  }
  const before = yield* systemd.state
  const flags = [...(runs === "up" ? ["--once"] : []), ...(takeover ? ["--takeover"] : [])]
  if (demand.dryRun) {
    yield* say(`would fetch ${url}, and check its SHA-256 and that it runs here`)
    yield* say(`would put it in the place of ${path}, which is kept as ${old}`)
    yield* say(`would have it install its unit: ${[path, "install", ...flags].join(" ")}`)
    if (isWanted(before)) yield* say(`would systemctl restart ${unitName}, and go back to the old one if that fails`)
    return
  }

  yield* Effect.gen(function* () {
    const fetched = yield* runner.run({ program: "sh", args: ["-c", fetchScript(url), "sh", draft] })
    if (fetched.exitCode !== 0) return yield* new DownloadFailed({ url, detail: complaint({ ...fetched, stdout: "" }) })
    const found = (yield* digestOf(draft)) ?? "none"
    if (found !== sha256) return yield* new DownloadDiffers({ url, expected: sha256, found })
    yield* files.setMode(draft, "0755")
    const tried = yield* run(draft, "--version").pipe(
      Effect.catchTag("CommandError", ({ message }) => Effect.succeed({ exitCode: 126, stdout: "", stderr: message }))
    )
    if (tried.exitCode !== 0) return yield* new DownloadUnusable({ url, detail: complaint(tried) })
    yield* say(`fetched ${url}: ${tried.stdout.trim()}`)
    // Power is often cut right after an installation.
    yield* done("sync", draft)
  }).pipe(Effect.onError(() => Effect.ignore(files.remove(draft))))

  const wasAsDeclared = isWanted(before) && (yield* status) === 0

  /** Watches the start that came after `since`, until it has gone well, or has failed. */
  const firstRun = Effect.fnUntraced(function* (
    since: UnitState
  ): Effect.fn.Return<FirstRun, CommandError | SystemdFailed> {
    for (;;) {
      const judged = judgeFirstRun(yield* systemd.state, since)
      if (judged._tag !== "UnderWay") return judged
      yield* Effect.sleep(pause)
    }
  })
  const restart = systemd.perform({ _tag: "Systemctl", args: ["restart", "--no-block", unitName] })

  const putBack = Effect.gen(function* () {
    yield* done("mv", "-f", "--", old, path)
    const now = yield* systemd.observe
    if (installed.unit !== undefined && now.unit !== installed.unit) {
      yield* systemd.perform({ _tag: "Write", path: unitPath, text: installed.unit })
      yield* systemd.perform({ _tag: "Systemctl", args: ["daemon-reload"] })
    }
    if (!isWanted(before)) return "its unit was not running, and is not"
    const since = yield* systemd.state
    yield* restart
    const judged = yield* Effect.timeoutOption(firstRun(since), patience)
    const words = Option.match(judged, {
      onNone: () => "and is not up yet",
      onSome: (end) => (end._tag === "Failed" ? `but ${end.why}` : "and is up")
    })
    return `its unit was restarted, ${words}`
  })
  const rolledBack = (why: string) =>
    putBack.pipe(
      Effect.catch(({ message }) => new RollbackFailed({ path, why, detail: message })),
      Effect.flatMap((now) => new UpgradeRolledBack({ path, why, now }))
    )

  /** Undefined if all went well, else why it did not. */
  const tried = Effect.gen(function* () {
    yield* say(`put it in the place of ${path}, which is kept as ${old}`)
    const said = yield* done(path, "install", ...flags)
    for (const line of said.split("\n").filter((line) => line !== "")) yield* say(line)
    if (!isWanted(before)) return undefined
    yield* restart
    yield* say(`systemctl restart ${unitName}`)
    const judged = yield* Effect.timeoutOption(firstRun(before), within)
    if (Option.isNone(judged)) return `its first run had not ended well after ${Duration.format(within)}`
    if (judged.value._tag === "Failed") return judged.value.why
    // The unit is up also where a container runs that an earlier run has started. An engine may be slow to answer.
    const isAsDeclared = Effect.map(status, (code) => code === 0)
    const isStill =
      !wasAsDeclared || (yield* isAsDeclared) || (yield* Effect.delay(isAsDeclared, Duration.times(pause, 5)))
    return isStill ? undefined : "what runs is not what is declared any more, as `slipway status` says"
  }).pipe(Effect.catch(({ message }) => Effect.succeed(message)))

  yield* Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      yield* done("cp", "--preserve", "--", path, old)
      yield* done("mv", "-f", "--", draft, path)
      const why = yield* Effect.onInterrupt(restore(tried), () => Effect.ignore(rolledBack("it was interrupted")))
      if (why !== undefined) return yield* rolledBack(why)
      if (isWanted(before)) yield* say("its first run went well")
      return undefined
    })
  )
  if (!isWanted(before))
    yield* say(`\`systemctl start ${unitName.replace(/\.service$/, "")}\` starts it, else the next boot does`)
})
