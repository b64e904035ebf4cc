import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { makeBindSubPath } from "../../src/apply/bindSubPath.ts"
import { runInVirtualTime } from "../../src/simulation/host/VirtualTime.ts"
import { parentOf } from "../../src/vm/host/parentOf.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { oneOf } from "../plan/Generated.ts"
import {
  changes,
  dead,
  declare,
  disk,
  on,
  other,
  refused,
  root,
  running,
  started,
  test,
  withFiles
} from "./SimulatedBoot.ts"

const hostPath = { hostPath: { path: "/srv" } }
const onVolume = (volume: Record<string, unknown>, subPath: string, container: Record<string, unknown> = {}): string =>
  declare(
    { volumeMounts: [{ name: "data", mountPath: "/data", subPath }], ...container },
    { volumes: [{ name: "data", ...volume }] }
  )
const gcePersistentDisk = { gcePersistentDisk: { pdName: "data" } }

/** What is bound for the container, by the path that its content is written at. */
const bindPoint = Effect.map(SimulatedVm, ({ host }) =>
  host.files.mounts.filter(({ target }) => target.startsWith(`${root}/subpaths/`)).map(({ target }) => target)
)
const onlyBindPoint = Effect.map(bindPoint, (points) => {
  assert.lengthOf(points, 1)
  return points[0]!
})

describe("a subPath", () => {
  test(
    "of a disk is made with the permissions of the volume's root, and kept while containers are replaced",
    { disks: [disk(withFiles)] },
    () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const content = `${root}/gce-persistent-disks/data`
        const { name } = yield* started(onVolume(gcePersistentDisk, "./app//logs/"))
        assert.strictEqual(on(vm.container(name)!.seen, "/data"), "/dev/disk/by-id/google-data")
        assert.strictEqual(vm.container(name)!.spec.mounts[0]?.source, yield* onlyBindPoint)
        assert.isTrue(vm.host.files.isDirectory(`${content}/app/logs`))
        vm.host.files.write(`${yield* onlyBindPoint}/first`, "1")
        assert.strictEqual(vm.host.files.read(`${content}/app/logs/first`), "1")

        assert.isTrue((yield* started(onVolume(gcePersistentDisk, "app/logs"))).kept)
        const before = vm.transcript.length
        const second = yield* started(onVolume(gcePersistentDisk, "app/logs", { image: other.reference }))
        assert.isFalse(second.kept)
        assert.notInclude(yield* changes(before), "run umount")
        assert.strictEqual(vm.host.files.read(`${yield* onlyBindPoint}/first`), "1")
      })
  )

  test("has the mode of the root also where the umask would take from it", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.host.files.makeDirectory("/srv")
      vm.host.files.setMode("/srv", "2770")
      yield* started(onVolume(hostPath, "a/b"))
      assert.strictEqual(vm.host.files.mode("/srv/a"), "2770")
      assert.strictEqual(vm.host.files.mode("/srv/a/b"), "2770")
      vm.host.files.setMode("/srv/a/b", "0700")
      yield* started(onVolume(hostPath, "a/b", { image: other.reference }))
      assert.strictEqual(vm.host.files.mode("/srv/a/b"), "0700")
    })
  )

  test("may be a file, if it is there", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.host.files.write("/srv/app.conf", "port=1")
      yield* started(onVolume(hostPath, "app.conf"))
      assert.strictEqual(vm.host.files.read(yield* onlyBindPoint), "port=1")
    })
  )

  test("is named by variables, those that the VM tells among them", { hostname: "vm-1" }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const env = [
        { name: "SITE", value: "shop" },
        { name: "NODE", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }
      ]
      const declared = onVolume(hostPath, "", {
        env,
        volumeMounts: [{ name: "data", mountPath: "/data", subPathExpr: "$(SITE)/of-$(NODE)" }]
      })
      vm.host.files.write("/srv/shop/of-vm-1/there", "1")
      yield* started(declared)
      assert.strictEqual(vm.host.files.read(`${yield* onlyBindPoint}/there`), "1")
      assert.isTrue((yield* started(declared)).kept)
    })
  )

  test("with what is not known before the container runs is refused while the old container runs on", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(declare())
      const before = vm.transcript.length
      const failure = yield* refused(
        declare(
          {
            env: [{ name: "IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } }],
            volumeMounts: [{ name: "data", mountPath: "/data", subPathExpr: "of/$(IP)" }]
          },
          { hostNetwork: false, volumes: [{ name: "data", emptyDir: {} }] }
        )
      )
      assert.include(failure.message, "has the address of the Pod's own network in it")
      assert.deepStrictEqual(yield* changes(before), [])
      assert.deepStrictEqual(yield* running, [name])
    })
  )

  for (const [kind, volume] of [
    ["an emptyDir", { emptyDir: {} }],
    ["a tmpfs", { emptyDir: { medium: "Memory" } }],
    ["a hostPath that is not there", { hostPath: { path: "/srv/new" } }]
  ] as const) {
    test(`of ${kind} is bound, unbound when it is not declared any more, and made anew after a boot`, {}, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const { name } = yield* started(onVolume(volume, "one"))
        const first = yield* onlyBindPoint
        assert.notStrictEqual(on(vm.container(name)!.seen, "/data"), "an empty directory")
        assert.isTrue((yield* started(onVolume(volume, "one"))).kept)
        yield* started(onVolume(volume, "two"))
        assert.notStrictEqual(yield* onlyBindPoint, first)
        yield* vm.reboot
        assert.deepStrictEqual(yield* running, [])
        yield* started(onVolume(volume, "one"))
        assert.strictEqual(yield* onlyBindPoint, first)
        yield* started(declare())
        assert.deepStrictEqual(yield* bindPoint, [])
      })
    )
  }

  for (const link of ["/etc", "../etc", "inside/../../etc"]) {
    test(`that leads by a link (${link}) out of the volume is refused while the old container runs on`, {}, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        vm.host.files.makeDirectory("/srv/inside")
        vm.host.files.link("/srv/logs", link)
        const { name } = yield* started(declare())
        const before = vm.transcript.length
        const failure = yield* refused(onVolume(hostPath, "logs/app"))
        assert.strictEqual(failure._tag, "PlanRefused")
        assert.include(
          failure.message,
          'has the subPath "logs/app", but a symbolic link in the volume leads out of it, to /etc/app'
        )
        assert.deepStrictEqual(yield* changes(before), [])
        assert.deepStrictEqual(yield* running, [name])
        assert.isFalse(vm.host.files.has("/etc/app"))
      })
    )
  }

  test("that leads out by now is not held against a container that has it", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(onVolume(hostPath, "one"))
      vm.host.files.removeTree("/srv/one")
      vm.host.files.link("/srv/one", "/etc")
      assert.isTrue((yield* started(onVolume(hostPath, "one"))).kept)
      yield* refused(onVolume(hostPath, "one", { image: other.reference }))
      assert.lengthOf(yield* running, 1)
    })
  )

  test("may follow a link that stays in the volume", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.host.files.write("/srv/releases/2/index", "second")
      vm.host.files.link("/srv/current", "releases/2")
      yield* started(onVolume(hostPath, "current"))
      assert.strictEqual(vm.host.files.read(`${yield* onlyBindPoint}/index`), "second")
    })
  )

  test(
    "that leads out of a disk which was not mounted fails the step, and the old container comes back",
    {
      disks: [disk(withFiles), disk(withFiles, "other")]
    },
    () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const { name } = yield* started(onVolume({ gcePersistentDisk: { pdName: "other" } }, "logs"))
        const content = vm.host.disks.find(({ link }) => link.endsWith("-data"))!.content
        if (content._tag !== "Ext4") return assert.fail(content._tag)
        content.tree.links.set("/logs", "/etc")
        const failure = yield* refused(onVolume(gcePersistentDisk, "logs"))
        assert.include(
          failure.message,
          'a link makes the subPath "logs" lead out of the volume data, to /etc of the host'
        )
        assert.deepStrictEqual(yield* running, [name])
        assert.strictEqual(on(vm.container(name)!.seen, "/data"), "/dev/disk/by-id/google-other")
      })
  )

  test("is bound again under the old container if the new one fails", { disks: [disk(withFiles)] }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(onVolume(gcePersistentDisk, "one"))
      yield* refused(declare({ image: dead.reference }))
      assert.deepStrictEqual(yield* running, [name])
      assert.strictEqual(on(vm.container(name)!.seen, "/data"), "/dev/disk/by-id/google-data")
      assert.isTrue((yield* started(onVolume(gcePersistentDisk, "one"))).kept)
    })
  )

  test("that was made to lead elsewhere by then is not bound again: the old container stays stopped", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(onVolume(hostPath, "one"))
      vm.host.files.removeTree("/srv/one")
      vm.host.files.link("/srv/one", "/etc")
      yield* refused(declare({ image: dead.reference }))
      assert.deepStrictEqual(yield* running, [])
      assert.deepStrictEqual(yield* bindPoint, [])
    })
  )
})

const names = ["a", "b", "c"] as const
/** The volume is below a link, as a state folder or a hostPath may be. */
const volume = "/linked/vol"
const inside = "/srv/vol"
const path = Arbitrary.map(Arbitrary.array(oneOf(...names), { minLength: 1, maxLength: 4 }), (parts) => parts.join("/"))
const target = Arbitrary.map(
  Arbitrary.all([
    oneOf("", "/", "/vol/", "/out/", "../", "../../", "./"),
    Arbitrary.array(oneOf(...names, "..", "vol"), { maxLength: 3 })
  ]),
  ([start, parts]) => `${start}${parts.join("/")}` || "."
)
const Tree = Arbitrary.all({
  directories: Arbitrary.array(path, { maxLength: 4 }),
  files: Arbitrary.array(path, { maxLength: 2 }),
  links: Arbitrary.array(Arbitrary.all([path, target]), { maxLength: 5 }),
  subPath: path
})

const action = { _tag: "BindSubPath", volume: "data", root: volume, target: "/run/bound" } as const

/** All that is on the host, but for the volume and where we bind: directories, files and links. */
const outside = Effect.map(SimulatedVm, ({ host: { files } }) =>
  files
    .below("/")
    .map(({ path, kind }) => ({ path: path.replace("//", "/"), kind }))
    .filter(({ path }) => !path.startsWith(inside) && !path.startsWith("/run"))
    .map(({ path, kind }) => `${kind} ${path} ${files.readLink(path) ?? files.read(path) ?? files.mode(path)}`)
    .toSorted()
)
const parts = Effect.map(SimulatedVm, ({ host: { files } }) => files.mounts.map(({ part }) => part))

const grown = Effect.fnUntraced(function* ({
  directories,
  files,
  links
}: {
  readonly directories: ReadonlyArray<string>
  readonly files: ReadonlyArray<string>
  readonly links: ReadonlyArray<readonly [string, string]>
}) {
  const { host } = yield* SimulatedVm
  for (const one of ["/srv/out/a", "/srv/a/b", "/out/b", "/vol", inside]) host.files.makeDirectory(one)
  host.files.link("/linked", "/srv")
  host.files.setMode(inside, "0750")
  for (const one of directories)
    if (host.files.kindOf(`${inside}/${one}`) === undefined) host.files.root.makeDirectory(`${inside}/${one}`)
  for (const one of files)
    if (!host.files.root.has(`${inside}/${one}`)) host.files.root.write(`${inside}/${one}`, "text")
  for (const [at, leadsTo] of links) {
    const path = `${inside}/${at}`
    if (host.files.root.has(path)) continue
    host.files.root.makeDirectory(parentOf(path))
    host.files.root.links.set(path, leadsTo)
  }
})

describe("what is bound of a volume", () => {
  it.effect.prop(
    "is in the volume or nothing, whatever links there are, and nothing outside changes",
    [Tree],
    ([tree]) =>
      Effect.gen(function* () {
        yield* grown(tree)
        const before = yield* outside
        const bind = yield* makeBindSubPath
        const exit = yield* Effect.exit(bind({ ...action, subPath: tree.subPath }))
        assert.deepStrictEqual(yield* outside, before)
        const bound = yield* parts
        if (Exit.isFailure(exit)) return assert.deepStrictEqual(bound, [])
        assert.lengthOf(bound, 1)
        assert.isTrue(`${bound[0]}/`.startsWith(`${inside}/`), bound[0])
        assert.strictEqual(bound[0], (yield* SimulatedVm).host.files.resolve(`${inside}/${tree.subPath}`))
      }).pipe(Effect.provide(SimulatedVm.layer({})), runInVirtualTime)
  )

  for (const [what, call] of [
    ["before it is mounted", "run mount"],
    ["before it is made", "run mkdir"]
  ] as const) {
    it.effect(`is nothing where a link is put in its place right ${what}`, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        yield* grown({ directories: call === "run mkdir" ? [] : ["a/b"], files: [], links: [] })
        const before = yield* outside
        vm.setFaults(({ name }) => {
          if (name !== call || vm.host.files.readLink(`${inside}/a`) !== undefined) return undefined
          vm.host.files.removeTree(`${inside}/a`)
          vm.host.files.link(`${inside}/a`, "/out")
          return undefined
        })
        const bind = yield* makeBindSubPath
        const failure = yield* Effect.flip(bind({ ...action, subPath: "a/b" }))
        assert.strictEqual(failure._tag, "MountFailed")
        assert.deepStrictEqual(yield* parts, [])
        assert.deepStrictEqual(yield* outside, before)
      }).pipe(Effect.provide(SimulatedVm.layer({})), runInVirtualTime)
    )
  }
})
