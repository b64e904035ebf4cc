import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { Target } from "../../../src/vm/probes/ProbeAnswer.ts"
import { Prober } from "../../../src/vm/probes/Prober.ts"

/** What listens, for the contract to probe. */
export class ProbedPorts extends Context.Service<
  ProbedPorts,
  {
    /** HTTP: `/ok` is 200, `/moved` a redirect to `/ok`, `/busy` 503, everything else 404. */
    readonly http: Target
    /** gRPC: the server and the service `db` are serving, `queue` is not. */
    readonly grpc: Target
    /** Accepts connections, and says nothing. */
    readonly silent: Target
    /** Nothing listens there. */
    readonly closed: Target
  }
>()("test/ProbedPorts") {}

const get = (path: string) => ({ scheme: "HTTP" as const, path, query: Redacted.make("token=x"), headers: [] })

/** What a prober is to be, on whichever VM. */
export const proberContract = <E>(
  name: string,
  layer: Layer.Layer<Prober | ProbedPorts, E>,
  { run }: { readonly run: <A, E2, R>(effect: Effect.Effect<A, E2, R>) => Effect.Effect<A, E2, R> }
) =>
  describe(name, () => {
    const test = <E2>(title: string, body: Effect.Effect<void, E2, Prober | ProbedPorts>) =>
      it.effect(title, () => body.pipe(Effect.provide(layer), run))

    test(
      "HTTP: the status decides",
      Effect.gen(function* () {
        const prober = yield* Prober
        const { http, closed, silent } = yield* ProbedPorts
        assert.deepStrictEqual(yield* prober.httpGet(http, get("/ok")), {
          isSuccess: true,
          detail: "HTTP 200",
          status: 200
        })
        assert.deepStrictEqual(yield* prober.httpGet(http, get("/busy")), {
          isSuccess: false,
          detail: "HTTP 503",
          status: 503
        })
        assert.deepStrictEqual(yield* prober.httpGet(http, get("/other")), {
          isSuccess: false,
          detail: "HTTP 404",
          status: 404
        })
        const refused = { isSuccess: false, detail: "connection refused" }
        assert.deepStrictEqual(yield* prober.httpGet(closed, get("/ok")), refused)
        assert.isTrue(Option.isNone(yield* Effect.timeoutOption(prober.httpGet(silent, get("/ok")), "200 millis")))
      })
    )

    test(
      "TCP: a connection is enough",
      Effect.gen(function* () {
        const prober = yield* Prober
        const { silent, closed } = yield* ProbedPorts
        assert.deepStrictEqual(yield* prober.tcpConnect(silent), { isSuccess: true, detail: "connected" })
        assert.deepStrictEqual(yield* prober.tcpConnect(closed), { isSuccess: false, detail: "connection refused" })
      })
    )

    test(
      "gRPC: the health of the server, or of a service",
      Effect.gen(function* () {
        const prober = yield* Prober
        const { grpc, closed, silent, http } = yield* ProbedPorts
        assert.deepStrictEqual(yield* prober.grpcHealth(grpc, ""), { isSuccess: true, detail: "gRPC SERVING" })
        assert.deepStrictEqual(yield* prober.grpcHealth(grpc, "db"), { isSuccess: true, detail: "gRPC SERVING" })
        assert.deepStrictEqual(yield* prober.grpcHealth(grpc, "queue"), {
          isSuccess: false,
          detail: "gRPC NOT_SERVING"
        })
        assert.deepStrictEqual(yield* prober.grpcHealth(grpc, "none"), {
          isSuccess: false,
          detail: "gRPC NOT_FOUND: it does not know the service"
        })
        const refused = { isSuccess: false, detail: "connection refused" }
        assert.deepStrictEqual(yield* prober.grpcHealth(closed, ""), refused)
        assert.isTrue(Option.isNone(yield* Effect.timeoutOption(prober.grpcHealth(silent, ""), "200 millis")))
        assert.deepStrictEqual(yield* prober.grpcHealth(http, ""), {
          isSuccess: false,
          detail: "the answer is no HTTP/2"
        })
      })
    )
  })
