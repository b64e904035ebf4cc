import { createHash } from "node:crypto"
import { createServer, type ServerResponse } from "node:http"
import * as Effect from "effect/Effect"
import { listening } from "./registryProcess.ts"

/** What the metadata server says; a test changes it as it goes. */
export interface MetadataContent {
  /** The declaration's text by its key. */
  attributes: Record<string, string>
  disks: Array<{ deviceName: string; mode: string }>
  /** Undefined: the VM has no service account. */
  token: string | undefined
  /** So many times it gives a token that has expired, before that one. */
  expiredTokens: number
  /** The id of the VM's project. */
  project: string
  /** The instance's. */
  name: string
  /** Its internal one. */
  address: string
  /** Whether the cloud may take the VM back, and whether it does. */
  preemptible: boolean
  preempted: boolean
  /** What was written of the namespace `slipway`, by its key; undefined: the VM has none enabled. */
  guestAttributes: Record<string, string> | undefined
  /** Paths that were asked for, in order. */
  readonly asked: Array<string>
}

export interface MetadataServer {
  /** For `GCE_METADATA_HOST`. */
  readonly host: string
  readonly content: MetadataContent
  readonly stop: () => void
}

/** Google's answers after this long without a change. */
const longestWait = 60_000

/** A metadata server on loopback, at any free port unless told. As the real one, it wants its header and sends it. */
export const startMetadataServer = async ({ address = "127.0.0.1", port = 0 } = {}): Promise<MetadataServer> => {
  const content: MetadataContent = {
    attributes: {},
    disks: [],
    token: undefined,
    expiredTokens: 0,
    project: "project",
    name: "vm-1",
    address: "10.128.0.9",
    preemptible: false,
    preempted: false,
    guestAttributes: undefined,
    asked: []
  }
  const root = "/computeMetadata/v1/instance/"
  const answerTo = (path: string): string | undefined => {
    if (path === "attributes/") return Object.keys(content.attributes).join("\n")
    if (path.startsWith("attributes/")) return content.attributes[path.slice("attributes/".length)]
    if (path === "name") return content.name
    if (path === "network-interfaces/0/ip") return content.address
    if (path === "scheduling/preemptible") return content.preemptible ? "TRUE" : "FALSE"
    if (path === "disks/?recursive=true") return JSON.stringify(content.disks)
    if (path === "service-accounts/default/token" && content.token !== undefined) {
      const access_token = content.expiredTokens-- > 0 ? "expired" : content.token
      return JSON.stringify({ access_token, expires_in: 3599, token_type: "Bearer" })
    }
    return undefined
  }
  const watched = new Set<NodeJS.Timeout>()
  /** Answers once what is asked for is not that of the client's tag. Nothing tells when it changes, so it is looked at. */
  const answerWatch = (read: () => string, query: URLSearchParams, response: ServerResponse): void => {
    const since = Date.now()
    const answer = () => {
      const body = read()
      const etag = createHash("sha256").update(body).digest("hex").slice(0, 16)
      if (etag === query.get("last_etag") && Date.now() - since < longestWait) return
      clearInterval(timer)
      watched.delete(timer)
      response.writeHead(200, { "Metadata-Flavor": "Google", ETag: etag }).end(body)
    }
    const timer = setInterval(answer, 20)
    watched.add(timer)
    response.on("close", () => clearInterval(timer))
    answer()
  }
  const server = createServer((request, response) => {
    const path = request.url ?? ""
    content.asked.push(path)
    if (request.headers["metadata-flavor"] !== "Google") return void response.writeHead(403).end()
    const { pathname, searchParams } = new URL(path, "http://metadata")
    if (pathname === `${root}attributes/` && searchParams.has("wait_for_change")) {
      return void answerWatch(() => JSON.stringify(content.attributes), searchParams, response)
    }
    if (pathname === `${root}preempted`) {
      return void answerWatch(() => (content.preempted ? "TRUE" : "FALSE"), searchParams, response)
    }
    const [, key] = new RegExp(`^${root}guest-attributes/slipway/([^/?]+)$`).exec(path) ?? []
    if (request.method === "PUT" && key !== undefined) {
      const { guestAttributes } = content
      let value = ""
      request.on("data", (bytes) => (value += String(bytes)))
      request.on("end", () => {
        if (guestAttributes !== undefined) guestAttributes[key] = value
        response.writeHead(guestAttributes === undefined ? 403 : 200, { "Metadata-Flavor": "Google" }).end()
      })
      return
    }
    const answer =
      path === "/computeMetadata/v1/project/project-id"
        ? content.project
        : path.startsWith(root)
          ? answerTo(path.slice(root.length))
          : undefined
    response.writeHead(answer === undefined ? 404 : 200, { "Metadata-Flavor": "Google" }).end(answer ?? "not found")
  })
  const listened = await listening(server, port, address)
  return {
    host: `${address}:${listened}`,
    content,
    stop: () => {
      for (const timer of watched) clearInterval(timer)
      server.closeAllConnections()
      server.close()
    }
  }
}

/** The same, for as long as the scope lives. */
export const makeMetadataServer = Effect.acquireRelease(
  Effect.promise(() => startMetadataServer()),
  ({ stop }) => Effect.sync(stop)
)
