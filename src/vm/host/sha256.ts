import { createHash } from "node:crypto"

/** As `sha256sum` prints it. */
export const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex")
