import { type AddressInfo, createServer, type Server } from "node:net"
import * as Effect from "effect/Effect"

/** A port of this machine, chosen by the system, that is taken until the scope closes. */
export const takenPort = Effect.acquireRelease(
  Effect.promise(() => {
    const server = createServer()
    return new Promise<Server>((resolve) => server.listen(0, () => resolve(server)))
  }),
  (server) => Effect.promise(() => new Promise((resolve) => server.close(resolve)))
).pipe(Effect.map((server) => (server.address() as AddressInfo).port))
