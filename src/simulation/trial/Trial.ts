import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Random from "effect/Random"
import * as References from "effect/References"
import type { PlainFault } from "../Calls.ts"
import { SimulatedVm } from "../SimulatedVm.ts"
import type { VmServices } from "../../vm/VmServices.ts"
import { runInVirtualTime } from "../host/VirtualTime.ts"
import { isLeftover, letGo, stickOne } from "../engine/stuckByChance.ts"
import { reapingSandboxImage, sandboxImage } from "../../vm/engine/SandboxImage.ts"
import { pullReference } from "../../workload/ImageReference.ts"
import type { DeclaredContainer } from "./declaredContainers.ts"
import { countRunning, invariants, isMatched, isOurs, isWhole } from "./invariants.ts"
import type { ImageDescription, VmDescription } from "../VmDescription.ts"

/** The faults that a trial draws from. */
export const faultKinds = ["fail", "lose", "late", "hang", "lag", "crash", "crash after", "crash half"] as const

/** A boot with random faults, and what must hold nevertheless. */
export interface TrialOptions<E> {
  /** The same seed gives the same trial, call by call. */
  readonly seed: string
  /** The probability of a fault at each call. */
  readonly rate: number
  /** The probability of a SIGTERM at each call. Default: that of each kind of fault. */
  readonly signalRate?: number
  readonly description: VmDescription
  /** Booted first, without faults: the VM's state when the trial begins. */
  readonly before?: string | undefined
  readonly declaration: string
  /** What has to be there for the declaration. */
  readonly declared: ReadonlyArray<DeclaredContainer>
  /** Images to which tags move at random during faulty runs. */
  readonly moves?: ReadonlyArray<ImageDescription>
  /** One run of the flow under test. */
  readonly boot: Effect.Effect<unknown, E, VmServices>
  /** Texts that no log line and no error may contain. */
  readonly secrets: ReadonlyArray<string>
  /** Log lines also go to the outer logger. Default false. */
  readonly isLogged?: boolean
}

export interface TrialResult {
  readonly seed: string
  /** By kind. `stuck`: the engine lost control of a container or a name. */
  readonly faults: Readonly<Partial<Record<PlainFault | "signal" | "stuck", number>>>
  readonly runs: number
  readonly calls: number
  /** Virtual milliseconds from the start of the first run to the end of the successful one. */
  readonly tookMillis: number
  readonly longestRunMillis: number
  /** What did not hold, in words. Should be empty. */
  readonly violations: ReadonlyArray<string>
}

/**
 * The records of which images are ours, and of the machine's identity: after a fault in them ownership may be unknown.
 */
const imageRecord = /\/slipway\/images|\/product_uuid/

/** Runs that may have faults. */
const faultyRuns = 3

/** The sum of the deadlines of the longest run: the retries of a pull, an fsck and a mkfs that hang, and the rest. */
const budgetMillis = 4 * 3_600_000

/** The probability of a wall clock jump at a call, and its greatest size: as by NTP at boot, but far more often. */
const clockJumps = { rate: 0.02, mostMillis: 12 * 3_600_000 }

/**
 * Boots with random faults up to three times, sometimes with a SIGTERM in the middle or a reboot in between, then
 * without faults, then once more. Throughout, the wall clock jumps by hours, which must not matter. At every call of
 * every run: data on disks is intact; only blank disks were formatted; other containers are untouched; at most one of
 * ours runs for each declared container, on its mounts, from the image that its label names; no secret was printed.
 * After a run that succeeded, all that is declared runs; after one that was told to end and met no fault, as many of ours
 * as before. At the end only what is declared is there, the init containers have succeeded, only its images and the last
 * good ones are left, and another run has nothing to do.
 */
export const runTrial = <E extends { readonly message: string }>(options: TrialOptions<E>) => {
  const violations = new Set<string>()
  const faults: Partial<Record<PlainFault | "signal" | "stuck", number>> = {}
  const { signalRate = options.rate / faultKinds.length } = options
  const watch = Logger.make(({ message }) => {
    const line = String(message)
    if (options.secrets.some((secret) => line.includes(secret))) violations.add("a log line holds a secret")
  })
  return Effect.gen(function* () {
    const vm = yield* SimulatedVm
    const chance = yield* Random.withSeed(Effect.service(Random.Random), `${options.seed}/faults`)
    // Random streams of their own, so that a seed's faults are the same with and without them.
    const ntp = yield* Random.withSeed(Effect.service(Random.Random), `${options.seed}/clock`)
    const moving = yield* Random.withSeed(Effect.service(Random.Random), `${options.seed}/moves`)
    const { moves = [] } = options
    const loaded = new Set([...vm.engine.images.values()].map(({ id }) => id))
    const sticking = yield* Random.withSeed(Effect.service(Random.Random), `${options.seed}/stuck`)
    if (options.before !== undefined) {
      vm.setDeclaration(options.before)
      yield* options.boot
    }
    vm.setDeclaration(options.declaration)
    // Those of what is declared, and of what ran before it.
    const most = Math.max(options.declared.length, vm.engine.containers.filter(isOurs).length)
    const mostImages = options.declared.length + most
    const lasting = options.declared.filter(({ role }) => role !== "init")
    const signals = yield* Random.withSeed(Effect.service(Random.Random), `${options.seed}/signals`)
    const isWell = invariants(vm, (text) => void violations.add(text))
    const from = vm.transcript.length
    let isNoted = true
    let runs = 0
    let longestRunMillis = 0
    const run = (rate: number, signalRate: number) =>
      Effect.gen(function* () {
        const toldToEnd = Deferred.makeUnsafe<void>()
        const struck = new Set<PlainFault | "signal" | "stuck">()
        const strike = (fault: PlainFault | "signal" | "stuck") => {
          struck.add(fault)
          faults[fault] = (faults[fault] ?? 0) + 1
        }
        vm.setFaults(({ subject }) => {
          isWell()
          if (ntp.nextDoubleUnsafe() < clockJumps.rate) {
            vm.jumpClock(Math.round((2 * ntp.nextDoubleUnsafe() - 1) * clockJumps.mostMillis))
          }
          if (moves.length > 0 && moving.nextDoubleUnsafe() < rate) {
            vm.publish(moves[Math.floor(moving.nextDoubleUnsafe() * moves.length)]!)
          }
          if (sticking.nextDoubleUnsafe() < rate / 10) {
            stickOne(vm, vm.engine.containers.filter(isOurs), sticking)
            strike("stuck")
          }
          if (signals.nextDoubleUnsafe() < signalRate) {
            strike("signal")
            Deferred.doneUnsafe(toldToEnd, Exit.void)
          }
          if (chance.nextDoubleUnsafe() >= rate) return undefined
          const fault = faultKinds[Math.floor(chance.nextDoubleUnsafe() * faultKinds.length)]!
          strike(fault)
          if (imageRecord.test(subject)) isNoted = false
          return fault
        })
        runs += 1
        const ranBefore = countRunning(vm)
        const began = yield* vm.now
        const booting = yield* Effect.forkChild(options.boot)
        yield* Effect.forkChild(Effect.andThen(Deferred.await(toldToEnd), Fiber.interrupt(booting)))
        const exit = yield* Fiber.await(booting)
        if (struck.has("signal") && struck.size === 1) {
          const [least, left] = [Math.min(ranBefore, lasting.length), countRunning(vm)]
          if (left < least) violations.add(`${left} run after a run that was told to end, and ${ranBefore} before it`)
        }
        if (Exit.isSuccess(exit)) isWhole(vm, options.declared, (text) => void violations.add(text))
        const took = (yield* vm.now) - began
        longestRunMillis = Math.max(longestRunMillis, took)
        if (took > budgetMillis) violations.add(`a run took ${Math.round(took / 60_000)} minutes`)
        const words = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
        if (options.secrets.some((secret) => String(words).includes(secret))) violations.add("an error holds a secret")
        vm.setFaults(undefined)
        vm.restartAgent()
        isWell()
        return exit
      })

    const first = yield* vm.now
    for (let count = 0; count < faultyRuns; count++) {
      if (Exit.isSuccess(yield* run(options.rate, signalRate))) break
      if (chance.nextDoubleUnsafe() < 0.2) yield* vm.reboot
    }
    // Longer than the back-off of a failed start.
    yield* Effect.sleep(Duration.minutes(6))
    letGo(vm)
    const last = yield* run(0, 0)
    const tookMillis = (yield* vm.now) - first
    if (Exit.isFailure(last)) violations.add(`the last run failed: ${String(Cause.squash(last.cause))}`)
    else {
      isMatched(vm, options.declared, (text) => void violations.add(text))
      const imported = new Set(
        [sandboxImage, reapingSandboxImage].map(({ reference }) => vm.engine.images.get(pullReference(reference)))
      )
      const pulled = [...vm.engine.images.values()].filter((image) => !imported.has(image) && !loaded.has(image.id))
      const leftovers = vm.engine.containers.filter(isLeftover)
      // The engine keeps the image of any container, even of one that it cannot remove.
      const free = pulled.filter(({ id }) => !leftovers.some(({ image }) => image.id === id))
      if (isNoted && free.length > mostImages) violations.add(`${free.length} images that were pulled are left`)
      const before = vm.transcript.length
      yield* run(0, 0)
      const changes: ReadonlySet<string> = new Set(["docker create", "docker start", "docker stop", "docker remove"])
      const again = vm.transcript
        .slice(before)
        .some(
          ({ name, subject }) =>
            changes.has(name) && !(name === "docker remove" && leftovers.some(({ id }) => id === subject))
        )
      if (again) violations.add("a run after the last changed what that had done")
    }
    const result: TrialResult = {
      seed: options.seed,
      faults,
      runs,
      calls: vm.transcript.length - from,
      tookMillis,
      longestRunMillis,
      violations: [...violations]
    }
    return result
  }).pipe(
    Effect.provide(SimulatedVm.layer({ ...options.description, seed: options.seed })),
    runInVirtualTime,
    Effect.provide(Logger.layer([watch], { mergeWithExisting: options.isLogged ?? false })),
    (trial) => (options.isLogged === true ? trial : Effect.provideService(trial, References.MinimumLogLevel, "All"))
  )
}
