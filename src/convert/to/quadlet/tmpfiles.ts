import * as Base64 from "effect/encoding/Base64"
import * as Redacted from "effect/Redacted"
import type { Losses } from "../../Losses.ts"
import { type Source, volumePath } from "../../Source.ts"
import { filesFolder, podFolder } from "./volumeLines.ts"

/**
 * The files of volumes for systemd-tmpfiles, which writes them at each boot; undefined where there are none. Source:
 * tmpfiles.d(5): "~" is for content in Base64.
 */
export const tmpfiles = ({ workload, ...source }: Source, pod: string, losses: Losses): string | undefined => {
  const gid = workload.volumeGroup?.gid
  const lines = workload.volumes.flatMap((volume) => {
    if (volume._tag !== "Files") return []
    const folder = filesFolder(pod, volume.name)
    return [
      // Users of containers reach what is mounted; on the VM this one keeps all others out.
      `d ${quoted(podFolder(pod))} 0700 root root -`,
      `d ${quoted(folder)} ${gid === undefined ? "0755" : "2755"} root ${gid ?? "root"} -`,
      ...volume.files.flatMap((file) => {
        const mode = (gid === undefined ? file.mode : file.mode | 0o440).toString(8).padStart(4, "0")
        const at = `${folder}/${file.path}`
        if ("from" in file) {
          losses.add(
            volumePath({ workload, ...source }, volume.name),
            `Only the VM or Secret Manager knows what ${at} is to hold: write it there before the containers start.`
          )
          return []
        }
        return [`f+~ ${quoted(at)} ${mode} root ${gid ?? "root"} - ${Base64.encode(Redacted.value(file.data))}`]
      })
    ]
  })
  return lines.length === 0
    ? undefined
    : [
        "# To be put into /etc/tmpfiles.d, with mode 0600; for now: systemd-tmpfiles --create FILE",
        ...new Set(lines),
        ""
      ].join("\n")
}

/** Specifiers are in paths as well. */
const quoted = (path: string): string => {
  const text = path.replaceAll("%", "%%")
  return /^[\w./%@+-]+$/.test(text) ? text : `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`
}
