import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { posix } from "node:path"
import { cleanPath } from "../../../src/declaration/check/cleanPath.ts"

describe("cleanPath", () => {
  it.prop(
    "is the path that the file system resolves",
    [Schema.Array(Schema.Literals(["a", "b", ".", "..", "", "c d"]))],
    ([parts]) => {
      const path = `/${parts.join("/")}`
      const normal = posix.normalize(path)
      assert.strictEqual(cleanPath(path), normal === "/" ? normal : normal.replace(/\/$/, ""))
    }
  )
})
