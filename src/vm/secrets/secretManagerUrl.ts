import { BlockList, isIP } from "node:net"
import * as Result from "effect/Result"

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

const isNear = (hostname: string): boolean => {
  if (hostname === "localhost" || hostname.endsWith(".localhost")) return true
  const address = hostname.replace(/^\[(.*)\]$/, "$1")
  const version = isIP(address)
  return version !== 0 && nearby().check(address, version === 4 ? "ipv4" : "ipv6")
}

/** Loopback, private (RFC 1918, RFC 4193) and link-local addresses. */
const nearby = (): BlockList => {
  const list = new BlockList()
  list.addSubnet("127.0.0.0", 8)
  list.addSubnet("10.0.0.0", 8)
  list.addSubnet("172.16.0.0", 12)
  list.addSubnet("192.168.0.0", 16)
  list.addSubnet("169.254.0.0", 16)
  list.addAddress("::1", "ipv6")
  list.addSubnet("fc00::", 7, "ipv6")
  list.addSubnet("fe80::", 10, "ipv6")
  return list
}
