import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import type { MountSeen } from "../../src/simulation/engine/Surroundings.ts"
import type { Call, Fault } from "../../src/simulation/Calls.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import type { VmServices } from "../../src/vm/VmServices.ts"
import { runInVirtualTime } from "../../src/simulation/host/VirtualTime.ts"
import type { DiskContentDescription, VmDescription } from "../../src/simulation/VmDescription.ts"
import { Progress } from "../../src/progress/Progress.ts"
import type { Report } from "../../src/startup/Report.ts"
import { defaultSettings, type Settings } from "../../src/startup/Settings.ts"
import { startup } from "../../src/startup/startup.ts"

/** In every declaration of these tests, as a value of env; and the VM's token. Neither may come out anywhere. */
export const secret = "s3cr3t-v4lue"
export const token = "ya29.t0ken"

export const root = defaultSettings.mountRoot
export const app = { reference: "registry.example/app:1" }
export const other = { reference: "registry.example/app:2" }
/** It is killed after its grace, which it takes whole. */
export const slow = {
  reference: "registry.example/slow:1",
  behaviour: { _tag: "Runs", stopsAfterMillis: 60_000 }
} as const
export const dead = {
  reference: "registry.example/broken:1",
  behaviour: { _tag: "Exits", afterMillis: 300, exitCode: 3, log: ["no database"] }
} as const

/** A declaration of one container. JSON is YAML. */
export const declare = (
  container: Record<string, unknown> = {},
  pod: {
    readonly volumes?: ReadonlyArray<unknown>
    readonly restartPolicy?: string
    readonly securityContext?: unknown
    readonly runtimeClassName?: string | null
    readonly hostNetwork?: boolean
  } = {}
): string =>
  JSON.stringify({
    spec: {
      containers: [{ name: "web", image: app.reference, env: [{ name: "PASSWORD", value: secret }], ...container }],
      ...pod
    }
  })

/** One whose data is on a disk. */
export const onDisk = (container: Record<string, unknown> = {}, pdName = "data", fsType = "ext4"): string =>
  declare(
    { volumeMounts: [{ name: "data", mountPath: "/data" }], ...container },
    { volumes: [{ name: "data", gcePersistentDisk: { pdName, fsType } }] }
  )

export const disk = (content: DiskContentDescription, deviceName = "data") => ({ deviceName, content })
export const withFiles = { _tag: "Ext4", files: { kept: "data" } } as const satisfies DiskContentDescription

/** A test on a simulated VM. Whatever is logged or told in it must hold no secret. */
export const test = <E>(
  title: string,
  description: VmDescription,
  body: () => Effect.Effect<void, E, SimulatedVm | VmServices>
) =>
  it.effect(title, () => {
    const said: Array<string> = []
    const note = Logger.make(({ message }) => void said.push(String(message)))
    return Effect.gen(function* () {
      yield* Effect.suspend(body).pipe(
        Effect.provideService(Progress, (event) => Effect.sync(() => void said.push(JSON.stringify(event)))),
        Effect.provide(SimulatedVm.layer({ images: [app, other, slow, dead], token, ...description })),
        runInVirtualTime
      )
      const all = said.join("\n")
      assert.notInclude(all, secret)
      assert.notInclude(all, token)
    }).pipe(Effect.provide(Logger.layer([note])), Effect.provideService(References.MinimumLogLevel, "All"))
  })

export const boot = Effect.fnUntraced(function* (declaration: string | undefined, settings: Partial<Settings> = {}) {
  const vm = yield* SimulatedVm
  vm.setDeclaration(declaration)
  const report = yield* startup({ ...defaultSettings, ...settings })
  assert.notInclude(JSON.stringify(report), secret)
  return report
})

/** Boots what must come up. */
export const startedPod = Effect.fnUntraced(function* (...args: Parameters<typeof boot>) {
  const report: Report = yield* boot(...args)
  return report._tag === "Running" ? report : assert.fail(`the run came to ${report._tag}`)
})

/** Boots what must come up, and is one container: gives what is reported of that as well. */
export const started = Effect.fnUntraced(function* (...args: Parameters<typeof boot>) {
  const report = yield* startedPod(...args)
  assert.lengthOf(report.containers, 1)
  return { ...report, ...report.containers[0] }
})

/** Boots what must fail; gives the error. */
export const refused = Effect.fnUntraced(function* (...args: Parameters<typeof boot>) {
  const failure = yield* Effect.flip(boot(...args))
  assert.notInclude(failure.message, secret)
  assert.notInclude(failure.message, token)
  return failure
})

/** The containers that run, by name. */
export const running = Effect.map(SimulatedVm, (vm) =>
  vm.engine.containers.filter(({ isUp }) => isUp).map(({ name }) => name)
)

const reading =
  /^(metadata|docker (ping|info|plugins|list|inspect|resolve|events|logs)|run (cat|tail|readlink|ls|lsblk|blkid|dumpe2fs|dd|od|stat|xfs_logprint|ip6?tables-save|flock|mkdir|chmod|tee|install|sync|rm|mv))/

/** The calls that changed the VM, since the transcript was that long. */
export const changes = Effect.fnUntraced(function* (since = 0) {
  const vm = yield* SimulatedVm
  return vm.transcript
    .slice(since)
    .map(({ name }) => name)
    .filter((name) => !reading.test(name))
})

/** What a container found behind a mount: a disk's link, `tmpfs`, `root`, or a mere directory in place of a mount. */
export const on = (seen: ReadonlyArray<MountSeen>, target: string) => {
  const found = seen.find((mount) => mount.target === target)
  if (found === undefined) return undefined
  if (found.source.startsWith(`${root}/`) && found.mountedAt !== found.source) return "an empty directory"
  return typeof found.on === "object" ? found.on.link : found.on
}

/** Calls that only ask: the VM is the same after them. */
const asking =
  /^(metadata|secrets|probe|docker (ping|info|plugins|version|list|inspect|resolve|events|logs|wait)|run (cat|tail|readlink|ls|lsblk|blkid|dumpe2fs|od|stat|xfs_logprint|ip6?tables-save))/

/** A call at which a run is to go wrong: its number, from the run's first. */
export interface Strikable {
  readonly at: number
  readonly name: Call["name"]
  /** It changes the VM, or is the first after one that does. */
  readonly isAfterChange: boolean
}

/**
 * The calls since the transcript was that long: all but most of those that record the run, which come when all else is
 * done. Of them the first and the last.
 */
export const strikable = (transcript: ReadonlyArray<Call>, since: number): ReadonlyArray<Strikable> => {
  const calls = transcript.slice(since)
  const recording = calls.flatMap(({ subject }, at) => (/\/(status\.json|history)(\.new)?$/.test(subject) ? [at] : []))
  const passedOver = new Set(recording.slice(1, -1))
  const isChange = (call: Call | undefined) => call === undefined || !asking.test(call.name)
  return calls
    .map((call, at) => ({ at, name: call.name, isAfterChange: isChange(call) || isChange(calls[at - 1]) }))
    .filter(({ at }) => !passedOver.has(at))
}

/**
 * Whether a fault at the call may come to something that no other does. A run that dies between two calls leaves the same
 * VM whichever asking call was next, and a question that fails is one whose answer is lost.
 */
export const isOneOfAKind = (fault: Fault, { isAfterChange }: Strikable): boolean =>
  isAfterChange || !(fault === "crash" || fault === "crash after" || fault === "crash half" || fault === "fail")
