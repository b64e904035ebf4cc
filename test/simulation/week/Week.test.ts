import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { rehearsedSoftware } from "../../../src/cli/commands/rehearsedSoftware.ts"
import type { Software } from "../../../src/simulation/week/Software.ts"
import { runWeek } from "../../../src/simulation/week/Week.ts"
import { drawWeekScene } from "../../../src/simulation/week/WeekScene.ts"
import { WeekSummary } from "../../../src/simulation/week/WeekSummary.ts"
import { defaultSettings } from "../../../src/startup/Settings.ts"
import { DockerClient } from "../../../src/vm/engine/DockerClient.ts"
import { Prober } from "../../../src/vm/probes/Prober.ts"

const slipway = rehearsedSoftware(defaultSettings)

const week = Effect.fnUntraced(function* (
  seed: string,
  days: number,
  episodesPerDay: number,
  software: Software = slipway
) {
  return yield* runWeek({ seed, days, episodesPerDay, scene: yield* drawWeekScene(seed), software })
})

const regressions = readFileSync(new URL("../../fixtures/week-regressions.txt", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))

describe("the days of a VM with its agent", () => {
  // Whole weeks would take minutes, most of which nothing happens in: these have a week's events in hours.
  for (const first of [0, 50, 100, 150]) {
    it.effect(`of the 200 that are a few dense hours long, ${first} to ${first + 49}: what is down has a cause`, () =>
      Effect.gen(function* () {
        const summary = new WeekSummary()
        for (let seed = first; seed < first + 50; seed++) summary.add(yield* week(`${seed}`, 0.15, 24))
        assert.lengthOf(summary.failed, 0, summary.text)
      })
    )
  }

  it.effect("four that are dense", () =>
    Effect.gen(function* () {
      const summary = new WeekSummary()
      for (let seed = 0; seed < 4; seed++) summary.add(yield* week(`${seed}`, 1, 16))
      assert.lengthOf(summary.failed, 0, summary.text)
    })
  )

  it.effect("a whole week", () =>
    Effect.gen(function* () {
      const summary = new WeekSummary()
      summary.add(yield* week("week", 7, 4))
      assert.lengthOf(summary.failed, 0, summary.text)
    })
  )

  it.effect("seeds that once failed", () =>
    Effect.forEach(regressions, (line) =>
      Effect.gen(function* () {
        const [seed = "", days, density] = line.split(" ")
        assert.deepStrictEqual((yield* week(seed, Number(days), Number(density))).violations, [], line)
      })
    )
  )

  it.effect("are the same again with the same seed, call by call", () =>
    Effect.gen(function* () {
      const first = yield* week("7", 1, 16)
      const second = yield* week("7", 1, 16)
      assert.strictEqual(second.fingerprint, first.fingerprint)
      assert.deepStrictEqual(second, first)
      assert.isAbove(first.switches, 3)
      assert.notStrictEqual((yield* week("8", 1, 16)).fingerprint, first.fingerprint)
    })
  )
})

/** Starts a container again whenever it has ended. */
const startingAgain = (name: string) =>
  Effect.gen(function* () {
    const docker = yield* DockerClient
    for (;;) {
      yield* Effect.sleep("10 minutes")
      const all = yield* docker.listContainers
      const one = all.find(({ status, labels }) => status === "exited" && labels["slipway.container"] === name)
      if (one !== undefined) yield* docker.startContainer(one.id)
    }
  }).pipe(Effect.catch(() => Effect.never))

/** A seed whose containers are asked by commands, and hang. */
const hanging = "171"

/** One with a job that ends well. */
const withJob = "3"

/** One whose first declaration has a deadline that is soon over. */
const withDeadline = "111"

/** Other software on the same days, with a fault of its own. */
const faulty = (agent: Software["agent"]): Software => ({ ...slipway, agent })

describe("a law that is broken is found out", () => {
  it.effect("by an agent that does nothing", () =>
    Effect.gen(function* () {
      const { violations } = yield* week(
        "1",
        1,
        8,
        faulty(() => Effect.never)
      )
      assert.match(violations.join("\n"), /web does not run|0 containers of ours are left for web|no look has found/)
    })
  )

  it.effect("by one that takes every probe for answered", () =>
    Effect.gen(function* () {
      const answered = Effect.succeed({ isSuccess: true, detail: "answered" })
      const { violations } = yield* week(
        hanging,
        0.15,
        24,
        faulty((tell, signals) =>
          Effect.gen(function* () {
            const docker = yield* DockerClient
            return yield* slipway.agent(tell, signals).pipe(
              Effect.provideService(DockerClient, {
                ...docker,
                exec: () => Effect.succeed({ exitCode: 0, output: "" })
              }),
              Effect.provideService(Prober, {
                httpGet: () => answered,
                tcpConnect: () => answered,
                grpcHealth: () => answered
              })
            )
          })
        )
      )
      assert.match(violations.join("\n"), /\S+ hangs since .*, and was not restarted/)
    })
  )

  it.effect("by one that restarts whatever does not answer a single probe", () =>
    Effect.gen(function* () {
      const { violations } = yield* week(
        hanging,
        0.15,
        24,
        faulty((tell, signals) =>
          Effect.gen(function* () {
            const docker = yield* DockerClient
            const impatient = docker.exec
            const restart = (id: string) =>
              Effect.andThen(docker.stopContainer(id, Duration.seconds(10)), docker.startContainer(id))
            return yield* slipway.agent(tell, signals).pipe(
              Effect.provideService(DockerClient, {
                ...docker,
                exec: (id, command) =>
                  Effect.tap(impatient(id, command), ({ exitCode }) => (exitCode === 0 ? Effect.void : restart(id)))
              })
            )
          })
        )
      )
      assert.match(violations.join("\n"), /docker stop .*, though its probe had failed for [\d.]+ s alone/)
    })
  )

  it.effect("by one that runs again what has come to its end", () =>
    Effect.gen(function* () {
      const { violations } = yield* week(
        withJob,
        0.15,
        24,
        faulty((tell, signals) => Effect.race(slipway.agent(tell, signals), startingAgain("job")))
      )
      assert.match(violations.join("\n"), /job, which had come to its end at .*, was run again/)
    })
  )

  it.effect("by one that starts again what has been stopped for good", () =>
    Effect.gen(function* () {
      const { violations } = yield* week(
        withDeadline,
        0.15,
        24,
        faulty((tell, signals) => Effect.race(slipway.agent(tell, signals), startingAgain("web")))
      )
      assert.match(violations.join("\n"), /docker start .*, though nothing had happened/)
    })
  )

  it.effect("by one that restarts what runs well, once a day", () =>
    Effect.gen(function* () {
      const restart = Effect.gen(function* () {
        const docker = yield* DockerClient
        yield* Effect.sleep("1 hour")
        for (;;) {
          const all = yield* docker.listContainers
          const one = all.find(({ status, labels }) => status === "running" && labels["slipway.container"] === "web")
          if (one !== undefined) {
            yield* docker.stopContainer(one.id, Duration.seconds(10))
            yield* docker.startContainer(one.id)
          }
          yield* Effect.sleep("5 hours")
        }
      }).pipe(Effect.orElseSucceed(() => undefined))
      const { violations } = yield* week(
        "1",
        1,
        2,
        faulty((tell, signals) => Effect.race(slipway.agent(tell, signals), Effect.andThen(restart, Effect.never)))
      )
      assert.match(violations.join("\n"), /docker stop .* though nothing had happened/)
      assert.match(violations.join("\n"), /web was down until .* without a cause/)
    })
  )
})
