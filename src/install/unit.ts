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

/**
 * The unit that boots the VM's container. `program` is what is executed, before `up`: absolute, one word each.
 *
 * A first pull may take an hour, so that starting has no limit. What cannot work (78) is not tried again; all else is,
 * for as long as the VM lives. A stop is told to this program alone, which lets a mkfs come to its end. The console is
 * what a VM that nobody can log in to shows of itself. No option in it makes a mount namespace (PrivateTmp,
 * ProtectSystem, …): what is mounted inside one is an empty directory to the engine.
 */
export const unitText = (program: ReadonlyArray<string>, takeover?: Takeover): string =>
  [
    "# Written by `slipway install`, and removed by `slipway uninstall`.",
    ...(takeover === undefined ? [] : [takeoverMark(takeover)]),
    "[Unit]",
    "Description=Start this VM's container",
    "Wants=network-online.target docker.service",
    "After=network-online.target nss-lookup.target docker.service",
    "StartLimitIntervalSec=0",
    "",
    "[Service]",
    "Type=oneshot",
    "RemainAfterExit=yes",
    "NotifyAccess=all",
    "KillMode=mixed",
    "TimeoutStartSec=infinity",
    `EnvironmentFile=-${environmentPath}`,
    `ExecStart=${[...program, "up"].map(quoted).join(" ")}`,
    "Restart=on-failure",
    "RestartSec=30",
    "RestartPreventExitStatus=78",
    "StandardOutput=journal+console",
    "StandardError=journal+console",
    "",
    "[Install]",
    "WantedBy=multi-user.target",
    ""
  ].join("\n")
