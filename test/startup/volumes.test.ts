import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { app, boot, changes, declare, on, other, refused, root, running, started, test } from "./SimulatedBoot.ts"

const folder = "/var/lib/slipway/empty-dirs"

const withScratch = (container: Record<string, unknown> = {}): string =>
  declare(
    { volumeMounts: [{ name: "scratch", mountPath: "/scratch" }], ...container },
    { volumes: [{ name: "scratch", emptyDir: {} }] }
  )

const onHostPath = (path: string, type: string, container: Record<string, unknown> = {}): string =>
  declare(
    { volumeMounts: [{ name: "data", mountPath: "/data" }], ...container },
    { volumes: [{ name: "data", hostPath: { path, type } }] }
  )

/** What a container of the VM writes into its emptyDir. */
const bound = `${root}/empty-dirs/scratch`

const directories = Effect.map(SimulatedVm, ({ host }) =>
  (host.files.list(folder) ?? []).flatMap((boot) =>
    (host.files.list(`${folder}/${boot}`) ?? []).map((volume) => `${boot}/${volume}`)
  )
)

describe("a hostPath at which a symbolic link leads to nothing", () => {
  const links = { "/srv/data": "/mnt/gone/data" }
  for (const type of ["Directory", "DirectoryOrCreate", "File", "FileOrCreate"]) {
    test(`of type ${type} is refused before anything is stopped, with where it leads`, { links }, () =>
      Effect.gen(function* () {
        yield* started(declare())
        const before = yield* running
        const failure = yield* refused(onHostPath("/srv/data", type))
        assert.strictEqual(
          failure.message,
          `the hostPath of the volume "data" is of type ${type}, but at /srv/data of the host there is a symbolic link to ` +
            "/mnt/gone/data, where there is nothing. Put there what is wanted, or correct the path or its type."
        )
        assert.deepStrictEqual(yield* running, before)
      })
    )
  }

  test("is where a file is created if there is a directory for it", { links: { "/srv/data": "/etc/data" } }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(onHostPath("/srv/data", "FileOrCreate"))
      assert.strictEqual(vm.host.files.read("/etc/data"), "")
    })
  )
})

describe("an emptyDir on the disk", () => {
  test("keeps its content while containers are replaced, and begins empty with each boot", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const first = yield* started(withScratch())
      assert.strictEqual(on(vm.container(first.name)!.seen, "/scratch"), "directory")
      vm.host.files.write(`${bound}/kept`, "from before")
      assert.isTrue((yield* started(withScratch())).kept)
      const second = yield* started(withScratch({ image: other.reference }))
      assert.isFalse(second.kept)
      assert.strictEqual(on(vm.container(second.name)!.seen, "/scratch"), "directory")
      assert.strictEqual(vm.host.files.read(`${bound}/kept`), "from before")
      const before = yield* directories
      assert.lengthOf(before, 1)

      yield* vm.reboot
      // Nothing starts on what another boot has left.
      assert.deepStrictEqual(yield* running, [])
      const third = yield* started(withScratch())
      assert.strictEqual(on(vm.container(third.name)!.seen, "/scratch"), "directory")
      assert.isUndefined(vm.host.files.read(`${bound}/kept`))
      const after = yield* directories
      assert.lengthOf(after, 1)
      assert.notDeepEqual(after, before)
    })
  )

  test("is removed with its volume, once no container has it any more", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(withScratch())
      const report = yield* started(declare())
      assert.deepStrictEqual(yield* directories, [])
      assert.isTrue(report.steps.at(-1)?.step.action._tag === "RemoveEmptyDir")
      assert.isTrue((yield* started(declare())).kept)
      vm.setFaults((call) => (call.name === "run rm" && call.subject.startsWith(folder) ? "fail" : undefined))
      yield* started(withScratch())
      const left = yield* started(declare({ image: other.reference }))
      assert.match(left.warnings.join(), /is of no use any more, is left/)
      vm.setFaults(undefined)
      yield* started(declare({ image: other.reference }))
      assert.deepStrictEqual(yield* directories, [])
    })
  )

  test("a run that fails brings the old container back to its content", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(withScratch())
      vm.host.files.write(`${bound}/kept`, "from before")
      // Without the volume, what is mounted leaves before the new container fails.
      vm.setFaults((call) => (call.name === "docker create" ? { says: "no", statusCode: 400 } : undefined))
      yield* refused(declare({ image: other.reference }))
      vm.setFaults(undefined)
      assert.deepStrictEqual(yield* running, [name])
      assert.strictEqual(vm.host.files.read(`${bound}/kept`), "from before")
      assert.strictEqual(on(vm.container(name)!.seen, "/scratch"), "directory")
      assert.isTrue((yield* started(withScratch())).kept)
    })
  )
})

describe("an emptyDir in memory", () => {
  const inMemory = (sizeLimit?: string): string =>
    declare(
      { volumeMounts: [{ name: "cache", mountPath: "/cache" }] },
      {
        volumes: [{ name: "cache", emptyDir: { medium: "Memory", ...(sizeLimit === undefined ? {} : { sizeLimit }) } }]
      }
    )
  const options = Effect.map(
    SimulatedVm,
    ({ host }) => host.files.mounts.find(({ target }) => target === `${root}/tmpfss/cache`)?.options
  )

  test("holds what its limit says, and is made anew where that changes", {}, () =>
    Effect.gen(function* () {
      yield* started(inMemory("65537"))
      assert.include((yield* options)!, "size=68k")
      assert.isTrue((yield* started(inMemory("65537"))).kept)
      assert.isFalse((yield* started(inMemory("1Gi"))).kept)
      assert.include((yield* options)!, "size=1048576k")
      assert.isFalse((yield* started(inMemory())).kept)
      assert.deepStrictEqual(yield* options, ["rw", "relatime"])
      // No limit is what Kubernetes takes 0 for.
      assert.isTrue((yield* started(inMemory("0"))).kept)
    })
  )
})

describe("a hostPath with a type", () => {
  for (const [type, path, found] of [
    ["Directory", "/srv/none", "nothing"],
    ["Directory", "/dev/null", "a file"],
    ["DirectoryOrCreate", "/dev/null", "a file"],
    ["File", "/var/lib", "a directory"],
    ["FileOrCreate", "/var/lib", "a directory"],
    ["Socket", "/dev/null", "a file"],
    ["BlockDevice", "/var/lib", "a directory"]
  ] as const) {
    test(`${type} at ${path} is refused while the old container runs on`, {}, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const { name } = yield* started(declare())
        const before = vm.transcript.length
        const failure = yield* refused(onHostPath(path, type))
        assert.strictEqual(failure._tag, "PlanRefused")
        assert.include(failure.message, `is of type ${type}, but at ${path} of the host there is ${found}`)
        assert.deepStrictEqual(yield* changes(before), [])
        assert.deepStrictEqual(yield* running, [name])
      })
    )
  }

  test("a file whose directory is missing is refused, and created where that is there", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      assert.match((yield* refused(onHostPath("/srv/app/conf", "FileOrCreate"))).message, /no directory \/srv\/app on/)
      yield* started(onHostPath("/srv/app", "DirectoryOrCreate"))
      assert.isTrue(vm.host.files.isDirectory("/srv/app"))
      yield* started(onHostPath("/srv/app/conf", "FileOrCreate"))
      assert.strictEqual(vm.host.files.read("/srv/app/conf"), "")
    })
  )

  test("is not checked again under a container that has it", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.host.files.makeDirectory("/srv/app")
      yield* started(onHostPath("/srv/app", "Directory"))
      vm.host.files.removeTree("/srv/app")
      assert.isTrue((yield* started(onHostPath("/srv/app", "Directory"))).kept)
    })
  )
})

describe("mounts below a volume", () => {
  const mount = (options: Record<string, unknown>): string =>
    declare(
      { volumeMounts: [{ name: "data", mountPath: "/data", ...options }] },
      { volumes: [{ name: "data", hostPath: { path: "/srv" } }] }
    )

  test("pass from the host where it shares them", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(mount({ mountPropagation: "HostToContainer" }))
      assert.deepStrictEqual(vm.container(name)!.spec.binds, ["/srv:/data:rslave"])
      assert.match(
        (yield* started(mount({ mountPropagation: "None" }))).steps.map(({ step }) => step.cause).join("\n"),
        /its declaration has changed: volume mounts/
      )
    })
  )

  test("cannot be read-only too where the engine does not say that it can", { images: [app] }, () =>
    Effect.gen(function* () {
      const failure = yield* refused(mount({ readOnly: true, recursiveReadOnly: "Enabled" }))
      assert.match(failure.message, /recursiveReadOnly: Enabled, but the engine.* has no such mounts/)
      assert.deepStrictEqual(yield* running, [])
      yield* boot(mount({ readOnly: true, recursiveReadOnly: "IfPossible" }))
    })
  )
})
