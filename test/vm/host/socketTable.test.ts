import { assert, describe, it } from "@effect/vitest"
import { listeningPorts } from "../../../src/vm/host/socketTable.ts"

const header =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     "
const rest = "00000000:00000000 00:00000000 00000000     0        0 2028066 1 00000000701ef4d2 100 0 0 10 0"
const table = (...sockets: ReadonlyArray<string>) =>
  [header, ...sockets.map((socket, index) => `${String(index).padStart(4)}: ${socket} ${rest}`), ""].join("\n")

describe("the kernel's table of sockets", () => {
  it("has those that listen, on one address or on all", () => {
    const tcp = table(
      "0100007F:1F90 00000000:0000 0A",
      "00000000:0016 00000000:0000 0A",
      // A connection, and what has been one.
      "0100007F:1F90 0100007F:8A07 01",
      "0100007F:8A07 0100007F:1F90 06"
    )
    assert.deepStrictEqual(listeningPorts(tcp, "tcp"), [
      { port: 8080, protocol: "tcp", address: "127.0.0.1" },
      { port: 22, protocol: "tcp", address: undefined }
    ])
  })

  it("has datagram sockets without a peer", () => {
    const udp = table("3500007F:0035 00000000:0000 07", "0100007F:9C40 0100007F:0035 01")
    assert.deepStrictEqual(listeningPorts(udp, "udp"), [{ port: 53, protocol: "udp", address: "127.0.0.53" }])
  })

  it("has addresses of IPv6, and those of IPv4 in them", () => {
    const tcp6 = table(
      "00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A",
      "00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A",
      "0000000000000000FFFF00000100007F:1F91 00000000000000000000000000000000:0000 0A",
      "B80D0120000000000000000001000000:1F92 00000000000000000000000000000000:0000 0A"
    )
    assert.deepStrictEqual(
      listeningPorts(tcp6, "tcp").map(({ address, port }) => [port, address]),
      [
        [80, undefined],
        [8080, "0:0:0:0:0:0:0:1"],
        [8081, "127.0.0.1"],
        [8082, "2001:db8:0:0:0:0:0:1"]
      ]
    )
  })

  it("has nothing of what is none of its lines", () => {
    for (const text of ["", header, "0: zz", "   0: 0100007F:1F90"])
      assert.deepStrictEqual(listeningPorts(text, "tcp"), [])
  })
})
