import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Progress } from "../../src/progress/Progress.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import type { VmDescription } from "../../src/simulation/VmDescription.ts"
import {
  app,
  changes,
  declare,
  disk,
  on,
  onDisk,
  other,
  refused,
  root,
  running,
  started,
  test,
  withFiles
} from "./SimulatedBoot.ts"

const volumes = [
  { name: "data", gcePersistentDisk: { pdName: "data" } },
  { name: "cache", emptyDir: { medium: "Memory" } }
]
const volumeMounts = [
  { name: "data", mountPath: "/data" },
  { name: "cache", mountPath: "/cache" }
]
const declaration = (image = app.reference) => declare({ image, volumeMounts }, { volumes })

/** Where the mount root may lead, and what it is set to. */
const roots: Readonly<
  Record<string, { readonly links: VmDescription["links"]; readonly set: string; readonly leadsTo: string }>
> = {
  "a directory above it is a link": {
    links: { "/mnt/disks": "/var/mnt" },
    set: root,
    leadsTo: "/var/mnt/gce-containers-mounts"
  },
  "it is a link itself": { links: { [root]: "/var/mounts" }, set: root, leadsTo: "/var/mounts" },
  "it is a link to a link, by a relative path": {
    links: { "/mnt/disks": "../srv/./disks", "/srv/disks": "/var/mnt" },
    set: root,
    leadsTo: "/var/mnt/gce-containers-mounts"
  },
  "it is written with more slashes, dots and a slash at its end": {
    links: { "/mnt/disks": "/var/mnt/" },
    set: "//mnt/./disks//gce-containers-mounts/",
    leadsTo: "/var/mnt/gce-containers-mounts"
  }
}

describe("a mount root that is reached through symbolic links", () => {
  for (const [title, { links, set: mountRoot, leadsTo }] of Object.entries(roots)) {
    const description = { links: links!, disks: [disk(withFiles)] }

    test(`the second run has nothing to do: ${title}`, description, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const { name } = yield* started(declaration(), { mountRoot })
        const { seen } = vm.container(name)!
        assert.strictEqual(on(seen, "/data"), "/dev/disk/by-id/google-data")
        assert.strictEqual(on(seen, "/cache"), "tmpfs")
        const before = vm.transcript.length
        const again = yield* started(declaration(), { mountRoot })
        assert.isTrue(again.kept)
        assert.deepStrictEqual(yield* changes(before), [])
        // Where it leads is asked once a look.
        const asked = vm.transcript
          .slice(before)
          .filter(({ name, subject }) => name === "run readlink" && subject === mountRoot)
        assert.lengthOf(asked, 1)
      })
    )

    test(
      `what was mounted for the old container is unmounted for the new one, and comes back: ${title}`,
      description,
      () =>
        Effect.gen(function* () {
          const vm = yield* SimulatedVm
          yield* started(declaration(), { mountRoot })
          const next = yield* started(declaration(other.reference), { mountRoot })
          assert.deepStrictEqual(yield* running, [next.name])
          assert.deepStrictEqual(vm.host.files.mounts.map(({ target }) => target).toSorted(), [
            leadsTo,
            `${leadsTo}/gce-persistent-disks/data`,
            `${leadsTo}/tmpfss/cache`
          ])
          // None of the volumes is declared any more: all that is left is the root.
          yield* started(declare({ image: app.reference }), { mountRoot })
          assert.deepStrictEqual(
            vm.host.files.mounts.map(({ target }) => target),
            [leadsTo]
          )
          yield* vm.reboot
          const { name } = yield* started(declaration(), { mountRoot })
          assert.strictEqual(on(vm.container(name)!.seen, "/data"), "/dev/disk/by-id/google-data")
        })
    )
  }
})

describe("paths are what the kernel makes of them", () => {
  test("a mount root that leads to the host's root is refused", { links: { "/mnt/disks": "/", [root]: "/" } }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      for (const mountRoot of [root, "/"]) {
        const failure = yield* refused(declaration(), { mountRoot })
        assert.strictEqual(failure._tag, "MountFailed")
        assert.include(failure.message, "host's root")
      }
      assert.deepStrictEqual(vm.host.files.mounts, [])
    })
  )

  const byUuid = { links: { "/dev/disk/by-uuid/4711": "../../sdb" }, disks: [disk(withFiles)] }
  test("a disk that somebody mounted by another link to it is in use", byUuid, () =>
    Effect.gen(function* () {
      const { host } = yield* SimulatedVm
      const { content } = host.disks[0]!
      if (content._tag !== "Ext4") return assert.fail(content._tag)
      const mount = { target: "/home", type: "ext4", options: ["rw"], tree: content.tree, disk: host.disks[0]! }
      host.files.mounts.push({ ...mount, source: "/dev/disk/by-uuid/4711" })
      const failure = yield* refused(onDisk())
      if (failure._tag !== "PlanRefused") return assert.fail(failure.message)
      assert.match(failure.message, /already mounted at \/home/)
    })
  )
})

const victim = "/etc/shadow"
const text = "root:*:\n"

describe("what is Slipway's own is no link", () => {
  test(
    "a lock that is one ends the run before it has changed anything",
    { links: { "/run/slipway/lock": victim } },
    () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        vm.host.files.write(victim, text)
        const failure = yield* refused(declare())
        assert.strictEqual(failure._tag, "LockFailed")
        assert.include(failure.message, victim)
        assert.notInclude(failure.message, "root:")
        assert.strictEqual(vm.host.files.read(victim), text)
        assert.deepStrictEqual(yield* running, [])
      })
  )

  for (const [title, links] of Object.entries({
    "the state folder": { "/var/lib/slipway": "/etc" },
    "the entries of the state folder": Object.fromEntries(
      ["declaration", "images", "failed-start"].map((entry) => [`/var/lib/slipway/${entry}`, victim])
    ),
    "drafts of the entries": Object.fromEntries(
      ["declaration", "images"].map((entry) => [`/var/lib/slipway/${entry}.new`, victim])
    )
  })) {
    test(`${title}: what it leads to is neither read nor written, and the container starts`, { links }, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const { files } = vm.host
        files.write(victim, text)
        const before = [...files.root.files].filter(([path]) => path.startsWith("/etc/") && !path.endsWith(".sh"))
        const told: Array<string> = []
        const { name } = yield* started(declare()).pipe(
          Effect.provideService(Progress, (event) => Effect.sync(() => void told.push(JSON.stringify(event))))
        )
        assert.deepStrictEqual(yield* running, [name])
        const after = [...files.root.files].filter(([path]) => path.startsWith("/etc/") && !path.endsWith(".sh"))
        assert.deepStrictEqual(after, before)
        if (!title.startsWith("drafts")) assert.match(told.join("\n"), /is not kept for later: .* symbolic link/)
        assert.isTrue((yield* started(declare())).kept)
      })
    )
  }

  test(
    "though the directories above may be links, as root has set them up",
    { links: { "/run": "/mnt/memory", "/var/lib": "/mnt/stateful/lib" }, disks: [disk({ _tag: "Blank" })] },
    () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        yield* started(onDisk())
        assert.isTrue((yield* started(onDisk())).kept)
        assert.isDefined(vm.host.files.root.files.get("/mnt/memory/slipway/lock"))
        assert.isDefined(vm.host.files.root.files.get("/mnt/stateful/lib/slipway/declaration"))
      })
  )
})
