import type { DeclaredSecretVersion } from "../../../workload/SecretVersion.ts"
import { isDnsName } from "../../../workload/dnsName.ts"
import type { Losses } from "../../Losses.ts"

/** The Secret that has to stand for a secret of Secret Manager: its name, and its version as the key. */
export const managedReference = (
  { project, secret, version }: DeclaredSecretVersion,
  path: string,
  losses: Losses
): { readonly name: string; readonly key: string } => {
  const name = secretName(secret)
  const of = project === undefined ? "" : ` --project=${project}`
  losses.note(
    path,
    `It is in Secret Manager, which a cluster does not read by itself. Make it a Secret: kubectl create secret generic ${name} ` +
      `--from-literal=${version}="$(gcloud secrets versions access ${version} --secret=${secret}${of})".`
  )
  return { name, key: version }
}

/** Secret Manager's names may have capitals and underscores. */
const secretName = (secret: string): string => {
  const name = secret
    .toLowerCase()
    .replaceAll("_", "-")
    .replaceAll(/^-+|-+$/g, "")
  return isDnsName(name) ? name : "secret"
}
