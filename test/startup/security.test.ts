import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { app, changes, declare, other, refused, running, started, startedPod, test } from "./SimulatedBoot.ts"

const numbered = { reference: "registry.example/numbered:1", user: "1000:1000" }
const named = { reference: "registry.example/named:1", user: "app" }
const images = [app, other, numbered, named]
const nonRoot = (image: string, more: object = {}) =>
  declare({ image, securityContext: { runAsNonRoot: true, ...more } })

describe("a container that is not to run as root", () => {
  test("starts from an image with the number of a user, or with a number of its own", { images }, () =>
    Effect.gen(function* () {
      yield* started(nonRoot(numbered.reference))
      yield* started(nonRoot(named.reference, { runAsUser: 1 }))
      yield* started(nonRoot(app.reference, { runAsUser: 2, runAsGroup: 3 }))
      const { engine } = yield* SimulatedVm
      assert.deepStrictEqual(engine.containers[0]?.spec.security, { user: { uid: 2, gid: 3 } })
    })
  )

  for (const [reference, why] of [
    [other.reference, "the image registry.example/app:2 runs as root"],
    [named.reference, 'the image registry.example/named:1 has the user "app", which may be root']
  ] as const) {
    test(`is refused before anything is stopped, once its image is there: ${reference}`, { images }, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        yield* started(declare())
        const before = yield* running
        const since = vm.transcript.length
        const failure = yield* refused(nonRoot(reference))
        assert.strictEqual(failure._tag, "ImageUserRefused")
        assert.include(failure.message, why)
        assert.deepStrictEqual(
          (yield* changes(since)).filter((name) => /stop|rename|create|update|start/.test(name)),
          []
        )
        assert.deepStrictEqual(yield* running, before)
      })
    )

    test(
      `is refused by the plan, if its image is there: ${reference}`,
      { images: images.map((image) => ({ ...image, local: true })) },
      () =>
        Effect.gen(function* () {
          yield* started(declare())
          const failure = yield* refused(nonRoot(reference))
          assert.strictEqual(failure._tag, "PlanRefused")
          assert.include(failure.message, why)
          assert.lengthOf(yield* running, 1)
        })
    )
  }

  test("by the host's policy alike, which says so: an image's own user is no matter of a declaration", { images }, () =>
    Effect.gen(function* () {
      const policy = Option.some({ file: "host.yaml", runAsRoot: false })
      yield* started(declare())
      const before = yield* running
      const failure = yield* refused(declare({ image: other.reference }), { policy })
      assert.strictEqual(failure._tag, "ImageUserRefused")
      assert.include(failure.message, "is not to (the host's policy host.yaml)")
      assert.deepStrictEqual(yield* running, before)
      assert.include((yield* refused(declare(), { policy })).message, "is not to (the host's policy host.yaml)")
      yield* started(declare({ image: numbered.reference }), { policy })
      // It changes nothing of what is created.
      assert.deepStrictEqual((yield* started(declare({ image: numbered.reference }))).steps, [])
    })
  )

  test("is not kept as root either, although nothing of what it was created with has changed", { images }, () =>
    Effect.gen(function* () {
      yield* started(declare())
      const failure = yield* refused(declare({ securityContext: { runAsNonRoot: true } }))
      assert.strictEqual(failure._tag, "PlanRefused")
      assert.lengthOf(yield* running, 1)
      yield* started(declare({ image: numbered.reference }))
      const report = yield* started(nonRoot(numbered.reference))
      assert.deepStrictEqual(report.steps, [])
    })
  )
})

const localhost = (localhostProfile: string) => ({ seccompProfile: { type: "Localhost", localhostProfile } })
const folder = "/var/lib/slipway/seccomp"
const write = Effect.fnUntraced(function* (path: string, text: string) {
  const files = yield* SimulatedVm.use(({ host }) => Effect.succeed(host.files))
  files.write(path, text)
})

describe("a seccomp profile of the host", () => {
  test("is given to the engine, and another content of it replaces the container", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* write(`${folder}/web/a.json`, '{\n  "defaultAction": "SCMP_ACT_ALLOW"\n}\n')
      const declaration = declare({ securityContext: localhost("web/a.json") })
      yield* started(declaration)
      assert.strictEqual(vm.engine.containers[0]?.spec.security?.seccomp, '{"defaultAction":"SCMP_ACT_ALLOW"}')
      assert.deepStrictEqual((yield* started(declaration)).steps, [])
      yield* write(`${folder}/web/a.json`, '{ "defaultAction": "SCMP_ACT_LOG" }')
      const report = yield* started(declaration)
      assert.include(
        report.steps.map(({ step }) => step.cause),
        "its declaration has changed: seccompProfile"
      )
    })
  )

  const unusable: ReadonlyArray<readonly [title: string, text: string | undefined, why: string]> = [
    ["is not there", undefined, "there is no such file"],
    ["is not JSON", "{", "it is not JSON"],
    ["is no profile", "[]", 'it has no "defaultAction"']
  ]
  for (const [title, text, why] of unusable) {
    test(`that ${title} refuses the plan, and what runs runs on`, {}, () =>
      Effect.gen(function* () {
        yield* started(declare())
        const before = yield* running
        yield* write(`${folder}/other.json`, "{}")
        if (text !== undefined) yield* write(`${folder}/a.json`, text)
        const failure = yield* refused(declare({ securityContext: localhost("a.json") }))
        assert.strictEqual(failure._tag, "PlanRefused")
        assert.include(failure.message, `${folder}/a.json: ${why}`)
        assert.deepStrictEqual(yield* running, before)
      })
    )
  }

  test("that a link leads out of its folder to is refused", { links: { [`${folder}/a.json`]: "/etc/shadow" } }, () =>
    Effect.gen(function* () {
      yield* write("/etc/shadow", '{"defaultAction": "SCMP_ACT_ALLOW"}')
      const failure = yield* refused(declare({ securityContext: localhost("a.json") }))
      assert.include(failure.message, "it leads out of its folder, to /etc/shadow")
    })
  )

  test("needs a kernel that has seccomp", { facts: { securityOptions: ["name=apparmor"] } }, () =>
    Effect.gen(function* () {
      yield* write(`${folder}/a.json`, '{"defaultAction": "SCMP_ACT_ALLOW"}')
      const failure = yield* refused(declare({ securityContext: localhost("a.json") }))
      assert.include(failure.message, "declares a seccompProfile, but the VM has no seccomp")
    })
  )
})

describe("AppArmor and SELinux", () => {
  const named = (localhostProfile: string) => ({ appArmorProfile: { type: "Localhost", localhostProfile } })

  test("an AppArmor profile is one that the kernel has, or any if it does not tell", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare({ securityContext: named("web") }))
      assert.strictEqual(vm.engine.containers[0]?.spec.security?.appArmor, "web")
      yield* write("/sys/kernel/security/apparmor/profiles", "docker-default (enforce)\na web (complain)\n")
      yield* started(declare({ securityContext: named("a web") }))
      const failure = yield* refused(declare({ securityContext: named("web") }))
      assert.include(failure.message, 'the kernel has no AppArmor profile "web"')
    })
  )

  test("a profile that is declared is refused where there is no AppArmor", { facts: { securityOptions: [] } }, () =>
    Effect.gen(function* () {
      for (const securityContext of [named("web"), { appArmorProfile: { type: "RuntimeDefault" } }]) {
        const failure = yield* refused(declare({ securityContext }))
        assert.include(failure.message, "declares an appArmorProfile, but the VM has no AppArmor")
      }
      yield* started(declare({ securityContext: { appArmorProfile: { type: "Unconfined" } } }))
    })
  )

  const selinux = { facts: { securityOptions: ["name=seccomp,profile=builtin", "name=selinux"] } }
  const labelled = declare({ securityContext: { seLinuxOptions: { level: "s0:c1" } } })
  test("SELinux labels have an effect where the engine uses them", selinux, () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* started(labelled)).warnings, [])
    })
  )
  test("and are a warning elsewhere", {}, () =>
    Effect.gen(function* () {
      const { warnings } = yield* started(labelled)
      assert.deepStrictEqual(warnings, [
        'seLinuxOptions of the container "web" have no effect: the engine does not use SELinux'
      ])
    })
  )
})

describe("the kernel's settings of a Pod", () => {
  const sysctls = [
    { name: "net.core.somaxconn", value: "1024" },
    { name: "kernel.shmmax", value: "4096" }
  ]
  const web = { name: "web", image: app.reference }

  test("are the sandbox's where there is one; a container that is alone has all", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const pod = (containers: ReadonlyArray<object>) =>
        JSON.stringify({ spec: { hostNetwork: false, securityContext: { sysctls }, containers } })
      const found = () =>
        Object.fromEntries(
          vm.engine.containers
            .filter(({ isUp }) => isUp)
            .map(({ spec }) => [spec.labels["slipway.container"], spec.namespaces?.sysctls])
        )
      const all = { "kernel.shmmax": "4096", "net.core.somaxconn": "1024" }
      yield* startedPod(pod([web]))
      assert.deepStrictEqual(found(), { web: all })
      yield* startedPod(pod([web, { ...web, name: "log" }]))
      assert.deepStrictEqual(found(), { "pod.sandbox": all, web: undefined, log: undefined })
    })
  )

  test("and the host's namespaces are told to the engine", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const declaration = JSON.stringify({ spec: { hostPID: true, hostIPC: true, containers: [web] } })
      yield* startedPod(declaration)
      assert.deepStrictEqual(vm.engine.containers[0]?.spec.namespaces, { pid: "host", ipc: "host" })
      assert.deepStrictEqual((yield* startedPod(declaration)).steps, [])
    })
  )
})
