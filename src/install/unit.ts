import { finalExitCodes } from "../text/finalExitCodes.ts"
import { oneLine } from "../text/printable.ts"

/** Name of the systemd unit, and of its environment file. */
export const unitName = "slipway.service"
export const unitPath = `/etc/systemd/system/${unitName}`
export const environmentPath = "/etc/default/slipway"

/** konlet's own unit. Source: Container-Optimized OS, konlet-startup.service. */
export const konletUnit = "konlet-startup.service"

/** How konlet is kept from starting: a unit in /etc/systemd/system itself cannot be masked. */
export type Takeover = "masked" | "disabled"

/** Left in the unit, so that `uninstall` knows what was done to konlet for it. */
const takeoverMark = (takeover: Takeover): string => `# ${konletUnit} was ${takeover} for this unit.`

export const takeoverOf = (unit: string): Takeover | undefined =>
  (["masked", "disabled"] as const).find((takeover) => unit.split("\n").includes(takeoverMark(takeover)))

/** A word of ExecStart, as systemd.service(5) has it. Variables stand for something in all words but the first. */
const quoted = (word: string, index: number): string => {
  if (/^[\w@+=:,./-]+$/.test(word)) return word
  const literal = word.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("%", "%%")
  return `"${index === 0 ? literal : literal.replaceAll("$", "$$$$")}"`
}

/** For a comment, which has one line. */
const shown = (program: ReadonlyArray<string>): string => oneLine(program.join(" "))

/**
 * What konlet came after, and the engine: startup scripts mount and write what a container binds.
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

/**
 * The unit that boots the VM's container. `program` is what is executed, before `up`: absolute, one word each.
 *
 * Startup scripts are not wanted, which konlet did: their unit ends as it has run them, so that whatever wants it runs
 * them once more at each of its own starts, and a unit that fails is started every 30 seconds. Every image of Google's
 * runs them at boot by itself. On Ubuntu they run after multi-user.target (Source: its package google-guest-agent), which
 * by default comes after all that it wants: without DefaultDependencies=no systemd breaks that circle by not starting
 * this unit. What the default adds besides is written out. That target comes at once, though a first pull may take an
 * hour, and so does cloud-init's last stage, which comes after it.
 *
 * A first pull may take an hour, so that starting has no limit. What cannot work is not tried again; all else is,
 * for as long as the VM lives. A stop is told to this program alone, which lets a mkfs come to its end and puts back the
 * container that it was replacing: that has its grace to stop, 10 s and what the engine takes on top, and then up to three
 * minutes to start, with its mounts before. Systemd's own limit of 90 s could kill it in between. The console is
 * what a VM that nobody can log in to shows of itself. No option in it makes a mount namespace (PrivateTmp,
 * ProtectSystem, …): what is mounted inside one is an empty directory to the engine.
 */
export const unitText = (program: ReadonlyArray<string>, takeover?: Takeover): string =>
  [
    "# Written by `slipway install`, and removed by `slipway uninstall`.",
    ...(takeover === undefined ? [] : [takeoverMark(takeover)]),
    `# It runs ${shown(program)}, which has to be there at each boot.`,
    "[Unit]",
    "Description=Start this VM's container",
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
    "Type=oneshot",
    "RemainAfterExit=yes",
    "NotifyAccess=all",
    "KillMode=mixed",
    "TimeoutStartSec=infinity",
    "TimeoutStopSec=5min",
    `EnvironmentFile=-${environmentPath}`,
    `ExecStart=${[...program, "up"].map(quoted).join(" ")}`,
    "Restart=on-failure",
    "RestartSec=30",
    `RestartPreventExitStatus=${Object.values(finalExitCodes).join(" ")}`,
    "StandardOutput=journal+console",
    "StandardError=journal+console",
    "",
    "[Install]",
    "WantedBy=multi-user.target",
    ""
  ].join("\n")
