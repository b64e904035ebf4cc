import { execFileSync } from "node:child_process"
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, inject } from "vitest"
import manifest from "../../package.json" with { type: "json" }
import { makeCollector } from "../cli/telemetry/Collector.ts"
import { HostFixture } from "../vm/host/HostContract.ts"
import { privateSettings, slipway } from "./executable.ts"
import { bench, layerVm, onClearVm, Vm } from "./Vm.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
let directory = ""
let file = ""

const declare = (image: string, rest = "") =>
  `spec:\n  containers:\n    - name: web\n      image: ${bench().registry}/${image}\n${rest}`

describe.skipIf(inject("bench") === undefined)("the single executable", () => {
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "slipway-single-"))
    file = join(directory, "slipway")
    execFileSync(process.execPath, [join(root, "scripts/executable.ts"), file], { stdio: ["ignore", "ignore", "pipe"] })
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)
    const single = (...[args, env, onOutput]: Parameters<typeof slipway>) => slipway(args, env, onOutput, [file])

    test("starts the VM's container, and finds it there the next time", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        vm.metadata.attributes["gce-container-declaration"] = declare("app:1")
        const first = yield* single(["up"])
        assert.strictEqual(first.exitCode, 0, first.stderr)
        assert.match(first.stdout, /^klt-web-[a-z]{4} was started: running/)
        const second = yield* single(["up"])
        assert.match(second.stdout, /was as declared: running/)
        assert.lengthOf(yield* vm.containers, 1)
      }))

    test("tells a collector of its runs, and of none that it was made with", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const collector = yield* makeCollector
        vm.metadata.attributes["gce-container-declaration"] = declare("app:1")
        const up = yield* single(["up"], { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint })
        assert.strictEqual(up.exitCode, 0, up.stderr)
        assert.deepStrictEqual(collector.problems, [])
        assert.deepStrictEqual(collector.counted("slipway.runs"), { done: 1 })
        assert.isTrue(collector.spans.some(({ name }) => name === "slipway.startup"))
      }).pipe(Effect.scoped))

    test("what cannot work ends with 78, a signal with 143, and the container that ran before runs", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        vm.metadata.attributes["gce-container-declaration"] = declare("app:1", "  restartPolicy: Allways\n")
        const wrong = yield* single(["up"])
        assert.strictEqual(wrong.exitCode, 78)
        assert.include(wrong.stderr, "Always")
        vm.metadata.attributes["gce-container-declaration"] = declare("app:1")
        assert.strictEqual((yield* single(["up"])).exitCode, 0)
        const before = yield* vm.containers
        vm.metadata.attributes["gce-container-declaration"] = declare("app:2")
        let isSent = false
        const stopped = yield* single(["up", "--confirm", "1m"], {}, (stderr, kill) => {
          if (isSent || !stderr.includes("done: start")) return
          // Once: a second signal is not waited for.
          isSent = true
          kill("SIGTERM")
        })
        assert.strictEqual(stopped.exitCode, 143, stopped.stderr)
        assert.deepStrictEqual(yield* vm.containers, before)
      }))

    test("its snapshot holds no environment, no time and no chance of the machine that made it", () =>
      Effect.gen(function* () {
        // Nothing listens on port 1: it says so by the time of now, and tries again by chance.
        const pauses = (text: string) => [...text.matchAll(/the next is in (\S+)/g)].map(([, pause]) => pause)
        const asked = Effect.fnUntraced(function* (variables: Readonly<Record<string, string>>) {
          const env = { GCE_METADATA_HOST: "127.0.0.1:1", SLIPWAY_LOG_FORMAT: "json", ...variables }
          const { stderr } = yield* single(["up"], env, (stderr, kill) => {
            if (pauses(stderr).length >= 3) kill("SIGKILL")
          })
          return stderr
        })
        const began = Date.now()
        const one = yield* asked({})
        const first = JSON.parse(one.slice(0, one.indexOf("\n"))) as { readonly timestamp: string }
        assert.isAtLeast(Date.parse(first.timestamp), began)
        assert.isAtMost(Date.parse(first.timestamp), Date.now())
        const other = yield* asked({ GCE_METADATA_HOST: "127.0.0.1:2" })
        assert.notDeepEqual(pauses(one).slice(0, 3), pauses(other).slice(0, 3))
        assert.include(other, "127.0.0.1:2")
      }))

    test("its snapshot holds no clock: what a run took is what passed while it ran", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        vm.metadata.attributes["gce-container-declaration"] = declare("app:1")
        const began = performance.now()
        const { stdout } = yield* single(["up"])
        const passed = (performance.now() - began) / 1000
        const [, took] = /in all +([\d.]+) s/.exec(stdout) ?? []
        assert.isAbove(Number(took), 0, stdout)
        // It is told rounded.
        assert.isAtMost(Number(took), passed + 0.5, stdout)
        const [, start] = /start web +█+ +([\d.]+) s/.exec(stdout) ?? []
        assert.isAbove(Number(start), 0, stdout)
      }))

    describe("in a container of its own image", () => {
      /** Runs it with what --privileged gives, as far as it is used: the host's namespaces and its disks. */
      const inContainer = Effect.fnUntraced(function* (
        env: Readonly<Record<string, string>>,
        ...options: ReadonlyArray<string>
      ) {
        const vm = yield* Vm
        const capabilities = ["SYS_ADMIN", "SYS_PTRACE", "SYS_CHROOT", "NET_ADMIN", "DAC_READ_SEARCH"]
        const settings = { ...(yield* privateSettings), SLIPWAY_CONFIRM: "0s", ...env }
        // This process stands for the host's first, whose namespace not every test machine may look at.
        return yield* vm.docker(
          ..."run --rm --name agent --pid host --security-opt seccomp=unconfined".split(" "),
          ..."--security-opt apparmor=unconfined".split(" "),
          "--device-cgroup-rule=b *:* rwm",
          `--volume=/proc/${process.pid}:/host_proc/1`,
          `--volume=${vm.engine.socketPath}:${vm.engine.socketPath}`,
          ...capabilities.flatMap((name) => ["--cap-add", name]),
          ...Object.entries(settings).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
          ...options,
          `slipway:${manifest.version}`
        )
      })
      const load = Effect.gen(function* () {
        const vm = yield* Vm
        const archive = join(directory, "image.tar")
        if (!existsSync(archive)) {
          execFileSync(process.execPath, [join(root, "scripts/image.ts"), archive], {
            env: { ...process.env, SLIPWAY_EXECUTABLE: file }
          })
        }
        yield* vm.docker("load", "--input", archive)
      })

      test("starts a workload, and mounts its disk in the host's namespace", () =>
        Effect.gen(function* () {
          const vm = yield* Vm
          const host = yield* HostFixture
          yield* load
          const disk = yield* host.attach("blank")
          vm.metadata.disks.push({ deviceName: disk, mode: "READ_WRITE" })
          vm.metadata.attributes["gce-container-declaration"] = `spec:
  containers:
    - name: web
      image: ${bench().registry}/app:1
      volumeMounts: [{ name: data, mountPath: /data }]
  volumes: [{ name: data, gcePersistentDisk: { pdName: ${disk} } }]
`
          const said = yield* inContainer({}, "--network=host")
          assert.match(said, /^klt-web-[a-z]{4} was started: running/)
          const [name] = yield* vm.containers
          const mounts = yield* vm.docker("exec", name!, "cat", "/proc/mounts")
          assert.match(mounts, /^\S+ \/data ext4 rw/m)
          const ours = readFileSync("/proc/self/mounts", "utf8")
          assert.include(ours, `${host.mountRoot}/gce-persistent-disks/${disk} ext4`)
        }))

      test("opens the firewall of the network that it is in, by the host's own iptables, and closes it", () =>
        Effect.gen(function* () {
          const vm = yield* Vm
          yield* load
          const declaration = join(directory, "web.yaml")
          writeFileSync(declaration, declare("app:1"))
          // A network that is nobody's but this test's stands for the host's.
          yield* vm.docker("run", "--detach", "--name", "net", "--network", "none", `${bench().registry}/app:1`)
          const pid = (yield* vm.docker("inspect", "--format", "{{.State.Pid}}", "net")).trim()
          const rules = () =>
            ["iptables-save", "ip6tables-save"].map((program) =>
              execFileSync("nsenter", [`--net=/proc/${pid}/ns/net`, "--", program, "-t", "filter"], {
                encoding: "utf8",
                env: { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` }
              })
            )
          const boot = (open: boolean) =>
            inContainer(
              { SLIPWAY_OPEN_IPTABLES: `${open}`, SLIPWAY_DECLARATION: "/web.yaml" },
              "--network=container:net",
              `--volume=${declaration}:/web.yaml:ro`
            )
          for (const text of rules()) assert.notInclude(text, "SLIPWAY")
          assert.match(yield* boot(true), /^klt-web-[a-z]{4} was started: running/)
          for (const text of rules()) assert.match(text, /^-A INPUT -j SLIPWAY$/m)
          assert.match(yield* boot(false), /was as declared/)
          for (const text of rules()) assert.notInclude(text, "SLIPWAY")
        }))
    })

    test("runs where there is no Node and nothing but the C and C++ libraries", () =>
      Effect.sync(() => {
        const chroot = join(directory, "chroot")
        const libraries = execFileSync("ldd", [file], { encoding: "utf8" }).match(/\/\S+\.so\S*/g) ?? []
        // What a minimal Debian has. Any other would be an error of the loader, on an operator's VM.
        const allowed = /\/(ld-linux[\w-]*|libc|libm|libdl|libpthread|libgcc_s|libstdc\+\+)\.so\.\d+$/
        assert.deepStrictEqual(
          libraries.filter((library) => !allowed.test(library)),
          []
        )
        for (const library of libraries) {
          mkdirSync(join(chroot, dirname(library)), { recursive: true })
          copyFileSync(library, join(chroot, library))
        }
        copyFileSync(file, join(chroot, "slipway"))
        writeFileSync(join(chroot, "web.yaml"), "spec:\n  containers:\n    - name: web\n      image: app:1\n")
        const run = (...args: ReadonlyArray<string>) =>
          execFileSync("/usr/sbin/chroot", [chroot, "/slipway", ...args], { encoding: "utf8", env: {} })
        assert.strictEqual(run("--version").trim(), `slipway v${manifest.version}`)
        assert.strictEqual(run("check", "/web.yaml").trim(), "/web.yaml: ok")
        assert.include(run("rehearse", "/web.yaml"), "was started")
      }))
  })
})
