import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { createServer as createTlsServer } from "node:https"
import { type AddressInfo, connect } from "node:net"
import { gzipSync } from "node:zlib"

/**
 * A registry that answers each repository in a way of its own, as registries and what lies before them do, and the proxy by
 * which an engine reaches hosts that there are not.
 */
export interface StandInRegistry {
  /** `host:port` */
  readonly address: string
  /** For an engine's HTTP_PROXY and HTTPS_PROXY. */
  readonly proxy: string
  readonly stop: () => void
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: Buffer
}

const digestOf = (bytes: Buffer): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`
const json = (value: unknown, status = 200, type = "application/json"): Answer => ({
  status,
  type,
  body: Buffer.from(JSON.stringify(value))
})
const refusal = (status: number, code: string, message: string): Answer => json({ errors: [{ code, message }] }, status)

const blobs = new Map<string, Buffer>()
const blob = (bytes: Buffer, mediaType: string) => {
  const digest = digestOf(bytes)
  blobs.set(digest, bytes)
  return { mediaType, digest, size: bytes.length }
}

const architecture = process.arch === "x64" ? "amd64" : process.arch
const manifestType = "application/vnd.docker.distribution.manifest.v2+json"
const layerType = "application/vnd.docker.image.rootfs.diff.tar.gzip"

/** An image of one layer, of which the registry has the manifest and the configuration. */
const imageOf = (content: Buffer, layer: object): Answer => {
  const configuration = {
    architecture,
    os: "linux",
    config: { Cmd: ["/app"] },
    rootfs: { type: "layers", diff_ids: [digestOf(content)] }
  }
  const config = blob(Buffer.from(JSON.stringify(configuration)), "application/vnd.docker.container.image.v1+json")
  return json({ schemaVersion: 2, mediaType: manifestType, config, layers: [layer] }, 200, manifestType)
}

const noTar = Buffer.from("words, and not the header of a file in an archive. ".repeat(40))
const absent = gzipSync(Buffer.from("a layer that is not there"))
const indexType = "application/vnd.docker.distribution.manifest.list.v2+json"
const foreign = {
  mediaType: manifestType,
  digest: digestOf(noTar),
  size: 500,
  platform: { os: "linux", architecture: "s390x" }
}

/** Of schema 1, and nobody's. */
const signature = {
  header: { jwk: { crv: "P-256", kid: "x", kty: "EC", x: "a", y: "b" }, alg: "ES256" },
  signature: "AA",
  protected: Buffer.from('{"formatLength":1,"formatTail":"fQ"}').toString("base64url")
}

/** What is answered to the manifest of each repository. */
const manifests: Readonly<Record<string, Answer>> = {
  limited: refusal(403, "DENIED", "you have exceeded pull rate limit, please authenticate"),
  "too-many": refusal(429, "TOOMANYREQUESTS", "You have reached your pull rate limit."),
  closed: refusal(403, "DENIED", "requested access to the resource is denied"),
  failing: refusal(500, "UNKNOWN", "unknown error"),
  foreign: json({ schemaVersion: 2, mediaType: indexType, manifests: [foreign] }, 200, indexType),
  old: json(
    {
      schemaVersion: 1,
      name: "old",
      tag: "1",
      architecture,
      fsLayers: [{ blobSum: digestOf(absent) }],
      history: [{ v1Compatibility: JSON.stringify({ id: "a".repeat(64), os: "linux", architecture }) }],
      signatures: [signature]
    },
    200,
    "application/vnd.docker.distribution.manifest.v1+prettyjws"
  ),
  damaged: imageOf(noTar, blob(gzipSync(noTar), layerType)),
  partial: imageOf(absent, { mediaType: layerType, digest: digestOf(absent), size: absent.length })
}

const answerTo = (url: string): Answer => {
  const [, repository = "", kind, reference = ""] = /^\/v2\/(.+)\/(manifests|blobs)\/(.+)$/.exec(url) ?? []
  if (kind === undefined) return json({})
  if (kind === "manifests") return manifests[repository] ?? refusal(404, "MANIFEST_UNKNOWN", "manifest unknown")
  const found = blobs.get(reference)
  return found === undefined
    ? refusal(404, "BLOB_UNKNOWN", "blob unknown to registry")
    : { status: 200, type: "application/octet-stream", body: found }
}

const serve = (request: IncomingMessage, response: ServerResponse) => {
  const { status, type, body } = answerTo(request.url ?? "")
  response.writeHead(status, { "content-type": type, "content-length": body.length })
  response.end(request.method === "HEAD" ? undefined : body)
}

/** What the proxy answers to CONNECT, for hosts that it does not let through. */
const refusedHosts: Readonly<Record<string, string>> = {
  "closed-proxy.example": "407 Proxy Authentication Required",
  "broken-proxy.example": "502 Bad Gateway"
}

export const startStandInRegistry = async (): Promise<StandInRegistry> => {
  const servers: Array<Server> = []
  const listening = (server: Server): Promise<number> => {
    servers.push(server)
    return new Promise((resolve) =>
      server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port))
    )
  }
  const certified = (name: string) => {
    const read = (file: string) => readFileSync(`test/fixtures/certificates/${file}.pem`)
    return listening(createTlsServer({ key: read("key"), cert: read(name) }, serve))
  }
  const plain = await listening(createServer(serve))
  const ports: Readonly<Record<string, number>> = {
    "untrusted.example": await certified("untrusted"),
    "expired.example": await certified("expired"),
    "future.example": await certified("future"),
    "plain.example": plain
  }
  const proxy = createServer()
  proxy.on("connect", ({ url = "" }: IncomingMessage, socket) => {
    const host = url.replace(/:\d+$/, "")
    const port = ports[host]
    if (port === undefined) {
      socket.end(`HTTP/1.1 ${refusedHosts[host] ?? "404 Not Found"}\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    const onward = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n")
      onward.pipe(socket)
      socket.pipe(onward)
    })
    onward.on("error", () => socket.destroy())
    socket.on("error", () => onward.destroy())
  })
  const proxyPort = await listening(proxy)
  return {
    address: `127.0.0.1:${plain}`,
    proxy: `http://127.0.0.1:${proxyPort}`,
    stop: () => {
      for (const server of servers) {
        server.closeAllConnections()
        server.close()
      }
    }
  }
}
