/**
 * `npm run bench`: how long a boot takes, as bundle and as single executable, beside `docker pull` and `docker run -d`
 * with the same options, and beside konlet where KONLET names its binary (go build of its public source); what of it is
 * the engine's and the programs' work; start-up alone, memory, size; how decoding and planning grow; a fleet in memory.
 * Needs root and what the tests against a real engine need; starts an engine and a registry of its own on loopback.
 * Medians of BENCH_ROUNDS (7) rounds, all ways in turn within each; BENCH_ONLY names cases.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { zstd } from "../release/compress.ts"
import { konletOn, metadataListener, runApartForKonlet } from "./konlet.ts"
import { type WorkOfOthers, workOfOthers } from "./workOfOthers.ts"
import { declarationOf, decoded, kinds, planned } from "./growth.ts"
import { type Case, type Machine, makeMachine } from "./machine.ts"

runApartForKonlet(fileURLToPath(import.meta.url))

const rounds = Number(process.env["BENCH_ROUNDS"] ?? 7)
const only = process.env["BENCH_ONLY"]
const root = fileURLToPath(new URL("../..", import.meta.url))
const bundle = join(root, "dist/slipway.cjs")
const executable = join(root, "dist/slipway")
if (!existsSync(executable)) throw new Error("dist/slipway is not there: npm run build:executable")

/** What is measured, by its column. */
const programs = {
  bundle: [process.execPath, bundle],
  executable: [executable]
} as const

interface Ended {
  readonly millis: number
  readonly peakMiB: number
}

/** From exec to exit. Nothing blocks this process, which answers as the metadata server meanwhile. */
const timed = async (
  [program = "", ...args]: ReadonlyArray<string>,
  env: NodeJS.ProcessEnv,
  watchMemory = false
): Promise<Ended> => {
  const began = performance.now()
  const child = spawn(program, args, { env, stdio: ["ignore", "ignore", "pipe"] })
  let stderr = ""
  let peakMiB = 0
  child.stderr.on("data", (bytes) => (stderr += String(bytes)))
  const watch = watchMemory
    ? setInterval(() => {
        try {
          const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))
          if (found !== null) peakMiB = Number(found[1]) / 1024
        } catch {
          // It has ended.
        }
      }, 2)
    : undefined
  const [exitCode] = (await once(child, "exit")) as [number | null]
  const millis = performance.now() - began
  clearInterval(watch)
  if (exitCode !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`)
  return { millis, peakMiB }
}

/** What an operator's script does: one thing after the other. */
const byHand = async (machine: Machine, what: Case): Promise<number> => {
  const began = performance.now()
  const step = (...command: ReadonlyArray<string>) => timed(command, machine.env)
  const volumes: Array<string> = []
  for (const [index, name] of what.disks.entries()) {
    const device = machine.linkOf(name)
    const target = join(machine.mountRoot, name)
    if (what.areBlank) await step("mkfs.ext4", "-q", "-m", "0", device)
    mkdirSync(target, { recursive: true })
    await step("mount", device, target)
    volumes.push("--volume", `${target}:/data${index}`)
  }
  const image = machine.imageOf(what)
  await step("docker", "-H", machine.dockerHost, "pull", "--quiet", image)
  const options = ["--detach", "--network", "host", "--restart", "always", "--log-driver", "json-file"]
  for (let number = 0; number < what.containers; number++) {
    await step("docker", "-H", machine.dockerHost, "run", "--name", `web${number}`, ...options, ...volumes, image)
  }
  return performance.now() - began
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN
const row = (...cells: ReadonlyArray<string>) =>
  console.log(cells.map((cell, index) => (index === 0 ? cell.padEnd(34) : cell.padStart(15))).join(""))
const ms = (value: number) => (Number.isNaN(value) ? "" : `${value.toFixed(value < 100 ? 1 : 0)} ms`)

const casesWith = (names: ReadonlyArray<string>): ReadonlyArray<Case> => [
  { title: "image present", image: "app", isPresent: true, containers: 1, disks: [], areBlank: false },
  { title: "five containers", image: "app", isPresent: true, containers: 5, disks: [], areBlank: false },
  { title: "200 MB to pull", image: "big", isPresent: false, containers: 1, disks: [], areBlank: false },
  {
    title: "200 MB, two blank disks of 2 GB",
    image: "big",
    isPresent: false,
    containers: 1,
    disks: names.slice(0, 2),
    areBlank: true
  },
  ...[1, 4, 16].map((count) => ({
    title: `${count} formatted disk${count === 1 ? "" : "s"}`,
    image: "app" as const,
    isPresent: true,
    containers: 1,
    disks: names.slice(0, count),
    areBlank: false
  }))
]

/** How a boot's median is set beside ours: the other's time as a part of ours. */
const beside = (other: number, ours: number) => (Number.isNaN(other) ? "" : `${(other / ours).toFixed(2)} ×`)

const boots = async (machine: Machine) => {
  const names = Array.from({ length: 16 }, (_, index) => machine.attach(index))
  const konlet = konletOn(machine)
  const timedAlone = (command: ReadonlyArray<string>) => async () => (await timed(command, machine.env)).millis
  const ways: ReadonlyArray<readonly [title: string, boot: (what: Case) => Promise<number>]> = [
    ["bundle", timedAlone([...programs.bundle, "up"])],
    ["executable", timedAlone([...programs.executable, "up"])],
    ["by hand", (what) => byHand(machine, what)],
    ...(konlet === undefined ? [] : [["konlet", timedAlone(konlet)] as const])
  ]
  const others = ways.slice(2).map(([title]) => title)
  row("", ...ways.map(([title]) => title), ...others.map((title) => `${title} ÷ ours`), "others' work", "in sequence")
  for (const what of casesWith(names).filter(({ title }) => only === undefined || title.includes(only))) {
    if (what.isPresent) machine.docker("pull", "--quiet", machine.imageOf(what))
    if (!what.areBlank) {
      machine.clear(what)
      what.disks.forEach(machine.format)
    }
    machine.declare(what)
    const times = ways.map((): Array<number> => [])
    const work: Array<WorkOfOthers> = []
    for (let round = 0; round < rounds; round++) {
      for (const [index, [title, boot]] of ways.entries()) {
        // It takes one container only.
        if (title === "konlet" && what.containers > 1) continue
        machine.clear(what)
        times[index]!.push(await boot(what))
      }
      machine.clear(what)
      work.push(await workOfOthers(machine))
    }
    const medians = times.map(median)
    row(
      what.title,
      ...medians.map(ms),
      ...medians.slice(2).map((other) => beside(other, medians[1]!)),
      ...[median(work.map(({ critical }) => critical)), median(work.map(({ inSequence }) => inSequence))].map(ms)
    )
  }
  const what = casesWith(names)[0]!
  machine.docker("pull", "--quiet", machine.imageOf(what))
  machine.declare(what)
  const peaks: Array<string> = []
  for (const program of Object.values(programs)) {
    machine.clear(what)
    peaks.push(`${(await timed([...program, "up"], machine.env, true)).peakMiB.toFixed(0)} MiB`)
  }
  row("\npeak memory of up", ...peaks)
}

/** A fleet in memory, as one process. */
const fleet = async (machine: Machine, vms: number) => {
  const { millis, peakMiB } = await timed([...programs.bundle, "rehearse", "--fleet", `${vms}`], machine.env, true)
  row(`\na fleet of ${vms} in memory`, ms(millis), `${peakMiB.toFixed(0)} MiB`)
}

const startUps = async (machine: Machine) => {
  const file = join(machine.directory, "10kB.yaml")
  writeFileSync(file, declarationOf("env", 290))
  const commands: ReadonlyArray<readonly [title: string, ...args: ReadonlyArray<string>]> = [
    ["--version", "--version"],
    ["check, of 10 kB", "check", file],
    ["rehearse", "rehearse"]
  ]
  row("\nstart-up alone", ...Object.keys(programs), "node -e 0")
  for (const [title, ...args] of commands) {
    const times: ReadonlyArray<readonly [ReadonlyArray<string>, Array<number>]> = [
      ...Object.values(programs).map((program) => [[...program, ...args], [] as Array<number>] as const),
      ...(title === "--version" ? [[[process.execPath, "-e", "0"], [] as Array<number>] as const] : [])
    ]
    for (let round = 0; round < rounds; round++) {
      for (const [command, taken] of times) taken.push((await timed(command, machine.env)).millis)
    }
    row(title, ...times.map(([, taken]) => ms(median(taken))))
  }
  const files = [bundle, executable]
  row("size", ...files.map((file) => `${(statSync(file).size / 1e6).toFixed(1)} MB`))
  const packed = await Promise.all(files.map((file) => zstd(readFileSync(file), 19)))
  row("compressed, as zstd -19", ...packed.map(({ length }) => `${(length / 1e6).toFixed(1)} MB`))
}

/** Milliseconds of each round. */
const repeated = (work: () => unknown): ReadonlyArray<number> =>
  Array.from({ length: rounds }, () => {
    const began = performance.now()
    work()
    return performance.now() - began
  })

const growths = () => {
  row("\nper entry", "decode", "plan")
  for (const kind of Object.keys(kinds) as ReadonlyArray<keyof typeof kinds>) {
    for (const count of [10, 100, 1_000, 5_000, 10_000].filter((count) => count <= kinds[kind])) {
      const text = declarationOf(kind, count)
      const workload = decoded(text)
      const per = (work: () => unknown) => `${((1_000 * median(repeated(work))) / count).toFixed(1)} µs`
      row(
        `${count} ${kind}`,
        per(() => decoded(text)),
        per(() => planned(workload))
      )
    }
  }
}

const machine = await makeMachine(metadataListener)
// Whatever ends it, engine, disks and mounts are not left behind.
process.stdout.on("error", () => {})
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void machine.stop().finally(() => process.exit(1)))
}
try {
  machine.makeImages()
  await boots(machine)
  await startUps(machine)
  growths()
  await fleet(machine, 10_000)
} finally {
  await machine.stop()
}
