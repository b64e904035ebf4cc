import { createServer, type Http2Server, type ServerHttp2Stream } from "node:http2"

/** The health service of a gRPC server, by service name: 1 is SERVING, 2 is NOT_SERVING. */
export const grpcServer = (health: Readonly<Record<string, number>>): Http2Server => {
  const server = createServer()
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    const chunks: Array<Buffer> = []
    stream.on("data", (chunk: Buffer) => chunks.push(chunk))
    stream.on("end", () => {
      const refused = (status: number) =>
        stream.respond(
          { ":status": 200, "content-type": "application/grpc", "grpc-status": String(status) },
          { endStream: true }
        )
      if (headers[":path"] !== "/grpc.health.v1.Health/Check" || headers["content-type"] !== "application/grpc") {
        return refused(12)
      }
      const body = Buffer.concat(chunks)
      if (body[0] !== 0 || body.readUInt32BE(1) !== body.length - 5) return refused(13)
      // Field 1, whose length takes one byte.
      const service = body.length === 5 ? "" : body[5] === 0x0a ? body.subarray(7).toString() : undefined
      const status = service === undefined ? undefined : health[service]
      if (status === undefined) return refused(5)
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true })
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }))
      stream.end(Buffer.from([0, 0, 0, 0, 2, 0x08, status]))
    })
  })
  return server
}
