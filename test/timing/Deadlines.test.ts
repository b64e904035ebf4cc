import { assert, describe } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { Deadlines, deadlineTable, type Operation } from "../../src/timing/Deadlines.ts"
import { CommandRunner } from "../../src/vm/host/CommandRunner.ts"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"
import { HostFiles } from "../../src/vm/host/HostFiles.ts"
import { Lock } from "../../src/vm/host/Lock.ts"
import { Mounts } from "../../src/vm/storage/Mounts.ts"
import { Disks } from "../../src/vm/storage/Disks.ts"
import { SecretManager } from "../../src/vm/secrets/SecretManager.ts"
import { MetadataProvider } from "../../src/vm/metadata/MetadataProvider.ts"
import {
  boot,
  declare,
  disk,
  onDisk,
  other,
  running,
  started,
  test,
  token,
  withFiles
} from "../startup/SimulatedBoot.ts"

const google = { reference: "gcr.io/p/app:1", token }
const description = { disks: [disk(withFiles), disk({ _tag: "Blank" }, "blank")], images: [other, google] }

type Client = DockerClient["Service"]

/** Boots with an engine of which some calls are others. */
const withEngine = (changed: (client: Client) => Partial<Client>, declaration: string) =>
  Effect.gen(function* () {
    const client = yield* DockerClient
    return yield* boot(declaration).pipe(Effect.provideService(DockerClient, { ...client, ...changed(client) }))
  })

/** Boots with a host on which one program never ends. */
const withHanging = (program: string, declaration: string) =>
  Effect.gen(function* () {
    const runner = yield* CommandRunner
    const hanging: CommandRunner["Service"] = {
      ...runner,
      run: (command) => (command.program === program ? Effect.never : runner.run(command))
    }
    return yield* boot(declaration).pipe(
      Effect.provide(Layer.merge(Mounts.layer, Disks.layer).pipe(Layer.provide(HostFiles.layerCommands))),
      Effect.provideService(CommandRunner, hanging)
    )
  })

/** How long it is tried in all, in seconds: so often the limit, and the pauses between; or the budget. */
const inAll: Readonly<Record<Operation, number>> = {
  METADATA: 300,
  TOKEN: 300,
  SECRET: 60,
  PING: 120,
  PULL_FIRST_BYTE: 5 * 120 + 15,
  PULL_STALL: 5 * 60 + 15,
  PULL: 3600,
  CREATE: 3 * 240 + 3,
  START: 3 * 180 + 3,
  STOP: 3 * (120 + 10) + 3,
  REMOVE: 3 * 120 + 3,
  LIST: 3 * 30,
  INSPECT: 3 * 30,
  DISK: 60,
  MOUNT: 120,
  FILE: 120,
  FIREWALL: 120,
  LOCK: 900,
  INIT: 1800,
  FSCK: 1800,
  MKFS: 1800,
  GROUP: 1800,
  GROW: 600
}

/**
 * The run ends with the timeout of this row, after the tries that it has, and not before. `after` is what it still does
 * when it has given up.
 */
const timesOut = Effect.fnUntraced(function* <E, R>(setting: Operation, run: Effect.Effect<unknown, E, R>, after = 0) {
  const began = yield* Clock.currentTimeMillis
  const failure = (yield* Effect.flip(run)) as {
    readonly _tag: string
    readonly setting?: string
    readonly message: string
  }
  const took = ((yield* Clock.currentTimeMillis) - began) / 1000
  if (failure._tag !== "OperationTimeout") return assert.fail(failure.message)
  assert.strictEqual(failure.setting, setting)
  // Pauses are jittered by a fifth; and there is what came before, and what was taken back after.
  assert.isAtLeast(took, inAll[setting] - 3)
  assert.isBelow(took, inAll[setting] + 15 + after)
})

const web = declare({ image: other.reference })

describe("a call that never ends is given up on", () => {
  const engineCalls: ReadonlyArray<readonly [Operation, string, (client: Client) => Partial<Client>]> = [
    ["PING", "ping", () => ({ ping: Effect.never })],
    ["LIST", "list", () => ({ listContainers: Effect.never })],
    ["INSPECT", "inspect image", () => ({ inspectImage: () => Effect.never })],
    ["PULL_FIRST_BYTE", "pull, without a word", () => ({ pull: () => Stream.never })],
    [
      "PULL_STALL",
      "pull, after its first word",
      () => ({ pull: () => Stream.concat(Stream.make({ _tag: "Message", text: "Pulling" } as const), Stream.never) })
    ],
    [
      "PULL",
      "pull, that says something every half minute",
      () => ({
        pull: () =>
          Stream.fromEffectSchedule(
            Effect.succeed({ _tag: "Message", text: "still" } as const),
            Schedule.spaced(Duration.seconds(30))
          )
      })
    ],
    ["CREATE", "create", () => ({ createContainer: () => Effect.never })],
    ["START", "start", () => ({ startContainer: () => Effect.never })]
  ]
  for (const [setting, call, changed] of engineCalls) {
    // After its failure a run asks the engine once what runs.
    const after = setting === "LIST" ? 30 : 0
    test(`docker ${call}`, description, () => timesOut(setting, withEngine(changed, web), after))
  }

  test("docker stop, after its grace; the old container runs on", description, () =>
    Effect.gen(function* () {
      const { name } = yield* started(web)
      const changed = declare({ image: other.reference, tty: true })
      yield* timesOut(
        "STOP",
        withEngine(() => ({ stopContainer: () => Effect.never }), changed),
        // The engine may have begun to stop it all the same: that has its grace, and half a minute, to come to its end.
        40
      )
      assert.deepStrictEqual(yield* running, [name])
    })
  )

  test("docker remove; the new container stays", description, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(web)
      const changed = declare({ image: other.reference, tty: true })
      const began = yield* Clock.currentTimeMillis
      // Its successor is up: that it cannot be removed is no failure.
      const report = yield* withEngine(() => ({ removeContainer: () => Effect.never }), changed)
      assert.isBelow((yield* Clock.currentTimeMillis) - began, (inAll.REMOVE + 15) * 1000)
      assert.match(
        JSON.stringify(report),
        /could not be removed, and is left: remove container klt-[\w-]+: timed out after 2m/
      )
      assert.deepStrictEqual(yield* running, [name])
      assert.isTrue(vm.container(name)!.spec.tty)
    })
  )

  test("metadata: the declaration, the disks, the token", description, () =>
    Effect.gen(function* () {
      const metadata = yield* MetadataProvider
      const hanging = (changed: Partial<MetadataProvider["Service"]>, declaration: string) =>
        boot(declaration).pipe(Effect.provideService(MetadataProvider, { ...metadata, ...changed }))
      yield* timesOut("METADATA", hanging({ declaration: Effect.never }, web))
      yield* timesOut("METADATA", hanging({ disks: Effect.never }, onDisk()))
      yield* timesOut("TOKEN", hanging({ token: Effect.never }, declare({ image: google.reference })))
    })
  )

  test("a secret of Secret Manager", description, () =>
    timesOut(
      "SECRET",
      boot(declare({ image: other.reference, env: [{ name: "A", valueFrom: { secretKeyRef: { name: "db" } } }] })).pipe(
        Effect.provideService(SecretManager, { access: () => Effect.never })
      )
    )
  )

  for (const [setting, program, declaration] of [
    ["LIST", "cat", web],
    ["INSPECT", "blkid", onDisk({ image: other.reference })],
    ["FSCK", "fsck.ext4", onDisk({ image: other.reference })],
    ["MKFS", "mkfs.ext4", onDisk({ image: other.reference }, "blank")],
    ["MOUNT", "mount", onDisk({ image: other.reference })]
  ] as const) {
    test(program, description, () => timesOut(setting, withHanging(program, declaration)))
  }

  test("the lock, though it waits for another run", description, () =>
    Effect.gen(function* () {
      const runner = yield* CommandRunner
      const began = yield* Clock.currentTimeMillis
      const failure = yield* Effect.flip(
        boot(web).pipe(
          Effect.provide(Lock.layer().pipe(Layer.provide(HostFiles.layerCommands))),
          Effect.provideService(CommandRunner, { ...runner, hold: () => Effect.never })
        )
      )
      assert.strictEqual(failure._tag, "OperationTimeout")
      assert.isBelow((yield* Clock.currentTimeMillis) - began, 18 * 60_000)
    })
  )

  const never = { ...description, disks: [{ ...disk(withFiles), appearsAfterMillis: 3_600_000 }] }
  test("a disk that never appears", never, () =>
    Effect.gen(function* () {
      const began = yield* Clock.currentTimeMillis
      const failure = yield* Effect.flip(boot(onDisk({ image: other.reference })))
      assert.strictEqual(failure._tag, "PlanRefused")
      const took = (yield* Clock.currentTimeMillis) - began
      assert.isAtLeast(took, 60_000)
      assert.isBelow(took, 65_000)
    })
  )

  test("after another time, where one is set", description, () =>
    Effect.gen(function* () {
      const began = yield* Clock.currentTimeMillis
      const hanging = withEngine(() => ({ createContainer: () => Effect.never }), web)
      const failure = yield* Effect.flip(
        Effect.provideService(hanging, Deadlines, { ...deadlineTable, CREATE: Duration.seconds(3) })
      )
      assert.strictEqual(failure._tag, "OperationTimeout")
      assert.isBelow((yield* Clock.currentTimeMillis) - began, 3 * 3_000 + 10_000)
    })
  )
})
