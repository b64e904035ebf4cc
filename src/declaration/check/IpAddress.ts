import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import { isIpAddress } from "../../workload/ipAddress.ts"
import { position } from "../yaml/Position.ts"

/** What should be an IP address, and is none. */
export class IpAddressInvalid extends Schema.TaggedError<IpAddressInvalid>()("IpAddressInvalid", {
  ...position,
  /** As in `spec.hostAliases[0].ip`. */
  path: Schema.String,
  found: Schema.String
}) {
  override get message(): string {
    return this.found === "" ? `${this.path} is missing` : `${this.path} is not an IP address: "${this.found}"`
  }
  get advice(): string {
    return 'Write an IPv4 address as in "10.0.0.1", or an IPv6 address as in "fd00::1".'
  }
}

/** Whether a value that could be read is an IP address. */
export const checkIpAddress = <A extends object>(
  owner: A,
  key: keyof A,
  check: Check<IpAddressInvalid, never>
): boolean => {
  const place = check.at(owner, key)
  const isValid = isIpAddress(String(owner[key]))
  if (!isValid && !place.invalid)
    check.slip(place, IpAddressInvalid, { path: place.path, found: check.quote(owner, key) })
  return isValid
}
