import { assert, describe, it } from "@effect/vitest"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { convert } from "../../src/convert/convert.ts"
import { decodeDeclaration } from "../../src/declaration/Declaration.ts"
import { revealedJson } from "../../src/workload/revealedJson.ts"
import { samples } from "./Samples.ts"

const through = (text: string) => {
  const there = Result.getOrThrow(convert({ file: "web.yaml", text }, { from: "declaration", to: "kubernetes" }))
  const manifest = there.files.map(({ text }) => Redacted.value(text)).join("")
  const back = Result.getOrThrow(
    convert({ file: "web.yaml", text: manifest }, { from: "kubernetes", to: "declaration" })
  )
  return {
    text: back.files.map(({ text }) => Redacted.value(text)).join(""),
    losses: [...there.notCarried, ...there.notes]
  }
}

const volumesOf = (text: string) =>
  JSON.parse(
    revealedJson(Result.getOrThrow(decodeDeclaration({ file: "web.yaml", text })).workload.volumes)
  ) as ReadonlyArray<object>

describe("a declaration that went to Kubernetes and came back", () => {
  it.each(samples.filter(({ dialect }) => dialect === "slipway"))(
    "has the same volumes, disks too: $file",
    ({ text }) => {
      const { text: again, losses } = through(text)
      // What is in Secret Manager has become a Secret of the cluster.
      if (losses.some(({ reason }) => reason.includes("Secret Manager"))) return
      assert.deepEqual(volumesOf(again), volumesOf(text))
    }
  )
})
