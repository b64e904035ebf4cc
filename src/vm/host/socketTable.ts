/** A port on which something waits for connections or datagrams. */
export interface ListeningPort {
  readonly port: number
  readonly protocol: "tcp" | "udp"
  /** The address of the host, IPv6 in full; undefined stands for all of them. */
  readonly address: string | undefined
}

/**
 * The kernel's tables of sockets, one for each protocol and family, in the network namespace of the host's init
 * process.
 */
export const socketTables = (["tcp", "udp"] as const).flatMap((protocol) =>
  ["", "6"].map((family) => ({ protocol, path: `/proc/1/net/${protocol}${family}` }))
)

/** TCP_LISTEN; a datagram socket without a peer is TCP_CLOSE. Source: include/net/tcp_states.h. */
const waiting = { tcp: "0A", udp: "07" } as const

/**
 * The listening sockets of one table: `sl local_address rem_address st …`, addresses as 32-bit words of the machine, all
 * of which are little-endian here, and ports in hexadecimal. Source: Documentation/networking/proc_net_tcp.rst.
 */
export const listeningPorts = (table: string, protocol: ListeningPort["protocol"]): ReadonlyArray<ListeningPort> =>
  table.split("\n").flatMap((line) => {
    const [, address = "", port = "", state] =
      /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} ([0-9A-F]{2}) /.exec(line) ?? []
    return state === waiting[protocol]
      ? [{ port: Number.parseInt(port, 16), protocol, address: addressOf(address) }]
      : []
  })

const addressOf = (hexadecimal: string): string | undefined => {
  const words = hexadecimal.match(/.{8}/g) ?? []
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).toReversed().map((byte) => Number.parseInt(byte, 16)))
  if (bytes.every((byte) => byte === 0)) return undefined
  const isMapped = bytes.length === 16 && bytes.slice(0, 12).join() === "0,0,0,0,0,0,0,0,0,0,255,255"
  if (bytes.length === 4 || isMapped) return bytes.slice(-4).join(".")
  return Array.from({ length: 8 }, (_, group) => ((bytes[2 * group]! << 8) | bytes[2 * group + 1]!).toString(16)).join(
    ":"
  )
}
