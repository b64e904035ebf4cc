import { assert, it } from "@effect/vitest"
import { judgeUser } from "../../src/plan/ImageUserRefused.ts"

it("an image's user is judged as the kubelet does", () => {
  for (const user of ["1", "1000", "1000:0", "65534:65534", "+5"]) assert.isUndefined(judgeUser(user), user)
  for (const user of ["", "0", "00", "-0", "0:1000", ":1000"]) assert.strictEqual(judgeUser(user), "root", user)
  for (const user of ["root", "app", "app:1000", "1000x", "0x10"]) {
    assert.strictEqual(judgeUser(user), "not a number", user)
  }
})
