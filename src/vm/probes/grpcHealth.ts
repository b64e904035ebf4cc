import { connect, type IncomingHttpHeaders } from "node:http2"
import * as Effect from "effect/Effect"
import { connectionWords } from "./connectionWords.ts"
import type { ProbeAnswer, Target } from "./ProbeAnswer.ts"

/** More than any answer of the protocol has. */
const maximumAnswer = 4096

/**
 * Calls `grpc.health.v1.Health/Check`, a unary call over plain HTTP/2.
 *
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md and health-checking.md
 */
export const grpcHealth = ({ host, port }: Target, service: string): Effect.Effect<ProbeAnswer> =>
  Effect.callback((resume) => {
    const address = host.includes(":") ? `[${host}]` : host
    const session = connect(`http://${address}:${port}`)
    const answer = (found: ProbeAnswer) => {
      resume(Effect.succeed(found))
      session.destroy()
    }
    const failed = (error: NodeJS.ErrnoException) =>
      answer({
        isSuccess: false,
        detail: error.code === "ERR_HTTP2_ERROR" ? "the answer is no HTTP/2" : connectionWords(error)
      })
    session.on("error", failed)
    session.on("close", () => answer({ isSuccess: false, detail: "the connection was closed without an answer" }))
    const stream = session.request({
      ":method": "POST",
      ":path": "/grpc.health.v1.Health/Check",
      "content-type": "application/grpc",
      te: "trailers",
      "user-agent": "kube-probe/1.34"
    })
    const chunks: Array<Buffer> = []
    let size = 0
    let headers: IncomingHttpHeaders = {}
    // Where there is no message, the status comes with the headers.
    stream.on("response", (found) => (headers = { ...headers, ...found }))
    stream.on("trailers", (found) => (headers = { ...headers, ...found }))
    stream.on("data", (chunk: Buffer) => {
      size += chunk.length
      if (size <= maximumAnswer) chunks.push(chunk)
    })
    // A stream that is cancelled with its session says less than the session does.
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "ERR_HTTP2_STREAM_CANCEL") failed(error)
    })
    stream.on("end", () => answer(judge(headers, Buffer.concat(chunks))))
    stream.end(requestFor(service))
    return Effect.sync(() => session.destroy())
  })

/** One message: not compressed, its length as a big-endian number of four bytes, then field 1, the service. */
const requestFor = (service: string): Buffer => {
  const name = Buffer.from(service)
  const message = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name])
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

/** Seven bits a byte, the lowest first. */
const varint = (value: number): ReadonlyArray<number> =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]

/** The codes that a health check has an answer for. Source: gRPC's statuscodes.md. */
const codes: Readonly<Record<string, string>> = {
  "4": "DEADLINE_EXCEEDED",
  "5": "NOT_FOUND: it does not know the service",
  "7": "PERMISSION_DENIED",
  "12": "UNIMPLEMENTED: it has no health service",
  "14": "UNAVAILABLE",
  "16": "UNAUTHENTICATED"
}

const statuses = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"]

const judge = (headers: IncomingHttpHeaders, body: Buffer): ProbeAnswer => {
  const code = headers["grpc-status"]
  if (code === undefined || Array.isArray(code)) {
    const status = Number(headers[":status"])
    return { isSuccess: false, detail: status === 200 ? "the answer is no gRPC" : `HTTP ${status}, which is no gRPC` }
  }
  if (code !== "0") return { isSuccess: false, detail: `gRPC ${codes[code] ?? `status ${Number(code)}`}` }
  const status = statusIn(body.subarray(5))
  return { isSuccess: status === 1, detail: `gRPC ${statuses[status] ?? `health ${status}`}` }
}

/** Field 1 of the answer; 0 where it is left out. Fields that are unknown are none of a health check's answer. */
const statusIn = (message: Buffer): number => (message[0] === 0x08 ? (message[1] ?? 0) : 0)
