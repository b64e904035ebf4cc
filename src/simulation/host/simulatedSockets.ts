import type { SimulatedContainer } from "../engine/SimulatedContainer.ts"

/** A table of sockets as the kernel prints it (`/proc/1/net/tcp`), with what containers listen on and what is published. */
export const socketTable = (containers: ReadonlyArray<SimulatedContainer>, protocol: string): string => {
  const state = protocol === "tcp" ? "0A" : "07"
  const ports = containers
    .filter(({ isUp }) => isUp)
    .flatMap(({ namespace, listening, publishedPorts }) => [
      ...(namespace === "host" ? listening : []).flatMap(({ port, protocol: one = "tcp" }) =>
        one === protocol ? [{ port, address: "0.0.0.0" }] : []
      ),
      ...publishedPorts.flatMap(({ hostPort, hostIp = "0.0.0.0", protocol: one }) =>
        one === protocol ? [{ port: hostPort, address: hostIp }] : []
      )
    ])
  const hexadecimal = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, "0")
  const lines = ports.map(({ address, port }, index) => {
    const local = address
      .split(".")
      .toReversed()
      .map((byte) => hexadecimal(Number(byte), 2))
      .join("")
    return `${String(index).padStart(4)}: ${local}:${hexadecimal(port, 4)} 00000000:0000 ${state} 00000000:00000000`
  })
  return ["  sl  local_address rem_address   st tx_queue rx_queue", ...lines, ""].join("\n")
}
