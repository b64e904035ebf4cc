import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, openSync, readFileSync, rmSync } from "node:fs"
import { request } from "node:http"
import { join } from "node:path"
import { dockerService } from "./dockerService.ts"
import { type EngineKind, engineUnderTest, searchPath } from "./engines.ts"
import { podmanService } from "./podmanService.ts"
import { unmountBelow } from "./unmountBelow.ts"

/** A real engine of one's own, in a directory of its own. */
export interface Engine {
  /** For `DOCKER_HOST`. */
  readonly host: string
  readonly socketPath: string
  /** Ends the engine and its containers, as a machine that goes down does. */
  readonly halt: () => Promise<void>
  /** Starts it again on the same data. */
  readonly resume: () => Promise<void>
  /** Ends it and removes its data. */
  readonly stop: () => Promise<void>
}

export const startEngine = async (
  directory: string,
  extraEnv: Readonly<Record<string, string>>,
  kind: EngineKind = engineUnderTest()
): Promise<Engine> => {
  mkdirSync(directory, { recursive: true })
  const socketPath = join(directory, "docker.sock")
  const service =
    kind.serves === "podman" ? podmanService(directory, socketPath) : dockerService(directory, socketPath, kind.config)
  const [program, ...args] = service.command
  const logPath = join(directory, "log")
  let child: ChildProcess
  const start = async () => {
    const log = openSync(logPath, "a")
    child = spawn(program, args, {
      env: { ...process.env, PATH: searchPath(kind), ...kind.env, ...service.env, ...extraEnv },
      stdio: ["ignore", log, log]
    })
    await untilSocketAnswers(socketPath, child, logPath)
    service.started()
  }
  const halt = async () => {
    await stopProcess(child)
    service.ended()
  }
  await start()
  return {
    host: `unix://${socketPath}`,
    socketPath,
    halt,
    resume: start,
    stop: async () => {
      await halt()
      // The engine leaves the file that keeps its network namespace mounted.
      unmountBelow(directory)
      rmSync(directory, { recursive: true, force: true })
    }
  }
}

/** SIGTERM, and SIGKILL for what has not ended after a minute. */
export const stopProcess = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, "exit")
  child.kill("SIGTERM")
  const timer = setTimeout(() => child.kill("SIGKILL"), 60_000)
  await ended
  clearTimeout(timer)
}

/** Waits for any answer at all. */
export const untilAnswered = (url: string): Promise<void> => poll(url, (done) => request(url, done))

const untilSocketAnswers = (socketPath: string, child: ChildProcess, log: string): Promise<void> =>
  poll(socketPath, (done) => {
    if (child.exitCode !== null) throw new Error(`the engine ended:\n${readFileSync(log, "utf8").slice(-2000)}`)
    return request({ socketPath, path: "/_ping" }, done)
  })

/** Something outside of us starts: it is asked until it answers, for as long as a slow and busy machine may need. */
const poll = async (what: string, ask: (done: () => void) => ReturnType<typeof request>): Promise<void> => {
  const deadline = Date.now() + 300_000
  for (;;) {
    const answered = await new Promise<boolean>((resolve) => {
      const asked = ask(() => resolve(true))
      asked.on("error", () => resolve(false))
      asked.on("response", (answer) => answer.resume())
      asked.end()
    })
    if (answered) return
    if (Date.now() > deadline) throw new Error(`${what} does not answer`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
