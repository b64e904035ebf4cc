/** The longest label, and the longest name. Source: RFC 1035. */
export const maximumLabelLength = 63
const maximumNameLength = 253

/** As the source of a regular expression. */
export const dnsLabel = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"

const label = new RegExp(`^${dnsLabel}$`)

/** Whether a text is a label as Kubernetes wants it: in lower case, by RFC 1123. */
export const isDnsLabel = (text: string): boolean => text.length <= maximumLabelLength && label.test(text)

/** Whether a text is one label or several, joined by dots: what Kubernetes calls a subdomain. Its labels may be long. */
export const isDnsName = (text: string): boolean =>
  text.length <= maximumNameLength && text.split(".").every((part) => label.test(part))
