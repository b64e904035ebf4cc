/**
 * `npm run bench:agent`: what the agent costs while nothing happens (memory, processor, what it writes), how soon a changed
 * declaration runs and how long nothing runs in between, beside `up` with the same change, and what its memory comes to
 * after many changes. Needs root and what the tests against a real engine need; starts an engine and a registry of its own
 * on loopback. BENCH_IDLE_SECONDS (600), BENCH_ROUNDS (7), BENCH_CHANGES (1000).
 */
import { type ChildProcess, execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { stopProcess } from "../../test/engine/engineProcess.ts"
import { type Machine, makeMachine } from "./machine.ts"

const idleSeconds = Number(process.env["BENCH_IDLE_SECONDS"] ?? 600)
const rounds = Number(process.env["BENCH_ROUNDS"] ?? 7)
const changes = Number(process.env["BENCH_CHANGES"] ?? 1_000)
const executable = fileURLToPath(new URL("../../dist/slipway", import.meta.url))
if (!existsSync(executable)) throw new Error("dist/slipway is not there: npm run build:executable")

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN
const ms = (value: number) => `${value.toFixed(0)} ms`

interface Cost {
  readonly pssMiB: number
  /** Seconds of processor time since its start. */
  readonly processor: number
  readonly writtenBytes: number
}

const costOf = ({ pid }: ChildProcess): Cost => {
  const read = (file: string) => readFileSync(`/proc/${pid}/${file}`, "utf8")
  // Fields 14 and 15 of stat, in ticks of 10 ms; the second field is a name in parentheses.
  const [user, system] = read("stat").split(") ").at(-1)!.split(" ").slice(11, 13).map(Number)
  return {
    pssMiB: Number(/^Pss:\s+(\d+) kB/m.exec(read("smaps_rollup"))?.[1]) / 1024,
    processor: (user! + system!) / 100,
    writtenBytes: Number(/^write_bytes: (\d+)/m.exec(read("io"))?.[1])
  }
}

interface Inspected {
  readonly Args: ReadonlyArray<string>
  readonly State: { readonly Running: boolean; readonly StartedAt: string }
}

/** This process answers as the metadata server, so it waits for no other in the meantime. */
const docker = async (machine: Machine, ...args: ReadonlyArray<string>): Promise<string> => {
  const { stdout } = await promisify(execFile)("docker", ["-H", machine.dockerHost, ...args], {
    env: { ...process.env, ...machine.env }
  })
  return stdout
}

/** Waits until a container runs with the argument; gives when it was started. */
const untilRuns = async (machine: Machine, argument: string): Promise<number> => {
  for (;;) {
    const ids = (await docker(machine, "ps", "--quiet")).split("\n").filter(Boolean)
    // One that goes meanwhile fails this.
    const text = await docker(machine, "inspect", ...ids).catch(() => "[]")
    const found: ReadonlyArray<Inspected> = JSON.parse(text)
    const one = found.find(({ Args, State }) => State.Running && Args.at(-1) === argument)
    if (one !== undefined) return Date.parse(one.State.StartedAt)
    await setTimeout(20)
  }
}

const declare = (machine: Machine, argument: string) => machine.declareRunning(["sleep", argument])

/** When containers end, by the engine's events. */
const endings = (machine: Machine) => {
  const times: Array<number> = []
  const events = spawn(
    "docker",
    ["-H", machine.dockerHost, "events", "--filter", "event=die", "--format", "{{.TimeNano}}"],
    { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...machine.env } }
  )
  events.stdout.on("data", (bytes) => {
    for (const line of String(bytes).split("\n").filter(Boolean)) times.push(Number(line) / 1e6)
  })
  return { times, stop: () => stopProcess(events) }
}

/** One change, and what came of it: until the new container runs, and between the old one's end and that. */
const change = async (machine: Machine, argument: string, act: () => Promise<void>) => {
  const ends = endings(machine)
  await setTimeout(500)
  const began = Date.now()
  declare(machine, argument)
  await act()
  const started = await untilRuns(machine, argument)
  await setTimeout(500)
  await ends.stop()
  return { untilRunning: started - began, gap: started - Math.max(...ends.times) }
}

const up = async (machine: Machine): Promise<void> => {
  const child = spawn(executable, ["up"], { env: machine.env, stdio: "ignore" })
  const [code] = (await once(child, "exit")) as [number | null]
  if (code !== 0) throw new Error(`up: exit code ${code}`)
}

const machine = await makeMachine()
let agent: ChildProcess | undefined
const startAgent = () =>
  spawn(executable, ["agent"], {
    env: { ...machine.env, SLIPWAY_STATUS: join(machine.directory, "status.json") },
    stdio: "ignore"
  })
const stop = async () => {
  if (agent !== undefined) await stopProcess(agent)
  await machine.stop()
}
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void stop().finally(() => process.exit(1)))
}
try {
  machine.makeImages()
  declare(machine, "1")
  await up(machine)
  const nothing = async () => {}
  const byHand: Array<{ readonly untilRunning: number; readonly gap: number }> = []
  for (let round = 0; round < rounds; round++) {
    byHand.push(await change(machine, `10${round}`, () => up(machine)))
  }
  agent = startAgent()
  declare(machine, "2")
  await untilRuns(machine, "2")
  await setTimeout(5_000)
  const byAgent: Array<{ readonly untilRunning: number; readonly gap: number }> = []
  for (let round = 0; round < rounds; round++) byAgent.push(await change(machine, `20${round}`, nothing))
  const of = (all: typeof byHand, what: "untilRunning" | "gap") => median(all.map((one) => one[what]))
  console.log(
    `a changed declaration runs after  up ${ms(of(byHand, "untilRunning"))}, agent ${ms(of(byAgent, "untilRunning"))}`
  )
  console.log(`without a container meanwhile     up ${ms(of(byHand, "gap"))}, agent ${ms(of(byAgent, "gap"))}`)

  await setTimeout(10_000)
  const before = costOf(agent)
  await setTimeout(idleSeconds * 1_000)
  const after = costOf(agent)
  const share = (100 * (after.processor - before.processor)) / idleSeconds
  console.log(
    `idle for ${idleSeconds} s                    ${after.pssMiB.toFixed(1)} MiB PSS, ${share.toFixed(2)} % of a core, ${after.writtenBytes - before.writtenBytes} bytes written`
  )

  for (let count = 1; count <= changes; count++) {
    declare(machine, `3${count}`)
    await untilRuns(machine, `3${count}`)
  }
  await setTimeout(10_000)
  const worn = costOf(agent)
  console.log(`after ${changes} changes               ${(worn.pssMiB - after.pssMiB).toFixed(1)} MiB PSS more`)
} finally {
  await stop()
}
