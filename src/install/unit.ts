import { finalExitCodes } from "../text/finalExitCodes.ts"
import { oneLine } from "../text/printable.ts"

/** The systemd unit and its environment file. */
export const unitName = "slipway.service"
export const unitPath = `/etc/systemd/system/${unitName}`
export const environmentPath = "/etc/default/slipway"

/** konlet's own unit. Source: Container-Optimized OS, konlet-startup.service. */
export const konletUnit = "konlet-startup.service"

/** How konlet was kept from starting: a unit in /etc/systemd/system cannot be masked. */
export type Takeover = "masked" | "disabled"

/** Written into the unit, so that `uninstall` knows what to undo. */
const takeoverMark = (takeover: Takeover): string => `# ${konletUnit} was ${takeover} for this unit.`

export const takeoverOf = (unit: string): Takeover | undefined =>
  (["masked", "disabled"] as const).find((takeover) => unit.split("\n").includes(takeoverMark(takeover)))

/** A word of ExecStart, quoted by systemd.service(5). Variables are expanded in all words but the first. */
const quoted = (word: string, index: number): string => {
  if (/^[\w@+=:,./-]+$/.test(word)) return word
  const literal = word.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("%", "%%")
  return `"${index === 0 ? literal : literal.replaceAll("$", "$$$$")}"`
}

/** For a comment, which is one line. */
const shown = (program: ReadonlyArray<string>): string => oneLine(program.join(" "))

/**
 * The engine, and what konlet came after: startup scripts mount and write what a container binds.
 * Source: github.com/GoogleCloudPlatform/konlet, scripts/konlet-startup.service.
 */
const after = [
  "network-online.target",
  "nss-lookup.target",
  "google-startup-scripts.service",
  "gcr-online.target",
  "docker.socket",
  "docker.service",
  "docker-events-collector.service",
  "stackdriver-logging.service"
]

/** What the unit runs: the agent, for as long as the VM does, or `up`, once a boot. */
export type Runs = "agent" | "up"

/** What a unit of ours runs. */
export const runsOf = (unit: string): Runs => (/^Type=oneshot$/m.test(unit) ? "up" : "agent")

export interface UnitOptions {
  /** Its words, paths absolute. */
  readonly program: ReadonlyArray<string>
  readonly runs: Runs
  readonly takeover?: Takeover | undefined
}

/**
 * The unit that starts the VM's containers at boot, and looks after them.
 *
 * It does not want the startup scripts, as konlet's unit did: their unit becomes inactive when they have run, so wanting
 * it runs them again at each start of ours. All of Google's images run them at boot anyway.
 *
 * It has no default dependencies: on Ubuntu the startup scripts run after multi-user.target (source: the package
 * google-guest-agent), and a target by default comes after everything that it wants. That would be a cycle, which
 * systemd breaks by leaving out a unit of it, this one or the scripts'. The other defaults are written out. So
 * multi-user.target, and cloud-init's last stage after it, do not wait for a first pull.
 *
 * Starting has no limit, as a first pull may take an hour. What comes after the engine is stopped before it, so that the
 * containers can be stopped in order when the machine goes down. A stop signals this program alone, so that a mkfs can
 * finish and the previous container can be put back: the new one has its grace of 10 s to stop, the old one its mounts and
 * up to three minutes to start, which systemd's default limit of 90 s could cut off. The console is all that a VM nobody
 * can log in to shows. No option makes a mount namespace (PrivateTmp, ProtectSystem, …): to the engine, what is mounted
 * inside one is an empty directory.
 */
export const unitText = ({ program, runs, takeover }: UnitOptions): string =>
  [
    "# Written by `slipway install`, and removed by `slipway uninstall`.",
    ...(takeover === undefined ? [] : [takeoverMark(takeover)]),
    `# It runs ${shown(program)}, which has to be there at each boot.`,
    "[Unit]",
    "Description=Start this VM's containers",
    "DefaultDependencies=no",
    "Requires=sysinit.target",
    "Conflicts=shutdown.target",
    "Before=shutdown.target",
    "Wants=network-online.target gcr-online.target docker.socket docker.service",
    "# Not Wants=google-startup-scripts.service: that would run them again at each start of this unit.",
    `After=sysinit.target basic.target ${after.join(" ")}`,
    "StartLimitIntervalSec=0",
    "",
    "[Service]",
    ...service[runs],
    "NotifyAccess=all",
    "KillMode=mixed",
    "TimeoutStartSec=infinity",
    "TimeoutStopSec=5min",
    `EnvironmentFile=-${environmentPath}`,
    `ExecStart=${[...program, runs].map(quoted).join(" ")}`,
    ...restart[runs],
    `RestartPreventExitStatus=${Object.values(finalExitCodes).join(" ")}`,
    "StandardOutput=journal+console",
    "StandardError=journal+console",
    "",
    "[Install]",
    "WantedBy=multi-user.target",
    ""
  ].join("\n")

/**
 * `notify`, not `notify-reload`, which the systemd of Debian 12 (252) does not know. The agent is fed to the watchdog
 * twice as often as it has to be, by a process each time, so that is long. It ends what hangs by SIGKILL: with SIGABRT
 * the kernel would write a core dump, with the values of env in it.
 */
const service: { readonly [R in Runs]: ReadonlyArray<string> } = {
  agent: ["Type=notify", "WatchdogSec=5min", "WatchdogSignal=SIGKILL", "ExecReload=kill -HUP $MAINPID"],
  up: ["Type=oneshot", "RemainAfterExit=yes"]
}

/**
 * Both are tried again for as long as the VM lives, but for what cannot work. The agent retries what fails by itself: if it
 * ends, whatever with, it is missing. 143 is how it ends by SIGTERM.
 */
const restart: { readonly [R in Runs]: ReadonlyArray<string> } = {
  agent: ["Restart=always", "RestartSec=5", "SuccessExitStatus=143"],
  up: ["Restart=on-failure", "RestartSec=30"]
}
