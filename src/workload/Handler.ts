import type { NonEmptyReadonlyArray } from "effect/Array"
import type * as Redacted from "effect/Redacted"
import { printable } from "../text/printable.ts"

/** Runs a command in the container, without a shell. 0 is success. */
export interface ExecHandler {
  readonly _tag: "Exec"
  /** Its words may be secrets. */
  readonly command: Redacted.Redacted<NonEmptyReadonlyArray<string>>
}

/** A GET from the host. 200 to 399 is success. */
export interface HttpGetHandler extends Endpoint {
  readonly _tag: "HttpGet"
  readonly scheme: "HTTP" | "HTTPS"
  readonly path: string
  /** What follows its question mark, and may hold a secret; undefined where there is none. */
  readonly query: Redacted.Redacted | undefined
  readonly headers: ReadonlyArray<HttpHeader>
}

/** A header of a probe's or a hook's request. */
export interface HttpHeader {
  readonly name: string
  /** May be a secret. */
  readonly value: Redacted.Redacted
}

/** A connection from the host. */
export interface TcpSocketHandler extends Endpoint {
  readonly _tag: "TcpSocket"
}

/** Where the host reaches a container. */
export interface Endpoint {
  /** Undefined stands for the Pod's address. */
  readonly host: string | undefined
  readonly port: number
}

/** `:8080` or `db.internal:8080` */
export const endpointText = ({ host = "", port }: Endpoint): string => `${printable(host)}:${port}`

/** A handler in a few words. What may be a secret is left out. */
export const handlerText = (handler: ExecHandler | HttpGetHandler | TcpSocketHandler): string => {
  switch (handler._tag) {
    case "Exec":
      return "exec"
    case "HttpGet":
      return `${handler.scheme} GET ${endpointText(handler)}${printable(handler.path)}${handler.query === undefined ? "" : "?…"}`
    case "TcpSocket":
      return `TCP ${endpointText(handler)}`
  }
}
