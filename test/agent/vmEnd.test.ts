import { assert, describe } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { agent, agentUntil } from "../../src/agent/agent.ts"
import { Progress } from "../../src/progress/Progress.ts"
import { headingOf } from "../../src/record/headingOf.ts"
import { readHistory } from "../../src/record/History.ts"
import { sentenceOf } from "../../src/record/sentenceOf.ts"
import { statusNow } from "../../src/record/readStatusNow.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { runInVirtualTime } from "../../src/simulation/host/VirtualTime.ts"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"
import { DockerError, EngineUnreachable } from "../../src/vm/engine/DockerError.ts"
import { defaultSettings } from "../../src/startup/Settings.ts"
import { app, changes, declare, other, running, slow, startedPod, test } from "../startup/SimulatedBoot.ts"

/** It takes twenty seconds to end, and its preStop hook three. */
const server = {
  reference: "registry.example/server:1",
  behaviour: { _tag: "Runs", stopsAfterMillis: 20_000 },
  commands: { "/drain": { _tag: "Exits", afterMillis: 3_000, exitCode: 0 } }
} as const
const large = { reference: "registry.example/large:1", sizeBytes: 20_000_000_000 }
const images = [app, other, slow, server, large]

const pod = (spec: Record<string, unknown> = {}): string =>
  JSON.stringify({
    spec: {
      hostNetwork: false,
      terminationGracePeriodSeconds: 60,
      initContainers: [{ name: "proxy", image: app.reference, restartPolicy: "Always" }],
      containers: [
        {
          name: "web",
          image: server.reference,
          lifecycle: { preStop: { exec: { command: ["/drain"] } } }
        },
        { name: "worker", image: app.reference }
      ],
      ...spec
    }
  })

/** An agent on a machine that has come up, what it says, and how SIGTERM reaches it. */
const living = Effect.fnUntraced(function* (declaration: string, isUp = true) {
  const vm = yield* SimulatedVm
  vm.setDeclaration(declaration)
  const said: Array<string> = []
  const terminated = yield* Deferred.make<void>()
  const fiber = yield* agentUntil(Deferred.await(terminated), defaultSettings).pipe(
    Effect.provideService(Progress, (event) =>
      Effect.sync(() => void (event._tag === "Warning" || event._tag === "Notice" ? said.push(event.text) : undefined))
    ),
    Effect.forkChild
  )
  if (isUp) yield* Effect.sleep("1 minute")
  const terminate = Deferred.succeed(terminated, undefined)
  return { vm, said, terminate, ended: Fiber.join(fiber), since: vm.transcript.length }
})

const stopped = Effect.fnUntraced(function* (since: number) {
  const { engine, transcript } = yield* SimulatedVm
  const names = new Map(engine.containers.map(({ id, name, spec }) => [id, spec.labels["slipway.container"] ?? name]))
  return transcript
    .slice(since)
    .filter(({ name }) => name === "docker stop")
    .map(({ subject }) => names.get(subject))
})

describe("SIGTERM", () => {
  test("of the agent alone leaves the containers running", { images }, () =>
    Effect.gen(function* () {
      const { terminate, ended, since } = yield* living(pod())
      const before = yield* running
      yield* terminate
      assert.deepStrictEqual(yield* ended, { _tag: "Terminated" })
      assert.deepStrictEqual(yield* running, before)
      assert.deepStrictEqual(
        (yield* changes(since)).filter((name) => name !== "run systemctl"),
        []
      )
    })
  )

  test("where no systemd says what the machine does leaves them running, too", { images }, () =>
    Effect.gen(function* () {
      for (const fault of ["fail", "hang"] as const) {
        const { vm, terminate, ended } = yield* living(declare())
        vm.host.setSystemState("stopping")
        vm.setFaults(({ name }) => (name === "run systemctl" ? fault : undefined))
        yield* terminate
        assert.deepStrictEqual(yield* ended, { _tag: "Terminated" })
        assert.lengthOf(yield* running, 1)
        vm.setFaults(undefined)
      }
    })
  )

  test("as the machine goes down stops them in order, with hooks and grace, and changes nothing else", { images }, () =>
    Effect.gen(function* () {
      const { vm, said, terminate, ended, since } = yield* living(pod())
      const policies = () => vm.engine.containers.map(({ restartPolicy }) => restartPolicy.name)
      const before = policies()
      vm.host.setSystemState("stopping")
      const began = yield* vm.now
      yield* terminate
      const end = yield* ended
      if (end._tag !== "BroughtDown") return assert.fail("it was told to bring them down")
      assert.deepStrictEqual(yield* running, [])
      assert.deepStrictEqual(yield* stopped(since), ["worker", "web", "proxy", "pod.sandbox"])
      assert.strictEqual(vm.transcript.slice(since).filter(({ name }) => name === "docker exec").length, 1)
      assert.approximately((yield* vm.now) - began, 24_000, 2_000)
      assert.deepStrictEqual(policies(), before)
      assert.isFalse(end.report.containers.some(({ isToReturn }) => isToReturn))
      assert.deepStrictEqual(said.slice(-1), ["the machine goes down: its containers are stopped first, within 1m 20s"])
      // Whoever reads of it later is not to think that somebody has asked for `slipway down`.
      const now = yield* statusNow
      assert.deepStrictEqual(now.reasons, [
        "everything was stopped, as the machine goes down: `slipway up` starts it again"
      ])
      assert.include(sentenceOf(now.status!), "everything was stopped, as the machine goes down")
      const last = (yield* readHistory).at(-1)!
      assert.match(headingOf(last), / stopped everything, as the machine went down, after /)
      // Nor whoever reads what an agent says that is started before it has.
      yield* living(pod())
      const later = yield* statusNow
      assert.deepStrictEqual([later.status?.lastRun?.result, later.reasons], ["left down", now.reasons])
      assert.include(sentenceOf(later.status!), "everything was stopped, as the machine goes down")
      assert.match(
        headingOf((yield* readHistory).at(-1)!),
        / left everything stopped, as the machine went down, after /
      )
    })
  )

  test("a grace period that is longer than what is left is shortened, which is said", { images }, () =>
    Effect.gen(function* () {
      const containers = [{ name: "web", image: slow.reference }]
      const { vm, said, terminate, ended } = yield* living(pod({ containers, terminationGracePeriodSeconds: 600 }))
      vm.host.setSystemState("stopping")
      const began = yield* vm.now
      yield* terminate
      yield* ended
      assert.isAtMost((yield* vm.now) - began, 80_000)
      assert.deepStrictEqual(yield* running, [])
      assert.match(said.join("\n"), /^klt-web-[a-z]{4} has 1m \d+s to end instead of 10m: there is no more time$/m)
    })
  )

  test("on a VM that the cloud may take back there is less time", { images, preemptible: true }, () =>
    Effect.gen(function* () {
      const containers = [{ name: "web", image: slow.reference }]
      const { vm, terminate, ended } = yield* living(pod({ containers, terminationGracePeriodSeconds: 600 }))
      vm.host.setSystemState("stopping")
      const began = yield* vm.now
      yield* terminate
      yield* ended
      assert.isAtMost((yield* vm.now) - began, 25_000)
      assert.deepStrictEqual(yield* running, [])
    })
  )

  test("an engine that does not answer is not waited for", { images }, () =>
    Effect.gen(function* () {
      const { vm, terminate, ended } = yield* living(declare())
      vm.host.setSystemState("stopping")
      vm.setFaults(({ name }) => (name.startsWith("docker") ? "hang" : undefined))
      const began = yield* vm.now
      yield* terminate
      const failure = yield* Effect.flip(ended)
      assert.strictEqual(failure._tag, "DownTooLate")
      assert.isAtMost((yield* vm.now) - began, 81_000)
      vm.setFaults(undefined)
    })
  )

  test("an engine that is not there is not waited for at all", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const docker = yield* DockerClient
      let isAway = false
      const away = new DockerError({
        reason: new EngineUnreachable({ operation: "ping", address: "unix:///x", detail: "nothing answers" })
      })
      const { terminate, ended } = yield* Effect.provideService(living(declare()), DockerClient, {
        ...docker,
        ping: Effect.suspend(() => (isAway ? Effect.fail(away) : docker.ping))
      })
      vm.host.setSystemState("stopping")
      isAway = true
      const began = yield* vm.now
      yield* terminate
      assert.strictEqual(yield* Effect.flip(ended), away)
      assert.isAtMost((yield* vm.now) - began, 5_000)
    })
  )

  test("in a pull: it is given up, and what runs is stopped", { images }, () =>
    Effect.gen(function* () {
      const { vm, terminate, ended } = yield* living(declare())
      vm.setDeclaration(declare({ image: large.reference }))
      yield* Effect.sleep("20 seconds")
      vm.host.setSystemState("stopping")
      const began = yield* vm.now
      yield* terminate
      assert.strictEqual((yield* ended)._tag, "BroughtDown")
      assert.isAtMost((yield* vm.now) - began, 5_000)
      assert.deepStrictEqual(yield* running, [])
    })
  )

  test("in a switch: it goes back, and then all is stopped", { images }, () =>
    Effect.gen(function* () {
      const { vm, terminate, ended, since } = yield* living(declare({ image: slow.reference }))
      vm.setDeclaration(declare({ image: other.reference }))
      while ((yield* stopped(since)).length === 0) yield* Effect.sleep("100 millis")
      vm.host.setSystemState("stopping")
      yield* terminate
      assert.strictEqual((yield* ended)._tag, "BroughtDown")
      assert.deepStrictEqual(yield* running, [])
      yield* vm.reboot
      yield* startedPod(declare({ image: other.reference }))
      assert.lengthOf(yield* running, 1)
    })
  )
})

describe("the boot after it", () => {
  /** What a machine has after a reboot, before and after the run that follows, and what that run did. */
  const rebooted = Effect.fnUntraced(function* (declaration: string, isBroughtDown: boolean) {
    const { vm, terminate, ended } = yield* living(declaration)
    if (isBroughtDown) vm.host.setSystemState("stopping")
    yield* terminate
    assert.strictEqual((yield* ended)._tag, isBroughtDown ? "BroughtDown" : "Terminated")
    yield* vm.reboot
    // Which of two that are started side by side comes first is not the same.
    const seen = () =>
      vm.engine.containers
        .map(({ name, isUp, restartPolicy, spec }) => [name, isUp, restartPolicy.name, spec.image] as const)
        .toSorted(([one], [other]) => one.localeCompare(other))
    const booted = seen()
    const { steps } = yield* startedPod(declaration)
    const done = steps.map(({ step }) => [step.id, step.cause])
    return { booted, after: seen(), done: done.toSorted() }
  })

  for (const [what, declaration] of [
    ["of one container that is to run always", declare()],
    ["of one that is restarted on failure", declare({}, { restartPolicy: "OnFailure" })],
    ["of one that is never restarted", declare({}, { restartPolicy: "Never" })],
    ["of a Pod with a sidecar", pod()]
  ] as const) {
    test(`is as after any reboot: ${what}`, { images }, () =>
      Effect.gen(function* () {
        const layer = () => SimulatedVm.layer({ images, seed: "reboot" })
        const down = yield* Effect.provide(rebooted(declaration, true), layer())
        const plain = yield* Effect.provide(rebooted(declaration, false), layer())
        assert.deepStrictEqual(down.after, plain.after)
        assert.isTrue(down.after.some(([, isUp]) => isUp === true))
        // What one that is restarted on failure has ended with may differ, and so whether the engine starts it.
        if (!declaration.includes("OnFailure")) assert.deepStrictEqual(down, plain)
      })
    )
  }
})

describe("a VM that the cloud takes back", { timeout: 20_000 }, () => {
  const preemptible = { images, preemptible: true }
  /** Its check fails from its start on, and it takes its whole grace to stop. */
  const dull = {
    images: [app, other, { ...slow, commands: { "/check": { _tag: "Exits", afterMillis: 10, exitCode: 1 } } }],
    preemptible: true
  } as const

  test("stops its containers at once, looks at nothing any more, and ends when it is told to", preemptible, () =>
    Effect.gen(function* () {
      const { vm, said, terminate, ended, since } = yield* living(pod())
      const began = yield* vm.now
      vm.setPreempted(true)
      while ((yield* running).length > 0) yield* Effect.sleep("100 millis")
      assert.isAtMost((yield* vm.now) - began, 25_000)
      assert.deepStrictEqual(yield* stopped(since), ["worker", "web", "proxy", "pod.sandbox"])
      assert.include(said.join("\n"), "the cloud takes this VM back: its containers are stopped first, within 25s")
      vm.setDeclaration(declare())
      yield* Effect.sleep("1 hour")
      assert.deepStrictEqual(yield* running, [])
      vm.host.setSystemState("stopping")
      yield* terminate
      assert.strictEqual((yield* ended)._tag, "BroughtDown")
    })
  )

  test("leaves nothing to a switch, or to a restart for a probe, that is under way", preemptible, () =>
    Effect.gen(function* () {
      const dulled = (spec: Record<string, unknown>) =>
        pod({
          containers: [
            { name: "web", image: slow.reference, ...spec },
            { name: "worker", image: app.reference }
          ]
        })
      const livenessProbe = { exec: { command: ["/check"] }, periodSeconds: 1, failureThreshold: 1 }
      for (const how of ["switch", "restart"] as const) {
        yield* Effect.gen(function* () {
          const { vm, said, since } = yield* living(dulled(how === "switch" ? {} : { livenessProbe }))
          if (how === "switch") vm.setDeclaration(dulled({ image: other.reference }))
          while (!(yield* stopped(since)).includes("web")) yield* Effect.sleep("100 millis")
          yield* Effect.sleep("2 seconds")
          const starts = vm.transcript.filter(({ name }) => name === "docker start").length
          const began = yield* vm.now
          vm.setPreempted(true)
          while ((yield* running).length > 0) yield* Effect.sleep("100 millis")
          assert.isAtMost((yield* vm.now) - began, 25_500, how)
          assert.include((yield* stopped(since)).join(), "worker", how)
          assert.lengthOf(
            vm.transcript.filter(({ name }) => name === "docker start"),
            starts,
            how
          )
          assert.include(said.join("\n"), "the cloud takes this VM back", how)
        }).pipe(Effect.provide(SimulatedVm.layer(dull)), runInVirtualTime)
      }
    })
  )

  test("is told by SIGTERM as well, which does not stop them a second time", preemptible, () =>
    Effect.gen(function* () {
      const { vm, terminate, ended, since } = yield* living(pod())
      vm.setPreempted(true)
      yield* Effect.sleep("2 seconds")
      vm.host.setSystemState("stopping")
      yield* terminate
      assert.strictEqual((yield* ended)._tag, "BroughtDown")
      assert.deepStrictEqual(yield* running, [])
      assert.deepStrictEqual(yield* stopped(since), ["worker", "web", "proxy", "pod.sandbox"])
      assert.strictEqual(vm.transcript.slice(since).filter(({ name }) => name === "docker exec").length, 1)
    })
  )

  test("is noticed as soon as metadata is back", preemptible, () =>
    Effect.gen(function* () {
      const { vm } = yield* living(declare())
      vm.setFaults(({ name }) => (name.startsWith("metadata") ? "fail" : undefined))
      yield* Effect.sleep("5 minutes")
      vm.setPreempted(true)
      yield* Effect.sleep("5 minutes")
      assert.lengthOf(yield* running, 1)
      vm.setFaults(undefined)
      yield* Effect.sleep("2 minutes")
      assert.deepStrictEqual(yield* running, [])
    })
  )

  test("is started again as any other, once it has booted", preemptible, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.setDeclaration(declare())
      const fiber = yield* Effect.forkChild(agent(defaultSettings))
      yield* Effect.sleep("1 minute")
      vm.setPreempted(true)
      yield* Effect.sleep("25 seconds")
      assert.deepStrictEqual(yield* running, [])
      yield* Fiber.interrupt(fiber)
      yield* vm.reboot
      yield* Effect.forkChild(agent(defaultSettings))
      yield* Effect.sleep("1 minute")
      assert.lengthOf(yield* running, 1)
    })
  )

  test("is a question for VMs that can be taken back alone", { images }, () =>
    Effect.gen(function* () {
      const { vm } = yield* living(declare())
      yield* Effect.sleep("2 hours")
      const asked = vm.transcript.filter(({ name }) => /preempti/.test(name))
      assert.deepStrictEqual(
        asked.map(({ name }) => name),
        ["metadata preemptible"]
      )
      vm.setPreempted(true)
      yield* Effect.sleep(Duration.minutes(5))
      assert.lengthOf(yield* running, 1)
    })
  )
})
