import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stdio from "effect/Stdio"
import type { FlagValues } from "../../../src/cli/settings/flags.ts"
import { readHostSettings, readSettings } from "../../../src/cli/settings/readSettings.ts"
import { deadlineTable } from "../../../src/timing/Deadlines.ts"
import { defaultSettings } from "../../../src/startup/Settings.ts"

const read = (env: Readonly<Record<string, string>>, flags: FlagValues = {}) =>
  readSettings(flags).pipe(
    Effect.provide(
      Layer.mergeAll(
        FileSystem.layerNoop({}),
        Stdio.layerTest({}),
        ConfigProvider.layer(ConfigProvider.fromEnvRecord(env, { preserveEmptyStrings: true }))
      )
    )
  )

const problems = (env: Readonly<Record<string, string>>, flags?: FlagValues) =>
  Effect.map(Effect.flip(read(env, flags)), (error) => error.problems)

describe("readSettings", () => {
  it.effect("has defaults", () =>
    Effect.gen(function* () {
      const { settings, host, deadlines, detached } = yield* read({})
      assert.deepStrictEqual(settings, defaultSettings)
      assert.deepStrictEqual(deadlines, deadlineTable)
      assert.isTrue(detached)
      assert.deepStrictEqual(host, {
        engine: { _tag: "Socket", path: "/var/run/docker.sock" },
        hostProcPath: undefined,
        lockPath: "/run/slipway/lock",
        welcomeScriptPath: "/etc/profile.d/gce-containers-welcome.sh",
        statePath: "/var/lib/slipway",
        statusPath: "/run/slipway/status.json"
      })
    })
  )

  it.effect("takes what no flag says from the environment", () =>
    Effect.gen(function* () {
      const { settings, host, deadlines, detached } = yield* read({
        SLIPWAY_TOKEN: "t",
        SLIPWAY_SHOW_WELCOME: "false",
        SLIPWAY_OPEN_IPTABLES: "0",
        SLIPWAY_DETACHED: "no",
        SLIPWAY_MOUNTED_VOLUMES_PATH_PREFIX: "/mnt//x/",
        SLIPWAY_HOST_PROC_PATH: "/p",
        SLIPWAY_CONFIRM: "1 minute",
        SLIPWAY_CREATE_TIMEOUT: "10m",
        SLIPWAY_LOCK: "/l",
        SLIPWAY_WELCOME_SCRIPT: "/w",
        SLIPWAY_STATE: "/s/",
        SLIPWAY_PULL_FALLBACK: "never",
        SLIPWAY_LAST_GOOD: "false",
        DOCKER_HOST: "tcp://10.0.0.1:2375"
      })
      assert.deepStrictEqual(Option.map(settings.token, Redacted.value), Option.some("t"))
      assert.isFalse(settings.showWelcome)
      assert.strictEqual(settings.openIptables, "no")
      assert.isFalse(detached)
      assert.strictEqual(settings.pullFallback, "never")
      assert.isFalse(settings.lastGood)
      assert.strictEqual(settings.mountRoot, "/mnt/x")
      assert.strictEqual(Duration.toMillis(settings.confirm), 60_000)
      assert.strictEqual(Duration.toMillis(deadlines.CREATE), 600_000)
      assert.deepStrictEqual(deadlines.START, deadlineTable.START)
      assert.deepStrictEqual(host, {
        engine: { _tag: "Tcp", host: "10.0.0.1", port: 2375 },
        hostProcPath: "/p",
        lockPath: "/l",
        welcomeScriptPath: "/w",
        statePath: "/s",
        statusPath: "/status.json"
      })
    })
  )

  it.effect(
    "the status is beside the lock, unless a variable says otherwise; commands that only look read no more",
    () =>
      Effect.gen(function* () {
        const host = (env: Readonly<Record<string, string>>) =>
          Effect.map(
            Effect.provide(
              readHostSettings(),
              ConfigProvider.layer(ConfigProvider.fromEnvRecord(env, { preserveEmptyStrings: true }))
            ),
            ({ host }) => host.statusPath
          )
        assert.strictEqual(yield* host({ SLIPWAY_LOCK: "/home/me/run/lock" }), "/home/me/run/status.json")
        assert.strictEqual(yield* host({ SLIPWAY_LOCK: "/l", SLIPWAY_STATUS: "/s/now.json" }), "/s/now.json")
        assert.strictEqual(yield* host({ SLIPWAY_POLICY: "", SLIPWAY_CONFIRM: "nonsense" }), "/run/slipway/status.json")
        const failure = yield* Effect.flip(host({ SLIPWAY_STATUS: "status.json" }))
        assert.include(failure.message, "SLIPWAY_STATUS must be an absolute path")
      })
  )

  const opened = {
    all: "all",
    declared: "declared",
    no: "no",
    true: "all",
    TRUE: "all",
    "1": "all",
    yes: "all",
    false: "no",
    "0": "no",
    off: "no",
    "": "all"
  }
  it.effect.each(Object.entries(opened))("SLIPWAY_OPEN_IPTABLES=%s", ([text, expected]) =>
    Effect.gen(function* () {
      assert.strictEqual((yield* read({ SLIPWAY_OPEN_IPTABLES: text })).settings.openIptables, expected)
    })
  )

  it.effect("refuses another choice of SLIPWAY_OPEN_IPTABLES", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* problems({ SLIPWAY_OPEN_IPTABLES: "some" }), [
        "SLIPWAY_OPEN_IPTABLES must be all, declared or no"
      ])
    })
  )

  it.effect("every deadline has its variable", () =>
    Effect.gen(function* () {
      const names = Object.keys(deadlineTable)
      const env = Object.fromEntries(names.map((name, index) => [`SLIPWAY_${name}_TIMEOUT`, `${index + 1}s`]))
      const { deadlines } = yield* read(env)
      assert.deepStrictEqual(
        names.map((name) => Duration.toSeconds(deadlines[name as keyof typeof deadlines])),
        names.map((_, index) => index + 1)
      )
    })
  )

  it.effect("a flag goes before its variable, even one that cannot be used", () =>
    Effect.gen(function* () {
      const { settings, detached } = yield* read(
        { SLIPWAY_CONFIRM: "nonsense", SLIPWAY_DETACHED: "nonsense", SLIPWAY_TOKEN: "env" },
        { confirm: Option.some("7s"), detached: Option.some("false"), token: Option.some(Redacted.make("flag")) }
      )
      assert.strictEqual(Duration.toMillis(settings.confirm), 7000)
      assert.isFalse(detached)
      assert.deepStrictEqual(Option.map(settings.token, Redacted.value), Option.some("flag"))
    })
  )

  it.effect("an empty variable is none; an empty flag is wrong, but for the token", () =>
    Effect.gen(function* () {
      const { settings } = yield* read({ SLIPWAY_CONFIRM: "", SLIPWAY_DECLARATION: "", DOCKER_HOST: "" })
      assert.deepStrictEqual(settings, defaultSettings)
      const emptyToken = yield* read({}, { token: Option.some(Redacted.make("")) })
      assert.deepStrictEqual(emptyToken.settings.token, Option.none())
      const empty = Option.some("")
      assert.lengthOf(
        yield* problems({}, { confirm: empty, declaration: empty, mountRoot: empty, hostProcPath: empty }),
        4
      )
    })
  )

  for (const path of ["relative", "/", "//", "/a/../b", "/..", "/a\0b"]) {
    it.effect(`volumes cannot be mounted below ${JSON.stringify(path)}`, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* problems({}, { mountRoot: Option.some(path) }), [
          "--mounted-volumes-path-prefix must be an absolute path, without .."
        ])
      })
    )
  }

  it.effect("tells a wrong log format and a declaration that cannot be read", () =>
    Effect.gen(function* () {
      const found = yield* problems({ SLIPWAY_LOG_FORMAT: "xml", SLIPWAY_DECLARATION: "web.yaml" })
      assert.lengthOf(found, 2)
      assert.include(found.join("\n"), "SLIPWAY_LOG_FORMAT must be one of auto, terminal, plain, journal, json")
      assert.include(found.join("\n"), "SLIPWAY_DECLARATION: web.yaml cannot be read: ")
    })
  )

  it.effect("a file's name or a path that no system takes is not repeated", () =>
    Effect.gen(function* () {
      const long = "/x".repeat(50_000)
      const found = yield* problems({
        SLIPWAY_DECLARATION: long,
        SLIPWAY_LOCK: long,
        SLIPWAY_MOUNTED_VOLUMES_PATH_PREFIX: "/mnt/\u001B[2J"
      })
      assert.lengthOf(found, 3)
      assert.isBelow(found.join("\n").length, 500)
    })
  )
})
