import { defineConfig } from "rolldown"
import manifest from "./package.json" with { type: "json" }

/** What dockerode loads for swarm sessions, BuildKit and ssh: 206 files that nothing here calls. */
const unused = /\/(dockerode\/lib\/(session|buildkit)|docker-modem\/lib\/ssh)\.js$/

export default defineConfig({
  input: "src/bin.ts",
  platform: "node",
  // CommonJS starts faster than ESM: `require` of a built-in module costs a fraction of its import.
  output: {
    file: "dist/slipway.cjs",
    format: "cjs",
    banner: "#!/usr/bin/env node",
    minify: true,
    codeSplitting: false
  },
  transform: { define: { SLIPWAY_VERSION: JSON.stringify(manifest.version), "import.meta": "{}" } },
  plugins: [
    {
      name: "without-unused-transports",
      load: (id) => (unused.test(id) ? "module.exports = () => { throw new Error('not part of this program') }" : null)
    }
  ]
})
