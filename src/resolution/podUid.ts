import { createHash } from "node:crypto"

/**
 * The uid of a Pod that declares none: a UUID (RFC 9562, version 8) that is the same from run to run, and another for
 * another Pod or machine.
 */
export const podUid = (namespace: string, name: string, machine: string): string => {
  const bytes = createHash("sha256")
    .update(JSON.stringify(["pod", machine, namespace, name]))
    .digest()
    .subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString("hex")
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")
}
