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
import type { Installed, InstallStep, Konlet } from "./InstallPlan.ts"
import { konletUnit, unitName, unitPath } from "./unit.ts"

/** systemd, or the place of its units, said no; `detail` is the program's own word for why. */
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

/** The host's systemd, as far as our unit is concerned. */
export class Systemd extends Context.Service<
  Systemd,
  {
    readonly observe: Effect.Effect<Installed, CommandError | SystemdFailed>
    readonly perform: (step: InstallStep) => Effect.Effect<void, CommandError | SystemdFailed>
  }
>()("slipway/install/Systemd") {
  /** Over the host's own systemctl. */
  static readonly layer = Layer.effect(
    Systemd,
    Effect.gen(function* () {
      const runner = yield* CommandRunner
      const files = yield* HostFiles

      const run = Effect.fnUntraced(function* (command: Command) {
        const result = yield* runner.run(command)
        if (result.exitCode === 0) return result.stdout
        const operation = [command.program, ...command.args].join(" ")
        return yield* new SystemdFailed({ operation, detail: complaint({ ...result, stdout: "" }) })
      })

      const said = <A>(operation: string, effect: Effect.Effect<A, CommandError | HostFileFailed>) =>
        Effect.catchTag(effect, "HostFileFailed", ({ detail }) => new SystemdFailed({ operation, detail }))

      /** The unit's properties; without a unit systemd knows it as `not-found`. Source: systemctl(1), show. */
      const show = Effect.fnUntraced(function* (unit: string) {
        const args = ["show", "--property=LoadState,UnitFileState,FragmentPath", "--", unit]
        const lines = (yield* run({ program: "systemctl", args })).split("\n").map((line) => line.split("="))
        return Object.fromEntries(lines) as Shown
      })

      return Systemd.of({
        observe: Effect.gen(function* () {
          const [ours, konlet, file] = yield* Effect.all(
            [show(unitName), show(konletUnit), said(`read ${unitPath}`, files.read(unitPath))],
            { concurrency: "unbounded" }
          )
          return {
            unit: Option.getOrUndefined(file),
            isEnabled: ours.UnitFileState === "enabled",
            konlet: konletState(konlet)
          }
        }),
        perform: Effect.fnUntraced(function* (step) {
          switch (step._tag) {
            case "Systemctl":
              return void (yield* run({ program: "systemctl", args: step.args }))
            case "Remove":
              return yield* said(`remove ${step.path}`, files.remove(step.path))
            case "Write":
              // A machine may be cut off as soon as its image is made.
              return yield* said(
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
