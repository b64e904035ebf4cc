import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"

/** Unmounts all that is mounted below a directory, the latest first, whoever still uses it. */
export const unmountBelow = (directory: string): void => {
  const targets = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
  for (const target of targets.filter((target) => target.startsWith(`${directory}/`)).toReversed()) {
    spawnSync("umount", ["--lazy", target])
  }
}
