import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { decodeDeclaration } from "../../src/declaration/Declaration.ts"
import { membersOf } from "../../src/plan/Member.ts"
import type { Observation } from "../../src/observation/Observation.ts"
import { workloadLabel } from "../../src/observation/Ownership.ts"
import { defaultSettings } from "../../src/startup/Settings.ts"
import { emptyVm } from "./EmptyVm.ts"
import { type Resolved, resolveWorkload } from "../../src/resolution/resolveWorkload.ts"
import { fixtures } from "../declaration/Fixtures.ts"

/**
 * The hash by which a run knows a container again, of each fixture that can be used. A release that changes one of them
 * replaces every such container on every VM, once. Where that is meant, change the file, and say so in the CHANGELOG.
 */
const pinned = JSON.parse(
  readFileSync(new URL("../fixtures/workload-hashes.json", import.meta.url), "utf8")
) as Readonly<Record<string, string>>

/** What the VM tells of itself. */
const known: Resolved = (source) => ({ value: JSON.stringify(source) })

/** A VM on which nothing is. */
const nothing: Observation = {
  ...emptyVm,
  mountRoot: defaultSettings.mountRoot,
  mounts: []
}

describe("the hash of a workload", () => {
  const hashes = fixtures.flatMap((fixture) => {
    const decoded = decodeDeclaration({ ...fixture, dialect: "konlet" })
    if (Result.isFailure(decoded)) return []
    const workload = resolveWorkload(decoded.success.workload, known)
    const members = membersOf(workload, nothing, new Map([[workload.containers[0].name, "klt-web-abcd"]]))
    return members.map(({ container, spec }) => [
      members.length === 1 ? fixture.file : `${fixture.file} ${container.name}`,
      spec.labels[workloadLabel]
    ])
  })

  it("is what it was in earlier releases", () => {
    assert.deepStrictEqual(Object.fromEntries(hashes), pinned)
  })

  it("tells the fixtures apart that declare different things", () => {
    assert.isAbove(new Set(hashes.map(([, hash]) => hash)).size, hashes.length / 2)
  })
})
