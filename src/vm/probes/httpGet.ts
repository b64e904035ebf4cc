import { request as httpRequest } from "node:http"
import { request as httpsRequest } from "node:https"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { HttpGetHandler } from "../../workload/Handler.ts"
import { connectionWords } from "./connectionWords.ts"
import type { ProbeAnswer, Target } from "./ProbeAnswer.ts"

/** As many requests as Go's client makes before it gives up on redirects. */
const maximumRequests = 10

/** As much of a body as the kubelet reads before it hangs up. */
const maximumBody = 10 * 1024

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** What is asked for. */
export type HttpRequest = Pick<HttpGetHandler, "scheme" | "path" | "query" | "headers">

/** The same as the kubelet's. Source: kubernetes' pkg/probe/http/http.go and request.go. */
export const httpGet = (
  { host, port }: Target,
  { scheme, path, query, headers }: HttpRequest
): Effect.Effect<ProbeAnswer> => {
  const address = host.includes(":") ? `[${host}]` : host
  const origin = `${scheme.toLowerCase()}://${address}:${port}`
  if (!URL.canParse(origin)) return Effect.succeed({ isSuccess: false, detail: "the host name is none" })
  return follow(
    { origin, path: onTheWire(query === undefined ? path : `${path}?${Redacted.value(query)}`) },
    headersOf(headers),
    maximumRequests
  )
}

/** Where a request goes. */
interface Location {
  /** `http://10.0.0.1:8080` */
  readonly origin: string
  /** With its query. */
  readonly path: string
}

interface Received {
  readonly status: number
  readonly location: string | undefined
}

const follow = (at: Location, headers: Headers, requests: number): Effect.Effect<ProbeAnswer> =>
  Effect.matchEffect(request(at, headers), {
    onFailure: (detail) => Effect.succeed({ isSuccess: false, detail }),
    onSuccess: ({ status, location }) => {
      const answer = { isSuccess: status >= 200 && status < 400, detail: `HTTP ${status}`, status }
      if (!redirects.has(status) || location === undefined) return Effect.succeed(answer)
      const base = new URL(`${at.origin}${at.path}`)
      if (!URL.canParse(location, base))
        return Effect.succeed({ isSuccess: false, detail: `HTTP ${status} to nowhere`, status })
      const next = new URL(location, base)
      const isHttp = next.protocol === "http:" || next.protocol === "https:"
      if (!isHttp || next.hostname !== base.hostname) return Effect.succeed(answer)
      if (requests === 1)
        return Effect.succeed({ isSuccess: false, detail: `HTTP ${status}, ${maximumRequests} times`, status })
      return follow({ origin: next.origin, path: `${next.pathname}${next.search}` }, headers, requests - 1)
    }
  })

type Headers = Readonly<Record<string, ReadonlyArray<string>>>

/** A declared one replaces a default one; two of one name are both sent. */
const headersOf = (declared: HttpGetHandler["headers"]): Headers => {
  const headers: Record<string, Array<string>> = {}
  for (const { name, value } of declared) (headers[name.toLowerCase()] ??= []).push(Redacted.value(value))
  return { "user-agent": ["kube-probe/1.34"], accept: ["*/*"], connection: ["close"], ...headers }
}

/** Fails with why there was no answer, in a few words. */
const request = ({ origin, path }: Location, headers: Headers): Effect.Effect<Received, string> =>
  Effect.callback((resume) => {
    const { protocol, hostname, port } = new URL(origin)
    const isTls = protocol === "https:"
    const options = {
      // An IPv6 address is in brackets in a URL alone.
      host: hostname.replace(/^\[(.*)\]$/, "$1"),
      port: port === "" ? (isTls ? 443 : 80) : Number(port),
      path,
      method: "GET",
      headers: Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, oneOrAll(name, values)])),
      agent: false as const
    }
    const sent = isTls ? httpsRequest({ ...options, rejectUnauthorized: false }) : httpRequest(options)
    sent.on("response", (response) => {
      const { statusCode: status = 0, headers } = response
      const done = () => {
        resume(Effect.succeed({ status, location: headers.location }))
        sent.destroy()
      }
      let size = 0
      response.on("data", (chunk: Uint8Array) => {
        size += chunk.length
        if (size > maximumBody) done()
      })
      response.on("end", done)
      response.on("error", () => resume(Effect.fail(`HTTP ${status}, whose body broke off`)))
    })
    sent.on("error", (error: NodeJS.ErrnoException) => resume(Effect.fail(whyNot(error))))
    sent.end()
    return Effect.sync(() => sent.destroy())
  })

/** A request has one host. */
const oneOrAll = (name: string, values: ReadonlyArray<string>): string | Array<string> =>
  values.length === 1 || name === "host" ? values[0]! : [...values]

/** Node's own codes begin with HPE where the answer is no HTTP. */
const whyNot = ({ code = "", message }: NodeJS.ErrnoException): string => {
  if (code.startsWith("HPE_")) return "the answer is no HTTP"
  if (code === "ECONNRESET" && message === "socket hang up") return "the connection was closed without an answer"
  if (code === "EPROTO" || code.startsWith("ERR_SSL")) return "there is no TLS"
  return connectionWords({ code })
}

/** What a request line may hold: white space and what is not ASCII is escaped, and a fragment left out. */
const onTheWire = (path: string): string => {
  const [sent = ""] = path.split("#", 1)
  return sent.toWellFormed().replace(/[^\x21-\x7e]/gu, encodeURIComponent)
}
