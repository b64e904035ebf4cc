import { execFileSync, spawnSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { startEngine, stopProcess } from "../../test/engine/engineProcess.ts"
import { startMetadataServer } from "../../test/engine/MetadataServer.ts"
import { startRegistry } from "../../test/engine/registryProcess.ts"

const path = `${process.env["PATH"]}:/usr/sbin:/sbin`

/** Runs a program to its end; gives what it printed. */
export const run = (program: string, ...args: ReadonlyArray<string>): string =>
  execFileSync(program, args, {
    encoding: "utf8",
    env: { ...process.env, PATH: path },
    stdio: ["ignore", "pipe", "pipe"]
  })

/** What is booted, and what the machine is like before. */
export interface Case {
  readonly title: string
  /** Busybox, or with it 200 MB that do not compress. */
  readonly image: "app" | "big"
  readonly isPresent: boolean
  /** How many containers of it; each has all disks. */
  readonly containers: number
  /** Device names. */
  readonly disks: ReadonlyArray<string>
  readonly areBlank: boolean
}

export type Machine = Awaited<ReturnType<typeof makeMachine>>

/** An engine, a registry, a metadata server and disks of one's own, all on loopback and below one directory. */
export const makeMachine = async (listener?: { readonly address: string; readonly port: number }) => {
  const directory = mkdtempSync(join(tmpdir(), "slipway-bench-"))
  const disks = new Map<string, { readonly file: string; readonly loop: string; readonly link: string }>()
  const metadata = await startMetadataServer(listener)
  const registry = await startRegistry(join(directory, "registry"))
  const engine = await startEngine(join(directory, "engine"), {})
  const mountRoot = join(directory, "mounts")
  const docker = (...args: ReadonlyArray<string>) => run("docker", "-H", engine.host, ...args)
  const imageOf = ({ image }: Pick<Case, "image">) => `${registry.address}/${image}:1`

  const unmountBelow = (root: string) => {
    const targets = readFileSync("/proc/self/mounts", "utf8").split("\n")
    for (const target of targets.map((line) => line.split(" ")[1] ?? "").toReversed()) {
      if (target.startsWith(`${root}/`)) spawnSync("umount", [target])
    }
  }

  const makeImages = () => {
    const rootfs = join(directory, "rootfs")
    mkdirSync(join(rootfs, "bin"), { recursive: true })
    copyFileSync(run("which", "busybox").trim(), join(rootfs, "bin/busybox"))
    symlinkSync("busybox", join(rootfs, "bin/sleep"))
    const archive = join(directory, "rootfs.tar")
    for (const image of ["app", "big"] as const) {
      if (image === "big") {
        for (let part = 0; part < 4; part++) writeFileSync(join(rootfs, `ballast${part}`), randomBytes(50_000_000))
      }
      run("tar", "-C", rootfs, "-cf", archive, ".")
      docker("import", "--change", 'CMD ["/bin/sleep","1000000"]', archive, imageOf({ image }))
      docker("push", "--quiet", imageOf({ image }))
    }
    rmSync(archive)
  }

  /** Attaches a blank disk of 2 GB; gives its device name. */
  const attach = (index: number): string => {
    const name = `slipway-bench-${process.pid}-${index}`
    const file = join(directory, name)
    run("truncate", "--size=2G", file)
    const loop = run("losetup", "--find", "--show", file).trim()
    const link = `/dev/disk/by-id/google-${name}`
    disks.set(name, { file, loop, link })
    mkdirSync("/dev/disk/by-id", { recursive: true })
    symlinkSync(loop, link)
    return name
  }

  const blank = (name: string) => {
    const { file, loop } = disks.get(name)!
    run("truncate", "--size=0", file)
    run("truncate", "--size=2G", file)
    run("losetup", "--set-capacity", loop)
  }

  return {
    directory,
    docker,
    dockerHost: engine.host,
    engineSocket: engine.socketPath,
    imageOf,
    mountRoot,
    makeImages,
    attach,
    format: (name: string) => run("mkfs.ext4", "-q", "-F", disks.get(name)!.link),
    linkOf: (name: string) => disks.get(name)!.link,
    /** What the program is told by its environment. */
    env: {
      PATH: path,
      DOCKER_HOST: engine.host,
      GCE_METADATA_HOST: metadata.host,
      SLIPWAY_MOUNTED_VOLUMES_PATH_PREFIX: mountRoot,
      SLIPWAY_LOCK: join(directory, "lock"),
      SLIPWAY_STATE: join(directory, "state"),
      SLIPWAY_WELCOME_SCRIPT: join(directory, "welcome.sh"),
      SLIPWAY_OPEN_IPTABLES: "false",
      SLIPWAY_CONFIRM: "0s"
    },
    declare: (what: Case) => {
      metadata.content.disks = what.disks.map((deviceName) => ({ deviceName, mode: "READ_WRITE" }))
      metadata.content.attributes["gce-container-declaration"] = JSON.stringify({
        spec: {
          containers: Array.from({ length: what.containers }, (_, number) => ({
            name: `web${number}`,
            image: imageOf(what),
            volumeMounts: what.disks.map((name, index) => ({ name, mountPath: `/data${index}` }))
          })),
          volumes: what.disks.map((name) => ({ name, gcePersistentDisk: { pdName: name, fsType: "ext4" } })),
          restartPolicy: "Always"
        }
      })
    },
    /** One container that runs a command, which is stopped without grace. */
    declareRunning: (command: ReadonlyArray<string>) => {
      const containers = [{ name: "web", image: imageOf({ image: "app" }), command }]
      const spec = { containers, terminationGracePeriodSeconds: 0 }
      metadata.content.attributes["gce-container-declaration"] = JSON.stringify({ spec })
    },
    /** As before the first boot. */
    clear: ({ isPresent, areBlank, disks: used }: Case) => {
      const ids = docker("ps", "--all", "--quiet").split("\n").filter(Boolean)
      if (ids.length > 0) docker("rm", "--force", "--volumes", ...ids)
      unmountBelow(mountRoot)
      if (!isPresent) docker("system", "prune", "--all", "--force")
      if (areBlank) used.forEach(blank)
      run("sync", "--file-system", directory)
    },
    stop: async () => {
      for (const { link } of disks.values()) rmSync(link, { force: true })
      await engine.stop()
      unmountBelow(directory)
      for (const { loop } of disks.values()) spawnSync("losetup", ["--detach", loop])
      await stopProcess(registry.process)
      metadata.stop()
      rmSync(directory, { recursive: true, force: true })
    }
  }
}
