import type { DeclaredFilesVolume, DeclaredVolume } from "../../../workload/DeclaredWorkload.ts"
import type { DeclaredSecretVersion } from "../../../workload/SecretVersion.ts"
import type { Losses } from "../../Losses.ts"
import { type Source, volumePath } from "../../Source.ts"

interface Context {
  readonly source: Source
  readonly losses: Losses
  /** The name of a secret in the service. */
  readonly nameOf: (secret: DeclaredSecretVersion) => string
}

/** The volumes that Cloud Run has. What else is declared is lost, together with what mounts it. */
export const cloudRunVolumes = (context: Context): ReadonlyArray<{ readonly name: string }> =>
  context.source.workload.volumes.flatMap((volume) => {
    const made = volumeOf(volume, volumePath(context.source, volume.name), context)
    return made === undefined ? [] : [{ name: volume.name, ...made }]
  })

const volumeOf = (volume: DeclaredVolume, path: string, context: Context): object | undefined => {
  const { losses, source } = context
  switch (volume._tag) {
    case "Tmpfs":
      return { emptyDir: { medium: "Memory", sizeLimit: sizeOf(source, volume.name) } }
    case "EmptyDir":
      losses.note(`${path}.emptyDir`, "It is in memory there, and counts to the memory of the instance.")
      return { emptyDir: { medium: "Memory", sizeLimit: sizeOf(source, volume.name) } }
    case "Files":
      return secretOf(volume, path, context)
    case "Disk":
      losses.add(path, "Cloud Run mounts no disks: keep the data in Cloud Storage or Filestore, and mount that.")
      return undefined
    case "HostPath":
      losses.add(path, "There is no host whose paths could be mounted.")
      return undefined
    case "Image":
      losses.add(path, "Cloud Run mounts no images: build the files into the container's own.")
      return undefined
  }
}

const sizeOf = ({ written }: Source, volume: string): string | undefined =>
  written.spec.volumes.find(({ name }) => name === volume)?.emptyDir?.sizeLimit

/** A volume can have versions of one secret of Secret Manager. */
const secretOf = (volume: DeclaredFilesVolume, path: string, { losses, nameOf }: Context): object | undefined => {
  const files = volume.files.flatMap((file) =>
    "from" in file && file.from._tag === "Secret" ? [{ ...file, secret: file.from.secret }] : []
  )
  const [first] = files
  const isOne =
    files.length === volume.files.length &&
    files.every(({ secret }) => secret.secret === first?.secret.secret && secret.project === first.secret.project)
  if (first === undefined || !isOne) {
    losses.add(
      path,
      "Cloud Run has files of one secret of Secret Manager alone: store what it holds there, and declare it as a secret."
    )
    return undefined
  }
  return {
    secret: {
      secretName: nameOf(first.secret),
      items: files.map(({ path, mode, secret }) => ({ key: secret.version, path, mode }))
    }
  }
}
