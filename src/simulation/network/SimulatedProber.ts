import * as Effect from "effect/Effect"
import type { ProbeAnswer, Target } from "../../vm/probes/ProbeAnswer.ts"
import { Prober } from "../../vm/probes/Prober.ts"
import type { ProbeCall } from "../CallName.ts"
import type { Calls } from "../Calls.ts"
import { addressOf } from "../engine/inspectContainer.ts"
import type { SimulatedContainer } from "../engine/SimulatedContainer.ts"
import type { SimulatedEngine } from "../engine/SimulatedEngine.ts"
import type { ListenedPort, Served } from "../VmDescription.ts"

/** Probes of what listens in a simulated VM, in the words of the real ones. */
export const makeSimulatedProber = (calls: Calls, engine: SimulatedEngine): Prober["Service"] => {
  /** What answers there: who listens, and since when its process has run; undefined if the connection is refused. */
  const listenerAt = ({ host, port }: Target, now: number): Listener | undefined => {
    const isThere =
      host === "127.0.0.1" || host === "localhost"
        ? ({ namespace }: SimulatedContainer) => namespace === "host"
        : ({ namespace }: SimulatedContainer) => namespace !== "host" && addressOf(namespace) === host
    const found = engine.containers
      .filter((container) => container.isUp && !container.isCutOff && isThere(container))
      .flatMap((container) =>
        container.listening
          .filter(({ protocol = "tcp" }) => protocol === "tcp")
          .map((listened) => ({
            listened,
            upMillis: now - (container.starts.at(-1) ?? now),
            isHanging: container.isUnwell,
            isWell: !container.isUnwellAt(now, listened.serves?.spells)
          }))
      )
    return found.find(({ listened, upMillis }) => listened.port === port && upMillis >= (listened.afterMillis ?? 0))
  }

  const ask = (name: ProbeCall, target: Target, answer: (listener: Listener) => Effect.Effect<ProbeAnswer>) =>
    calls
      .receive(
        {
          name: `probe ${name}`,
          subject: `${target.host}:${target.port}`,
          latencyMillis: 2,
          failure: () => "the connection was reset"
        },
        Effect.flatMap(engine.settled, (now) => {
          const listener = listenerAt(target, now)
          return listener === undefined
            ? Effect.succeed({ isSuccess: false, detail: "connection refused" })
            : answer(listener)
        })
      )
      .pipe(Effect.catch((detail) => Effect.succeed({ isSuccess: false, detail })))

  /** Who serves something else, or nothing, does not answer. */
  const served = ({ listened, upMillis, isWell }: Listener, judge: (served: Served, isReady: boolean) => ProbeAnswer) =>
    listened.serves === undefined
      ? Effect.never
      : Effect.succeed(judge(listened.serves, isWell && upMillis >= (listened.serves.readyAfterMillis ?? 0)))

  return Prober.of({
    httpGet: (target, { path }) =>
      ask("http", target, (listener) =>
        served(listener, ({ http }, isReady) => {
          if (http === undefined) return { isSuccess: false, detail: "the answer is no HTTP" }
          const status = isReady ? (http[path] ?? 404) : 503
          return { isSuccess: status >= 200 && status < 400, detail: `HTTP ${status}`, status }
        })
      ),
    tcpConnect: (target) =>
      ask("tcp", target, ({ isHanging }) =>
        Effect.succeed(
          isHanging ? { isSuccess: false, detail: "connection refused" } : { isSuccess: true, detail: "connected" }
        )
      ),
    grpcHealth: (target, service) =>
      ask("grpc", target, (listener) =>
        served(listener, ({ grpc }, isReady) => {
          if (grpc === undefined) return { isSuccess: false, detail: "the answer is no HTTP/2" }
          const known = grpc[service]
          if (known === undefined) return { isSuccess: false, detail: "gRPC NOT_FOUND: it does not know the service" }
          const status = isReady ? known : "NOT_SERVING"
          return { isSuccess: status === "SERVING", detail: `gRPC ${status}` }
        })
      )
  })
}

interface Listener {
  readonly listened: ListenedPort
  readonly upMillis: number
  readonly isHanging: boolean
  readonly isWell: boolean
}
