import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { unitPath } from "../../../src/install/unit.ts"
import { runInVirtualTime } from "../../../src/simulation/host/VirtualTime.ts"
import { konletMachine, type KonletDescription } from "../../migration/KonletMachine.ts"
import { declaration, images, outputOf, secret } from "../declared.ts"

/** As konlet leaves a VM of Container-Optimized OS: its container on its image, its rules of three runs. */
const konlets: KonletDescription = {
  declaration: declaration("registry.example/web:1"),
  declarationKey: "gce-container-declaration",
  images: images.map((image) => ({ ...image, local: true })),
  containers: [{ name: "klt-web-zzzz", image: "registry.example/web:1", running: true, restartPolicy: "always" }],
  unitIn: "/usr/lib/systemd/system",
  opened: 3
}

describe("slipway migrate", () => {
  it.effect("says what konlet has there, what will differ and why, and what comes next; changes nothing", () =>
    Effect.gen(function* () {
      const machine = yield* konletMachine(konlets)
      const run = yield* machine.run("migrate")
      assert.strictEqual(run.exitCode, 0, run.stderr)
      const [, name = ""] = /by (klt-web-[a-z]{4})\n/.exec(run.stdout) ?? []
      const parts = run.stdout.split("\n\n")
      assert.strictEqual(
        parts[0],
        "konlet on this VM:\n  konlet-startup.service of the system's image\n" +
          "  klt-web-zzzz, registry.example/web:1, running\n  18 rules of the host's firewall"
      )
      assert.include(
        parts[1],
        `What will differ:\n  klt-web-zzzz (registry.example/web:1), which konlet runs, is replaced once by ${name}\n` +
          "      konlet's containers do not say what they were created from."
      )
      assert.include(
        parts[1],
        "with 18 rules, which stay until the next boot; Slipway does the same in one chain, SLIPWAY"
      )
      assert.include(parts[1], "konlet-startup.service is stopped and masked")
      assert.include(parts[1], "a changed declaration is applied at once")
      assert.match(parts[2]!, new RegExp(`^The first run:\n  klt-web-zzzz .*|${name} .*`))
      assert.strictEqual(parts[3], "Nothing was changed.")
      assert.include(parts[4], "To move this VM:\n  slipway migrate --no-dry-run\n")
      assert.include(parts[5], "To go back to konlet:\n  slipway uninstall\n")
      assert.include(parts[6], "For new VMs and instance templates:\n  slipway check FILE\n")
      assert.include(parts[6], "gcloud compute instances add-metadata vm --zone ZONE")
      assert.deepStrictEqual(machine.done, [])
      assert.deepStrictEqual(
        machine.vm.engine.containers.map(({ name }) => name),
        ["klt-web-zzzz"]
      )
      assert.notInclude(outputOf(run), secret)
    }).pipe(Effect.scoped, runInVirtualTime)
  )

  it.effect("--no-dry-run takes konlet's place, and replaces its container by the declared one", () =>
    Effect.gen(function* () {
      const machine = yield* konletMachine(konlets)
      const run = yield* machine.run("migrate", "--no-dry-run")
      assert.strictEqual(run.exitCode, 0, run.stderr)
      assert.include(
        run.stdout,
        `\nwrite ${unitPath}\nsystemctl daemon-reload\nsystemctl stop konlet-startup.service\n` +
          "systemctl mask konlet-startup.service\nsystemctl enable slipway.service\nsystemctl start --no-block slipway.service\n" +
          "\nAs declared.\n"
      )
      const [container, ...others] = machine.vm.engine.containers
      assert.deepStrictEqual(others, [])
      assert.isTrue(container!.isUp)
      assert.property(container!.spec.labels, "slipway.workload")
      assert.deepStrictEqual([...machine.masked], ["konlet-startup.service"])
      // Once more, there is nothing to do; and it can be taken back.
      const again = yield* machine.run("migrate", "--no-dry-run")
      assert.strictEqual(
        again.stdout,
        "Slipway is installed, and nothing of konlet is left: there is nothing to move.\n"
      )
      assert.strictEqual((yield* machine.run("uninstall")).exitCode, 0)
      assert.deepStrictEqual([...machine.masked], [])
      assert.isTrue(container!.isUp)
    }).pipe(Effect.scoped, runInVirtualTime)
  )

  it.effect("--once has the unit run `up`, and no change is applied between two boots", () =>
    Effect.gen(function* () {
      const machine = yield* konletMachine(konlets)
      const run = yield* machine.run("migrate", "--once")
      assert.notInclude(run.stdout, "applied at once")
      assert.include(run.stdout, "slipway migrate --no-dry-run --once")
      yield* machine.run("migrate", "--once", "--no-dry-run")
      assert.include(machine.vm.host.files.read(unitPath), "Type=oneshot")
    }).pipe(Effect.scoped, runInVirtualTime)
  )

  it.effect("a first run that fails brings konlet's container back, and is a failure", () =>
    Effect.gen(function* () {
      const crashing = { _tag: "Exits", afterMillis: 100, exitCode: 2 } as const
      const machine = yield* konletMachine({
        ...konlets,
        images: [{ reference: "registry.example/web:1", local: true, behaviour: crashing }]
      })
      const run = yield* machine.run("migrate", "--no-dry-run")
      assert.strictEqual(run.exitCode, 1)
      assert.include(run.stdout, "Not as declared:")
      assert.deepStrictEqual(
        machine.vm.engine.containers.map(({ name }) => name),
        ["klt-web-zzzz"]
      )
    }).pipe(Effect.scoped, runInVirtualTime)
  )

  it.effect("says what becomes of what konlet has left: a container that ended, memory, a disk; and of a job", () =>
    Effect.gen(function* () {
      const text = `spec:
  restartPolicy: Never
  containers:
    - name: web
      image: registry.example/web:1
      volumeMounts: [{ name: data, mountPath: /data }, { name: cache, mountPath: /cache }]
  volumes:
    - { name: data, gcePersistentDisk: { pdName: data, fsType: ext4 } }
    - { name: cache, emptyDir: { medium: Memory } }
`
      const root = "/mnt/disks/gce-containers-mounts"
      const machine = yield* konletMachine({
        ...konlets,
        declaration: text,
        disks: [{ deviceName: "data", content: { _tag: "Ext4", files: { rows: "1" } } }],
        containers: [
          ...konlets.containers!,
          { name: "klt-web-yyyy", image: "registry.example/web:1", running: false },
          { name: "web", image: "registry.example/web:1", running: false },
          { name: "somebody", image: "registry.example/web:1", running: true }
        ]
      })
      const { files, runner } = machine.vm.host
      for (const [type, source, target] of [
        ["ext4", "/dev/disk/by-id/google-data", `${root}/gce-persistent-disks/data`],
        ["tmpfs", "tmpfs", `${root}/tmpfss/cache`]
      ] as const) {
        files.makeDirectory(target)
        const args = ["-t", type, "-o", "rw", "--", source, target]
        assert.strictEqual((yield* runner.run({ program: "mount", args })).exitCode, 0)
      }
      const { stdout } = yield* machine.run("migrate")
      const [found = "", differing = "", toCheck = ""] = stdout.split("\n\n")
      assert.include(found, `  /dev/sdb mounted at ${root}/gce-persistent-disks/data\n`)
      assert.notInclude(stdout, "somebody")
      for (const name of ["klt-web-yyyy", "web"]) {
        assert.match(differing, new RegExp(`\\n {2}${name} \\(.*, which konlet has left \\(\\w+\\), is removed\\n`))
      }
      assert.include(differing, `${root}/gce-persistent-disks/data is unmounted\n      the disk has to be free`)
      assert.include(differing, "is a failed run, with exit code 79")
      assert.include(toCheck, "what konlet has run with restartPolicy Never runs once more, from its beginning")
      assert.include(toCheck, `${root}/tmpfss/cache is unmounted, and what is in it is gone`)
      yield* machine.run("migrate", "--no-dry-run")
      assert.strictEqual(files.read(`${root}/gce-persistent-disks/data/rows`), "1")
    }).pipe(Effect.scoped, runInVirtualTime)
  )

  it.effect("looks from anywhere, but takes no program that a reboot may clear away", () =>
    Effect.gen(function* () {
      const machine = yield* konletMachine({ ...konlets, program: "/tmp/slipway" })
      const dry = yield* machine.run("migrate")
      assert.strictEqual(dry.exitCode, 0, dry.stderr)
      assert.include(dry.stdout, "To check:\n  /tmp/slipway may be gone after a reboot")
      const run = yield* machine.run("migrate", "--no-dry-run")
      assert.strictEqual(run.exitCode, 78)
      assert.deepStrictEqual(machine.done, [])
    }).pipe(Effect.scoped, runInVirtualTime)
  )

  it.effect("a unit that cannot start is not waited for", () =>
    Effect.gen(function* () {
      const machine = yield* konletMachine({ ...konlets, unitFails: true })
      const run = yield* machine.run("migrate", "--no-dry-run")
      assert.strictEqual(run.exitCode, 1)
      assert.include(
        run.stderr,
        "start slipway.service: it ended with exit code 78, and left no status: see `journalctl"
      )
      assert.isTrue(machine.vm.container("klt-web-zzzz")?.isUp)
    }).pipe(Effect.scoped, runInVirtualTime)
  )

  it.effect("on Container-Optimized OS user data comes first, since /etc does not stay", () =>
    Effect.gen(function* () {
      const machine = yield* konletMachine({
        ...konlets,
        files: { "/etc/os-release": 'NAME="Container-Optimized OS"\nID=cos\n' },
        program: "/var/lib/google/slipway/slipway",
        attributes: { "user-data": "#cloud-config\n" }
      })
      const { stdout } = yield* machine.run("migrate")
      const [, next = ""] = stdout.split("Nothing was changed.\n\nTo move this VM:\n")
      assert.match(
        next,
        /^ {2}\/var\/lib\/google\/slipway\/slipway install --print cloud-init --takeover --url URL --sha256 SHA256 > user-data\.yaml\n/
      )
      assert.include(next, "the VM has user data already, which this would replace")
    }).pipe(Effect.scoped, runInVirtualTime)
  )

  it.effect("names the keys that konlet ignored, with what they do, and what is refused under Slipway's own key", () =>
    Effect.gen(function* () {
      const text = `spec:
  containers:
    - name: web
      image: registry.example/web:1
      ports:
        - containerPort: 8080
      env:
        - { name: PASSWORD, value: ${secret} }
      restart_policy: Never
  hostNetwork: false
`
      const machine = yield* konletMachine({ ...konlets, declaration: text })
      const { stdout } = yield* machine.run("migrate", "--format", "json")
      const { differences } = JSON.parse(stdout) as {
        readonly differences: ReadonlyArray<{ readonly kind: string; readonly text: string; readonly why: string }>
      }
      const of = (kind: string) => differences.filter((difference) => difference.kind === kind)
      assert.sameMembers(
        of("key").map(({ text }) => text),
        [
          "line 5: spec.containers[0].ports takes effect, which konlet ignored",
          "line 10: spec.hostNetwork takes effect, which konlet ignored"
        ]
      )
      for (const { why } of of("key")) assert.isNotEmpty(why)
      assert.deepStrictEqual(
        of("own key").map(({ text }) => text),
        ['line 9: a container has no key "restart_policy"; it is ignored, and refused under "slipway-declaration"']
      )
      assert.deepStrictEqual(of("ignored"), [])
      assert.notInclude(stdout, secret)
    }).pipe(Effect.scoped, runInVirtualTime)
  )

  it.effect("a unit of the operator's own is disabled, and its flags become settings of ours, its token does not", () =>
    Effect.gen(function* () {
      const execStart = `/usr/bin/docker run --rm --privileged gcr.io/gce-containers/konlet -open-iptables=false -show-welcome=true -token=${secret} -mounted-volumes-path-prefix /data/mounts`
      const machine = yield* konletMachine({ ...konlets, unitIn: "/etc/systemd/system", execStart, opened: 0 })
      const dry = yield* machine.run("migrate")
      assert.include(dry.stdout, "becomes SLIPWAY_OPEN_IPTABLES=no in /etc/default/slipway")
      assert.include(dry.stdout, "the token that konlet-startup.service passes is not taken over")
      assert.notInclude(dry.stdout, "open the firewall")
      const run = yield* machine.run("migrate", "--no-dry-run")
      assert.strictEqual(run.exitCode, 0, run.stderr)
      assert.strictEqual(
        machine.vm.host.files.read("/etc/default/slipway"),
        "# As konlet's flags had it.\nSLIPWAY_OPEN_IPTABLES=no\nSLIPWAY_MOUNTED_VOLUMES_PATH_PREFIX=/data/mounts\n"
      )
      assert.deepStrictEqual([...machine.enabled], ["slipway.service"])
      assert.notInclude(machine.vm.host.ipv4.save(), "SLIPWAY")
      assert.notInclude(outputOf(dry) + outputOf(run), secret)
    }).pipe(Effect.scoped, runInVirtualTime)
  )

  it.effect("settings that are there count, and are not replaced", () =>
    Effect.gen(function* () {
      const machine = yield* konletMachine({
        ...konlets,
        execStart: "/usr/share/konlet -open-iptables=false",
        files: { "/etc/default/slipway": "SLIPWAY_OPEN_IPTABLES=declared\n" }
      })
      const { stdout } = yield* machine.run("migrate")
      assert.include(stdout, "the file sets it already, and is left as it is")
      assert.include(stdout, "Slipway accepts only the ports that containers declare")
      yield* machine.run("migrate", "--no-dry-run")
      assert.strictEqual(machine.vm.host.files.read("/etc/default/slipway"), "SLIPWAY_OPEN_IPTABLES=declared\n")
    }).pipe(Effect.scoped, runInVirtualTime)
  )

  it.effect("the engine is the one that the unit's settings name", () =>
    Effect.gen(function* () {
      const machine = yield* konletMachine({
        ...konlets,
        files: { "/etc/default/slipway": "DOCKER_HOST=unix:///run/podman/podman.sock\n" }
      })
      const { exitCode, hosts } = yield* machine.run("migrate")
      assert.strictEqual(exitCode, 0)
      assert.deepStrictEqual(hosts.at(-1)?.engine, { _tag: "Socket", path: "/run/podman/podman.sock" })
    }).pipe(Effect.scoped, runInVirtualTime)
  )

  it.effect("what stands in the way is said before anything is done: a disk that is not attached", () =>
    Effect.gen(function* () {
      const volumes = `
      volumeMounts: [{ name: data, mountPath: /data }]
  volumes:
    - { name: data, gcePersistentDisk: { pdName: missing } }
`
      const machine = yield* konletMachine({ ...konlets, declaration: declaration("registry.example/web:1", volumes) })
      const run = yield* machine.run("migrate", "--no-dry-run")
      assert.strictEqual(run.exitCode, 1)
      assert.include(run.stdout, "The first run would fail, for the reason below (PlanRefused).")
      assert.include(run.stderr, "missing")
      assert.deepStrictEqual(machine.done, [])
      const json = JSON.parse((yield* machine.run("migrate", "--format", "json")).stdout) as object
      assert.deepInclude(json, { version: 1, has: "konlet", plan: null })
      assert.strictEqual((json as { refused: { error: string } }).refused.error, "PlanRefused")
    }).pipe(Effect.scoped, runInVirtualTime)
  )

  it.effect(
    "an image that its registry refuses is said before anything is done, also where konlet's is still there",
    () =>
      Effect.gen(function* () {
        const machine = yield* konletMachine({ ...konlets, declaration: declaration("registry.example/gone:1") })
        const dry = yield* machine.run("migrate")
        assert.strictEqual(dry.exitCode, 1)
        assert.include(dry.stdout, "The first run would fail, for the reason below (DockerError).\n\nThe first run:\n")
        assert.notInclude(dry.stdout, "To move this VM:")
        assert.include(dry.stderr, "registry.example/gone:1")
        assert.include(dry.stderr, "its tag pushed")
        const run = yield* machine.run("migrate", "--no-dry-run")
        assert.strictEqual(run.exitCode, 1)
        assert.deepStrictEqual(machine.done, [])
        assert.isTrue(machine.vm.container("klt-web-zzzz")?.isUp)
        const { plan, refused } = JSON.parse((yield* machine.run("migrate", "--format", "json")).stdout) as {
          readonly plan: { readonly steps: ReadonlyArray<unknown> }
          readonly refused: { readonly error: string; readonly message: string }
        }
        assert.isNotEmpty(plan.steps)
        assert.strictEqual(refused.error, "DockerError")
        assert.include(refused.message, "registry.example/gone:1")
      }).pipe(Effect.scoped, runInVirtualTime)
  )

  it.effect("a declaration that neither can use is refused with its lines, 78", () =>
    Effect.gen(function* () {
      const machine = yield* konletMachine({ ...konlets, declaration: "spec:\n  containers: []\n" })
      const run = yield* machine.run("migrate")
      assert.strictEqual(run.exitCode, 78)
      assert.include(run.stdout, "klt-web-zzzz, registry.example/web:1, running")
      // Nothing comes in its place.
      assert.include(run.stdout, "klt-web-zzzz (registry.example/web:1) is left as it is (running)")
      assert.include(run.stderr, "metadata:gce-container-declaration:")
    }).pipe(Effect.scoped, runInVirtualTime)
  )

  it.effect("a VM without anything of konlet has nothing to move", () =>
    Effect.gen(function* () {
      const machine = yield* konletMachine({})
      const run = yield* machine.run("migrate", "--no-dry-run")
      assert.strictEqual(run.exitCode, 0, run.stderr)
      assert.match(run.stdout, /^This VM has nothing of konlet/)
      assert.deepStrictEqual(machine.done, [])
    }).pipe(Effect.scoped, runInVirtualTime)
  )

  it.effect("as JSON: what was found, the differences, the plan, the steps, and how it went", () =>
    Effect.gen(function* () {
      const machine = yield* konletMachine(konlets)
      const run = yield* machine.run("migrate", "--no-dry-run", "--format", "json")
      const json = JSON.parse(run.stdout) as Readonly<Record<string, unknown>>
      assert.sameMembers(Object.keys(json), [
        "version",
        "has",
        "dryRun",
        "konlet",
        "differences",
        "plan",
        "refused",
        "steps",
        "commands",
        "status"
      ])
      assert.strictEqual((json["status"] as { verdict: string }).verdict, "as declared")
      assert.strictEqual((json["steps"] as ReadonlyArray<string>).at(-1), "systemctl start --no-block slipway.service")
      assert.notInclude(outputOf(run), secret)
    }).pipe(Effect.scoped, runInVirtualTime)
  )
})
