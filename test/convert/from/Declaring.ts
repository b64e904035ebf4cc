import { assert } from "@effect/vitest"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type { Converted } from "../../../src/convert/Converted.ts"
import type { SourceInvalid } from "../../../src/convert/from/SourceInvalid.ts"
import { decodeWritten } from "../../../src/declaration/Declaration.ts"

/** What becomes of a source: the declaration, read by its own reader, and what is not carried by path. */
export const declaring = (result: Result.Result<Converted, SourceInvalid>) => {
  if (Result.isFailure(result)) throw new Error(`${result.failure.message}`)
  const { files, notCarried, notes } = result.success
  assert.lengthOf(files, 1)
  const text = Redacted.value(files[0]!.text)
  const decoded = decodeWritten({ file: "declaration.yaml", text })
  if (Result.isFailure(decoded)) throw new Error(`${decoded.failure.message}\n${text}`)
  const { workload, written, warnings } = decoded.success
  return {
    text,
    workload,
    spec: written.spec,
    metadata: written.metadata,
    warnings,
    container: written.spec.containers[0]!,
    losses: Object.fromEntries([...notes, ...notCarried].map(({ path, reason }) => [path, reason])),
    notes: Object.fromEntries(notes.map(({ path, reason }) => [path, reason])),
    notCarried
  }
}

/** Why nothing becomes of a source: all reasons, and the first. */
export const refusing = (result: Result.Result<Converted, SourceInvalid>) => {
  if (Result.isSuccess(result)) throw new Error(Redacted.value(result.success.files[0]!.text))
  const { message, problems } = result.failure
  return { message, problems, ...problems[0] }
}

/** Must not be in anything but the declaration. */
export const secret = "hunter2-is-secret"
