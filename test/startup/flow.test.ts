import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import {
  app,
  boot,
  changes,
  dead,
  declare,
  disk,
  on,
  onDisk,
  other,
  refused,
  root,
  running,
  secret,
  started,
  test,
  token,
  withFiles
} from "./SimulatedBoot.ts"

describe("the declaration", () => {
  test("a VM without one has nothing to do", {}, () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* boot(undefined))._tag, "NothingDeclared")
      assert.deepStrictEqual(yield* changes(), [])
    })
  )

  test("at least one container, and each of several with a name", {}, () =>
    Effect.gen(function* () {
      const two = JSON.stringify({ spec: { containers: [{ image: "a" }, { image: "b" }] } })
      assert.include((yield* refused(two)).message, "spec.containers[1] has no name")
      const none = yield* refused("")
      assert.strictEqual(none._tag, "DeclarationInvalid")
      assert.include(none.message, "the declaration is empty: it declares no container")
      assert.deepStrictEqual(yield* changes(), [])
    })
  )

  for (const [mistake, declaration] of [
    ["a mount without a volume", declare({ volumeMounts: [{ name: "dta", mountPath: "/data" }] })],
    ["a restart policy that there is not", declare({}, { restartPolicy: "UnlessStopped" })],
    ["broken YAML", `spec:\n  containers:\n  - env: [{name: PASSWORD, value: ${secret}\n`]
  ] as const) {
    test(`${mistake} is found before anything is touched: the old container runs on`, {}, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const { name } = yield* started(declare())
        const before = vm.transcript.length
        const failure = yield* refused(declaration)
        assert.strictEqual(failure._tag, "DeclarationInvalid")
        assert.deepStrictEqual(yield* changes(before), [])
        assert.deepStrictEqual(yield* running, [name])
      })
    )
  }

  test("one word that holds a command and its arguments is warned of", {}, () =>
    Effect.gen(function* () {
      const { warnings } = yield* started(declare({ command: ["/bin/sh -c true"] }))
      assert.strictEqual(warnings.length, 1)
      assert.match(warnings[0]!, /^metadata:gce-container-declaration:1:\d+: .*white space.*--container-arg/s)
    })
  )
})

describe("the image", () => {
  const google = { reference: "europe-docker.pkg.dev/p/r/app:1", token }

  test("the VM's token is shown to Google's registries", { images: [google] }, () =>
    Effect.asVoid(started(declare({ image: google.reference })))
  )

  test("and to no other", { images: [app, { reference: "evilgcr.io/app:1", token }] }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const failure = yield* refused(declare({ image: "evilgcr.io/app:1" }))
      assert.strictEqual(failure._tag, "DockerError")
      yield* started(declare())
      assert.isFalse(vm.transcript.some(({ name }) => name === "metadata token"))
    })
  )

  const publicImage = { reference: "gcr.io/google/public:1" }
  test("a VM without a service account pulls what Google hosts for all", { token: null, images: [publicImage] }, () =>
    Effect.asVoid(started(declare({ image: publicImage.reference })))
  )

  test("a pull that fails leaves the old container running", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(declare())
      const before = vm.transcript.length
      const failure = yield* refused(declare({ image: "registry.example/missing:1" }))
      assert.include(failure.message, "manifest unknown")
      assert.deepStrictEqual(yield* changes(before), ["docker pull"])
      assert.deepStrictEqual(yield* running, [name])
    })
  )

  test("a tag that has moved is followed; one that has not is not pulled again", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const first = yield* started(declare())
      vm.publish({ ...app, digest: `sha256:${"a".repeat(64)}` })
      const second = yield* started(declare())
      assert.notDeepEqual(second.digest, first.digest)
      const before = vm.transcript.length
      assert.isTrue((yield* started(declare())).kept)
      assert.deepStrictEqual(yield* changes(before), [])
    })
  )

  test("pulling overlaps formatting", { disks: [disk({ _tag: "Blank" })] }, () =>
    Effect.gen(function* () {
      const { steps } = yield* started(onDisk())
      const span = (id: string) => {
        const { began, took } = steps.find(({ step }) => step.id === id)!
        return { from: Duration.toMillis(began), to: Duration.toMillis(began) + Duration.toMillis(took) }
      }
      const [pull, format, create] = [span(`pull ${app.reference}`), span("format data"), span("create web")]
      assert.isBelow(format.from, pull.to)
      assert.isBelow(pull.from, format.to)
      assert.isAtLeast(create.from, Math.max(pull.to, format.to))
    })
  )
})

describe("the container", () => {
  test("its name is the same all through a boot, and another after the next", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const first = yield* started(declare())
      assert.match(first.name, /^klt-web-[a-z]{4}$/)
      assert.strictEqual((yield* started(declare({ tty: true }))).name, first.name)
      yield* vm.reboot
      const next = yield* started(declare())
      assert.notStrictEqual(next.name, first.name)
      assert.deepStrictEqual(yield* running, [next.name])
    })
  )

  test("it is made as konlet would have made it", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const container = { command: ["/bin/app"], args: ["--port", "80"], stdin: true, tty: true }
      const { name } = yield* started(
        declare({ ...container, securityContext: { privileged: true } }, { restartPolicy: "OnFailure" })
      )
      const { spec } = vm.container(name)!
      assert.deepStrictEqual(
        { ...spec, env: spec.env.map((variable) => variable.name), labels: Object.keys(spec.labels) },
        {
          name,
          image: app.reference,
          entrypoint: ["/bin/app"],
          cmd: ["--port", "80"],
          env: ["PASSWORD"],
          openStdin: true,
          tty: true,
          binds: [],
          mounts: [],
          privileged: true,
          networkMode: "host",
          restartPolicy: { name: "on-failure", maximumRetryCount: 0 },
          logConfig: { type: "json-file", config: { "max-size": "500m", "max-file": "3" } },
          labels: ["slipway.workload", "slipway.image-digest", "slipway.container"]
        }
      )
    })
  )

  const left = { image: app.reference, restartPolicy: "always" } as const
  const others = {
    images: [{ ...app, local: true }, other],
    containers: [
      { ...left, name: "klt-web-zzzz" },
      { ...left, name: "web" },
      { ...left, name: "somebody" },
      { ...left, name: "klt-compose", labels: { "com.docker.compose.project": "shop" } }
    ]
  }
  test("it takes the place of what konlet left; what belongs to others is not touched", others, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const untouched = ["somebody", "klt-compose"].map((name) => vm.container(name)!)
      const { name } = yield* started(declare())
      assert.sameMembers(yield* running, ["somebody", "klt-compose", name])
      assert.strictEqual(vm.engine.containers.length, 3)
      for (const container of untouched) assert.strictEqual(container.starts.length, 1)
    })
  )

  const oneDisk = { disks: [disk(withFiles)] }
  test("the old one is stopped only when the image is there and the disks are checked", oneDisk, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      const before = vm.transcript.length
      yield* started(onDisk({ image: other.reference }))
      const done = yield* changes(before)
      for (const first of ["docker pull", "run fsck.ext4"] as const) {
        assert.include(done, first)
        assert.isBelow(done.indexOf(first), done.indexOf("docker stop"), first)
      }
      assert.isBelow(done.indexOf("docker start"), done.indexOf("docker remove"))
    })
  )

  test("one that fails gives way: the old one runs again, as it was, on its mounts", oneDisk, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const volumes = [
        { name: "data", gcePersistentDisk: { pdName: "data" } },
        { name: "cache", emptyDir: { medium: "Memory" } }
      ]
      const volumeMounts = [
        { name: "data", mountPath: "/data" },
        { name: "cache", mountPath: "/cache" }
      ]
      const { name } = yield* started(declare({ volumeMounts }, { volumes }))
      const old = vm.container(name)!
      const failure = yield* refused(declare({ volumeMounts, image: dead.reference }, { volumes }))
      if (failure._tag !== "ContainerFailed") return assert.fail(failure.message)
      assert.deepStrictEqual(failure.exitCode, Option.some(3))
      assert.deepStrictEqual(failure.lastLogLines, ["no database"])
      assert.deepStrictEqual(
        vm.engine.containers.map(({ id }) => id),
        [old.id]
      )
      assert.strictEqual(old.name, name)
      assert.strictEqual(old.status, "running")
      assert.strictEqual(old.restartPolicy.name, "always")
      assert.strictEqual(on(old.seen, "/data"), "/dev/disk/by-id/google-data")
      assert.strictEqual(on(old.seen, "/cache"), "tmpfs")
    })
  )

  test("one that fails where there was none before stays, for its own policy and for its log", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const failure = yield* refused(declare({ image: dead.reference }))
      assert.strictEqual(failure._tag, "ContainerFailed")
      assert.strictEqual(vm.engine.containers.length, 1)
    })
  )

  const oneProgram = { images: [{ ...app, programs: ["/bin/app"] }] }
  test("a command that does not exist is a failure that shows its exit code", oneProgram, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const failure = yield* refused(declare({ command: ["/bin/ap"] }))
      assert.strictEqual(failure._tag, "ContainerFailed")
      assert.include(failure.message, "exit code 127")
      assert.strictEqual(vm.engine.containers.length, 0)
    })
  )

  const job = {
    reference: "registry.example/job:1",
    behaviour: { _tag: "Exits", afterMillis: 50, exitCode: 0 }
  } as const
  test("a second run leaves a running container, and a finished job, alone", { images: [app, job] }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      for (const declaration of [declare(), declare({ image: job.reference }, { restartPolicy: "Never" })]) {
        const { name } = yield* started(declaration)
        const before = vm.transcript.length
        const again = yield* started(declaration)
        assert.isTrue(again.kept)
        assert.strictEqual(again.name, name)
        assert.deepStrictEqual(yield* changes(before), [])
      }
    })
  )

  test("two runs at once start one container", {}, () =>
    Effect.gen(function* () {
      const reports = yield* Effect.all([started(declare()), started(declare())], { concurrency: 2 })
      assert.sameMembers(
        reports.map(({ kept }) => kept),
        [true, false]
      )
      assert.strictEqual((yield* running).length, 1)
    })
  )
})

describe("volumes", () => {
  test("each is where the container looks for it", { disks: [disk(withFiles)] }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const volumes = [
        { name: "data", gcePersistentDisk: { pdName: "data" } },
        { name: "cache", emptyDir: { medium: "Memory" } },
        { name: "etc", hostPath: { path: "/etc" } },
        { name: "odd", hostPath: { path: "/srv/a:b" } }
      ]
      const volumeMounts = ["data", "cache", "etc", "odd"].map((name) => ({ name, mountPath: `/${name}` }))
      const { name } = yield* started(declare({ volumeMounts }, { volumes }))
      const { seen, spec } = vm.container(name)!
      assert.strictEqual(on(seen, "/data"), "/dev/disk/by-id/google-data")
      assert.strictEqual(on(seen, "/cache"), "tmpfs")
      assert.strictEqual(on(seen, "/etc"), "root")
      assert.strictEqual(on(seen, "/odd"), "root")
      assert.deepStrictEqual(spec.binds, ["/etc:/etc"])
      assert.isTrue(vm.host.files.isDirectory("/srv/a:b"))
      assert.strictEqual(vm.host.files.read(`${root}/gce-persistent-disks/data/kept`), "data")
    })
  )

  test(
    "a blank disk is formatted once, and its data stays over three boots",
    { disks: [disk({ _tag: "Blank" })] },
    () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const days = ["monday", "tuesday", "wednesday"]
        for (const day of days) {
          yield* started(onDisk())
          vm.host.files.write(`${root}/gce-persistent-disks/data/${day}`, day)
          yield* vm.reboot
        }
        yield* started(onDisk())
        for (const day of days) assert.strictEqual(vm.host.files.read(`${root}/gce-persistent-disks/data/${day}`), day)
        assert.strictEqual(vm.disk("data").formatted, 1)
      })
  )

  for (const [what, content] of [
    ["ext2", { _tag: "Filesystem", type: "ext2" }],
    ["LVM", { _tag: "Signature", type: "LVM2_member" }],
    ["bytes that nothing knows", { _tag: "Data" }],
    ["partitions", { _tag: "Partitioned", partitions: [{ _tag: "Blank" }] }],
    ["a filesystem beyond repair", { _tag: "Ext4", fault: "broken", files: { kept: "data" } }]
  ] as const) {
    test(`a disk that holds ${what} is left as it is, and the old container running`, { disks: [disk(content)] }, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const { name } = yield* started(declare())
        const before = vm.disk("data").content
        yield* refused(onDisk())
        assert.strictEqual(vm.disk("data").content, before)
        assert.strictEqual(vm.disk("data").formatted, 0)
        assert.deepStrictEqual(yield* running, [name])
        assert.strictEqual(vm.container(name)!.starts.length, 1)
      })
    )
  }

  const repairable = { disks: [disk({ _tag: "Ext4", fault: "repairable", files: { kept: "data" } })] } as const
  test("a filesystem that fsck has repaired is mounted", repairable, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(onDisk())
      assert.strictEqual(vm.host.files.read(`${root}/gce-persistent-disks/data/kept`), "data")
    })
  )

  const newer = { disks: [disk({ _tag: "Ext4", fault: "newer", files: { kept: "data" } })] } as const
  test("a filesystem that is newer than fsck is mounted unchecked, with a warning", newer, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { warnings } = yield* started(onDisk())
      assert.match(
        warnings.join(),
        /google-data is newer than this VM's fsck\.ext4 \(unsupported feature\(s\): FEATURE_C30\)/
      )
      assert.strictEqual(vm.host.files.read(`${root}/gce-persistent-disks/data/kept`), "data")
      assert.strictEqual(vm.disk("data").formatted, 0)
    })
  )

  const tooNew = { disks: [disk({ _tag: "Ext4", fault: "tooNew", files: { kept: "data" } })] } as const
  test("one that the kernel does not know either is left, with what both said; the old container runs on", tooNew, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(declare())
      const failure = yield* refused(onDisk())
      assert.strictEqual(failure._tag, "MountFailed")
      assert.match(failure.message, /wrong fs type.*; before that, fsck\.ext4 could not check it: unsupported feature/)
      assert.deepStrictEqual(yield* running, [name])
      assert.strictEqual(vm.disk("data").formatted, 0)
    })
  )

  const unreplayed = {
    disks: [{ ...disk({ _tag: "Ext4", fault: "unreplayed", files: { kept: "data" } }), mode: "READ_ONLY" }]
  } as const
  const reading = { volumeMounts: [{ name: "data", mountPath: "/data", readOnly: true }] }
  test("a read-only disk that was not unmounted cleanly is mounted without its journal", unreplayed, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { warnings } = yield* started(onDisk(reading))
      assert.match(warnings.join(), /noload/)
      assert.strictEqual(vm.host.files.read(`${root}/gce-persistent-disks/data/kept`), "data")
      const before = vm.transcript.length
      assert.isTrue((yield* started(onDisk(reading))).kept)
      assert.deepStrictEqual(yield* changes(before), [])
      yield* vm.reboot
      yield* started(onDisk(reading))
    })
  )

  const nvme = { disks: [{ ...disk({ _tag: "Blank" }, "local-ssd-0"), linkName: "local-nvme-ssd-0" }] } as const
  test("a local SSD is found by the name that NVMe gives it", nvme, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      for (const name of ["local-ssd-0", "local-nvme-ssd-0"]) yield* started(onDisk({}, name))
      const [container] = vm.engine.containers
      assert.strictEqual(on(container!.seen, "/data"), "/dev/disk/by-id/google-local-nvme-ssd-0")
      assert.strictEqual(vm.disk("local-nvme-ssd-0").formatted, 1)
    })
  )

  const late = { disks: [{ ...disk(withFiles), appearsAfterMillis: 20_000 }] }
  test("a disk that comes late is waited for; one that is not attached is not", late, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const failure = yield* refused(onDisk({}, "other"))
      assert.strictEqual(failure._tag, "PlanRefused")
      assert.include(failure.message, "attached are: data")
      assert.isBelow(vm.transcript.at(-1)!.at, 1_000)
      yield* started(onDisk())
      assert.isAbove(vm.transcript.at(-1)!.at, 20_000)
    })
  )

  test("what is left mounted below the root is unmounted, the last mounted first", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { runner } = vm.host
      for (const target of [`${root}/a`, `${root}/a/b`, `${root}/a/b/c`, `${root}-else`]) {
        yield* runner.run({ program: "mkdir", args: ["-p", "--", target] })
        yield* runner.run({ program: "mount", args: ["-t", "tmpfs", "-o", "rw", "--", "tmpfs", target] })
      }
      yield* started(declare())
      const left = vm.host.files.mounts.map(({ target }) => target)
      assert.deepStrictEqual(left, [`${root}-else`])
    })
  )

  test(
    "after a reboot yesterday's container does not come up on an empty directory",
    { disks: [disk(withFiles)] },
    () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const { name } = yield* started(onDisk())
        yield* vm.reboot
        assert.deepStrictEqual(yield* running, [])
        assert.strictEqual(vm.container(name)!.starts.length, 1)
        const next = yield* started(onDisk())
        assert.strictEqual(on(vm.container(next.name)!.seen, "/data"), "/dev/disk/by-id/google-data")
        assert.strictEqual(vm.engine.containers.length, 1)
      })
  )
})

describe("what is around it", () => {
  test("the firewall has the same rules after any number of runs, for IPv4 and IPv6", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      const first = [vm.host.ipv4.save(), vm.host.ipv6!.save()]
      assert.include(first[0], "-A SLIPWAY -p icmp -j ACCEPT")
      assert.include(first[1], "-A SLIPWAY -p ipv6-icmp -j ACCEPT")
      yield* started(declare({ tty: true }))
      yield* started(declare())
      assert.deepStrictEqual([vm.host.ipv4.save(), vm.host.ipv6!.save()], first)
      yield* started(declare(), { openIptables: "no" })
      assert.notInclude(vm.host.ipv4.save(), "SLIPWAY")
    })
  )

  test("the firewall accepts declared ports, and no others, where that is what is asked for", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      yield* started(declare({ ports: [{ containerPort: 8080 }] }), { openIptables: "declared" })
      assert.include(vm.host.ipv4.save(), "--dport 8080 -j ACCEPT")
      assert.notInclude(vm.host.ipv4.save(), "-A SLIPWAY -p icmp -j ACCEPT")
      yield* started(declare(), { openIptables: "declared" })
      assert.notInclude(vm.host.ipv4.save(), "SLIPWAY")
    })
  )

  test("it is opened after the image is there, not before", {}, () =>
    Effect.gen(function* () {
      yield* refused(declare({ image: "registry.example/missing:1" }))
      assert.notInclude((yield* SimulatedVm).host.ipv4.save(), "SLIPWAY")
    })
  )

  test("a host without IPv6 is a warning", { ipv6: false }, () =>
    Effect.gen(function* () {
      const { warnings } = yield* started(declare())
      assert.strictEqual(warnings.length, 1)
      assert.include(warnings[0], "IPv6")
    })
  )

  const welcome = "/etc/profile.d/gce-containers-welcome.sh"
  test("logins are greeted with what runs, or with the reason why nothing does", {}, () =>
    Effect.gen(function* () {
      const { files } = (yield* SimulatedVm).host
      const { name } = yield* started(declare())
      assert.include(files.read(welcome), name)
      assert.strictEqual(files.mode(welcome), "0755")
      yield* refused(declare({ image: "registry.example/missing:1" }))
      assert.include(files.read(welcome), "manifest unknown")
      yield* refused(`spec: {containers: [{image: x, env: [{name: A, value: ${secret}}], tty: "yes"}]}`)
      assert.include(files.read(welcome), "tty")
      assert.notInclude(files.read(welcome), secret)
    })
  )

  test("or not at all", {}, () =>
    Effect.gen(function* () {
      yield* started(declare(), { showWelcome: false })
      assert.isUndefined((yield* SimulatedVm).host.files.read(welcome))
    })
  )
})
