import { assert, describe, it } from "@effect/vitest"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { secretsLabel, workloadLabel } from "../../src/observation/Ownership.ts"
import { membersOf } from "../../src/plan/Member.ts"
import { plan } from "../../src/plan/Plan.ts"
import { rotatedSecrets, secretsLabelText } from "../../src/plan/rotatedSecrets.ts"
import { resolveWorkload } from "../../src/resolution/resolveWorkload.ts"
import { defaultSettings } from "../../src/startup/Settings.ts"
import type { EnvironmentVariable } from "../../src/workload/Workload.ts"
import { decodeSpec } from "../declaration/check/Declared.ts"
import { emptyVm } from "./EmptyVm.ts"

const secret = (name: string, version: number, project = 1) => `projects/${project}/secrets/${name}/versions/${version}`

const { workload: bare } = Result.getOrThrow(decodeSpec({ containers: [{ name: "web", image: "nginx" }] }))
const withEnv = (...env: ReadonlyArray<EnvironmentVariable>) =>
  resolveWorkload({ ...bare, containers: [{ ...bare.containers[0], env }] }, () => undefined)
const specOf = (...env: ReadonlyArray<EnvironmentVariable>) =>
  membersOf(withEnv(...env), emptyVm, new Map([["web", "klt-web-abcd"]]))[0]!.spec

describe("a container with a value from a secret", () => {
  const password = { name: "PASSWORD", value: "hunter2", identity: secret("db", 7) }

  it("is known by the secret's version, never by its value", () => {
    const { labels } = specOf(password)
    const same = specOf({ ...password, value: "", unread: "nothing answers" })
    assert.strictEqual(same.labels[workloadLabel], labels[workloadLabel])
    assert.strictEqual(labels[secretsLabel], secret("db", 7))
    const rotated = specOf({ ...password, identity: secret("db", 8) })
    assert.notStrictEqual(rotated.labels[workloadLabel], labels[workloadLabel])
    const plain = specOf({ name: "PASSWORD", value: "hunter2" })
    assert.notStrictEqual(plain.labels[workloadLabel], labels[workloadLabel])
    assert.isFalse(secretsLabel in plain.labels)
  })

  it("is created with the value, and with nothing else of it", () => {
    const spec = specOf(password)
    assert.strictEqual(Redacted.value(spec.env[0]!.value), "hunter2")
    assert.notInclude(JSON.stringify(spec), "hunter2")
  })

  it("cannot be created while the value is unread", () => {
    const workload = withEnv({ ...password, value: "", unread: "Secret Manager did not answer: ETIMEDOUT" })
    const refused = plan(workload, emptyVm, new Map([["web", "klt-web-abcd"]]), defaultSettings)
    if (Result.isSuccess(refused)) return assert.fail("it is planned")
    assert.strictEqual(
      refused.failure.message,
      "the container web has to be created, but the value of its variable PASSWORD, " +
        "projects/1/secrets/db/versions/7 as far as is known, could not be read: Secret Manager did not answer: ETIMEDOUT"
    )
  })
})

describe("the label with the versions of secrets", () => {
  it("has each once, and no text that was declared around one", () => {
    const identities = [
      secret("b", 1),
      secret("a", 2),
      `postgres://shop:${secret("a", 2)}@db`,
      secret("b", 1),
      undefined
    ]
    const env = identities.map((identity) => (identity === undefined ? {} : { identity }))
    assert.strictEqual(secretsLabelText(env), `${secret("a", 2)} ${secret("b", 1)}`)
    assert.isUndefined(secretsLabelText([{}]))
  })

  it("tells which secret has another version now", () => {
    assert.deepStrictEqual(rotatedSecrets(secret("db", 7), secret("db", 8)), [
      "the secret projects/1/secrets/db has version 8 now, and it was created with 7"
    ])
    for (const [had, has] of [
      [secret("db", 7), secret("db", 7)],
      [undefined, secret("db", 7)],
      [secret("db", 7), undefined],
      [secret("db", 7), secret("db", 8, 2)],
      [`${secret("db", 6)} ${secret("db", 7)}`, secret("db", 8)],
      ["what somebody else wrote", secret("db", 8)]
    ]) {
      assert.deepStrictEqual(rotatedSecrets(had, has), [])
    }
  })
})
