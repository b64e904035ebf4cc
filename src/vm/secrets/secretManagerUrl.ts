import * as Result from "effect/Result"
import { isIpAddress } from "../../workload/ipAddress.ts"

/** The setting, and Google's own. */
export const secretManagerSetting = "SLIPWAY_SECRET_MANAGER_URL"
export const defaultSecretManagerUrl = "https://secretmanager.googleapis.com"

const expected = `must be Secret Manager's address, as in ${defaultSecretManagerUrl}: a host, without user, query or fragment`
const expectedHttps =
  "must begin with https://: with http:// the VM's token and the secrets would be sent in clear, which is accepted only for loopback and private addresses"

/**
 * Where Secret Manager is, without a slash at its end. Clear text is for what leaves neither the machine nor its private
 * network: an emulator, a proxy, an endpoint in the VPC. The error follows the setting's name.
 */
export const parseSecretManagerUrl = (text: string): Result.Result<string, string> => {
  // `URL` would quietly drop what is not allowed here.
  if (!/^https?:\/\/[\w.:[\]-]+(\/[\w./-]*)?$/i.test(text) || !URL.canParse(text)) return Result.fail(expected)
  const { protocol, host, hostname, pathname } = new URL(text)
  if (protocol !== "https:" && !isNear(hostname)) return Result.fail(expectedHttps)
  return Result.succeed(`${protocol}//${host}${pathname.replace(/\/+$/, "")}`)
}

/** Of a host as `URL` writes it: loopback, private (RFC 1918, RFC 4193) and link-local addresses. */
const isNear = (hostname: string): boolean => {
  if (hostname === "localhost" || hostname.endsWith(".localhost")) return true
  const address = hostname.replace(/^\[(.*)\]$/, "$1")
  if (!isIpAddress(address)) return false
  if (address.includes(":")) return address === "::1" || /^f([cd]|e[89ab])/.test(address)
  return /^(127|10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))\./.test(address)
}
