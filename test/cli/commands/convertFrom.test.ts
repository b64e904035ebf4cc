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

  it.effect("compose: .env beside the file, or what --dotenv names, and the files that it names itself", () =>
    Effect.gen(function* () {
      const files = {
        "shop/compose.yaml":
          "services: {web: {image: 'x:${TAG}', env_file: [web.env, /etc/all.env], " +
          "environment: {URL: 'db://$PASSWORD'}, configs: [c]}}\nconfigs: {c: {file: ./c.conf}}",
        "shop/c.conf": "listen 80",
        "shop/.env": `TAG=1\nPASSWORD=${secret}`,
        "shop/web.env": `A=${secret}`,
        "/etc/all.env": "B=2",
        "web.env": "C=not this",
        ".env": "TAG=not this",
        "two.env": `TAG=2\nPASSWORD=${secret}`,
        "three.env": "TAG=3"
      }
      const convert = ["convert", "--from", "compose"]
      const run = yield* slipway([...convert, "shop/compose.yaml"], { files })
      assert.strictEqual(run.exitCode, 0, run.stderr)
      assert.include(run.stdout, "image: x:1\n")
      for (const value of [`db://${secret}`, "name: A", "name: B", "content: listen 80"])
        assert.include(run.stdout, value)
      assert.notInclude(run.stdout, "not this")
      assert.match(run.stderr, /^note: shop\/\.env: /)
      assert.notInclude(run.stderr, secret)
      const named = yield* slipway([...convert, "--dotenv", "two.env", "--dotenv=three.env", "shop/compose.yaml"], {
        files
      })
      assert.include(named.stdout, "image: x:3\n")
      assert.notInclude(named.stderr, ".env beside")
      const gone = yield* slipway([...convert, "--dotenv", "gone.env", "shop/compose.yaml"], { files })
      assert.strictEqual(gone.exitCode, 78)
      assert.include(gone.stderr, "gone.env cannot be read")
      const piped = yield* slipway([...convert, "-"], {
        files,
        stdin: files["shop/compose.yaml"].replace(":${TAG}", "")
      })
      assert.match(piped.stderr, /not carried: services\.web\.env_file\[0\]: The file was not read/)
      assert.notInclude(piped.stderr, "env_file[1]: The file was not read")
    })
  )

  it.effect("docker-run: the files that --env-file names in the command", () =>
    Effect.gen(function* () {
      const files = { "web.env": `A=${secret}\nB`, "run.sh": "docker run --env-file web.env --env-file gone.env x" }
      for (const source of [["run.sh"], ["--", ...files["run.sh"].split(" ")]]) {
        const run = yield* slipway(["convert", "--from", "docker-run", ...source], { files })
        assert.strictEqual(run.exitCode, 0, run.stderr)
        assert.include(run.stdout, `value: ${secret}`)
        assert.notInclude(run.stderr, secret)
        assert.include(run.stderr, "not carried: --env-file gone.env: The file was not read")
        assert.include(run.stderr, "note: --env-file web.env: ")
      }
    })
  )

  it.effect("--only and --profile choose services; flags that have no meaning are refused", () =>
    Effect.gen(function* () {
      const stdin = "services: {a: {image: x}, b: {build: .}, c: {image: z, profiles: [p]}}"
      const run = yield* slipway(["convert", "--from", "compose", "--only", "a", "--only", "c", "-"], { stdin })
      assert.strictEqual(run.exitCode, 0, run.stderr)
      assert.match(run.stderr, /^note: services\.b: .*\n$/)
      const active = yield* slipway(["convert", "--from", "compose", "--profile", "p", "-"], {
        stdin: stdin.replace("build: .", "image: y")
      })
      assert.include(active.stdout, "name: c")
      for (const flags of [
        ["--from", "docker-run", "--dotenv", "x"],
        ["--from", "kubernetes", "--profile", "x"],
        ["--from", "kubernetes", "--only", "a", "--only", "b"],
        ["--from", "inspect", "--only", "x"],
        ["--to", "compose", "--only", "x"]
      ]) {
        const wrong = yield* slipway(["convert", ...flags, "-"], { stdin })
        assert.strictEqual(wrong.exitCode, 78, flags.join(" "))
        assert.match(wrong.stderr, /--(?:dotenv|profile|only)/)
      }
    })
  )

  it.effect("--strict: what is not carried over is refused, and nothing is written; notes are not", () =>
    Effect.gen(function* () {
      const strict = ["convert", "--from", "compose", "--strict", "--output", "out"]
      const noted = "services: {a: {image: x, restart: unless-stopped, container_name: B, volumes: ['d:/d']}}"
      const fine = yield* slipway([...strict, "-"], { stdin: noted })
      assert.strictEqual(fine.exitCode, 0, fine.stderr)
      assert.match(fine.stderr, /^(?:note: .*\n){2}$/)
      const stdin = noted.replace("image: x", "image: x, init: true, ulimits: {nofile: 1}")
      const refused = yield* slipway([...strict, "-"], { stdin })
      assert.strictEqual(refused.exitCode, 78)
      assert.strictEqual(refused.stdout, "")
      assert.deepEqual(refused.files, {})
      assert.include(refused.stderr, "not carried: services.a.init: ")
      assert.include(refused.stderr, "refused by --strict: 2 things would not be carried over")
      const json = yield* slipway([...strict, "--format", "json", "-"], { stdin })
      assert.strictEqual(json.exitCode, 78)
      const { files, notCarried, notes } = JSON.parse(json.stdout) as Record<string, ReadonlyArray<unknown>>
      assert.deepEqual([files?.length, notCarried?.length, notes?.length], [0, 2, 2])
      // What a declaration has and Slipway ignores is not in the result either.
      const ignored = yield* slipway(["convert", "--to", "compose", "--strict", "-"], {
        stdin: "spec: {nodeName: x, containers: [{name: a, image: x, logging: {driver: default}}]}"
      })
      assert.strictEqual(ignored.exitCode, 78)
    })
  )

  it.effect("as JSON, what cannot be converted is an object with all the reasons", () =>
    Effect.gen(function* () {
      const stdin = "services:\n  a: {build: .}\n  b: {image: x, command: '|'}\n"
      const run = yield* slipway(["convert", "--from", "compose", "--format", "json", "-"], { stdin })
      assert.strictEqual(run.exitCode, 78)
      const { problems, files } = JSON.parse(run.stdout) as Record<string, ReadonlyArray<Record<string, unknown>>>
      assert.deepEqual(files, [])
      assert.deepEqual(
        problems?.map(({ file, line, path }) => [file, line, path]),
        [
          ["<stdin>", 2, "services.a"],
          ["<stdin>", 3, "services.b.command"]
        ]
      )
      const declared = yield* slipway(["convert", "--to", "compose", "--format", "json", "-"], {
        stdin: "spec: {containers: []}"
      })
      assert.isNotEmpty((JSON.parse(declared.stdout) as { problems: ReadonlyArray<unknown> }).problems)
    })
  )

  it.effect("what cannot be converted is refused at its line, with what to write: 78", () =>
    Effect.gen(function* () {
      const stdin = "services:\n  web:\n    build: .\n"
      const run = yield* slipway(["convert", "--from", "compose", "-"], { stdin })
      assert.strictEqual(run.exitCode, 78)
      assert.match(
        run.stderr,
        /^slipway: <stdin> cannot be converted:\n<stdin>:3: services\.web: .*\n  Build the image/
      )
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
