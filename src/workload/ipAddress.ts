/** Whether a text is an IPv4 address in four decimal parts, or an IPv6 address (RFC 4291) without a zone. */
export const isIpAddress = (text: string): boolean => isIpV4(text) || isIpV6(text)

/** Whether a text is an IPv4 address in four decimal parts. */
export const isIpV4 = (text: string): boolean =>
  /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) &&
  text.split(".").every((part) => Number(part) <= 255 && (part === "0" || !part.startsWith("0")))

const isIpV6 = (text: string): boolean => {
  if (!/^[0-9a-fA-F:.]{2,45}$/.test(text)) return false
  const [, head = "", embedded] = /^(.*:)([^:]*\.[^:]*)$/.exec(text) ?? []
  if (embedded !== undefined && !isIpV4(embedded)) return false
  // An IPv4 address at the end stands for two groups.
  const hex = embedded === undefined ? text : `${head}0:0`
  const [before = "", after, ...others] = hex.split("::")
  const groups = [before, after ?? ""].flatMap((side) => (side === "" ? [] : side.split(":")))
  return (
    others.length === 0 &&
    groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group)) &&
    (after === undefined ? groups.length === 8 : groups.length < 8)
  )
}

/** Whether an address stands for all addresses of its family: `0.0.0.0` and the spellings of `::`. */
export const isUnspecified = (address: string): boolean => address === "0.0.0.0" || /^[0:]+$/.test(address)
