import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { decodeDeclaration } from "../../src/declaration/Declaration.ts"
import { containerSpec } from "../../src/plan/containerSpec.ts"
import { hostNetwork } from "../../src/plan/podNetwork.ts"
import { workloadLabel } from "../../src/observation/Ownership.ts"
import { defaultSettings } from "../../src/startup/Settings.ts"
import { fixtures } from "../declaration/Fixtures.ts"

/**
 * The hash by which a run knows a container again, of each fixture that can be used. A release that changes one of them
 * replaces every such container on every VM, once. Where that is meant, change the file, and say so in the CHANGELOG.
 */
const pinned = JSON.parse(
  readFileSync(new URL("../fixtures/workload-hashes.json", import.meta.url), "utf8")
) as Readonly<Record<string, string>>

describe("the hash of a workload", () => {
  const hashes = fixtures.flatMap((fixture) => {
    const decoded = decodeDeclaration({ ...fixture, dialect: "konlet" })
    if (Result.isFailure(decoded)) return []
    const spec = containerSpec(decoded.success.workload.containers[0], {
      role: "main",
      volumes: decoded.success.workload.volumes,
      network: hostNetwork,
      restsOn: undefined,
      name: "klt-web-abcd",
      mountRoot: defaultSettings.mountRoot,
      digest: undefined
    })
    return [[fixture.file, spec.labels[workloadLabel]] as const]
  })

  it("is what it was in earlier releases", () => {
    assert.deepStrictEqual(Object.fromEntries(hashes), pinned)
  })

  it("tells the fixtures apart that declare different things", () => {
    assert.isAbove(new Set(hashes.map(([, hash]) => hash)).size, hashes.length / 2)
  })
})
