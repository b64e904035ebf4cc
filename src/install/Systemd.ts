import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { CommandError } from "../vm/host/CommandError.ts"
import { CommandRunner } from "../vm/host/CommandRunner.ts"
import type { Command } from "../vm/host/Command.ts"
import { complaint } from "../vm/host/Complaint.ts"
import { type HostFileFailed, HostFiles } from "../vm/host/HostFiles.ts"
import { parseUnitState, unitProperties, type UnitState } from "./FirstRun.ts"
import type { Installed, InstallStep, Konlet } from "./InstallPlan.ts"
import { konletUnit, unitName, unitPath } from "./unit.ts"

/** systemd refused, or its units cannot be read or written; `detail` is the program's own words. */
export class SystemdFailed extends Schema.TaggedError<SystemdFailed>()("SystemdFailed", {
  operation: Schema.String,
  detail: Schema.String
}) {
  get advice() {
    return "It takes root, and a host whose init is systemd. `slipway install --print unit` prints the unit only."
  }
  override get message() {
    return `${this.operation}: ${this.detail}`
  }
}

/** What a program printed that has exited with 0. */
export const succeeding = Effect.fnUntraced(function* (runner: CommandRunner["Service"], command: Command) {
  const result = yield* runner.run(command)
  if (result.exitCode === 0) return result.stdout
  const operation = [command.program, ...command.args].join(" ")
  return yield* new SystemdFailed({ operation, detail: complaint({ ...result, stdout: "" }) })
})

/** The host's systemd, as far as our unit is concerned. */
export class Systemd extends Context.Service<
  Systemd,
  {
    readonly observe: Effect.Effect<Installed, CommandError | SystemdFailed>
    /** How our unit is doing. */
    readonly state: Effect.Effect<UnitState, CommandError | SystemdFailed>
    readonly perform: (step: InstallStep) => Effect.Effect<void, CommandError | SystemdFailed>
  }
>()("slipway/install/Systemd") {
  /** By the host's own systemctl. */
  static readonly layer = Layer.effect(
    Systemd,
    Effect.gen(function* () {
      const runner = yield* CommandRunner
      const files = yield* HostFiles

      const systemctl = (...args: ReadonlyArray<string>) => succeeding(runner, { program: "systemctl", args })

      const orSystemdFailed = <A>(operation: string, effect: Effect.Effect<A, CommandError | HostFileFailed>) =>
        Effect.catchTag(effect, "HostFileFailed", ({ detail }) => new SystemdFailed({ operation, detail }))

      /** The unit's properties; LoadState is `not-found` where there is no unit. Source: systemctl(1), show. */
      const show = Effect.fnUntraced(function* (unit: string) {
        const shown = yield* systemctl("show", "--property=LoadState,UnitFileState,FragmentPath", "--", unit)
        const lines = shown.split("\n").map((line) => line.split("="))
        return Object.fromEntries(lines) as Shown
      })

      return Systemd.of({
        observe: Effect.gen(function* () {
          const [ours, konlet, file] = yield* Effect.all(
            [show(unitName), show(konletUnit), orSystemdFailed(`read ${unitPath}`, files.read(unitPath))],
            { concurrency: "unbounded" }
          )
          return {
            unit: Option.getOrUndefined(file),
            isEnabled: ours.UnitFileState === "enabled",
            konlet: konletState(konlet)
          }
        }),
        state: Effect.map(systemctl("show", `--property=${unitProperties.join(",")}`, "--", unitName), parseUnitState),
        perform: Effect.fnUntraced(function* (step) {
          switch (step._tag) {
            case "Systemctl":
              return void (yield* systemctl(...step.args))
            case "Remove":
              return yield* orSystemdFailed(`remove ${step.path}`, files.remove(step.path))
            case "Write":
              // Machine images are often made by cutting the power right after the installation.
              return yield* orSystemdFailed(
                `write ${step.path}`,
                files.write(step.path, step.text, { mode: "0644", isSynced: true })
              )
          }
        })
      })
    })
  )
}

type Shown = Readonly<Partial<Record<"LoadState" | "UnitFileState" | "FragmentPath", string>>>

const konletState = ({ LoadState, UnitFileState, FragmentPath = "" }: Shown): Konlet => {
  if (LoadState === "masked") return "off"
  if (LoadState !== "loaded") return "absent"
  if (!FragmentPath.startsWith("/etc/systemd/system/")) return "packaged"
  return UnitFileState === "disabled" ? "off" : "local"
}
