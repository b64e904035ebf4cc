import { createServer } from "node:http"
import * as Effect from "effect/Effect"
import { SimulatedSecrets } from "../../src/simulation/network/SimulatedSecrets.ts"
import { listening } from "./registryProcess.ts"

export interface SecretManagerServer {
  /** For `SLIPWAY_SECRET_MANAGER_URL`. */
  readonly url: string
  /** A test changes them as it goes. */
  secrets: SimulatedSecrets
  /** The only token that it takes, if there is one. */
  token: string | undefined
  /** The headers and path of each request, in order. */
  readonly asked: Array<{ readonly path: string; readonly headers: Readonly<Record<string, unknown>> }>
  /** Nothing answers any more, until it is cleared. */
  readonly goAway: () => void
  /** Has no secrets any more. */
  readonly clear: () => void
  readonly stop: () => void
}

/** Secret Manager's API on loopback. */
export const startSecretManagerServer = async (project = "project"): Promise<SecretManagerServer> => {
  let isAway = false
  const asked: SecretManagerServer["asked"] = []
  const server = createServer((request, response) => {
    if (isAway) return void request.socket.destroy()
    const path = request.url ?? ""
    asked.push({ path, headers: request.headers })
    const [, project, secret, version] =
      /^\/v1\/projects\/([^/]+)\/secrets\/([^/]+)\/versions\/([^/:]+):access$/.exec(path) ?? []
    const isShown = /^Bearer .+/.test(request.headers.authorization ?? "")
    const isTaken = isShown && (made.token === undefined || request.headers.authorization === `Bearer ${made.token}`)
    const { statusCode, body } =
      project === undefined || secret === undefined || version === undefined || request.method !== "GET"
        ? { statusCode: 404, body: "Not Found" }
        : isTaken
          ? made.secrets.answer({ project: decodeURIComponent(project), secret, version })
          : { statusCode: 401, body: { error: { code: 401, status: "UNAUTHENTICATED" } } }
    response.writeHead(statusCode, { "Content-Type": "application/json; charset=UTF-8" }).end(JSON.stringify(body))
  })
  const port = await listening(server)
  const made: SecretManagerServer = {
    url: `http://127.0.0.1:${port}`,
    secrets: new SimulatedSecrets(project),
    token: undefined,
    asked,
    goAway: () => {
      isAway = true
    },
    clear: () => {
      isAway = false
      made.secrets = new SimulatedSecrets(project)
      made.token = undefined
      asked.length = 0
    },
    stop: () => {
      server.closeAllConnections()
      server.close()
    }
  }
  return made
}

/** The same, for as long as the scope lives. */
export const makeSecretManagerServer = Effect.acquireRelease(
  Effect.promise(() => startSecretManagerServer()),
  ({ stop }) => Effect.sync(stop)
)
