/**
 * `npm run bench`: how long a boot takes, as bundle and as single executable, beside `docker pull` and `docker run -d` with
 * the same options. Needs root and what the tests against a real engine need; starts an engine and a registry of its own on
 * loopback. Medians of BENCH_ROUNDS (7) rounds, all ways in turn within each.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { startEngine, stopProcess, untilAnswered } from "../test/engine/engineProcess.ts"

const rounds = Number(process.env["BENCH_ROUNDS"] ?? 7)
const root = fileURLToPath(new URL("..", import.meta.url))
const bundle = [process.execPath, join(root, "dist/slipway.cjs")]
const executable = join(root, "dist/slipway")
const path = `${process.env["PATH"]}:/usr/sbin:/sbin`
const directory = mkdtempSync(join(tmpdir(), "slipway-bench-"))
const links: Array<string> = []
const loops: Array<string> = []

const run = (program: string, ...args: ReadonlyArray<string>): string =>
  execFileSync(program, args, {
    encoding: "utf8",
    env: { ...process.env, PATH: path },
    stdio: ["ignore", "pipe", "pipe"]
  })

const listening = (server: ReturnType<typeof createServer>): Promise<number> =>
  new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)))

const attributes: Record<string, string> = {}
let disks: ReadonlyArray<string> = []
const metadata = createServer((request, response) => {
  const asked = (request.url ?? "").replace("/computeMetadata/v1/instance/", "")
  const answer = asked.startsWith("disks/")
    ? JSON.stringify(disks.map((deviceName) => ({ deviceName, mode: "READ_WRITE" })))
    : attributes[asked.replace("attributes/", "")]
  response.writeHead(answer === undefined ? 404 : 200, { "Metadata-Flavor": "Google" }).end(answer ?? "")
})

const portServer = createServer()
const registryAddress = `127.0.0.1:${await listening(portServer)}`
await new Promise((resolve) => portServer.close(resolve))
writeFileSync(
  join(directory, "registry.yml"),
  `version: 0.1\nlog: { level: error }\nstorage: { filesystem: { rootdirectory: ${directory}/registry } }\nhttp: { addr: "${registryAddress}" }\n`
)
const registry = spawn("docker-registry", ["serve", join(directory, "registry.yml")], { stdio: "ignore" })
const engine = await startEngine(join(directory, "engine"), {})
const docker = (...args: ReadonlyArray<string>) => run("docker", "-H", engine.host, ...args)
const mountRoot = join(directory, "mounts")
const metadataHost = `127.0.0.1:${await listening(metadata)}`
const env = {
  PATH: path,
  DOCKER_HOST: engine.host,
  GCE_METADATA_HOST: metadataHost,
  SLIPWAY_MOUNTED_VOLUMES_PATH_PREFIX: mountRoot,
  SLIPWAY_LOCK: join(directory, "lock"),
  SLIPWAY_STATE: join(directory, "state"),
  SLIPWAY_WELCOME_SCRIPT: join(directory, "welcome.sh"),
  SLIPWAY_OPEN_IPTABLES: "false",
  SLIPWAY_SHOW_WELCOME: "true",
  SLIPWAY_CONFIRM: "0s"
}

/** Busybox, and in `big` 200 MB that do not compress. */
const makeImages = () => {
  const rootfs = join(directory, "rootfs")
  mkdirSync(join(rootfs, "bin"), { recursive: true })
  copyFileSync(run("which", "busybox").trim(), join(rootfs, "bin/busybox"))
  symlinkSync("busybox", join(rootfs, "bin/sleep"))
  const archive = join(directory, "rootfs.tar")
  for (const name of ["app", "big"]) {
    if (name === "big") {
      for (let part = 0; part < 4; part++) writeFileSync(join(rootfs, `ballast${part}`), randomBytes(50_000_000))
    }
    run("tar", "-C", rootfs, "-cf", archive, ".")
    docker("import", "--change", 'CMD ["/bin/sleep","1000000"]', archive, `${registryAddress}/${name}:1`)
    docker("push", "--quiet", `${registryAddress}/${name}:1`)
  }
  rmSync(archive)
}

const makeDisk = (index: number): string => {
  const name = `slipway-bench-${process.pid}-${index}`
  const file = join(directory, name)
  run("truncate", "--size=2G", file)
  const loop = run("losetup", "--find", "--show", file).trim()
  loops.push(loop)
  const link = `/dev/disk/by-id/google-${name}`
  mkdirSync("/dev/disk/by-id", { recursive: true })
  symlinkSync(loop, link)
  links.push(link)
  return name
}
const blank = (name: string) => {
  const file = join(directory, name)
  run("truncate", "--size=0", file)
  run("truncate", "--size=2G", file)
  run("losetup", "--set-capacity", loops[links.indexOf(`/dev/disk/by-id/google-${name}`)]!)
}

interface Case {
  readonly title: string
  readonly image: "app" | "big"
  readonly isPresent: boolean
  readonly disks: ReadonlyArray<string>
  readonly areBlank: boolean
}

const clear = ({ isPresent, areBlank, disks: used }: Case) => {
  const ids = docker("ps", "--all", "--quiet").split("\n").filter(Boolean)
  if (ids.length > 0) docker("rm", "--force", "--volumes", ...ids)
  for (const target of run("cat", "/proc/self/mounts")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .toReversed()) {
    if (target.startsWith(mountRoot)) run("umount", target)
  }
  if (!isPresent) spawnSync("docker", ["-H", engine.host, "system", "prune", "--all", "--force"])
  if (areBlank) used.forEach(blank)
  run("sync", "--file-system", directory)
}

const declaration = ({ image, disks: used }: Case) =>
  JSON.stringify({
    spec: {
      containers: [
        {
          name: "web",
          image: `${registryAddress}/${image}:1`,
          volumeMounts: used.map((name, index) => ({ name, mountPath: `/data${index}` }))
        }
      ],
      volumes: used.map((name) => ({ name, gcePersistentDisk: { pdName: name, fsType: "ext4" } })),
      restartPolicy: "Always"
    }
  })

/** Milliseconds from exec to exit. Not waited for in a way that would keep the metadata server from answering. */
const timed = async (program: string, args: ReadonlyArray<string>): Promise<number> => {
  const began = performance.now()
  const child = spawn(program, args, { env, stdio: ["ignore", "ignore", "pipe"] })
  let stderr = ""
  child.stderr.on("data", (bytes) => (stderr += String(bytes)))
  const [exitCode] = (await once(child, "exit")) as [number | null]
  const took = performance.now() - began
  if (exitCode !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`)
  return took
}

/** What an operator's script does: one thing after the other. */
const byHand = async (what: Case): Promise<number> => {
  const began = performance.now()
  const step = (program: string, ...args: ReadonlyArray<string>) => timed(program, args)
  const volumes: Array<string> = []
  for (const [index, name] of what.disks.entries()) {
    const device = `/dev/disk/by-id/google-${name}`
    const target = join(mountRoot, name)
    if (what.areBlank) await step("mkfs.ext4", "-q", "-m", "0", device)
    mkdirSync(target, { recursive: true })
    await step("mount", device, target)
    volumes.push("--volume", `${target}:/data${index}`)
  }
  const image = `${registryAddress}/${what.image}:1`
  await step("docker", "-H", engine.host, "pull", "--quiet", image)
  const options = ["--detach", "--name", "web", "--network", "host", "--restart", "always", "--log-driver", "json-file"]
  await step("docker", "-H", engine.host, "run", ...options, ...volumes, image)
  return performance.now() - began
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN
const row = (...cells: ReadonlyArray<string>) =>
  console.log(cells.map((cell, index) => (index === 0 ? cell.padEnd(36) : cell.padStart(14))).join(""))
const ms = (value: number) => `${value.toFixed(value < 100 ? 1 : 0)} ms`

try {
  await untilAnswered(`http://${registryAddress}/v2/`)
  makeImages()
  const names = Array.from({ length: 16 }, (_, index) => makeDisk(index))
  const cases: ReadonlyArray<Case> = [
    { title: "image present", image: "app", isPresent: true, disks: [], areBlank: false },
    { title: "200 MB to pull", image: "big", isPresent: false, disks: [], areBlank: false },
    {
      title: "200 MB, two blank disks of 2 GB",
      image: "big",
      isPresent: false,
      disks: names.slice(0, 2),
      areBlank: true
    },
    ...[1, 4, 16].map((count) => ({
      title: `${count} formatted disk${count === 1 ? "" : "s"}`,
      image: "app" as const,
      isPresent: true,
      disks: names.slice(0, count),
      areBlank: false
    }))
  ]
  const ways: Readonly<Record<string, (what: Case) => Promise<number>>> = {
    bundle: () => timed(bundle[0]!, [bundle[1]!, "up"]),
    ...(existsSync(executable) ? { executable: () => timed(executable, ["up"]) } : {}),
    docker: byHand
  }
  docker("pull", "--quiet", `${registryAddress}/app:1`)
  const only = process.env["BENCH_ONLY"]
  row("until it runs", ...Object.keys(ways), "of docker")
  for (const what of cases.filter(({ title }) => only === undefined || title.includes(only))) {
    if (what.isPresent) docker("pull", "--quiet", `${registryAddress}/${what.image}:1`)
    if (!what.areBlank) {
      clear(what)
      for (const name of what.disks) run("mkfs.ext4", "-q", "-F", `/dev/disk/by-id/google-${name}`)
    }
    const times: Record<string, Array<number>> = {}
    attributes["gce-container-declaration"] = declaration(what)
    disks = what.disks
    for (let round = 0; round < rounds; round++) {
      for (const [way, boot] of Object.entries(ways)) {
        clear(what)
        ;(times[way] ??= []).push(await boot(what))
      }
    }
    const medians = Object.keys(ways).map((way) => median(times[way]!))
    row(what.title, ...medians.map(ms), `${(medians.at(-2)! / medians.at(-1)!).toFixed(2)} ×`)
  }
} finally {
  for (const link of links) rmSync(link, { force: true })
  await engine.stop()
  for (const target of run("cat", "/proc/self/mounts")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .toReversed()) {
    if (target.startsWith(directory)) spawnSync("umount", [target])
  }
  for (const loop of loops) spawnSync("losetup", ["--detach", loop])
  await stopProcess(registry)
  metadata.close()
  rmSync(directory, { recursive: true, force: true })
}
