import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { stopProcess, untilAnswered } from "./engineProcess.ts"

/** Has a server listen on loopback, on a free port where none is given; gives the port. */
export const listening = (server: Server, port = 0, address = "127.0.0.1"): Promise<number> =>
  new Promise((resolve, reject) => {
    server.on("error", reject)
    server.listen(port, address, () => resolve((server.address() as AddressInfo).port))
  })

/** A port that was free a moment ago. */
const freePort = async (): Promise<number> => {
  const server = createServer()
  const port = await listening(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

/**
 * A real registry with its data in a directory of its own, open to all, or to the user `_token` with this password. It is
 * ended with `stopProcess`.
 */
export const startRegistry = async (
  directory: string,
  password?: string
): Promise<{ readonly address: string; readonly process: ChildProcess }> => {
  const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` }
  const address = `127.0.0.1:${await freePort()}`
  mkdirSync(join(directory, "data"), { recursive: true })
  const auth: Array<string> = []
  if (password !== undefined) {
    const file = join(directory, "htpasswd")
    writeFileSync(file, execFileSync("htpasswd", ["-nbB", "_token", password], { env }))
    auth.push("auth:", "  htpasswd:", "    realm: bench", `    path: ${file}`)
  }
  const config = join(directory, "config.yml")
  const storage = ["storage:", "  filesystem:", `    rootdirectory: ${join(directory, "data")}`]
  const lines = ["version: 0.1", "log:", "  level: error", ...storage, "http:", `  addr: ${address}`, ...auth, ""]
  writeFileSync(config, lines.join("\n"))
  const child = spawn("docker-registry", ["serve", config], { env, stdio: "ignore" })
  await untilAnswered(`http://${address}/v2/`).catch(async (error: unknown) => {
    await stopProcess(child)
    throw error
  })
  return { address, process: child }
}
