/**
 * Why there is no connection, in a few words, by the system's code. Its own words name addresses and vary with
 * versions.
 */
export const connectionWords = ({ code = "" }: { readonly code?: string | undefined }): string =>
  words[code] ?? (/^[A-Z][A-Z0-9_]*$/.test(code) ? `the connection failed (${code})` : "the connection failed")

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the connection was reset",
  EPIPE: "the connection was reset",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ETIMEDOUT: "the connection timed out",
  ENOTFOUND: "the host name does not resolve",
  EAI_AGAIN: "the host name does not resolve now"
}
