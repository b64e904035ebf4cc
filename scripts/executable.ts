/**
 * Makes one file of the program and Node: `node scripts/executable.ts [FILE] [x64|arm64]`, `dist/slipway` for this
 * machine where none is named.
 *
 * A Node single executable whose V8 start-up snapshot has the whole program loaded: it starts in half the time of the
 * bundle. Its Node comes from the npm registry (scripts/release/nodeBinary.ts).
 *
 * Twice the same bytes, from whatever folder and by whatever process: a snapshot holds what V8 draws at random (so its
 * seed is given), where the program's file was (so that is named by /proc), an address (so their randomisation is off),
 * and of its process what src/bin.ts takes out.
 *
 * The snapshot is made by the Node that it is for, and differs with what the CPU can do. Where an architecture is named,
 * as for a release, QEMU runs that Node with a CPU that is the same everywhere, and with that architecture's C and C++
 * libraries: on Debian `apt-get install qemu-user-static libstdc++6-arm64-cross` (`-amd64-cross` on arm64). The address
 * still differs with the version of QEMU and of the C library.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { arch, platform } from "node:os"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "rolldown"
import { lateModules, snapshot } from "../rolldown.config.ts"
import { type Architecture, architectures, fetchNode } from "./release/nodeBinary.ts"
import { keepCodeCache } from "./release/codeCache.ts"
import { stripElf } from "./release/stripElf.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const output = resolve(process.argv[2] ?? join(root, "dist/slipway"))
const architecture = process.argv[3] ?? arch()
const isKnown = (name: string): name is Architecture => (architectures as ReadonlyArray<string>).includes(name)
if (platform() !== "linux" || !isKnown(architecture)) {
  process.stderr.write(`executable: made for Linux on x64 and arm64 only, not for ${platform()} on ${architecture}\n`)
  process.exit(1)
}
const [machine, cpu, debian] =
  architecture === "arm64" ? (["aarch64", "cortex-a57", "arm64"] as const) : (["x86_64", "Nehalem", "amd64"] as const)
const emulator =
  process.argv[3] === undefined ? [] : [`qemu-${machine}-static`, "-cpu", cpu, "-L", `/usr/${machine}-linux-gnu`]
if (emulator[0] !== undefined && spawnSync(emulator[0], ["--version"]).status !== 0) {
  const packages = `qemu-user-static${architecture === arch() ? "" : ` libstdc++6-${debian}-cross`}`
  process.stderr.write(`executable: for ${architecture} it takes ${emulator[0]}: apt-get install ${packages}\n`)
  process.exit(1)
}

/**
 * V8 would collect all garbage once, in the middle of each boot, since what the snapshot holds is half of what it would let
 * the old generation come to (in MB).
 *
 * V8 draws a new seed for the hashes of texts at each start, and hashes the snapshot's anew, which takes an eighth of
 * that start. It makes it harder to choose keys that collide. Whoever could choose keys here, a declaration of at most
 * 512 KiB or an image's variables, can waste a second of ours by them, and has root on the VM anyway, or the container.
 */
const options = ["--initial-old-space-size=40", "--no-rehash-snapshot"]

/** Has Node name the built-in modules that are loaded with those that the program loads late. */
const listing = `
  for (const name of ${JSON.stringify(lateModules)}) process.getBuiltinModule(name)
  process.moduleLoadList.flatMap((line) => /^NativeModule (.*)/.exec(line)?.[1] ?? []).join()`

// The length of the path, not its letters, shifts addresses: so it is not in TMPDIR.
const directory = mkdtempSync("/tmp/slipway-executable-")
try {
  const run = (program: string, ...args: ReadonlyArray<string>) =>
    execFileSync(program, args, {
      cwd: directory,
      env: { PATH: process.env["PATH"] },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"]
    })
  const { node } = fetchNode(architecture, directory)
  writeFileSync(node, stripElf(readFileSync(node)))
  const main = join(directory, "slipway.cjs")
  await build(snapshot(main))
  const config = {
    main: "/proc/self/cwd/slipway.cjs",
    output: "blob",
    useSnapshot: true,
    disableExperimentalSEAWarning: true,
    execArgv: options
  }
  writeFileSync(join(directory, "sea.json"), JSON.stringify(config))
  // Some containers may not switch it off; what is made there works, but is other bytes each time.
  const isFixed = spawnSync("setarch", ["-R", "true"]).status === 0
  if (!isFixed) process.stderr.write("executable: not reproducible: `setarch -R` is not permitted here\n")
  const [program = "", ...words] = [
    ...(isFixed ? ["setarch", "-R"] : []),
    ...emulator,
    node,
    "--random-seed=1",
    "--predictable",
    "--no-warnings",
    // When V8 collects garbage is not to depend on how long anything takes, nor on when a task gets its turn.
    "--predictable-gc-schedule",
    "--no-minor-gc-task",
    "--no-incremental-marking-task",
    // What V8 notes of a function from its eighth call on is no part of it: how often some are called depends on that, too.
    "--invocation-count-for-feedback-allocation=1000000",
    // Effect notes where each function is defined: positions in a minified file, which keep alive what ran once.
    "--stack-trace-limit=0",
    "--experimental-sea-config",
    "sea.json"
  ]
  run(program, ...words)
  const blob = join(directory, "blob")
  const [lister = "", ...ofLister] = [...emulator, node, "--print", listing]
  const used = new Set(
    run(lister, ...ofLister)
      .trim()
      .split(",")
  )
  writeFileSync(
    blob,
    keepCodeCache(readFileSync(blob), (module) => used.has(module))
  )
  // The fuse is Node's mark of where a program can be put into it.
  const fuse = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2"
  run(join(root, "node_modules/.bin/postject"), node, "NODE_SEA_BLOB", "blob", "--sentinel-fuse", fuse)
  // A file that runs can be replaced but not written to.
  rmSync(output, { force: true })
  copyFileSync(node, output)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
