import * as http from "node:http"
import * as https from "node:https"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/**
 * Node's HTTP client. As `NodeHttpClient.layerNodeHttp`, but that TLS is loaded with the first request over https: it takes
 * milliseconds, and neither metadata nor an engine's socket needs it.
 */
export const layerHttp = Layer.provide(
  NodeHttpClient.layerNodeHttpNoAgent,
  Layer.effect(
    NodeHttpClient.HttpAgent,
    Effect.acquireRelease(
      Effect.sync(() => {
        const plain = new http.Agent()
        let secure: https.Agent | undefined
        return {
          http: plain,
          get https() {
            return (secure ??= new https.Agent())
          },
          destroy: () => {
            plain.destroy()
            secure?.destroy()
          }
        }
      }),
      ({ destroy }) => Effect.sync(destroy)
    )
  )
)
