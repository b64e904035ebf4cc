import { existsSync } from "node:fs"
import { assert, describe, layer } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { inject } from "vitest"
import { decodeDeclaration } from "../../src/declaration/Declaration.ts"
import { containerSpec } from "../../src/plan/containerSpec.ts"
import { hostNetwork } from "../../src/plan/podNetwork.ts"
import type { Report, ReportedContainer } from "../../src/startup/Report.ts"
import { CommandRunner } from "../../src/vm/host/CommandRunner.ts"
import { devicePath } from "../../src/workload/devicePath.ts"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"
import { Firewall } from "../../src/vm/firewall/Firewall.ts"
import { HostFixture } from "../vm/host/HostContract.ts"
import { resolvedAlone } from "../declaration/check/Declared.ts"
import { bench, boot, isPodman, layerVm, onClearVm, startedAlone as started, unmountAll, Vm } from "./Vm.ts"

/** A declaration of one container. JSON is YAML. */
const declare = (
  container: Record<string, unknown>,
  rest: { readonly volumes?: ReadonlyArray<unknown>; readonly restartPolicy?: string } = {}
): string => JSON.stringify({ spec: { containers: [{ name: "web", ...container }], restartPolicy: "Always", ...rest } })

const image = (name: string): string => `${bench().registry}/${name}`

/** A web container with its data on a disk. */
const withDisk = (deviceName: string, container: Record<string, unknown> = {}): string =>
  declare(
    { image: image("app:1"), volumeMounts: [{ name: "data", mountPath: "/data" }], ...container },
    { volumes: [{ name: "data", gcePersistentDisk: { pdName: deviceName, fsType: "ext4" } }] }
  )

const reading = { volumeMounts: [{ name: "data", mountPath: "/data", readOnly: true }] }

type Running = Extract<Report, { readonly _tag: "Running" }> & ReportedContainer
const idOf = ({ found }: Running): string => Option.getOrThrow(found).id

/** Attaches a disk and lists it in metadata. */
const attach = Effect.fnUntraced(function* (
  role: Parameters<HostFixture["Service"]["attach"]>[0],
  mode = "READ_WRITE"
) {
  const host = yield* HostFixture
  const { metadata } = yield* Vm
  const deviceName = yield* host.attach(role)
  metadata.disks.push({ deviceName, mode })
  return deviceName
})

const sha256 = Effect.fnUntraced(function* (deviceName: string) {
  const runner = yield* CommandRunner
  const { stdout } = yield* runner.run({ program: "sha256sum", args: [devicePath(deviceName, 0)] })
  assert.match(stdout, /^[0-9a-f]{64} /)
  return stdout
})

const write = Effect.fnUntraced(function* (path: string, text: string) {
  const runner = yield* CommandRunner
  assert.strictEqual((yield* runner.run({ program: "tee", args: [path], stdin: text })).exitCode, 0)
})
const read = Effect.fnUntraced(function* (path: string) {
  const runner = yield* CommandRunner
  return (yield* runner.run({ program: "cat", args: [path] })).stdout
})

describe.skipIf(inject("bench") === undefined)("startup on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    test("first boot: the container is what konlet would have made, field by field", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const { mountRoot } = yield* HostFixture
        const disk = yield* attach("blank")
        const report = yield* started(
          JSON.stringify({
            spec: {
              containers: [
                {
                  name: "web",
                  image: image("app:1"),
                  command: ["/bin/sh"],
                  args: ["-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done"],
                  env: [
                    { name: "MODE", value: "production" },
                    { name: "EMPTY", value: "" }
                  ],
                  stdin: true,
                  tty: true,
                  volumeMounts: [
                    { name: "data", mountPath: "/data" },
                    { name: "scratch", mountPath: "/scratch" },
                    { name: "etc", mountPath: "/host-etc", readOnly: true },
                    { name: "data", mountPath: "/data-to-read", readOnly: true }
                  ]
                }
              ],
              volumes: [
                { name: "data", gcePersistentDisk: { pdName: disk, fsType: "ext4" } },
                { name: "scratch", emptyDir: { medium: "Memory" } },
                { name: "etc", hostPath: { path: "/etc" } }
              ],
              restartPolicy: "OnFailure"
            }
          })
        )
        assert.match(report.name, /^klt-web-[a-z]{4}$/)
        const { Config, HostConfig, Mounts, State } = yield* vm.inspect(report.name)
        assert.strictEqual(State.Status, "running")
        assert.strictEqual(Config["Image"], image("app:1"))
        assert.deepStrictEqual(Config["Entrypoint"], ["/bin/sh"])
        assert.deepStrictEqual(Config["Cmd"], ["-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done"])
        assert.deepStrictEqual(Config.Env.slice(0, 2), ["MODE=production", "EMPTY="])
        assert.strictEqual(Config["OpenStdin"], true)
        assert.strictEqual(Config["Tty"], true)
        assert.strictEqual(Config["AttachStdin"], false)
        // Podman tells of all mounts as binds, and of no log options.
        if (!isPodman) assert.deepStrictEqual(HostConfig["Binds"], ["/etc:/host-etc:ro"])
        assert.strictEqual(HostConfig["NetworkMode"], "host")
        assert.strictEqual(HostConfig["Privileged"], false)
        assert.strictEqual(HostConfig["AutoRemove"], false)
        assert.deepStrictEqual(HostConfig.RestartPolicy, { Name: "on-failure", MaximumRetryCount: 0 } as never)
        if (!isPodman) {
          assert.deepStrictEqual(HostConfig["LogConfig"], {
            Type: "json-file",
            Config: { "max-file": "3", "max-size": "500m" }
          })
        }
        const seen = Object.fromEntries(Mounts.map((mount) => [mount["Destination"], [mount["Source"], mount["RW"]]]))
        const data = `${mountRoot}/gce-persistent-disks/${disk}`
        assert.deepStrictEqual(seen, {
          "/data": [data, true],
          "/data-to-read": [data, false],
          "/scratch": [`${mountRoot}/tmpfss/scratch`, true],
          "/host-etc": ["/etc", false]
        })
        // The mounts are what they are said to be, from within.
        const mounted = yield* vm.docker("exec", report.name, "cat", "/proc/mounts")
        assert.match(mounted, / \/data ext4 rw/)
        assert.match(mounted, / \/data-to-read ext4 ro/)
        assert.match(mounted, / \/scratch tmpfs rw/)
        assert.match(mounted, / \/host-etc \S+ ro/)
      }))

    test("without command and args the image's own are used, and no restart policy is Always", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const report = yield* started(JSON.stringify({ spec: { containers: [{ image: image("app:1") }] } }))
        assert.match(report.name, /^klt--[a-z]{4}$/)
        const { Config, HostConfig } = yield* vm.inspect(report.name)
        assert.isEmpty(Config["Entrypoint"] ?? [])
        assert.strictEqual((Config["Cmd"] as ReadonlyArray<string>)[0], "/bin/sh")
        assert.strictEqual(HostConfig.RestartPolicy.Name, "always")
      }))

    test("a second run changes nothing", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const declaration = withDisk(yield* attach("data"))
        const first = yield* started(declaration)
        const before = yield* vm.inspect(first.name)
        const second = yield* started(declaration)
        // Which image a tag stands for is known on Podman only once it is pulled.
        const steps = second.steps.map(({ step }) => step.action._tag)
        assert.deepStrictEqual(steps, isPodman ? ["Pull"] : [])
        assert.isTrue(second.kept)
        assert.deepStrictEqual(yield* vm.inspect(first.name), before)
      }))

    test("a changed declaration replaces the container, and keeps its data", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const { mountRoot } = yield* HostFixture
        const disk = yield* attach("data")
        const first = yield* started(withDisk(disk))
        yield* write(`${mountRoot}/gce-persistent-disks/${disk}/mine`, "written by the first")
        const second = yield* started(withDisk(disk, { env: [{ name: "CHANGED", value: "yes" }] }))
        assert.notStrictEqual(idOf(second), idOf(first))
        assert.strictEqual(second.name, first.name)
        assert.deepStrictEqual(yield* vm.containers, [second.name])
        assert.include((yield* vm.inspect(second.name)).Config.Env, "CHANGED=yes")
        assert.strictEqual(yield* vm.docker("exec", second.name, "cat", "/data/mine"), "written by the first")
        assert.strictEqual(yield* vm.docker("exec", second.name, "cat", "/data/kept"), "data\n")
      }))

    test("a tag that has moved is followed", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const moving = image("moving")
        const declaration = declare({ image: moving })
        const push = (version: string) =>
          Effect.gen(function* () {
            yield* vm.docker("pull", "--quiet", image(`app:${version}`))
            yield* vm.docker("tag", image(`app:${version}`), `${moving}:latest`)
            yield* vm.docker("push", "--quiet", `${moving}:latest`)
            yield* vm.docker("rmi", `${moving}:latest`)
          })
        yield* push("1")
        const first = yield* started(declaration)
        yield* push("2")
        const second = yield* started(declaration)
        assert.strictEqual((yield* vm.inspect(second.name)).Config.Labels["version"], "2")
        assert.notStrictEqual(idOf(second), idOf(first))
        if (!isPodman) assert.notDeepEqual(second.digest, first.digest)
        assert.deepStrictEqual(yield* vm.containers, [second.name])
      }))

    test("a new container that fails gives way to the old one, which runs again as it was", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const disk = yield* attach("data")
        const first = yield* started(withDisk(disk))
        const failure = yield* Effect.flip(boot(withDisk(disk, { image: image("job:fails") })))
        if (failure._tag !== "ContainerFailed") return assert.fail(failure.message)
        assert.deepStrictEqual(failure.exitCode, Option.some(3))
        assert.includeMembers([...failure.lastLogLines], ["started", "no database"])
        assert.deepStrictEqual(yield* vm.containers, [first.name])
        const { Id, State, HostConfig } = yield* vm.inspect(first.name)
        assert.strictEqual(Id, idOf(first))
        assert.strictEqual(State.Status, "running")
        assert.strictEqual(HostConfig.RestartPolicy.Name, "always")
        assert.strictEqual(yield* vm.docker("exec", first.name, "cat", "/data/kept"), "data\n")
      }))

    test("a command that does not exist is said with its exit code; the old container runs again", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const first = yield* started(declare({ image: image("app:1") }))
        const failure = yield* Effect.flip(boot(declare({ image: image("app:1"), command: ["/no/such/program"] })))
        if (failure._tag !== "ContainerFailed") return assert.fail(failure.message)
        assert.deepStrictEqual(failure.exitCode, isPodman ? Option.none() : Option.some(127))
        assert.include(failure.message, "/no/such/program")
        assert.deepStrictEqual(yield* vm.containers, [first.name])
        assert.strictEqual((yield* vm.inspect(first.name)).State.Status, "running")
      }))

    test("a mount root that is reached through a link: the second run has nothing to do, the next unmounts its own", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const host = yield* HostFixture
        const disk = yield* attach("data")
        const mountRoot = `${host.mountRoot}-by-link`
        yield* host.link(mountRoot, host.mountRoot)
        const declaration = withDisk(disk)
        const first = yield* started(declaration, { mountRoot })
        assert.strictEqual(yield* vm.docker("exec", first.name, "cat", "/data/kept"), "data\n")
        const again = yield* started(declaration, { mountRoot })
        assert.isTrue(again.kept)
        assert.deepStrictEqual(again.steps, [])
        const next = yield* started(declare({ image: image("app:2") }), { mountRoot })
        assert.deepStrictEqual(yield* vm.containers, [next.name])
        const back = yield* started(declaration, { mountRoot })
        assert.strictEqual(yield* vm.docker("exec", back.name, "cat", "/data/kept"), "data\n")
      }))

    test("the values of env are hidden in what a container says, and in what the engine quotes of it", () =>
      Effect.gen(function* () {
        const env = [
          { name: "PASSWORD", value: "s3cr3t v4lue" },
          { name: "KEY", value: "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\n-----END KEY-----" }
        ]
        // Brought back after each: one that is left failing is started again and again meanwhile.
        yield* started(declare({ image: image("app:1"), env }))
        const says = 'echo "password: $PASSWORD"; echo "$KEY"; printf "shop:%s" "$PASSWORD" | base64; exit 3'
        const failure = yield* Effect.flip(boot(declare({ image: image("app:1"), env, command: ["sh", "-c", says] })))
        if (failure._tag !== "ContainerFailed") return assert.fail(failure.message)
        assert.includeMembers([...failure.lastLogLines], ["password: [value of PASSWORD]", "[value of KEY]"])
        const missing = declare({ image: image("app:1"), env, command: ["s3cr3t v4lue"] })
        const quoted = yield* Effect.flip(boot(missing))
        assert.include(quoted.message, "[value of PASSWORD]")
        for (const error of [failure, quoted]) {
          for (const value of ["s3cr3t", "MIIEvQ", "BEGIN KEY", btoa("shop:s3cr3t v4lue").slice(8)]) {
            assert.notInclude(JSON.stringify(error), value)
          }
        }
      }))

    test("an image that does not exist leaves the old container running, untouched", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const first = yield* started(declare({ image: image("app:1") }))
        const before = yield* vm.inspect(first.name)
        const failure = yield* Effect.flip(boot(declare({ image: image("nowhere:1") })))
        if (failure._tag !== "DockerError") return assert.fail(failure.message)
        assert.strictEqual(failure.reason._tag, "ImageNotFound")
        assert.deepStrictEqual(yield* vm.inspect(first.name), before)
      }))

    test("a job that has ended as its policy allows is left alone", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const declaration = declare({ image: image("job:done") }, { restartPolicy: "Never" })
        const first = yield* started(declaration)
        const before = yield* vm.inspect(first.name)
        assert.strictEqual(before.State.Status, "exited")
        const second = yield* started(declaration)
        assert.isTrue(second.kept)
        assert.deepStrictEqual(yield* vm.inspect(first.name), before)
      }))

    test("after a reboot the engine does not start yesterday's container on an empty directory", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const { mountRoot } = yield* HostFixture
        const runner = yield* CommandRunner
        const disk = yield* attach("data")
        const first = yield* started(withDisk(disk))
        yield* Effect.promise(vm.engine.halt)
        yield* unmountAll(runner, mountRoot)
        yield* Effect.promise(vm.engine.resume)
        assert.notStrictEqual((yield* vm.inspect(first.name)).State.Status, "running")
        const second = yield* started(withDisk(disk))
        assert.deepStrictEqual(yield* vm.containers, [second.name])
        assert.strictEqual(yield* vm.docker("exec", second.name, "cat", "/data/kept"), "data\n")
      }))

    test("a blank disk is formatted once, and keeps its data over three boots", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const { mountRoot } = yield* HostFixture
        const runner = yield* CommandRunner
        const disk = yield* attach("blank")
        const ids: Array<ReadonlyArray<string>> = []
        for (const boot of ["first", "second", "third"]) {
          const report = yield* started(withDisk(disk))
          ids.push(
            report.steps.map(({ step }) => step.action._tag).filter((tag) => tag === "Format" || tag === "Check")
          )
          const path = `${mountRoot}/gce-persistent-disks/${disk}/boots`
          yield* write(path, `${yield* read(path)}${boot} `)
          assert.include(yield* vm.docker("exec", report.name, "cat", "/data/boots"), boot)
          yield* Effect.promise(vm.engine.halt)
          yield* unmountAll(runner, mountRoot)
          yield* Effect.promise(vm.engine.resume)
        }
        assert.deepStrictEqual(ids, [["Format"], ["Check"], ["Check"]])
        const last = yield* started(withDisk(disk))
        assert.strictEqual(yield* vm.docker("exec", last.name, "cat", "/data/boots"), "first second third ")
      }))

    for (const role of ["ext2", "partitioned", "swap", "garbage"] as const) {
      test(`a disk that holds something else (${role}) is refused, byte for byte untouched; the old container runs on`, () =>
        Effect.gen(function* () {
          const vm = yield* Vm
          const first = yield* started(declare({ image: image("app:1") }))
          const before = yield* vm.inspect(first.name)
          const disk = yield* attach(role)
          const content = yield* sha256(disk)
          const failure = yield* Effect.flip(boot(withDisk(disk)))
          if (failure._tag !== "PlanRefused") return assert.fail(failure.message)
          assert.strictEqual(failure.reasons[0]._tag, role === "partitioned" ? "DiskPartitioned" : "DiskNotBlank")
          assert.strictEqual(yield* sha256(disk), content)
          assert.deepStrictEqual(yield* vm.inspect(first.name), before)
        }))
    }

    test("a partition of a disk is formatted and mounted, and its neighbours are not", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const disk = yield* attach("partitioned")
        const volumes = [{ name: "data", gcePersistentDisk: { pdName: disk, partition: 1 } }]
        const report = yield* started(
          declare({ image: image("app:1"), volumeMounts: [{ name: "data", mountPath: "/data" }] }, { volumes })
        )
        assert.match(yield* vm.docker("exec", report.name, "cat", "/proc/mounts"), /p1 \/data ext4 rw/)
      }))

    test("a filesystem that can be repaired is repaired; one that cannot leaves the old container running", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const first = yield* started(withDisk(yield* attach("repairable")))
        assert.strictEqual(yield* vm.docker("exec", first.name, "cat", "/data/kept"), "data\n")
        const before = yield* vm.inspect(first.name)
        const failure = yield* Effect.flip(boot(withDisk(yield* attach("broken"))))
        assert.strictEqual(failure._tag, "DiskFailed")
        assert.deepStrictEqual(yield* vm.inspect(first.name), before)
      }))

    test("a filesystem that is newer than fsck is mounted with a warning; what the kernel does not know is left", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const first = yield* started(withDisk(yield* attach("newer")))
        assert.strictEqual(yield* vm.docker("exec", first.name, "cat", "/data/kept"), "data\n")
        assert.match(first.warnings.join(), /newer than this VM's fsck\.ext4/)
        const second = yield* started(declare({ image: image("app:1") }))
        const before = yield* vm.inspect(second.name)
        const failure = yield* Effect.flip(boot(withDisk(yield* attach("tooNew"))))
        assert.strictEqual(failure._tag, "MountFailed")
        assert.match(failure.message, /wrong fs type.*fsck\.ext4 could not check it/)
        assert.deepStrictEqual(yield* vm.inspect(second.name), before)
      }))

    test("a disk attached read-only that was not unmounted cleanly is mounted without its journal", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const declaration = withDisk(yield* attach("unreplayed", "READ_ONLY"), reading)
        const first = yield* started(declaration)
        assert.strictEqual(yield* vm.docker("exec", first.name, "cat", "/data/kept"), "data\n")
        assert.match(first.warnings.join(), /noload/)
        assert.isTrue((yield* started(declaration)).kept)
      }))

    test("a local SSD is found by the name that NVMe gives it", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const disk = `local-ssd-${yield* (yield* HostFixture).attachLocalSsd("NVMe")}`
        vm.metadata.disks = [{ deviceName: disk, mode: "READ_WRITE" }]
        const { name } = yield* started(withDisk(disk))
        assert.match(yield* vm.docker("exec", name, "cat", "/proc/mounts"), / \/data ext4 rw/)
      }))

    test("a disk that is not attached is refused at once, naming those that are", () =>
      Effect.gen(function* () {
        const other = yield* attach("blank")
        const failure = yield* Effect.flip(boot(withDisk("not-attached")))
        assert.strictEqual(failure._tag, "PlanRefused")
        assert.include(failure.message, "not-attached")
        assert.include(failure.message, other)
      }))

    test("a disk attached read-only is mounted read-only, and refused to who wants to write", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const disk = yield* attach("data", "READ_ONLY")
        const refused = yield* Effect.flip(boot(withDisk(disk)))
        assert.strictEqual(refused._tag, "PlanRefused")
        const report = yield* started(
          withDisk(disk, { volumeMounts: [{ name: "data", mountPath: "/data", readOnly: true }] })
        )
        assert.match(yield* vm.docker("exec", report.name, "cat", "/proc/mounts"), / \/data ext4 ro/)
      }))

    test("an image that Google hosts is pulled with the VM's token, which no other registry sees", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const declaration = declare({ image: "us-docker.pkg.dev/project/repository/app:1" })
        const refused = yield* Effect.flip(boot(declaration))
        if (refused._tag !== "DockerError") return assert.fail(refused.message)
        assert.strictEqual(refused.reason._tag, "ImageAccessDenied")
        vm.metadata.token = "a wrong one"
        const wrong = yield* Effect.flip(boot(declaration))
        assert.strictEqual(wrong._tag, "DockerError")
        assert.notInclude(wrong.message, "a wrong one")
        vm.metadata.token = bench().token
        yield* started(declaration)
        vm.metadata.asked.length = 0
        yield* started(declare({ image: image("app:1") }))
        assert.isFalse(vm.metadata.asked.some((path) => path.includes("token")))
        const given = yield* boot(declaration, { token: Option.some(Redacted.make(bench().token)) })
        assert.strictEqual(given._tag, "Running")
        assert.isFalse(vm.metadata.asked.some((path) => path.includes("token")))
      }))

    test("of two variables of one name the last counts, and the warning says so", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const env = ["one", "two", "three"].map((value) => ({ name: "MODE", value }))
        const job = { image: image("app:1"), command: ["/bin/sh", "-c", "echo mode=$MODE"], env }
        const report = yield* started(declare(job, { restartPolicy: "Never" }))
        assert.strictEqual(yield* vm.docker("wait", report.name), "0\n")
        assert.strictEqual(yield* vm.docker("logs", report.name), "mode=three\n")
        assert.lengthOf(
          report.warnings.filter((text) => text.includes("this one counts")),
          2
        )
      }))

    test("a host path with a colon works, and is created where it is missing", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const { mountRoot } = yield* HostFixture
        const path = `${mountRoot.replace(/[^/]*$/, "")}host:path/with:colons`
        const volumes = [{ name: "odd", hostPath: { path } }]
        const report = yield* started(
          declare({ image: image("app:1"), volumeMounts: [{ name: "odd", mountPath: "/odd" }] }, { volumes })
        )
        yield* vm.docker("exec", report.name, "touch", "/odd/made-inside")
        const runner = yield* CommandRunner
        assert.include((yield* runner.run({ program: "ls", args: [path] })).stdout, "made-inside")
      }))

    // Podman has systemd run health checks.
    if (!isPodman || existsSync("/run/systemd/system"))
      test("a health check answers for the container: at once where it is healthy, a failure where it is not", () =>
        Effect.gen(function* () {
          // Far longer than the test may take: it ends because the health check has answered.
          const day = { confirm: Duration.days(1) }
          yield* started(declare({ image: image("health:good") }), day)
          const failure = yield* Effect.flip(boot(declare({ image: image("health:bad") }), day))
          assert.strictEqual(failure._tag, "ContainerFailed")
          assert.include(failure.message, "unhealthy")
        }))

    test("containers of others are left alone, those that konlet left are replaced", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const run = ["run", "--detach", "--network", "host"]
        yield* vm.docker("pull", "--quiet", image("app:1"))
        yield* vm.docker(...run, "--name", "somebody", image("app:1"))
        yield* vm.docker(...run, "--name", "klt-composed", "--label", "com.docker.compose.project=x", image("app:1"))
        yield* vm.docker(...run, "--name", "klt-web-aaaa", "--restart", "always", image("app:1"))
        yield* vm.docker(...run, "--name", "web", image("app:1"))
        const others = [yield* vm.inspect("somebody"), yield* vm.inspect("klt-composed")]
        const report = yield* started(declare({ image: image("app:1") }))
        assert.sameMembers([...(yield* vm.containers)], ["somebody", "klt-composed", report.name])
        assert.deepStrictEqual([yield* vm.inspect("somebody"), yield* vm.inspect("klt-composed")], others)
      }))

    test("two runs at once: one starts the container, the other finds it", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const declaration = declare({ image: image("app:1") })
        const reports = yield* Effect.all([started(declaration), started(declaration)], { concurrency: 2 })
        assert.sameMembers(
          reports.map(({ kept }) => kept),
          [false, true]
        )
        assert.strictEqual((yield* vm.containers).length, 1)
      }))

    test("the firewall is opened once, and closed when it is to be", () =>
      Effect.gen(function* () {
        const firewall = yield* Firewall
        const declaration = declare({ image: image("app:1") })
        for (const _ of ["first", "second"]) yield* started(declaration)
        assert.deepStrictEqual(yield* firewall.observe, { ipv4: "Open", ipv6: "Open" })
        const closed = yield* started(declaration, { openIptables: "no" })
        assert.isTrue(closed.kept)
        assert.deepStrictEqual(yield* firewall.observe, { ipv4: "Absent", ipv6: "Absent" })
      }))

    test("privileged is passed on", () =>
      Effect.gen(function* () {
        // By inspecting what was created: not every machine that runs these tests may start such a container.
        const vm = yield* Vm
        const docker = yield* DockerClient
        yield* vm.docker("pull", "--quiet", image("app:1"))
        const text = declare({ image: image("app:1"), securityContext: { privileged: true } })
        const workload = resolvedAlone(Result.getOrThrow(decodeDeclaration({ file: "test", text })).workload)
        yield* docker.createContainer(
          containerSpec(workload.containers[0], {
            role: "main",
            name: "klt-p",
            volumes: [],
            mountRoot: "/mnt",
            digest: undefined,
            network: hostNetwork,
            restsOn: undefined
          })
        )
        assert.strictEqual((yield* vm.inspect("klt-p")).HostConfig["Privileged"], true)
      }))
  })
})
