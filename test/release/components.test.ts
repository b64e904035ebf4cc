import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { platform, tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { bill, copyrightOf } from "../../scripts/release/bill.ts"
import { bundledComponents, nodeComponents } from "../../scripts/release/components.ts"
import { stripElf } from "../../scripts/release/stripElf.ts"
import manifest from "../../package.json" with { type: "json" }

interface Bill {
  readonly bomFormat: string
  readonly components: ReadonlyArray<{
    readonly "bom-ref": string
    readonly name: string
    readonly version: string
    readonly hashes?: ReadonlyArray<{ readonly alg: string; readonly content: string }>
  }>
  readonly dependencies: ReadonlyArray<{ readonly ref: string; readonly dependsOn: ReadonlyArray<string> }>
}

describe("the bill of materials", () => {
  it("has what the bundler put into the program, and Node with what that was built with", async () => {
    const components = [...(await bundledComponents()), ...nodeComponents(process.execPath, "Node's licence")]
    const text = bill({ version: "1.2.3", description: "d", seconds: 1_700_000_000, components })
    const parsed = JSON.parse(text) as Bill
    const versionOf = (name: string) => parsed.components.find((component) => component.name === name)?.version
    assert.strictEqual(parsed.bomFormat, "CycloneDX")
    assert.strictEqual(versionOf("effect"), manifest.devDependencies.effect)
    assert.strictEqual(versionOf("dockerode"), manifest.dependencies.dockerode)
    assert.strictEqual(versionOf("node"), process.versions.node)
    assert.strictEqual(versionOf("openssl"), process.versions.openssl)
    // What builds and tests it is not in it.
    for (const name of ["vitest", "rolldown", "typescript", "ajv"]) assert.isUndefined(versionOf(name), name)
    const known = new Set(parsed.components.map((component) => component["bom-ref"]))
    assert.strictEqual(known.size, parsed.components.length)
    for (const { dependsOn } of parsed.dependencies) for (const ref of dependsOn) assert.isTrue(known.has(ref), ref)
    for (const { hashes = [] } of parsed.components) {
      for (const { content } of hashes) assert.match(content, /^[0-9a-f]{128}$/)
    }
  })

  it("comes with the licences of all that is bundled", async () => {
    const components = await bundledComponents()
    for (const { name, license } of components) assert.match(license ?? "", /^(MIT|ISC|Apache-2\.0|BSD-.*)$/, name)
    const text = copyrightOf("Apache License\n", components)
    for (const { name, version } of components.filter(({ text }) => text !== undefined)) {
      assert.include(text, `\n${name} ${version} (`)
    }
    assert.include(text, "Permission is hereby granted")
  })
})

describe.skipIf(platform() !== "linux")("a stripped executable", () => {
  it("is smaller, has no sections, and runs", () => {
    const directory = mkdtempSync(join(tmpdir(), "slipway-strip-"))
    try {
      const whole = readFileSync(process.execPath)
      const stripped = stripElf(whole)
      assert.isBelow(stripped.length, whole.length)
      const file = join(directory, "node")
      writeFileSync(file, stripped, { mode: 0o755 })
      assert.strictEqual(execFileSync(file, ["--version"], { encoding: "utf8" }).trim(), process.version)
      assert.isTrue(stripElf(stripped).equals(stripped))
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })

  it("is made of an executable only", () => {
    assert.throws(() => stripElf(Buffer.from("#!/bin/sh\necho this is no program of that kind\n")), /not a 64-bit/)
  })
})
