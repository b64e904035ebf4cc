import * as Arr from "effect/Array"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import { headerName, isWithin, portNumber } from "../schema/limits.ts"
import { nearest, orElse } from "../../text/nearest.ts"
import { expand } from "../../workload/expand.ts"
import { kubernetesReferences, unexpandedWords } from "./Placeholder.ts"
import { position } from "../yaml/Position.ts"
import type { ExecHandler, HttpGetHandler, HttpHeader, TcpSocketHandler } from "../../workload/Handler.ts"

/** A probe or hook that says not what it does, or says several things. */
export class HandlerCountInvalid extends Schema.TaggedError<HandlerCountInvalid>()("HandlerCountInvalid", {
  ...position,
  /** As in `spec.containers[0].readinessProbe`. */
  path: Schema.String,
  found: Schema.Array(Schema.String),
  allowed: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return this.found.length === 0
      ? `${this.path} does not say what it does`
      : `${this.path} says ${this.found.length} things to do: ${this.found.join(", ")}`
  }
  get advice(): string {
    return `Give it exactly one of ${this.allowed.join(", ")}.`
  }
}

/** An exec without a command. */
export class HandlerCommandMissing extends Schema.TaggedError<HandlerCommandMissing>()("HandlerCommandMissing", {
  ...position,
  path: Schema.String
}) {
  override get message(): string {
    return `${this.path} has no words`
  }
  get advice(): string {
    return 'Write the program and its arguments, each as an item: ["/bin/check", "--quick"]. No shell reads them.'
  }
}

/** No port that exists, by its number or by its name. */
export class HandlerPortInvalid extends Schema.TaggedError<HandlerPortInvalid>()("HandlerPortInvalid", {
  ...position,
  path: Schema.String,
  /** Empty where none is written. */
  found: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String),
  /** The names of the container's ports. */
  names: Schema.Array(Schema.String)
}) {
  override get message(): string {
    if (this.found === "") return `${this.path} is missing`
    return /^-?\d+$/.test(this.found)
      ? `${this.path} must be a number from 1 to 65535, not ${this.found}`
      : `${this.path}: the container has no port named "${this.found}"`
  }
  get advice(): string {
    const names = this.names.length === 0 ? "" : `, or one of the container's ports: ${this.names.join(", ")}`
    return orElse(this.suggestion, `Write the number of the port${names}.`)
  }
}

/** A scheme other than Kubernetes'. */
export class HandlerSchemeInvalid extends Schema.TaggedError<HandlerSchemeInvalid>()("HandlerSchemeInvalid", {
  ...position,
  scheme: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return `"${this.scheme}" is not a scheme of httpGet`
  }
  get advice(): string {
    return orElse(this.suggestion, "Write HTTP or HTTPS; the default is HTTP.")
  }
}

/** What cannot be sent as a header. */
export class HttpHeaderInvalid extends Schema.TaggedError<HttpHeaderInvalid>()("HttpHeaderInvalid", {
  ...position,
  path: Schema.String,
  part: Schema.Literals(["name", "value"])
}) {
  override get message(): string {
    return `${this.path} is no ${this.part} that an HTTP header can have`
  }
  get advice(): string {
    return this.part === "name"
      ? "Use letters, digits and dashes, as in X-Probe."
      : "Use printable characters of Latin-1, on one line."
  }
}

export type HandlerProblem =
  | HandlerCountInvalid
  | HandlerCommandMissing
  | HandlerPortInvalid
  | HandlerSchemeInvalid
  | HttpHeaderInvalid

/** A reference to a variable that Kubernetes would not expand either. */
export class HandlerNotExpanded extends Schema.TaggedClass<HandlerNotExpanded>()("HandlerNotExpanded", {
  ...position,
  /** As in `spec.containers[0].lifecycle.preStop.exec.command[1]`. */
  path: Schema.String
}) {
  get message(): string {
    return `${this.path} refers to a variable by "$(…)", which is not expanded there, as in Kubernetes`
  }
  get advice(): string {
    return 'Have a shell expand it: ["/bin/sh", "-c", "… $NAME"].'
  }
}

export type HandlerCheck = Check<HandlerProblem, never>

/** What a hook's or a probe's words may refer to. */
type Variables = DeclaredContainer["env"]

/**
 * The words of a probe as the kubelet expands them: `$(NAME)` is the value of a variable as it is written in `env`, and
 * nothing where that comes from elsewhere. Source: ExpandContainerCommandOnlyStatic of its container/helpers.go.
 */
export const expandStatic = (words: ReadonlyArray<string>, env: Variables): ReadonlyArray<string> => {
  const values = new Map(env.map(({ name, value }) => [name, value]))
  return words.map((word) => expand(word, (name) => values.get(name)))
}

/** Warns of references in a hook's words, which the kubelet passes on as they are. */
export const warnOfReferences = (
  { command }: DeclaredExec,
  env: Variables,
  check: Check<never, HandlerNotExpanded>
): void => {
  const names = new Set(env.map(({ name }) => name))
  const isUnexpanded = unexpandedWords(command)
  for (const [index, word] of command.entries()) {
    const place = check.at(command, index)
    if (isUnexpanded[index] && kubernetesReferences(word).some((name) => names.has(name))) {
      check.warning(place, HandlerNotExpanded, { path: place.path })
    }
  }
}

type DeclaredProbe = NonNullable<DeclaredContainer["readinessProbe"]>
type DeclaredExec = NonNullable<DeclaredProbe["exec"]>
type DeclaredHttpGet = NonNullable<DeclaredProbe["httpGet"]>
type DeclaredTcpSocket = NonNullable<DeclaredProbe["tcpSocket"]>
type Ports = DeclaredContainer["ports"]

/**
 * The one handler that an owner has, of those that it may have; undefined, after a problem, unless there is exactly
 * one.
 */
export const oneHandler = <K extends string>(
  owner: { readonly [key in K]?: unknown },
  path: string,
  allowed: ReadonlyArray<K>,
  check: HandlerCheck,
  at: { readonly span: { readonly start: number; readonly end: number } }
): K | undefined => {
  const found = allowed.filter((key) => owner[key] !== undefined)
  const [first] = found
  if (first !== undefined && found.length === 1) return first
  if (found.length === 0 && allowed.some((key) => check.at(owner, key).invalid)) return undefined
  check.slip(at, HandlerCountInvalid, { path, found, allowed })
  return undefined
}

export const checkExec = (
  exec: DeclaredExec,
  check: HandlerCheck,
  command: ReadonlyArray<string> = exec.command
): ExecHandler | undefined => {
  const place = check.at(exec, "command")
  if (Arr.isReadonlyArrayNonEmpty(command)) return { _tag: "Exec", command: Redacted.make(command) }
  if (!place.invalid) check.slip(place, HandlerCommandMissing, { path: place.path })
  return undefined
}

export const checkHttpGet = (
  httpGet: DeclaredHttpGet,
  ports: Ports,
  check: HandlerCheck
): HttpGetHandler | undefined => {
  const port = checkPort(httpGet, ports, check)
  const scheme = checkScheme(httpGet, check)
  const headers = httpGet.httpHeaders.flatMap((header) => checkHeader(header, check))
  if (port === undefined || scheme === undefined) return undefined
  const { host } = httpGet
  return { _tag: "HttpGet", scheme, host: host === "" ? undefined : host, port, ...pathOf(httpGet.path), headers }
}

export const checkTcpSocket = (
  tcpSocket: DeclaredTcpSocket,
  ports: Ports,
  check: HandlerCheck
): TcpSocketHandler | undefined => {
  const port = checkPort(tcpSocket, ports, check)
  const { host } = tcpSocket
  return port === undefined ? undefined : { _tag: "TcpSocket", host: host === "" ? undefined : host, port }
}

/** The kubelet adds a slash where there is none. */
const pathOf = (text: string): Pick<HttpGetHandler, "path" | "query"> => {
  const [path = ""] = text.split("?", 1)
  const query = path.length === text.length ? undefined : Redacted.make(text.slice(path.length + 1))
  return { path: path.startsWith("/") ? path : `/${path}`, query }
}

/** As in Kubernetes, a name is one of the same container's ports. */
const checkPort = (owner: { readonly port: string }, ports: Ports, check: HandlerCheck): number | undefined => {
  const place = check.at(owner, "port")
  if (place.invalid) return undefined
  const text = owner.port
  const number = /^\d{1,5}$/.test(text) ? Number(text) : undefined
  if (number !== undefined && isPort(number)) return number
  const named = text === "" ? undefined : ports.find(({ name }) => name === text)
  // What is wrong with the port itself is said there.
  if (named !== undefined) return isPort(named.containerPort) ? named.containerPort : undefined
  const names = ports.map(({ name }) => name).filter((name) => name !== "")
  check.slip(place, HandlerPortInvalid, {
    path: place.path,
    found: check.quote(owner, "port"),
    suggestion: nearest(text, names),
    names
  })
  return undefined
}

export const isPort = (number: number): boolean => isWithin(portNumber, number)

const checkScheme = (httpGet: DeclaredHttpGet, check: HandlerCheck): HttpGetHandler["scheme"] | undefined => {
  const place = check.at(httpGet, "scheme")
  const { scheme } = httpGet
  if (scheme === "" || scheme === "HTTP") return "HTTP"
  if (scheme === "HTTPS" || place.invalid) return scheme === "HTTPS" ? scheme : undefined
  const suggestion = nearest(scheme, ["HTTP", "HTTPS"])
  check.slip(place, HandlerSchemeInvalid, { scheme: check.quote(httpGet, "scheme"), suggestion })
  return undefined
}

const nameOfHeader = new RegExp(headerName.pattern)
/** Source: RFC 9110, section 5.5, as bytes of Latin-1. */
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/

const checkHeader = (
  header: DeclaredHttpGet["httpHeaders"][number],
  check: HandlerCheck
): ReadonlyArray<HttpHeader> => {
  const [name, value] = [check.at(header, "name"), check.at(header, "value")]
  if (name.invalid || value.invalid) return []
  const isName = nameOfHeader.test(header.name)
  if (!isName) check.slip(name, HttpHeaderInvalid, { path: name.path, part: "name" })
  else if (!headerValue.test(header.value)) check.slip(value, HttpHeaderInvalid, { path: value.path, part: "value" })
  else return [{ name: header.name, value: Redacted.make(header.value) }]
  return []
}
