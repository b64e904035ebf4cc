import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { outputOf, secret } from "../declared.ts"
import { slipway } from "../CommandLine.ts"

describe("slipway convert --from", () => {
  it.effect("docker-run: a command after --, as the shell has split it", () =>
    Effect.gen(function* () {
      const command = [
        "docker",
        "run",
        "-d",
        "-e",
        `A=${secret} x`,
        "--open-iptables=true",
        "--ulimit",
        "nofile=1",
        "nginx"
      ]
      const wrong = yield* slipway(["convert", "--from", "docker-run", "--", ...command])
      assert.strictEqual(wrong.exitCode, 78)
      assert.include(wrong.stderr, "<arguments>: --open-iptables: docker run has no such flag")
      const known = command.filter((word) => word !== "--open-iptables=true")
      const run = yield* slipway(["convert", "--from", "docker-run", "--", ...known])
      assert.strictEqual(run.exitCode, 0, run.stderr)
      assert.match(run.stdout, /^# .*slipway-declaration/)
      assert.include(run.stdout, `value: ${secret} x`)
      assert.match(run.stderr, /^not carried: --ulimit nofile=1: .*\n$/)
      assert.deepEqual(run.hosts, [])
    })
  )

  it.effect("docker-run: a script on standard input", () =>
    Effect.gen(function* () {
      const stdin = "docker run -d \\\n  --name web nginx:1.29\n"
      const run = yield* slipway(["convert", "--from=docker-run", "-"], { stdin })
      assert.strictEqual(run.exitCode, 0, run.stderr)
      assert.include(run.stdout, "name: web")
    })
  )

  it.effect("compose, and what it makes passes its own check", () =>
    Effect.gen(function* () {
      const files = { "compose.yaml": `services: {web: {image: x, labels: {a: ${secret}}}}` }
      const run = yield* slipway(["convert", "--from", "compose", "compose.yaml"], { files })
      assert.strictEqual(run.exitCode, 0, run.stderr)
      assert.match(run.stderr, /^not carried: services\.web\.labels: /)
      assert.notInclude(outputOf(run), secret)
      const check = yield* slipway(["check", "--strict", "-"], { stdin: run.stdout })
      assert.strictEqual(check.exitCode, 0, check.stderr)
    })
  )

  it.effect(
    "compose: the file's folder names the project, as it does for Compose; of standard input it is not known",
    () =>
      Effect.gen(function* () {
        const text = "services: {db: {image: x, volumes: ['pg:/pg']}}\nvolumes: {pg: {}}"
        const files = { "/srv/My Shop/compose.yaml": text }
        const run = yield* slipway(["convert", "--from", "compose", "/srv/My Shop/compose.yaml"], { files })
        assert.strictEqual(run.exitCode, 0, run.stderr)
        assert.include(run.stdout, "path: /var/lib/docker/volumes/myshop_pg/_data")
        assert.include(run.stderr, "its folder names the project, myshop")
        const piped = yield* slipway(["convert", "--from", "compose", "-"], { stdin: text })
        assert.include(piped.stderr, "PROJECT_pg")
      })
  )

  it.effect("to another form it goes by way of a declaration, and both lists are given", () =>
    Effect.gen(function* () {
      const stdin = "kind: Pod\nspec: {nodeName: x, containers: [{name: web, image: x, stdin: true, stdinOnce: true}]}"
      const flags = ["--from", "kubernetes", "--to", "docker-run", "--format", "json"]
      const run = yield* slipway(["convert", ...flags, "-"], { stdin })
      assert.strictEqual(run.exitCode, 0, run.stderr)
      const { notCarried, from, to } = JSON.parse(run.stdout) as {
        from: string
        to: string
        notCarried: ReadonlyArray<{ path: string }>
      }
      assert.deepEqual([from, to], ["kubernetes", "docker-run"])
      assert.includeMembers(
        notCarried.map(({ path }) => path),
        ["spec.nodeName", "spec.containers[0].stdinOnce"]
      )
    })
  )

  it.effect("what cannot be converted is refused at its line, with what to write: 78", () =>
    Effect.gen(function* () {
      const stdin = "services:\n  web:\n    build: .\n"
      const run = yield* slipway(["convert", "--from", "compose", "-"], { stdin })
      assert.strictEqual(run.exitCode, 78)
      assert.match(run.stderr, /<stdin>:3: services\.web: .*\nBuild the image/)
      for (const [args, words] of [
        [["--from", "compose"], "no file is given"],
        [["--from", "inspect", "a", "b"], "several files"],
        [["web.yaml"], "it is not said what to make"],
        [["--from", "docker-run"], "no file is given"]
      ] as const) {
        const wrong = yield* slipway(["convert", ...args])
        assert.strictEqual(wrong.exitCode, 78)
        assert.include(wrong.stderr, words)
      }
    })
  )
})
