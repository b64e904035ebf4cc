import type { EnvironmentVariable } from "../workload/Workload.ts"

/**
 * The label's text for the versions of secrets that a container is created with; undefined without any. What refers to such
 * a variable has declared text around the version, which does not belong there.
 */
export const secretsLabelText = (env: ReadonlyArray<Pick<EnvironmentVariable, "identity">>): string | undefined => {
  const names = env.flatMap(({ identity }) => (identity !== undefined && versionName.test(identity) ? [identity] : []))
  return names.length === 0 ? undefined : [...new Set(names)].toSorted().join(" ")
}

const versionName = /^(projects\/\d+\/secrets\/[\w-]+)\/versions\/(\d+)$/

/** Says of each secret that has another version now than a container was created with, by the texts of its label. */
export const rotatedSecrets = (had: string | undefined, has: string | undefined): ReadonlyArray<string> => {
  const before = versionsOf(had)
  return [...versionsOf(has)].flatMap(([secret, version]) => {
    const old = before.get(secret)
    // A secret of which it has several versions was declared so.
    return old === undefined || old.length > 1 || version.length > 1 || old[0] === version[0]
      ? []
      : [`the secret ${secret} has version ${version[0]} now, and it was created with ${old[0]}`]
  })
}

/** The numbers of the versions by the secret's name. */
const versionsOf = (text: string | undefined): ReadonlyMap<string, ReadonlyArray<string>> => {
  const versions = new Map<string, ReadonlyArray<string>>()
  for (const name of text?.split(" ") ?? []) {
    const [, secret, number] = versionName.exec(name) ?? []
    if (secret !== undefined && number !== undefined) {
      versions.set(secret, [...(versions.get(secret) ?? []), number])
    }
  }
  return versions
}
