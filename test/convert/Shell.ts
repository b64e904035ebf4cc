import { spawnSync } from "node:child_process"
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** No word of a test. */
const end = "-- end of the call --"

/** Programs that a script calls, each in place of the machine's: prints what it is to print, and notes its words. */
const stand = (log: string) => `#!/bin/sh
{ printf '%s\\0' "$(basename "$0")" "$@" '${end}'; } >> '${log}'
case "$(basename "$0") $*" in
  *secrets*) printf 'of a secret' ;;
  *instance/name*) printf vm-1 ;;
  *interfaces*) printf 10.0.0.2 ;;
  inspect*|*inspect*) printf 172.17.0.2 ;;
  nproc*) printf 4 ;;
  awk*) printf 1024 ;;
  mountpoint*) exit 1 ;;
esac
exit 0
`

const programs = "docker curl gcloud nproc awk mount mountpoint chgrp chmod sleep".split(" ")

/** Runs a script with POSIX's shell, and gives the words of each program that it called. */
export const runScript = (script: string): ReadonlyArray<ReadonlyArray<string>> => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-script-"))
  try {
    const log = join(folder, "log")
    writeFileSync(log, "")
    for (const name of programs) {
      writeFileSync(join(folder, name), stand(log))
      chmodSync(join(folder, name), 0o755)
    }
    // Its files go into the folder.
    const here = script.replaceAll("/var/lib/slipway-converted", join(folder, "files"))
    const { status, stderr } = spawnSync("/bin/sh", ["-s"], {
      input: here,
      encoding: "utf8",
      env: { PATH: `${folder}:/usr/bin:/bin` }
    })
    if (status !== 0) throw new Error(`the script ended with ${status}: ${stderr}`)
    return readFileSync(log, "utf8")
      .split(`${end}\0`)
      .filter((call) => call !== "")
      .map((call) => call.split("\0").slice(0, -1))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
