import type * as CliError from "effect/cli/CliError"
import { workloadLabel } from "../../observation/Ownership.ts"

const status = "`slipway status` says what is declared, what runs, and how the last run went"
const containers = `${status}; \`docker ps --all --filter label=${workloadLabel}\` lists the containers of Slipway`
const logs = "`docker logs NAME` shows what a container wrote, `journalctl --unit slipway` what Slipway did"
const rerun = "`slipway up` makes the VM match its declaration; `systemctl restart slipway` has its unit do so"
const stopping =
  "`slipway down` stops all containers of Slipway, in order, until the next run; with --remove they are gone. To run others, change the declaration"

/** What to use in place of commands that people know from Docker, systemd and Kubernetes and Slipway does not have. */
const hints: Readonly<Record<string, string>> = {
  ps: containers,
  ls: containers,
  list: containers,
  get: containers,
  images: "`docker image ls` lists the images of this VM",
  logs,
  log: logs,
  run: rerun,
  start: rerun,
  apply: rerun,
  deploy: rerun,
  restart: rerun,
  reload: rerun,
  update: rerun,
  pull: rerun,
  stop: stopping,
  kill: stopping,
  rm: stopping,
  delete: stopping,
  exec: "`docker exec --interactive --tty NAME sh` runs a shell in a container",
  shell: "`docker exec --interactive --tty NAME sh` runs a shell in a container",
  attach: "`docker attach NAME` does it for a container that runs, `slipway up --no-detached` for a run of Slipway",
  inspect: "`docker inspect NAME` shows a container, `slipway plan` what Slipway would change and why",
  describe: "`docker inspect NAME` shows a container, `slipway plan` what Slipway would change and why",
  diff: "`slipway plan` prints what `slipway up` would change, and why",
  validate: "`slipway check FILE` checks a declaration",
  lint: "`slipway check FILE` checks a declaration",
  test: "`slipway rehearse FILE` boots a declaration on a simulated VM",
  simulate: "`slipway rehearse FILE` boots a declaration on a simulated VM",
  version: "`slipway --version` prints it",
  help: "`slipway --help` prints it, `slipway COMMAND --help` that of a command"
}

/** What to use in place of a command that does not exist; undefined where we have no advice. */
export const missingCommandHint = (error: CliError.CliError): string | undefined =>
  error._tag === "UnknownSubcommand" && error.parent?.length === 1 && Object.hasOwn(hints, error.subcommand)
    ? `Slipway has no command "${error.subcommand}": ${hints[error.subcommand]}.`
    : undefined
