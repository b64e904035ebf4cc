import { assert, describe, it } from "@effect/vitest"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { fromKubernetes } from "../../../src/convert/from/fromKubernetes.ts"
import { decodeDeclaration } from "../../../src/declaration/Declaration.ts"
import type { DeclaredWorkload } from "../../../src/workload/DeclaredWorkload.ts"
import { revealedJson } from "../../../src/workload/revealedJson.ts"
import { fixtures } from "../../declaration/Fixtures.ts"

/** What is the same in Kubernetes and in a declaration if it is left out. */
const comparable = ({ containers, initContainers, volumes, ...workload }: DeclaredWorkload): unknown => {
  const container = (container: DeclaredWorkload["containers"][number]) => ({
    ...container,
    imagePullPolicy: undefined,
    gracePeriod: undefined,
    ports: container.ports.map(({ containerPort, protocol }) => ({ containerPort, protocol }))
  })
  const plain = {
    ...workload,
    network: undefined,
    containers: containers.map(container),
    initContainers: initContainers.map(container),
    volumes: volumes.map((volume) => (volume._tag === "Image" ? { ...volume, imagePullPolicy: undefined } : volume))
  }
  // Without effect, and so not carried over.
  const withoutIdle = (key: string, value: unknown) => (key === "ephemeralStorageBytes" ? undefined : value)
  return JSON.parse(revealedJson(plain), withoutIdle) as unknown
}

describe("a declaration, read as what Kubernetes would take it for", () => {
  it.each(fixtures.map((fixture) => [fixture.file, fixture] as const))("%s", (_, { file, text }) => {
    const declared = decodeDeclaration({ file, text })
    const converted = fromKubernetes({ file, text })
    if (Result.isFailure(converted)) {
      assert.isNotEmpty(converted.failure.message)
      return assert.isTrue(Result.isFailure(declared))
    }
    const again = decodeDeclaration({
      file,
      text: converted.success.files.map(({ text }) => Redacted.value(text)).join("")
    })
    if (Result.isFailure(again)) return assert.fail(again.failure.message)
    if (Result.isFailure(declared)) return assert.isNotEmpty(converted.success.notCarried)
    for (const { path } of converted.success.notCarried) assert.notMatch(path, /^spec\.\w*ontainers(?:\[\d\])?$/)
    assert.deepEqual(comparable(again.success.workload), comparable(declared.success.workload))
  })
})
