/** URLs without single quotes: they go between single quotes in a shell script. */
const server = /^https?:\/\/[\w.:-]+\/[\w./?=&%+~-]+$/
const bucket = /^gs:\/\/([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])\/([\w./=&%+~!()*@,:-]+)$/

/** Whether the program can be downloaded from there: a web server, or a bucket that the VM's service account may read. */
export const isSource = (url: string): boolean => server.test(url) || bucket.test(url)

/**
 * A shell script that puts the program into a directory. cloud-init makes one script of all of runcmd, so `set -e` keeps
 * everything after a failed check from running. A program that is there already is not downloaded again: later boots do
 * not need the network for it.
 */
export const downloadScript = (directory: string, url: string, sha256: string): string => `set -e
mkdir -p ${directory}
is_ours() { [ -e "$1" ] && echo "${sha256}  $1" | sha256sum --check --status; }
if ! is_ours ${directory}/slipway; then
${fetching(`${directory}/slipway.new`, url, 10)}
  is_ours ${directory}/slipway.new || { echo 'slipway: the download is not what its SHA-256 says' >&2; exit 1; }
  chmod 0755 ${directory}/slipway.new
  mv -f ${directory}/slipway.new ${directory}/slipway
fi
`

/** A shell script that fetches a file into the place that its first argument names. */
export const fetchScript = (url: string): string => `set -e
${fetching('"$1"', url, 3)}
`

const fetching = (output: string, url: string, retries: number): string =>
  url.startsWith("gs://") ? fromBucket(output, url, retries) : fromServer(output, url, retries)

const fromServer = (output: string, url: string, retries: number): string =>
  `  curl --fail --silent --show-error --location --retry ${retries} --retry-connrefused \\
    --output ${output} '${url}'`

/**
 * Uses Cloud Storage's JSON API with the token of the VM's service account. The token is a shell variable that the shell
 * itself prints into a pipe: it is in no list of processes, no file and no log. No redirect is followed, so it goes to no
 * other server.
 * Source: cloud.google.com/storage/docs/json_api/v1/objects/get.
 */
const fromBucket = (output: string, name: string, retries: number): string => {
  const [, from = "", object = ""] = bucket.exec(name) ?? []
  const url = `https://storage.googleapis.com/storage/v1/b/${from}/o/${encoded(object)}?alt=media`
  return `  for host in ${metadataHosts.join(" ")}; do
    token=$(curl --fail --silent --noproxy '*' --max-time 10 --retry 3 --header 'Metadata-Flavor: Google' \\
      "http://$host/computeMetadata/v1/instance/service-accounts/default/token" |
      sed -n 's/.*"access_token" *: *"\\([A-Za-z0-9._~+\\/=-]*\\)".*/\\1/p') || true
    [ -z "$token" ] || break
  done
  [ -n "$token" ] || { echo 'slipway: ${name} cannot be fetched: metadata gives no token; does the VM have a service account?' >&2; exit 1; }
  printf 'header = "Authorization: Bearer %s"\\n' "$token" | curl --config - --fail --silent --show-error \\
    --retry ${retries} --retry-connrefused --output ${output} '${url}' || {
    echo 'slipway: ${name} cannot be fetched: may the VM service account read it (role Storage Object Viewer, scope storage-ro)?' >&2; exit 1; }
  unset token`
}

/** The address first: it needs no name resolution. A VM with IPv6 alone has only the name. */
const metadataHosts = ["169.254.169.254", "metadata.google.internal"]

const encoded = (object: string): string =>
  encodeURIComponent(object).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
  )
