import { mkdtempSync, rmSync } from "node:fs"
import {
  createServer,
  type IncomingMessage,
  request,
  type RequestOptions,
  type Server,
  type ServerResponse
} from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"

/** One request that came through. */
export interface Call {
  readonly method: string
  /** Path without version prefix and query, ids and names left in. */
  readonly path: string
  /** Which of all calls it is, from 0. */
  readonly index: number
  /** All that was sent: the whole path, the headers, and as much of the body as has come. */
  readonly sent: () => string
}

/** What becomes of a call instead of its answer. */
export type Fault =
  /** It is answered without having been passed on. */
  | { readonly _tag: "Status"; readonly code: number; readonly body?: string }
  /** The connection breaks before it is passed on. */
  | { readonly _tag: "Reset" }
  /** It is neither passed on nor answered. */
  | { readonly _tag: "Hang" }
  /** It is passed on, and the connection breaks in place of the answer. */
  | { readonly _tag: "Lost" }
  /** It is passed on, and its answer is kept back for ever. */
  | { readonly _tag: "Silent" }
  /** It is passed on only when who asked has gone. */
  | { readonly _tag: "Late" }
  /** The answer's first bytes come, then the connection breaks. */
  | { readonly _tag: "Truncated"; readonly bytes: number }
  /** The answer's first bytes come, then nothing more. */
  | { readonly _tag: "Stalled"; readonly bytes: number }

/** Chooses what becomes of a call; undefined lets it pass. May do things of its own, such as killing who asked. */
export type Rule = (call: Call) => Fault | undefined

export interface FaultProxy {
  /** For `DOCKER_HOST` or, of a TCP proxy, `host:port`. */
  readonly address: string
  readonly socketPath: string
  /** All calls since the last `follow`. */
  readonly calls: ReadonlyArray<Call>
  /** Whether a fault holds a call whose answer will never come, and who asked still waits. */
  readonly isHolding: () => boolean
  /** From now on calls are treated by this rule, and counted afresh. */
  readonly follow: (rule?: Rule) => void
  readonly close: () => Promise<void>
}

/** Stands in front of an engine's socket or of a registry's `host:port`, on a socket or port of the same kind. */
export const startFaultProxy = async (
  upstream: { readonly socketPath: string } | { readonly host: string; readonly port: number }
): Promise<FaultProxy> => {
  let rule: Rule = () => undefined
  let calls: Array<Call> = []
  let address = ""
  const held = new Set<ServerResponse>()
  /** Who asked does not always notice that an answer was cut off; the next call shows that it has gone on. */
  let isCutOff = false
  const hold = (outgoing: ServerResponse): void => {
    if (outgoing.closed || held.has(outgoing)) return
    held.add(outgoing)
    outgoing.on("close", () => held.delete(outgoing))
  }
  const server = createServer((incoming, outgoing) => {
    const path = (incoming.url ?? "/").replace(/^\/v1\.\d+/, "").replace(/\?.*$/, "")
    const body: Array<Buffer> = []
    incoming.on("data", (bytes: Buffer) => body.push(bytes))
    const head = JSON.stringify([incoming.url, incoming.headers])
    const call: Call = {
      method: incoming.method ?? "GET",
      path,
      index: calls.length,
      sent: () => head + Buffer.concat(body).toString()
    }
    calls.push(call)
    isCutOff = false
    treat(incoming, outgoing, rule(call), (options) =>
      "socketPath" in upstream
        ? { ...options, socketPath: upstream.socketPath }
        : {
            ...options,
            host: upstream.host,
            port: upstream.port,
            headers: { ...incoming.headers, host: `${upstream.host}:${upstream.port}` }
          }
    )
  })
  // The registry tells where to go on by its own name.
  const rename = (text: string) =>
    "port" in upstream ? text.replace(`${upstream.host}:${upstream.port}`, address) : text
  const treat = (
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    fault: Fault | undefined,
    to: (options: RequestOptions) => RequestOptions
  ): void => {
    const pass = (answered: (answer: IncomingMessage) => void) => {
      const { method, headers, url } = incoming
      const onward = request(to({ method, headers, path: url }), answered)
      onward.on("error", () => outgoing.destroy())
      incoming.pipe(onward)
      // Who has gone does not read on: the engine is to see it, as it aborts a pull by it.
      return onward
    }
    switch (fault?._tag) {
      case undefined:
      case "Truncated":
      case "Stalled": {
        const onward = pass((answer) => {
          const headers = { ...answer.headers }
          if (headers.location !== undefined) headers.location = rename(headers.location)
          outgoing.writeHead(answer.statusCode ?? 502, headers)
          outgoing.flushHeaders()
          if (fault === undefined) return void answer.pipe(outgoing)
          const end = () => {
            if (fault._tag === "Stalled") return hold(outgoing)
            outgoing.socket?.destroy()
            isCutOff = true
          }
          let left = fault.bytes
          answer.on("data", (bytes: Buffer) => {
            if (left > 0) outgoing.write(bytes.subarray(0, left))
            left -= bytes.length
            if (left <= 0) end()
          })
          answer.on("end", end)
        })
        outgoing.on("close", () => onward.destroy())
        return
      }
      case "Status":
        incoming.resume()
        outgoing.writeHead(fault.code, { "content-type": "application/json" })
        outgoing.end(fault.body ?? JSON.stringify({ message: `made to fail with ${fault.code}` }))
        return
      case "Reset":
        incoming.socket.destroy()
        return
      case "Hang":
        incoming.resume()
        hold(outgoing)
        return
      case "Lost":
        pass((answer) => {
          answer.resume()
          answer.on("end", () => incoming.socket.destroy())
        })
        return
      case "Silent":
        pass((answer) => {
          answer.resume()
          hold(outgoing)
        })
        return
      case "Late": {
        hold(outgoing)
        const body: Array<Buffer> = []
        incoming.on("data", (bytes: Buffer) => body.push(bytes))
        outgoing.on("close", () => {
          const { method, headers, url } = incoming
          request(to({ method, headers, path: url }), (answer) => answer.resume())
            .on("error", () => {})
            .end(Buffer.concat(body))
        })
        return
      }
    }
  }
  const directory = "socketPath" in upstream ? mkdtempSync(join(tmpdir(), "slipway-proxy-")) : undefined
  const socketPath = directory === undefined ? "" : join(directory, "docker.sock")
  await listening(server, socketPath)
  address = directory === undefined ? `127.0.0.1:${(server.address() as AddressInfo).port}` : `unix://${socketPath}`
  return {
    address,
    socketPath,
    get calls() {
      return calls
    },
    isHolding: () => isCutOff || held.size > 0,
    follow: (next = () => undefined) => {
      rule = next
      calls = []
      isCutOff = false
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      if (directory !== undefined) rmSync(directory, { recursive: true, force: true })
    }
  }
}

/** The same for as long as the scope lives. */
export const makeFaultProxy = (...upstream: Parameters<typeof startFaultProxy>) =>
  Effect.acquireRelease(
    Effect.promise(() => startFaultProxy(...upstream)),
    (proxy) => Effect.promise(() => proxy.close())
  )

const listening = (server: Server, socketPath: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.on("error", reject)
    if (socketPath === "") server.listen(0, "127.0.0.1", resolve)
    else server.listen(socketPath, resolve)
  })
