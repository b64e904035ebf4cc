import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs"
import { layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { assert, describe, inject } from "vitest"
import { HostFixture } from "../vm/host/HostContract.ts"
import { bench, boot, isPodman, layerVm, onClearVm, onlyRunning, Vm } from "./Vm.ts"

const image = (name: string): string => `${bench().registry}/${name}`

const declare = (securityContext: object, { pod = {}, from = "app:1" }: { pod?: object; from?: string } = {}) =>
  JSON.stringify({
    spec: { securityContext: pod, containers: [{ name: "web", image: image(from), securityContext }] }
  })

/** What a process of the only container is, as the kernel tells: a line of /proc/self/status each. */
const status = Effect.gen(function* () {
  const vm = yield* Vm
  const { Id } = yield* onlyRunning
  const text = yield* vm.docker("exec", Id, "cat", "/proc/1/status")
  const value = (name: string) => new RegExp(`^${name}:\\s*(.*?)\\s*$`, "m").exec(text)?.[1]?.replaceAll(/\s+/g, " ")
  return { uid: value("Uid"), gid: value("Gid"), groups: value("Groups"), caps: value("CapEff"), value }
})

const bit = (number: number) => 1n << BigInt(number)

/** Runs a command in the only container; gives what it printed, errors included. */
const run = Effect.fnUntraced(function* (command: string) {
  const vm = yield* Vm
  const { Id } = yield* onlyRunning
  return yield* vm.docker("exec", Id, "/bin/sh", "-c", `(${command}) 2>&1; true`)
})

describe.skipIf(inject("bench") === undefined || isPodman)("security contexts on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    test("user, group and supplementary groups, of the Pod and of the container", () =>
      Effect.gen(function* () {
        const pod = { runAsUser: 1000, runAsGroup: 3000, supplementalGroups: [20000, 4000] }
        yield* boot(declare({}, { pod }))
        const byPod = yield* status
        assert.strictEqual(byPod.uid, "1000 1000 1000 1000")
        assert.strictEqual(byPod.gid, "3000 3000 3000 3000")
        assert.sameMembers((byPod.groups ?? "").split(" "), ["3000", "4000", "20000"])

        yield* boot(declare({ runAsUser: 1001, runAsGroup: 0 }, { pod }))
        const own = yield* status
        assert.strictEqual(own.uid, "1001 1001 1001 1001")
        assert.strictEqual(own.gid, "0 0 0 0")
      }))

    test("a group alone goes with the image's user; groups that the image has for it are merged, or strictly not", () =>
      Effect.gen(function* () {
        yield* boot(declare({}, { from: "user:named", pod: { supplementalGroups: [4000] } }))
        const merged = yield* status
        assert.strictEqual(merged.uid, "1000 1000 1000 1000")
        assert.includeMembers((merged.groups ?? "").split(" "), ["2222", "4000"])

        const pod = { supplementalGroups: [4000], supplementalGroupsPolicy: "Strict", runAsGroup: 2000 }
        yield* boot(declare({}, { from: "user:named", pod }))
        const strict = yield* status
        assert.strictEqual(strict.uid, "1000 1000 1000 1000")
        assert.strictEqual(strict.gid, "2000 2000 2000 2000")
        assert.notInclude((strict.groups ?? "").split(" "), "2222")
        assert.include((strict.groups ?? "").split(" "), "4000")
      }))

    test("runAsNonRoot: the image's user is judged before the old container is stopped, held or not", () =>
      Effect.gen(function* () {
        yield* boot(declare({}, { from: "user:numbered" }))
        const before = yield* onlyRunning
        const { docker } = yield* Vm
        for (const from of ["app:1", "user:named"]) {
          yield* docker("image", "rm", "--force", image(from))
          const failure = yield* Effect.flip(boot(declare({ runAsNonRoot: true }, { from })))
          assert.strictEqual(failure._tag, "ImageUserRefused")
          yield* docker("pull", image(from))
          const again = yield* Effect.flip(boot(declare({ runAsNonRoot: true }, { from })))
          assert.strictEqual(again._tag, "PlanRefused")
          assert.match(again.message, from === "app:1" ? /runs as root/ : /has the user "app", which may be root/)
          const after = yield* onlyRunning
          assert.deepStrictEqual([after.Id, after.State.StartedAt], [before.Id, before.State.StartedAt])
        }
        const report = yield* boot(declare({ runAsNonRoot: true }, { from: "user:numbered" }))
        assert.deepStrictEqual(report._tag === "Running" && report.steps, [])
        yield* boot(declare({ runAsNonRoot: true, runAsUser: 1000 }, { from: "user:named" }))
        assert.strictEqual((yield* status).uid, "1000 1000 1000 1000")
      }))

    test("capabilities are dropped and added, and a drop goes before an add of the same", () =>
      Effect.gen(function* () {
        yield* boot(declare({ capabilities: { drop: ["ALL"], add: ["net_bind_service", "CAP_CHOWN"] } }))
        assert.strictEqual(BigInt(`0x${(yield* status).caps}`), bit(0) | bit(10))
        yield* boot(declare({ capabilities: { add: ["SYS_TIME", "CHOWN"], drop: ["CHOWN", "KILL"] } }))
        const caps = BigInt(`0x${(yield* status).caps}`)
        assert.strictEqual(caps & (bit(0) | bit(5) | bit(25)), bit(25))
        assert.notStrictEqual(caps & bit(10), 0n)
        yield* boot(declare({ capabilities: { add: ["ALL"], drop: ["ALL"] } }))
        assert.strictEqual(BigInt(`0x${(yield* status).caps}`), 0n)
      }))

    test("a root filesystem that is read-only, no new privileges, no seccomp, nothing hidden", () =>
      Effect.gen(function* () {
        yield* boot(declare({}))
        const usual = yield* status
        assert.strictEqual(usual.value("NoNewPrivs"), "0")
        assert.strictEqual(usual.value("Seccomp"), "2")
        assert.include(yield* run("touch /written && echo done"), "done")
        assert.include(yield* run("echo 1 > /proc/sys/kernel/panic_on_oops"), "Read-only file system")

        const hardened = { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false }
        yield* boot(declare({ ...hardened, seccompProfile: { type: "Unconfined" } }))
        const found = yield* status
        assert.strictEqual(found.value("NoNewPrivs"), "1")
        assert.strictEqual(found.value("Seccomp"), "0")
        assert.include(yield* run("touch /written"), "Read-only file system")

        yield* boot(declare({ procMount: "Unmasked", seccompProfile: { type: "RuntimeDefault" } }))
        assert.strictEqual((yield* status).value("Seccomp"), "2")
        // Not read-only any more: the kernel alone decides now.
        assert.notInclude(yield* run("grep -w /proc/sys /proc/self/mounts"), "ro")
        const { HostConfig } = yield* onlyRunning
        assert.deepStrictEqual([HostConfig["MaskedPaths"], HostConfig["ReadonlyPaths"]], [[], []])
      }))

    test("a seccomp profile of the host: what it forbids fails inside the container", () =>
      Effect.gen(function* () {
        const { statePath } = yield* HostFixture
        const place = `${statePath}/seccomp/web`
        mkdirSync(place, { recursive: true })
        const profile = {
          defaultAction: "SCMP_ACT_ALLOW",
          syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO" }]
        }
        writeFileSync(`${place}/nodirs.json`, JSON.stringify(profile, null, 2))
        const localhost = (localhostProfile: string) =>
          declare({ seccompProfile: { type: "Localhost", localhostProfile } })
        yield* boot(localhost("web/nodirs.json"))
        const before = yield* onlyRunning
        assert.strictEqual((yield* status).value("Seccomp"), "2")
        assert.include(yield* run("/bin/busybox mkdir /tmp/a"), "Operation not permitted")
        const again = yield* boot(localhost("web/nodirs.json"))
        assert.deepStrictEqual(again._tag === "Running" && again.steps, [])

        const failure = yield* Effect.flip(boot(localhost("web/other.json")))
        assert.strictEqual(failure._tag, "PlanRefused")
        assert.include(failure.message, `${place}/other.json: there is no such file`)
        assert.strictEqual((yield* onlyRunning).Id, before.Id)
      }))

    test("an AppArmor profile where the engine has no AppArmor is refused, and Unconfined is not", () =>
      Effect.gen(function* () {
        const { docker } = yield* Vm
        const options = yield* docker("info", "--format", "{{.SecurityOptions}}")
        yield* boot(declare({ appArmorProfile: { type: "Unconfined" } }))
        const { Id, HostConfig } = yield* onlyRunning
        assert.deepStrictEqual(HostConfig["SecurityOpt"], ["apparmor=unconfined"])
        if (options.includes("apparmor")) return
        const failure = yield* Effect.flip(boot(declare({ appArmorProfile: { type: "RuntimeDefault" } })))
        assert.strictEqual(failure._tag, "PlanRefused")
        assert.strictEqual((yield* onlyRunning).Id, Id)
      }))

    test("settings of the kernel are the container's own; the host's processes and IPC are seen where declared", () =>
      Effect.gen(function* () {
        const pod = (spec: object) =>
          JSON.stringify({ spec: { containers: [{ name: "web", image: image("app:1") }], ...spec } })
        const sysctls = [
          { name: "kernel.shmmni", value: "77" },
          { name: "fs/mqueue/msg_max", value: "7" }
        ]
        yield* boot(pod({ securityContext: { sysctls } }))
        assert.strictEqual((yield* run("cat /proc/sys/kernel/shmmni /proc/sys/fs/mqueue/msg_max")).trim(), "77\n7")
        assert.strictEqual((yield* run("cat /proc/1/comm")).trim(), "sh")

        const net = [...sysctls, { name: "net.core.somaxconn", value: "99" }]
        yield* boot(pod({ hostNetwork: false, securityContext: { sysctls: net } }))
        assert.strictEqual((yield* run("cat /proc/sys/net/core/somaxconn")).trim(), "99")

        yield* boot(pod({ hostPID: true, hostIPC: true }))
        assert.strictEqual((yield* run("cat /proc/1/comm")).trim(), readFileSync("/proc/1/comm", "utf8").trim())
        assert.strictEqual(
          (yield* run("/bin/busybox readlink /proc/self/ns/ipc")).trim(),
          readlinkSync("/proc/self/ns/ipc")
        )
        const again = yield* boot(pod({ hostPID: true, hostIPC: true }))
        assert.deepStrictEqual(again._tag === "Running" && again.steps, [])
      }))

    test("a plan names what has changed, and is empty once it is done", () =>
      Effect.gen(function* () {
        yield* boot(declare({ runAsUser: 1000, capabilities: { drop: ["KILL"] } }))
        const changed = declare({
          runAsUser: 1000,
          runAsGroup: 3000,
          capabilities: { drop: ["KILL"], add: ["SYS_TIME"] },
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
          seccompProfile: { type: "Unconfined" },
          seLinuxOptions: { level: "s0:c1,c2" },
          procMount: "Unmasked"
        })
        const report = yield* boot(changed)
        if (report._tag !== "Running") return assert.fail(report._tag)
        const causes = report.steps.map(({ step }) => step.cause).join("\n")
        assert.include(
          causes,
          "its declaration has changed: runAsGroup, capabilities, readOnlyRootFilesystem, allowPrivilegeEscalation, " +
            "seccompProfile, seLinuxOptions, procMount"
        )
        const again = yield* boot(changed)
        assert.deepStrictEqual(again._tag === "Running" && again.steps, [])
      }))
  })
})
