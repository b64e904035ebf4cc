import * as Schema from "effect/Schema"
import { headerName, portNumber, portNumberOrName } from "./limits.ts"
import { secret } from "./annotations.ts"

/** What probes and hooks do. */

const Header = Schema.Struct({
  name: Schema.String.annotateKey({
    limits: headerName,
    required: true,
    description: "For instance `Host`, which overrides the address."
  }),
  value: Schema.String.annotateKey({ ...secret, description: "Never shown." })
}).annotate({ title: "an HTTP header" })

export const Exec = Schema.Struct({
  command: Schema.Array(Schema.String).annotateKey({
    ...secret,
    required: true,
    description:
      "A program and its arguments, run in the container without a shell. Exit code 0 is success. Never shown."
  })
}).annotate({ title: "an exec" })

export const HttpGet = Schema.Struct({
  path: Schema.String.annotateKey({ ...secret, description: "Default `/`. May have a query, which is never shown." }),
  port: Schema.String.annotateKey({
    limits: portNumberOrName,
    required: true,
    description: "A number, or the name of one of the container's `ports`."
  }),
  host: Schema.String.annotateKey({ description: "Default: the Pod's address, on the host's network 127.0.0.1." }),
  scheme: Schema.String.annotateKey({
    values: ["", "HTTP", "HTTPS"],
    description: "`HTTP` (default) or `HTTPS`, whose certificate is not verified."
  }),
  httpHeaders: Schema.Array(Header).annotateKey({ description: "Sent with the request." })
}).annotate({ title: "an httpGet" })

export const TcpSocket = Schema.Struct({
  port: Schema.String.annotateKey({
    limits: portNumberOrName,
    required: true,
    description: "A number, or the name of one of the container's `ports`."
  }),
  host: Schema.String.annotateKey({ description: "Default: the Pod's address, on the host's network 127.0.0.1." })
}).annotate({ title: "a tcpSocket" })

export const Grpc = Schema.Struct({
  port: Schema.Int.annotateKey({ limits: portNumber, required: true, description: "A number." }),
  service: Schema.String.annotateKey({ description: "The service that is asked for; default: the server as a whole." })
}).annotate({ title: "a grpc" })
