import { EventEmitter } from "node:events"
import { PassThrough, Readable, Writable } from "node:stream"

/** An answer to an HTTP request. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** How a request is answered. */
export type AnswerOf = (method: string, path: string) => Answer

/** What a program prints; undefined if it ends only with its input, which it gives back. */
export type OutputOf = (program: string) => string | undefined

/**
 * Has Node's HTTP client, wherever it is loaded late, and its child processes be some in memory; gives what undoes it. What
 * becomes of them comes one turn later and always in the same order. Until then nothing may start a timer: whether it or
 * the next turn comes first depends on how busy the machine is.
 */
export const replaceNode = (answerOf: AnswerOf, outputOf: OutputOf): (() => void) => {
  const { getBuiltinModule, kill } = process
  const children = getBuiltinModule("child_process")
  const { spawn } = children
  const { setTimeout } = globalThis
  const http = {
    Agent: class {
      destroy() {}
    },
    // Called with options and a callback, or with a URL and options.
    request: (first: Options | URL, second: Options | (() => void)) => {
      const path = first instanceof URL ? `${first.pathname}${first.search}` : first.path
      const { method, signal } = typeof second === "function" ? (first as Options) : second
      return new ClientRequest(answerOf(method, path), signal)
    }
  }
  process.getBuiltinModule = ((name: string) =>
    name === "http" ? http : getBuiltinModule(name)) as typeof getBuiltinModule
  process.kill = noSuchProcess
  children.spawn = ((program: string) => new ChildProcess(outputOf(program))) as unknown as typeof spawn
  globalThis.setTimeout = noTimer as unknown as typeof setTimeout
  return () => {
    globalThis.setTimeout = setTimeout
    process.getBuiltinModule = getBuiltinModule
    process.kill = kill
    children.spawn = spawn
  }
}

/** Whoever ends a child here signals its group, which is to reach no process of this machine. */
const noSuchProcess = (): never => {
  throw new Error("kill ESRCH")
}

const noTimer = (): never => {
  throw new Error("what runs in memory has started a timer")
}

interface Options {
  readonly method: string
  readonly path: string
  readonly signal?: AbortSignal
}

/** A request whose body goes nowhere. */
class ClientRequest extends Writable {
  constructor({ status, headers, body }: Answer, signal: AbortSignal | undefined) {
    super({
      write: (_chunk, _encoding, done) => done(),
      final: (done) => {
        done()
        setImmediate(() => signal?.aborted === true || this.emit("response", answer))
      }
    })
    const answer = Object.assign(Readable.from([Buffer.from(body)], { objectMode: false }), {
      statusCode: status,
      headers
    })
  }
  setHeader() {}
}

/** One that ends well. */
class ChildProcess extends EventEmitter {
  readonly pid = undefined
  readonly stdin = new PassThrough()
  readonly stdout: Readable
  readonly stderr = Readable.from([], { objectMode: false })
  readonly stdio: ReadonlyArray<unknown>
  exitCode: number | null = null
  readonly signalCode = null
  constructor(output: string | undefined) {
    super()
    this.stdout = output === undefined ? this.stdin : Readable.from([Buffer.from(output)], { objectMode: false })
    this.stdio = [this.stdin, this.stdout, this.stderr]
    setImmediate(() => this.emit("spawn"))
    if (output !== undefined) setImmediate(() => this.end())
  }
  kill() {
    // At once: Effect asks every 10 ms whether one that has been killed is still there.
    this.exitCode = 0
    setImmediate(() => this.end())
    return true
  }
  private end() {
    this.exitCode = 0
    this.emit("exit", 0, null)
    this.emit("close", 0, null)
  }
}
