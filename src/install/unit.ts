/** Name of the systemd unit, and of its environment file. */
export const unitName = "slipway.service"
export const unitPath = `/etc/systemd/system/${unitName}`
export const environmentPath = "/etc/default/slipway"

/** konlet's own unit. Source: Container-Optimized OS, konlet-startup.service. */
export const konletUnit = "konlet-startup.service"

/** Left in the unit, so that `uninstall` knows whether it was us who masked konlet. */
const takeoverMark = `# ${konletUnit} was masked for this unit.`

export const hasTakenOver = (unit: string): boolean => unit.split("\n").includes(takeoverMark)

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
 * for as long as the VM lives. A stop is told to this program alone, which lets a mkfs come to its end. No option in it
 * makes a mount namespace (PrivateTmp, ProtectSystem, …): what is mounted inside one is an empty directory to the engine.
 */
export const unitText = (program: ReadonlyArray<string>, takesOver: boolean): string =>
  [
    "# Written by `slipway install`, and removed by `slipway uninstall`.",
    ...(takesOver ? [takeoverMark] : []),
    "[Unit]",
    "Description=Start this VM's container",
    "Wants=network-online.target docker.service",
    "After=network-online.target docker.service",
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
    "",
    "[Install]",
    "WantedBy=multi-user.target",
    ""
  ].join("\n")
