import { randomBytes } from "node:crypto"
import { type ChildProcess, execFileSync, spawnSync } from "node:child_process"
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { createServer, request, type Server } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { TestProject } from "vitest/node"
import { startEngine, stopProcess } from "./engineProcess.ts"
import { engines, enginesFolder, engineUnderTest } from "./engines.ts"
import { listening, startRegistry } from "./registryProcess.ts"

/** What the tests against a real engine find ready: registries with images in them. */
export interface Bench {
  /** `host:port` of a registry that is open to all. */
  readonly registry: string
  /** `host:port` of a registry that wants the user `_token` with the password `token`. */
  readonly privateRegistry: string
  readonly token: string
  /** Address of a proxy through which `us-docker.pkg.dev` is the private registry; for an engine's `HTTP_PROXY`. */
  readonly googleProxy: string
}

declare module "vitest" {
  interface ProvidedContext {
    bench: Bench | undefined
  }
}

const programs = [
  "dockerd",
  "docker",
  "docker-registry",
  "busybox",
  "htpasswd",
  "mkfs.ext4",
  "mkfs.xfs",
  "sfdisk",
  "systemd-analyze"
]
const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` }

/** Makes the images, whichever engine is tested: they are to be the same for all. */
const builder = engines[0]!

/** What keeps the engine tests from running here; undefined where nothing does. */
const missing = (): string | undefined => {
  if (process.env["SLIPWAY_ENGINE_TESTS"] === "0") return "SLIPWAY_ENGINE_TESTS is 0"
  if (process.getuid?.() !== 0) return "they need root"
  const absent = programs.filter((program) => spawnSync("which", [program], { env }).status !== 0)
  if (absent.length > 0)
    return `they need ${absent.join(", ")} (Debian: apt-get install docker.io docker-registry busybox-static apache2-utils e2fsprogs xfsprogs fdisk systemd)`
  const { name, prepared } = engineUnderTest()
  return prepared === undefined || existsSync(join(enginesFolder(), prepared, "version"))
    ? undefined
    : `${name} is not in ${enginesFolder()} (scripts/engines/prepare.sh ${enginesFolder()} ${prepared})`
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const reason = missing()
  if (reason !== undefined) {
    // Who names an engine wants the tests on it.
    const isWanted = process.env["SLIPWAY_REQUIRE_ENGINE"] === "1" || process.env["SLIPWAY_ENGINE"] !== undefined
    if (isWanted) throw new Error(`engine tests cannot run: ${reason}`)
    process.stderr.write(`engine tests skipped: ${reason}. To run them: npm test, as root, with these installed.\n`)
    project.provide("bench", undefined)
    return async () => {}
  }
  const directory = mkdtempSync(join(tmpdir(), "slipway-bench-"))
  const children: Array<ChildProcess> = []
  const servers: Array<Server> = []
  const stop = async () => {
    for (const server of servers) {
      server.closeAllConnections()
      server.close()
    }
    for (const child of children.toReversed()) await stopProcess(child)
    rmSync(directory, { recursive: true, force: true })
  }
  try {
    const token = "bench-registry-token"
    const open = await startRegistry(join(directory, "open"))
    children.push(open.process)
    const closed = await startRegistry(join(directory, "private"), token)
    children.push(closed.process)
    const { address: registry } = open
    const { address: privateRegistry } = closed
    const proxy = createServer((incoming, outgoing) => {
      // The engine speaks to it as to a proxy: with the whole URL.
      const url = new URL(incoming.url ?? "/", "http://nowhere.invalid")
      const [host, port] = privateRegistry.split(":")
      const onward = request(
        {
          host,
          port,
          method: incoming.method,
          path: url.pathname + url.search,
          headers: { ...incoming.headers, host: privateRegistry }
        },
        (answer) => {
          // Where to upload or authenticate must be said in the name that was asked for.
          const headers = { ...answer.headers }
          if (headers.location !== undefined) headers.location = headers.location.replace(privateRegistry, url.host)
          outgoing.writeHead(answer.statusCode ?? 502, headers)
          answer.pipe(outgoing)
        }
      )
      onward.on("error", () => outgoing.destroy())
      incoming.pipe(onward)
    })
    // Registries are tried by https first. The tunnel leads to a server that does not speak TLS, so that http follows: a
    // proxy that refuses the tunnel would be enough for dockerd, but containerd gives up on that.
    proxy.on("connect", (_, socket) => {
      socket.on("error", () => {})
      socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n")
    })
    servers.push(proxy)
    const googleProxy = `http://127.0.0.1:${await listening(proxy)}`
    await fillRegistries(directory, registry, privateRegistry, token)
    project.provide("bench", { registry, privateRegistry, token, googleProxy })
    return stop
  } catch (error) {
    await stop()
    throw error
  }
}

/** Images of one static busybox each, told apart by what they run. Names are those of `images` in Bench.ts. */
const fillRegistries = async (directory: string, open: string, closed: string, token: string): Promise<void> => {
  const engine = await startEngine(join(directory, "builder"), {}, builder)
  try {
    const rootfs = join(directory, "rootfs")
    for (const folder of ["bin", "tmp", "etc", "proc", "sys", "dev"])
      mkdirSync(join(rootfs, folder), { recursive: true })
    const busybox = execFileSync("which", ["busybox"], { env, encoding: "utf8" }).trim()
    cpSync(busybox, join(rootfs, "bin/busybox"), { dereference: true })
    chmodSync(join(rootfs, "bin/busybox"), 0o755)
    for (const applet of ["sh", "sleep", "echo", "cat", "true", "false", "env", "touch", "ls"]) {
      symlinkSync("busybox", join(rootfs, "bin", applet))
    }
    const sleeper = 'CMD ["/bin/sh","-c","trap \'exit 0\' TERM; echo up; while :; do sleep 0.1; done"]'
    const stubborn = 'CMD ["/bin/sh","-c","trap : TERM; echo up; while :; do sleep 1; done"]'
    const images: ReadonlyArray<readonly [name: string, ...changes: ReadonlyArray<string>]> = [
      ["app:1", sleeper, "LABEL version=1", "ENV FROM_IMAGE=image"],
      ["app:2", sleeper, "LABEL version=2"],
      ["stubborn:1", stubborn, "LABEL version=1"],
      ["stubborn:2", stubborn, "LABEL version=2"],
      ["job:done", 'CMD ["/bin/sh","-c","echo done; exit 0"]'],
      // An engine that is busy may lose what is said in the moment of the end.
      ["job:fails", 'CMD ["/bin/sh","-c","echo started; echo no database >&2; sleep 0.1; exit 3"]'],
      ["health:good", sleeper, "HEALTHCHECK --interval=100ms --retries=1 CMD true"],
      ["health:bad", sleeper, "HEALTHCHECK --interval=100ms --retries=1 CMD false"]
    ]
    const config = join(directory, "docker-config")
    mkdirSync(config)
    const auth = Buffer.from(`_token:${token}`).toString("base64")
    writeFileSync(join(config, "config.json"), JSON.stringify({ auths: { [closed]: { auth } } }))
    const archive = join(directory, "rootfs.tar")
    execFileSync("tar", ["-C", rootfs, "-cf", archive, "."])
    const docker = (...args: ReadonlyArray<string>) =>
      execFileSync("docker", ["--config", config, "-H", engine.host, ...args], {
        env,
        stdio: ["ignore", "ignore", "pipe"]
      })
    for (const [name, ...changes] of images) {
      docker("import", ...changes.flatMap((change) => ["--change", change]), archive, `${open}/${name}`)
      docker("push", `${open}/${name}`)
    }
    // Images with a user, by number and by a name that they know, in a group of its own and in another.
    writeFileSync(join(rootfs, "etc/passwd"), "root:x:0:0::/:/bin/sh\napp:x:1000:2000::/:/bin/sh\n")
    writeFileSync(join(rootfs, "etc/group"), "root:x:0:\napp:x:2000:\nextra:x:2222:app\n")
    execFileSync("tar", ["-C", rootfs, "-cf", archive, "."])
    for (const [name, user] of [
      ["user:numbered", "1000:2000"],
      ["user:named", "app"]
    ] as const) {
      docker("import", "--change", sleeper, "--change", `USER ${user}`, archive, `${open}/${name}`)
      docker("push", `${open}/${name}`)
    }
    // Eight megabytes that do not compress.
    writeFileSync(join(rootfs, "ballast"), randomBytes(8 << 20))
    execFileSync("tar", ["-C", rootfs, "-cf", archive, "."])
    docker("import", "--change", sleeper, archive, `${open}/big:1`)
    docker("push", `${open}/big:1`)
    docker("tag", `${open}/app:1`, `${open}/moving:latest`)
    docker("push", `${open}/moving:latest`)
    docker("tag", `${open}/app:1`, `${closed}/project/repository/app:1`)
    docker("push", `${closed}/project/repository/app:1`)
  } finally {
    await engine.stop()
  }
}
