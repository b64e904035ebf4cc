import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { type Installed, planInstall, planUninstall } from "../../src/install/InstallPlan.ts"
import { konletUnit, unitName, unitPath, unitText } from "../../src/install/unit.ts"
import { CommandRunner } from "../../src/vm/host/CommandRunner.ts"
import type { Command } from "../../src/vm/host/Command.ts"
import { deadlineTable } from "../../src/timing/Deadlines.ts"
import { stopGrace } from "../../src/plan/stopGrace.ts"
import { HostFiles } from "../../src/vm/host/HostFiles.ts"
import { slipway } from "../cli/CommandLine.ts"

const program = ["/usr/local/bin/slipway"]
const agentUnit = unitText({ program, runs: "agent" })
const oneshot = unitText({ program, runs: "up" })
const install = { program, runs: "agent", takeover: false } as const

/** A host's systemd in memory, one level below ours: its units, which are enabled, masked and running. */
const makeHost = (units: Readonly<Record<string, string>> = {}, directory = "/usr/lib/systemd/system") => {
  const files = new Map(Object.entries(units).map(([name, text]) => [`${directory}/${name}`, text]))
  const pathOf = (unit: string) =>
    ["/etc/systemd/system", "/usr/lib/systemd/system"]
      .map((place) => `${place}/${unit}`)
      .find((path) => files.has(path))
  const enabled = new Set<string>(Object.keys(units))
  const masked = new Set<string>()
  const started = new Set(Object.keys(units))
  const done: Array<string> = []
  const stateOf = (unit: string) => (masked.has(unit) ? "masked" : pathOf(unit) === undefined ? "not-found" : "loaded")
  const answer = ({ program, args, stdin = "" }: Command): string | undefined => {
    const last = args.at(-1)!
    if (program === "systemctl" && args[0] === "show") {
      const isEnabled = enabled.has(last) ? "enabled" : "disabled"
      return `LoadState=${stateOf(last)}\nUnitFileState=${isEnabled}\nFragmentPath=${pathOf(last) ?? ""}\n`
    }
    if (program === "cat") return files.get(last)
    // As systemd does: "File … already exists".
    if (args[0] === "mask" && pathOf(last)?.startsWith("/etc/") === true) return undefined
    done.push([program, ...args].join(" "))
    if (program === "dd") files.set(args[0]!.replace("of=", ""), String(stdin))
    if (program === "mv") {
      files.set(last, files.get(args.at(-2)!)!)
      files.delete(args.at(-2)!)
    }
    if (program === "rm") files.delete(last)
    if (program === "systemctl") {
      const verbs: Readonly<Record<string, () => unknown>> = {
        enable: () => enabled.add(last),
        disable: () => enabled.delete(last),
        mask: () => masked.add(last),
        unmask: () => masked.delete(last),
        stop: () => started.delete(last)
      }
      verbs[args[0]!]?.()
    }
    return ""
  }
  const layerRunner = Layer.succeed(CommandRunner, {
    run: (command) =>
      Effect.sync(() => {
        const stdout = answer(command)
        return {
          exitCode: stdout === undefined ? 1 : 0,
          stdout: stdout ?? "",
          stderr: stdout === undefined ? "No such file" : ""
        }
      }),
    hold: () => Effect.die("nothing is held")
  })
  const layerHost = HostFiles.layerCommands.pipe(Layer.provideMerge(layerRunner))
  return { written: files, enabled, masked, started, done, layerHost }
}

describe("install and uninstall", () => {
  it.effect("install writes and enables the unit; a second one has nothing to do; uninstall undoes it", () =>
    Effect.gen(function* () {
      const host = makeHost()
      const first = yield* slipway(["install"], host)
      assert.strictEqual(first.exitCode, 0, first.stderr)
      assert.strictEqual(first.stdout, `write ${unitPath}\nsystemctl daemon-reload\nsystemctl enable ${unitName}\n`)
      assert.strictEqual(host.written.get(unitPath), agentUnit)
      assert.sameMembers([...host.written.keys()], [unitPath])
      assert.strictEqual((yield* slipway(["install"], host)).stdout, "nothing to do\n")
      const undone = yield* slipway(["uninstall"], host)
      assert.strictEqual(
        undone.stdout,
        `systemctl disable ${unitName}\nsystemctl stop ${unitName}\nremove ${unitPath}\nsystemctl daemon-reload\n`
      )
      assert.deepStrictEqual([host.written.size, host.enabled.size], [0, 0])
      assert.strictEqual((yield* slipway(["uninstall"], host)).stdout, "nothing to do\n")
    })
  )

  it.effect("a unit that runs `up` once a boot is taken over, and is enabled as it was; --once takes it back", () =>
    Effect.gen(function* () {
      const host = makeHost()
      const once = yield* slipway(["install", "--once"], host)
      assert.strictEqual(once.stdout, `write ${unitPath}\nsystemctl daemon-reload\nsystemctl enable ${unitName}\n`)
      assert.strictEqual(host.written.get(unitPath), oneshot)
      assert.strictEqual((yield* slipway(["install", "--once"], host)).stdout, "nothing to do\n")

      const previewed = yield* slipway(["install", "--dry-run"], host)
      assert.strictEqual(
        previewed.stdout,
        `would write ${unitPath}, in place of the one that runs \`slipway up\`\nwould systemctl daemon-reload\n`
      )
      assert.strictEqual(host.written.get(unitPath), oneshot)

      const taken = yield* slipway(["install"], host)
      assert.strictEqual(
        taken.stdout,
        `write ${unitPath}, in place of the one that runs \`slipway up\`\nsystemctl daemon-reload\n` +
          "From the next boot on. `systemctl restart slipway` does it now; the containers keep running.\n"
      )
      assert.strictEqual(host.written.get(unitPath), agentUnit)
      assert.deepStrictEqual([...host.enabled], [unitName])
      assert.include((yield* slipway(["install", "--once"], host)).stdout, "the one that runs `slipway agent`")
      // There is no process to end.
      const undone = yield* slipway(["uninstall"], host)
      assert.strictEqual(undone.stdout, `systemctl disable ${unitName}\nremove ${unitPath}\nsystemctl daemon-reload\n`)
    })
  )

  it.effect("a unit of an earlier release is replaced without a word of what it runs, if that is the same", () =>
    Effect.gen(function* () {
      const host = makeHost()
      yield* slipway(["install"], host)
      host.written.set(unitPath, agentUnit.replace("WatchdogSec=5min\n", ""))
      assert.strictEqual((yield* slipway(["install"], host)).stdout, `write ${unitPath}\nsystemctl daemon-reload\n`)
    })
  )

  it.effect("konlet stays masked when a unit that took its place is taken over", () =>
    Effect.gen(function* () {
      const host = makeHost({ [konletUnit]: "" })
      yield* slipway(["install", "--once", "--takeover"], host)
      assert.strictEqual((yield* slipway(["install"], host)).exitCode, 0)
      assert.strictEqual(host.written.get(unitPath), unitText({ program, runs: "agent", takeover: "masked" }))
      yield* slipway(["uninstall"], host)
      assert.deepStrictEqual([...host.masked], [])
    })
  )

  it.effect("a dry run says what it would do, and does nothing", () =>
    Effect.gen(function* () {
      const host = makeHost({ [konletUnit]: "" })
      const run = yield* slipway(["install", "--takeover", "--dry-run"], host)
      assert.include(run.stdout, `would systemctl mask ${konletUnit}`)
      assert.deepStrictEqual(host.done, [])
    })
  )

  it.effect(
    "beside konlet it refuses, and says how to take over; then konlet is stopped and masked, and comes back",
    () =>
      Effect.gen(function* () {
        const host = makeHost({ [konletUnit]: "" })
        const refused = yield* slipway(["install"], host)
        assert.strictEqual(refused.exitCode, 78)
        assert.include(refused.stderr, "--takeover")
        assert.deepStrictEqual(host.done, [])
        assert.strictEqual((yield* slipway(["install", "--takeover"], host)).exitCode, 0)
        assert.deepStrictEqual([...host.masked], [konletUnit])
        assert.isFalse(host.started.has(konletUnit))
        assert.strictEqual((yield* slipway(["install"], host)).stdout, "nothing to do\n")
        assert.strictEqual((yield* slipway(["uninstall"], host)).exitCode, 0)
        assert.deepStrictEqual([...host.masked], [])
      })
  )

  it.effect("a konlet of the host's own, which cannot be masked, is disabled, and enabled again", () =>
    Effect.gen(function* () {
      const host = makeHost({ [konletUnit]: "" }, "/etc/systemd/system")
      assert.strictEqual((yield* slipway(["install"], host)).exitCode, 78)
      const run = yield* slipway(["install", "--takeover"], host)
      assert.strictEqual(run.exitCode, 0, run.stderr)
      assert.include(run.stdout, `systemctl disable ${konletUnit}`)
      assert.isFalse(host.started.has(konletUnit))
      assert.deepStrictEqual([...host.enabled], [unitName])
      assert.strictEqual((yield* slipway(["install"], host)).stdout, "nothing to do\n")
      assert.include((yield* slipway(["uninstall"], host)).stdout, `systemctl enable ${konletUnit}`)
      assert.deepStrictEqual([...host.enabled], [konletUnit])
    })
  )

  it("konlet that others masked stays masked", () => {
    const installed: Installed = { unit: agentUnit, isEnabled: true, konlet: "off" }
    assert.notInclude(JSON.stringify(planUninstall(installed)), "unmask")
    assert.deepStrictEqual(planInstall(installed, { ...install, takeover: true }), Result.succeed([]))
  })

  it("a program that a reboot may clear away is not what a unit executes", () => {
    const nothing: Installed = { unit: undefined, isEnabled: false, konlet: "absent" }
    for (const path of ["/tmp/slipway", "/run/user/0/slipway", "/var/tmp/x/dist/slipway.cjs"]) {
      const planned = planInstall(nothing, { ...install, program: ["/usr/bin/node", path] })
      assert.include(Result.isFailure(planned) ? planned.failure.message : "", path)
    }
    assert.isTrue(Result.isSuccess(planInstall(nothing, { ...install, program: ["/opt/tmp/slipway"] })))
  })

  it("the unit gives a rollback the time to stop what is slow, and to start it", () => {
    for (const text of [agentUnit, oneshot]) {
      const [, minutes] = /^TimeoutStopSec=(\d+)min$/m.exec(text) ?? []
      const longest = Duration.sum(Duration.sum(stopGrace, deadlineTable.START), Duration.minutes(1))
      assert.isAtLeast(Number(minutes) * 60, Duration.toSeconds(longest))
    }
  })

  it("words of ExecStart are quoted as systemd reads them", () => {
    assert.include(
      unitText({ program: ["/opt/my $tools/100%/slipway", "$HOME"], runs: "agent" }),
      'ExecStart="/opt/my $tools/100%%/slipway" "$$HOME" agent\n'
    )
  })

  it.effect("prints the unit", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* slipway(["install", "--print", "unit"])).stdout, agentUnit)
      assert.strictEqual((yield* slipway(["install", "--once", "--print", "unit"])).stdout, oneshot)
    })
  )

  it.effect("prints user data, and takes no executable whose digest is not named", () =>
    Effect.gen(function* () {
      const args = ["install", "--print", "cloud-init", "--url", "https://downloads.example/slipway"]
      const refused = yield* slipway(args)
      assert.strictEqual(refused.exitCode, 78)
      assert.include(refused.stderr, "--sha256")
      const quoted = yield* slipway(["install", "--print", "cloud-init", "--url", "https://a/b'; reboot '"])
      assert.include(quoted.stderr, "--url must")
      const run = yield* slipway([...args, "--sha256", "0".repeat(64), "--system", "debian"])
      assert.match(run.stdout, /^#cloud-config\n/)
      const bucket = yield* slipway([
        "install",
        "--print",
        "cloud-init",
        "--url",
        "gs://my-bucket/s",
        "--sha256",
        "0".repeat(64)
      ])
      assert.include(bucket.stdout, "storage.googleapis.com")
    })
  )

  it.effect("says of a program that a reboot may clear away that the unit which it prints needs it", () =>
    Effect.gen(function* () {
      const run = yield* slipway(["install", "--print", "unit"], { program: ["/tmp/slipway"] })
      assert.strictEqual(run.exitCode, 0)
      assert.include(run.stdout, "ExecStart=/tmp/slipway agent")
      assert.include(run.stderr, "/tmp/slipway may be gone after a reboot")
      assert.strictEqual((yield* slipway(["install", "--print", "unit"])).stderr, "")
    })
  )
})

describe("settings and a policy for user data", () => {
  const args = ["install", "--print", "cloud-init", "--url", "https://a.example/slipway", "--sha256", "0".repeat(64)]
  const good =
    "# as in the unit\nSLIPWAY_CONFIRM=10s\nSLIPWAY_FOLLOW_TAGS=10m\nSLIPWAY_PULL_TIMEOUT='2 hours'\nSLIPWAY_OPEN_IPTABLES=no\nDOCKER_HOST=unix:///run/docker.sock\nGCE_METADATA_HOST=\nSLIPWAY_LOG_FORMAT=json\n"

  it.effect("are put there when they could be used", () =>
    Effect.gen(function* () {
      const files = { settings: good, "policy.yaml": "privileged: false\n" }
      // What this machine is set to is not what that one will be.
      const env = { SLIPWAY_POLICY: "/nowhere", SLIPWAY_CONFIRM: "nonsense" }
      const run = yield* slipway([...args, "--settings", "settings", "--policy", "policy.yaml"], { files, env })
      assert.strictEqual(run.exitCode, 0, run.stderr)
      assert.include(run.stdout, "      SLIPWAY_CONFIRM=10s\n")
      assert.include(run.stdout, "      SLIPWAY_POLICY=/etc/slipway/policy.yaml\n")
      assert.include(run.stdout, "      privileged: false\n")
    })
  )

  const secret = "hunter2"
  const wrong: ReadonlyArray<readonly [what: string, settings: string, problem: RegExp]> = [
    [
      "a setting that there is not",
      "SLIPWAY_CONFRIM=10s\n",
      /--settings: SLIPWAY_CONFRIM is not a setting; did you mean SLIPWAY_CONFIRM\?/
    ],
    ["a variable of something else", `PASSWORD=${secret}\n`, /--settings: PASSWORD is not a setting$/m],
    [
      "a value that cannot be",
      `SLIPWAY_PULL_TIMEOUT=${secret}\n`,
      /--settings: SLIPWAY_PULL_TIMEOUT must be a length of time/
    ],
    [
      "a metadata server that is none",
      `GCE_METADATA_HOST=http://${secret}/\n`,
      /--settings: GCE_METADATA_HOST must be/
    ],
    [
      "a path that is not the VM's",
      "SLIPWAY_DECLARATION=web.yaml\n",
      /--settings: SLIPWAY_DECLARATION must be an absolute path/
    ],
    [
      "a collector's headers",
      `OTEL_EXPORTER_OTLP_HEADERS=x-api-key=${secret}\n`,
      /--settings: OTEL_EXPORTER_OTLP_HEADERS does not belong into user data/
    ],
    ["a token", `SLIPWAY_TOKEN=${secret}\n`, /--settings: SLIPWAY_TOKEN does not belong into user data/],
    ["a line that is none", `export SLIPWAY_CONFIRM=${secret}\n`, /--settings: settings:1: leave out "export"/],
    ["a policy that is there twice", "SLIPWAY_POLICY=/etc/other.yaml\n", /leave out SLIPWAY_POLICY/]
  ]
  it.effect.each(wrong)("are refused for %s", ([, settings, problem]) =>
    Effect.gen(function* () {
      const files = { settings, "policy.yaml": "privileged: false\n" }
      const run = yield* slipway([...args, "--settings", "settings", "--policy", "policy.yaml"], { files })
      assert.strictEqual(run.exitCode, 78)
      assert.strictEqual(run.stdout, "")
      assert.match(run.stderr, problem)
      assert.notInclude(run.stderr, secret)
    })
  )

  it.effect("all that is wrong is found at once, files that are not there and a policy that does not parse too", () =>
    Effect.gen(function* () {
      const files = { "policy.yaml": "priviledged: false\n" }
      const run = yield* slipway(
        ["install", "--print", "cloud-init", "--settings", "none", "--policy", "policy.yaml"],
        { files }
      )
      assert.strictEqual(run.exitCode, 78)
      for (const problem of [
        /--url must/,
        /--sha256 must/,
        /--settings: none cannot be read/,
        /--policy: policy\.yaml:1:1: .*priviledged/
      ]) {
        assert.match(run.stderr, problem)
      }
      const stdin = yield* slipway(["install", "--print", "cloud-init", "--policy", "-"], { stdin: "{}" })
      assert.include(stdin.stderr, "--policy must name a file")
      const nowhere = yield* slipway(["install", "--settings", "settings"])
      assert.strictEqual(nowhere.exitCode, 78)
      assert.include(nowhere.stderr, "--settings goes into user data")
    })
  )
})
