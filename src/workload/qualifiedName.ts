import { isDnsName } from "./dnsName.ts"

/** What follows the "/" of a label's key, and a label's value, as the source of a regular expression. */
export const labelName = "[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"

const name = new RegExp(`^${labelName}$`)

/** Whether a text can be the key of a label: a name, which a DNS name and a "/" may precede. */
export const isQualifiedName = (text: string): boolean => {
  const slash = text.indexOf("/")
  return slash === -1 ? name.test(text) : isDnsName(text.slice(0, slash)) && name.test(text.slice(slash + 1))
}

/** Whether a text can be the value of a label. */
export const isLabelValue = (text: string): boolean => text === "" || name.test(text)

/** Whether a text can be a key of a ConfigMap or Secret, and with that the name of a file. */
export const isConfigKey = (text: string): boolean => ofConfigKey.test(text)

/** Neither "." nor what begins with "..". */
export const configKey = String.raw`^(?!\.\.|\.$)[-._a-zA-Z0-9]{1,253}$`

const ofConfigKey = new RegExp(configKey)
