import { join } from "node:path"
import type { BuildOptions, Plugin } from "rolldown"
import manifest from "./package.json" with { type: "json" }

/**
 * What dockerode loads beside its connection, which is all that is called here: an object for each of the engine's things,
 * swarm sessions, BuildKit, ssh, connections that are hijacked, and image builds.
 */
const unused =
  /\/(dockerode\/lib\/(?!docker|util)\w+|docker-modem\/lib\/(ssh|http_duplex)|tar-fs\/index|@balena\/dockerignore\/ignore)\.js$/

const withoutUnused: Plugin = {
  name: "without-unused",
  load: (id) => {
    if (unused.test(id)) return "module.exports = () => { throw new Error('not part of this program') }"
    // Its log, switched on by DEBUG, which it reads as it is loaded.
    return id.endsWith("/debug/src/index.js") ? "module.exports = () => () => {}" : null
  },
  transform: (code, id) => {
    if (!id.endsWith("/docker-modem/lib/modem.js")) return null
    // What it logs of each request takes it a millisecond to put into words, whether it is logged or not.
    const log = /debug\('Sending: %s', util\.inspect\(options, \{[^}]*\}\)\);/
    if (!log.test(code)) throw new Error("docker-modem logs its requests in another way")
    return code.replace(log, "")
  }
}

/**
 * Built-in modules that are loaded by the first call of theirs, not at start-up: they take 15 ms together, and those
 * that speak HTTP or TLS may not be in a start-up snapshot. To CommonJS each is an object that stands for it; to ESM it has the exports in use.
 */
const late: Readonly<Record<string, ReadonlyArray<string>>> = {
  child_process: ["execFile", "spawn"],
  crypto: ["createHash", "randomBytes"],
  dgram: ["createSocket"],
  http: ["Agent", "request"],
  http2: ["connect"],
  https: ["Agent", "request"],
  net: ["createConnection"],
  readline: ["createInterface", "emitKeypressEvents"],
  tls: ["connect", "createSecureContext", "TLSSocket"],
  zlib: []
}
/** Their names. */
export const lateModules = Object.keys(late)

const stand = (name: string) => `new Proxy({}, { get: (_, key) => process.getBuiltinModule("${name}")[key] })`

const lateBuiltins: Plugin = {
  name: "late-builtins",
  resolveId: (id, _, { kind }) => {
    const name = id.replace(/^node:/, "")
    if (late[name] === undefined) return null
    return kind === "require-call" ? `\0late:${name}.cjs` : `\0late:${name}.mjs`
  },
  load: (id) => {
    const [, name = "", format] = /^\0late:(\w+)\.([cm])js$/.exec(id) ?? []
    if (format === "c") return `module.exports = ${stand(name)}`
    if (format === "m") {
      const called = late[name]!.map(
        // As `new` calls it and as a call does.
        (key) =>
          `export const ${key} = function (...args) {
            const { ${key} } = process.getBuiltinModule("${name}")
            return new.target ? new ${key}(...args) : ${key}(...args)
          }`
      )
      return [...called, `export default ${stand(name)}`].join("\n")
    }
    // It calls require for them itself, which no bundler sees.
    if (id.endsWith("/platform-node/dist/internal/http.js")) {
      return `export const http = ${stand("http")}; export const https = ${stand("https")}`
    }
    return null
  }
}

/** An Intl object takes milliseconds to make, and may not be in a start-up snapshot either. */
const lateSegmenter: Plugin = {
  name: "late-segmenter",
  transform: (code, id) =>
    id.endsWith("/effect/dist/cli/CliOutput.js")
      ? code.replace(
          /new Intl\.Segmenter\(([^)]*)\);/,
          "((made) => ({ segment: (text) => (made ??= new Intl.Segmenter($1)).segment(text) }))();"
        )
      : null
}

/**
 * V8 keeps a text with a single character beyond Latin-1 in two bytes for each of its characters, and the source in memory
 * twice in an executable, whose snapshot has it too.
 */
const inAscii: Plugin = {
  name: "in-ascii",
  // Once the minifier has written its shortest form.
  generateBundle: (_, files) => {
    for (const file of Object.values(files))
      if (file.type === "chunk") file.code = file.code.replace(/[^\x00-\x7f]/g, escaped)
  }
}

const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`

const bundle = (file: string, isSnapshot: boolean): BuildOptions => ({
  input: join(import.meta.dirname, "src/bin.ts"),
  platform: "node",
  // CommonJS starts faster than ESM: `require` of a built-in module costs a fraction of its import.
  output: { file, format: "cjs", banner: "#!/usr/bin/env node", minify: true, codeSplitting: false },
  transform: {
    define: {
      SLIPWAY_VERSION: JSON.stringify(manifest.version),
      SLIPWAY_SNAPSHOT: `${isSnapshot}`,
      "import.meta": "{}"
    }
  },
  plugins: [withoutUnused, lateBuiltins, lateSegmenter, inAscii]
})

export default bundle("dist/slipway.cjs", false)

/** What scripts/executable.ts makes the start-up snapshot of. */
export const snapshot = (file: string): BuildOptions => bundle(file, true)
