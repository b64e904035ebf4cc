/**
 * Judges what a release installs under a real systemd: node scripts/release/trySystemd.ts FILE.deb EXECUTABLE [SUITE],
 * bookworm where none is named. Needs root, debootstrap, systemd-nspawn (systemd-container), dockerd and docker
 * (docker.io), busybox (busybox-static) and a Debian mirror; downloads about 150 MB.
 *
 * A root of Debian boots under systemd-nspawn, with systemd as PID 1, beside an engine and a metadata server on loopback.
 * In it a stand-in for konlet's unit runs, and a container that has konlet's name. The package leaves both alone,
 * `slipway migrate` takes over and `uninstall` gives back; the executable installs its unit, is upgraded, and goes back
 * from one that does not come up; and the machine shuts down, which stops the containers. It then boots as a new VM of
 * Debian's, where cloud-init does what the user data says.
 *
 * What it cannot judge: disks and the firewall, which are the host's (the tests with an engine do), and user data on
 * Container-Optimized OS, of which there is no root.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { startEngine } from "../../test/engine/engineProcess.ts"
import { startMetadataServer } from "../../test/engine/MetadataServer.ts"
import { listening } from "../../test/engine/registryProcess.ts"

const [packageFile, executable, suite = "bookworm"] = process.argv.slice(2)
if (packageFile === undefined || executable === undefined) throw new Error("which FILE.deb, and which EXECUTABLE?")
const mirror = process.env["MIRROR"] ?? "http://deb.debian.org/debian"

interface Ended {
  readonly exitCode: number
  readonly output: string
}

/** Runs a program to its end. */
const run = (program: string, args: ReadonlyArray<string>) =>
  new Promise<Ended>((resolve) => {
    execFile(program, args, { maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === "number" ? error.code : 127
      resolve({ exitCode, output: `${stdout}${stderr}${exitCode === 127 ? error?.message : ""}`.trim() })
    })
  })

const say = (text: string) => process.stdout.write(`${suite}: ${text}\n`)

const holds = (what: string, isSo: boolean, output = "") => {
  if (!isSo) throw new Error(`FAILED: ${what}\n${output.split("\n").slice(-30).join("\n")}`)
}

/** Runs a program that must end with the exit code. */
const must = async (ended: Promise<Ended>, what: string, exitCode = 0): Promise<string> => {
  const { exitCode: actual, output } = await ended
  holds(`${what}: exit code ${actual}`, actual === exitCode, output)
  return output
}

const pause = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis))

/** Asks until it is so, two minutes at most. */
const until = async (what: string, isSo: () => Promise<boolean>) => {
  const deadline = Date.now() + 120_000
  while (!(await isSo())) {
    holds(`${what}, within two minutes`, Date.now() < deadline)
    await pause(250)
  }
}

const work = mkdtempSync(join(tmpdir(), "slipway-systemd-"))
const root = join(work, "root")
const closing: Array<() => unknown> = [() => rmSync(work, { recursive: true, force: true })]

/** Boots the root, and gives what runs programs in it. */
const boot = async (binds: ReadonlyArray<string>, env: Readonly<Record<string, string>>) => {
  const machine: ChildProcess = spawn(
    "systemd-nspawn",
    ["--quiet", "--directory", root, "--register=no", "--keep-unit", "--console=pipe", "--boot", ...binds],
    { stdio: "ignore", env: { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: "1" } }
  )
  const ended = once(machine, "exit")
  closing.unshift(async () => {
    if (machine.exitCode !== null || machine.signalCode !== null) return
    machine.kill("SIGKILL")
    await ended
  })
  let leader = ""
  await until("the machine has a first process", async () => {
    holds("systemd-nspawn runs", machine.exitCode === null)
    const children = readFileSync(`/proc/${machine.pid}/task/${machine.pid}/children`, "utf8").trim().split(" ")
    leader = children[0] ?? ""
    return leader !== "" && readFileSync(`/proc/${leader}/comm`, "utf8") === "systemd\n"
  })
  const path = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C.UTF-8" }
  const variables = Object.entries({ ...path, ...env }).map(([name, value]) => `${name}=${value}`)
  const namespaces = ["--mount", "--uts", "--ipc", "--pid", "--cgroup", "--root", "--wd"]
  const entering = ["--target", leader, ...namespaces, "env", "--ignore-environment", ...variables]
  const inside = (program: string, ...args: ReadonlyArray<string>) => run("nsenter", [...entering, program, ...args])
  await until("the machine has booted", async () => {
    const { output } = await inside("systemctl", "is-system-running")
    return output === "running" || output === "degraded"
  })
  return { inside, ended }
}

const judge = async () => {
  await must(
    run("debootstrap", [
      "--variant=minbase",
      "--include=systemd,systemd-sysv,dbus,curl,procps,init-system-helpers",
      suite,
      root,
      mirror
    ]),
    "debootstrap"
  )
  // Not by debootstrap, which does not find all that it depends on.
  const inRoot = ["env", "--ignore-environment", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive"]
  const install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", "cloud-init"]
  await must(run("chroot", [root, ...inRoot, ...install]), "apt-get install cloud-init")

  const engine = await startEngine(join(work, "engine"), {})
  closing.unshift(engine.stop)
  const docker = (...args: ReadonlyArray<string>) => run("docker", ["--host", engine.host, ...args])
  mkdirSync(join(work, "image/bin"), { recursive: true })
  cpSync("/bin/busybox", join(work, "image/bin/busybox"))
  await must(
    run("tar", ["--create", "--directory", join(work, "image"), "--file", join(work, "image.tar"), "."]),
    "tar"
  )
  const image = "registry.invalid/shop:1"
  const command = ["/bin/busybox", "sh", "-c", "trap 'exit 0' TERM; while :; do /bin/busybox sleep 1; done"]
  for (const tag of ["1", "2"]) {
    const changes = ["--change", `CMD ${JSON.stringify(command)}`, "--change", `LABEL release=${tag}`]
    await must(docker("import", ...changes, join(work, "image.tar"), `registry.invalid/shop:${tag}`), "docker import")
  }
  const containers = async () =>
    (await must(docker("ps", "--format", "{{.Names}} {{.Image}}"), "docker ps")).split("\n")

  const metadata = await startMetadataServer()
  closing.unshift(metadata.stop)
  const declared = (tag: string) =>
    `spec: {containers: [{name: web, image: 'registry.invalid/shop:${tag}', imagePullPolicy: Never}]}`
  metadata.content.attributes["gce-container-declaration"] = declared("1")

  // What is downloaded: the executable with one byte more, and one that answers and does not come up.
  const newer = Buffer.concat([readFileSync(executable), Buffer.from("\n")])
  const broken = Buffer.from(
    '#!/bin/sh\ncase "$1" in --version) echo "slipway v9.9.9" ;; install) exit 0 ;; *) exit 1 ;; esac\n'
  )
  const served: Readonly<Record<string, Buffer>> = { "/newer": newer, "/broken": broken }
  const server = createServer((request, response) => response.end(served[request.url ?? ""]))
  const address = `http://127.0.0.1:${await listening(server)}`
  closing.unshift(() => server.close())
  const from = (path: string) => {
    const digest = createHash("sha256").update(served[path]!).digest("hex")
    return ["--url", `${address}${path}`, "--sha256", digest]
  }

  const env = { DOCKER_HOST: "unix:///engine/docker.sock", GCE_METADATA_HOST: metadata.host }
  const settings = { ...env, SLIPWAY_OPEN_IPTABLES: "no", SLIPWAY_CONFIRM: "1s" }
  const settingLines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`)
  // The stand-in starts nothing: what counts is its unit, and the container that konlet has left.
  const standIn = "usr/lib/systemd/system/konlet-startup.service"
  writeFileSync(
    join(root, standIn),
    "[Unit]\nDescription=konlet\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n"
  )
  cpSync(packageFile, join(root, "slipway.deb"))
  cpSync(executable, join(root, "slipway"))
  chmodSync(join(root, "slipway"), 0o755)
  const binds = [`--bind=${join(work, "engine")}:/engine`]
  const { inside, ended } = await boot(binds, settings)
  const unit = async (name: string) => {
    const asked = ["ActiveState", "UnitFileState", "LoadState"]
    const shown = await must(
      inside("systemctl", "show", `--property=${asked.join(",")}`, name),
      `systemctl show ${name}`
    )
    return Object.fromEntries(shown.split("\n").map((line) => line.split("="))) as Readonly<Record<string, string>>
  }
  say(`booted: ${(await must(inside("systemctl", "--version"), "systemctl")).split("\n")[0]}`)

  await must(inside("systemctl", "enable", "--now", "konlet-startup.service"), "konlet's stand-in starts")
  await must(
    docker("run", "--detach", "--name", "klt-web-zzzz", "--restart", "always", "--network", "host", image),
    "docker run"
  )

  await must(inside("dpkg", "--install", "/slipway.deb"), "the package installs")
  const beside = await unit("slipway.service")
  holds("beside konlet the package starts nothing", beside["ActiveState"] === "inactive", JSON.stringify(beside))
  holds("beside konlet the package enables nothing", beside["UnitFileState"] === "disabled", JSON.stringify(beside))
  say("beside konlet the package neither enables nor starts its unit")
  writeFileSync(join(root, "etc/default/slipway"), settingLines.join(""))

  const looked = await must(inside("slipway", "migrate"), "slipway migrate")
  holds(
    "it names konlet's container",
    looked.includes("klt-web-zzzz (registry.invalid/shop:1), which konlet runs"),
    looked
  )
  holds("the dry run changes nothing", (await unit("konlet-startup.service"))["ActiveState"] === "active")
  holds("the dry run changes nothing", (await containers()).join() === `klt-web-zzzz ${image}`)
  const moved = await must(inside("slipway", "migrate", "--no-dry-run"), "slipway migrate --no-dry-run")
  const ours = await unit("slipway.service")
  holds(
    "the unit is up, and starts at boot",
    ours["ActiveState"] === "active" && ours["UnitFileState"] === "enabled",
    moved
  )
  holds("konlet is masked", (await unit("konlet-startup.service"))["LoadState"] === "masked")
  const [name, ...others] = await containers()
  holds(
    "its container was replaced",
    others.length === 0 && /^klt-web-(?!zzzz)[a-z]{4} /.test(name ?? ""),
    `${name} ${others}`
  )
  await must(inside("slipway", "status"), "slipway status")
  say("slipway migrate --no-dry-run takes over: the unit is up, konlet is masked, its container replaced")

  metadata.content.attributes["slipway-declaration"] = declared("2")
  await until("a changed declaration is applied", async () => (await containers()).join().endsWith("shop:2"))
  await must(inside("systemctl", "reload", "slipway.service"), "systemctl reload slipway")
  await must(inside("systemctl", "restart", "slipway.service"), "systemctl restart slipway")
  holds("a restart leaves the container running", (await containers()).join().endsWith("shop:2"))
  const problems = await must(inside("systemd-analyze", "verify", "slipway.service"), "systemd-analyze verify")
  holds("systemd-analyze verify has nothing against the unit", !/slipway/.test(problems), problems)
  say("a changed declaration is applied, reload and restart work")

  const running = (await containers()).join()
  await must(inside("slipway", "uninstall"), "slipway uninstall")
  const back = await unit("konlet-startup.service")
  holds(
    "konlet may start again",
    back["LoadState"] === "loaded" && back["UnitFileState"] === "enabled",
    JSON.stringify(back)
  )
  await must(inside("systemctl", "start", "konlet-startup.service"), "konlet starts again")
  holds("the container runs on", (await containers()).join() === running)
  await must(inside("systemctl", "disable", "--now", "konlet-startup.service"), "konlet's stand-in stops")
  rmSync(join(root, standIn))
  await must(inside("dpkg", "--purge", "slipway"), "the package is purged")
  holds(
    "a purge removes settings and state",
    !existsSync(join(root, "etc/default/slipway")) && !existsSync(join(root, "var/lib/slipway"))
  )
  say("uninstall gives back to konlet, a purge leaves nothing")

  writeFileSync(join(root, "etc/default/slipway"), settingLines.join(""))
  await must(inside("install", "-m", "755", "/slipway", "/usr/local/bin/slipway"), "the executable is put there")
  await must(inside("slipway", "install", "--once"), "slipway install --once")
  await must(inside("systemctl", "start", "slipway"), "the unit that runs up")
  holds("it has done its work", (await unit("slipway.service"))["ActiveState"] === "active")
  await must(inside("slipway", "install"), "slipway install")
  await must(inside("systemctl", "restart", "slipway"), "the unit that runs the agent")
  holds("the containers kept running", (await containers()).join().endsWith("shop:2"))
  say("the executable installs its unit, with --once and without")

  await must(inside("slipway", "install", ...from("/newer")), "slipway install --url")
  const at = (path: string) =>
    createHash("sha256")
      .update(readFileSync(join(root, path)))
      .digest("hex")
  const digestOf = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex")
  holds("the newer one is there", at("usr/local/bin/slipway") === digestOf(newer))
  holds("the old one is kept", existsSync(join(root, "usr/local/bin/slipway.old")))
  holds("the unit is up", (await unit("slipway.service"))["ActiveState"] === "active")
  const refused = await must(inside("slipway", "install", ...from("/broken")), "an upgrade that does not come up", 1)
  holds("the message says that it went back", /is the old one again/.test(refused), refused)
  holds("the one before is back", at("usr/local/bin/slipway") === digestOf(newer), refused)
  await until("the unit is up again", async () => (await unit("slipway.service"))["ActiveState"] === "active")
  holds("the containers kept running", (await containers()).join().endsWith("shop:2"))
  say("install --url upgrades, and goes back from one that does not come up")

  await inside("systemctl", "poweroff")
  await ended
  const states = await must(docker("ps", "--all", "--format", "{{.Names}} {{.State}}"), "docker ps")
  holds("the containers were stopped as the machine went down", /^klt-web-\w+ exited$/.test(states), states)
  say("as the machine shuts down, the agent stops the containers")

  // A new VM has nothing of it but what its user data says. cloud-init finds that as on any host, in the seed's folder.
  const made = [
    "etc/systemd/system/slipway.service",
    "etc/default/slipway",
    "var/lib/slipway",
    "usr/local/bin",
    "slipway"
  ]
  for (const path of [...made, "etc/systemd/system/multi-user.target.wants/slipway.service"]) {
    rmSync(join(root, path), { recursive: true, force: true })
  }
  await must(docker("rm", "--force", await must(docker("ps", "--all", "--quiet"), "docker ps")), "docker rm")
  const settingsFile = join(work, "settings")
  writeFileSync(settingsFile, settingLines.join(""))
  const print = ["install", "--print", "cloud-init", "--system", "debian", "--settings", settingsFile]
  const userData = await must(run(executable, [...print, ...from("/newer")]), "slipway install --print cloud-init")
  const seed = join(root, "var/lib/cloud/seed/nocloud")
  mkdirSync(seed, { recursive: true })
  // The engine is the one beside the machine, which has no other.
  writeFileSync(join(seed, "user-data"), `${userData.replace(", docker.io]", "]")}\n`)
  writeFileSync(join(seed, "meta-data"), "instance-id: vm-2\nlocal-hostname: vm-2\n")
  const second = await boot(binds, {})
  // Whether cloud-init is content does not count: it also makes keys and locales, for which the root has no programs.
  await until("what is declared runs, by user data", async () => (await containers()).join().endsWith("shop:2"))
  await until(
    "the unit is up",
    async () => (await second.inside("systemctl", "is-active", "slipway")).output === "active"
  )
  const shown = await must(
    second.inside("systemctl", "show", "--property=ActiveState,UnitFileState", "slipway"),
    "show"
  )
  holds("the unit is up, and starts at boot", shown === "ActiveState=active\nUnitFileState=enabled", shown)
  await second.inside("systemctl", "poweroff")
  await second.ended
  say("user data installs it on a new VM, and what is declared runs")
}

let failure: unknown
try {
  await judge()
} catch (error) {
  failure = error
  if (process.env["SLIPWAY_KEEP"] !== undefined) {
    process.stderr.write(`${String(error)}\nkept: ${basename(work)}; Enter ends\n`)
    await once(process.stdin, "data")
  }
}
for (const close of closing) await close()
if (failure !== undefined) throw failure
