import type * as CliError from "effect/cli/CliError"
import { workloadLabel } from "../../observation/Ownership.ts"

const containers = `\`docker ps --all --filter label=${workloadLabel}\` lists the containers of Slipway`
const logs = "`docker logs NAME` shows what a container wrote, `journalctl --unit slipway` what Slipway did"
const again = "`slipway up` gets the VM to match its declaration; `systemctl restart slipway` has its unit do so"
const other =
  "`docker stop NAME` stops a container, until the next run of Slipway; to run another one, change the declaration"

/** What there is for commands that people expect, of Docker, systemd and Kubernetes, and that Slipway does not have. */
const pointers: Readonly<Record<string, string>> = {
  status: `${containers}, \`systemctl status slipway\` tells how the last run went, \`slipway plan\` what the next would do`,
  ps: containers,
  ls: containers,
  list: containers,
  get: containers,
  images: "`docker image ls` lists the images of this VM",
  logs,
  log: logs,
  run: again,
  start: again,
  apply: again,
  deploy: again,
  restart: again,
  reload: again,
  update: again,
  pull: again,
  stop: other,
  kill: other,
  rm: other,
  down: other,
  delete: other,
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

/** What to do in place of a command that does not exist, where that is known. */
export const pointerFor = (error: CliError.CliError): string | undefined =>
  error._tag === "UnknownSubcommand" && error.parent?.length === 1 && Object.hasOwn(pointers, error.subcommand)
    ? `Slipway has no command "${error.subcommand}": ${pointers[error.subcommand]}.`
    : undefined
