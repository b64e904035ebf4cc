import * as Schema from "effect/Schema"
import { notNegative, positive } from "./limits.ts"
import { alternative } from "./annotations.ts"
import { Exec, Grpc, HttpGet, TcpSocket } from "./HandlerSchema.ts"

/** A probe: one handler, and the times and thresholds by which it is run and judged. */
export const ProbeSchema = Schema.Struct({
  exec: Schema.optionalKey(Exec).annotateKey({ ...alternative, description: "Runs a command in the container." }),
  httpGet: Schema.optionalKey(HttpGet).annotateKey({
    ...alternative,
    description: "A GET from the host; a status from 200 to 399 is success. Redirects to the same host are followed."
  }),
  tcpSocket: Schema.optionalKey(TcpSocket).annotateKey({
    ...alternative,
    description: "A connection from the host; that it can be made is success."
  }),
  grpc: Schema.optionalKey(Grpc).annotateKey({
    ...alternative,
    description: "gRPC's health protocol, asked from the host without TLS; `SERVING` is success."
  }),
  initialDelaySeconds: Schema.Int.annotateKey({
    limits: notNegative,
    description: "From the container's start to the first probe; default 0."
  }),
  timeoutSeconds: Schema.Int.annotateKey({
    limits: notNegative,
    description: "A probe that takes longer has failed; default 1."
  }),
  periodSeconds: Schema.Int.annotateKey({
    limits: notNegative,
    description: "From one probe to the next; default 10."
  }),
  successThreshold: Schema.Int.annotateKey({
    limits: notNegative,
    description: "So many successes in a row are success; default 1, and for startup and liveness no other."
  }),
  failureThreshold: Schema.Int.annotateKey({
    limits: notNegative,
    description:
      "So many failures in a row are failure; default 3. A probe that the engine cannot make is none, but ends the run if it happens as often in a row."
  }),
  terminationGracePeriodSeconds: Schema.optionalKey(Schema.Int).annotateKey({
    limits: positive,
    description: "The grace period of a restart for this probe, in place of the Pod's. Not for readiness probes."
  })
}).annotate({ title: "a probe" })
