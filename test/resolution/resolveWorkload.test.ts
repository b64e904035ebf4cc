import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { membersOf } from "../../src/plan/Member.ts"
import { workloadLabel } from "../../src/observation/Ownership.ts"
import { type Resolved, type ResolvedValue, resolveWorkload } from "../../src/resolution/resolveWorkload.ts"
import type { DeclaredContainer, DeclaredVariable, DeclaredWorkload } from "../../src/workload/DeclaredWorkload.ts"
import { podAddress } from "../../src/workload/podAddress.ts"
import type { ValueSource } from "../../src/workload/ValueSource.ts"
import { decodeSpec } from "../declaration/check/Declared.ts"
import { emptyVm } from "../plan/EmptyVm.ts"

const { workload: bare } = Result.getOrThrow(decodeSpec({ containers: [{ name: "web", image: "nginx" }] }))

/** One container, some of whose parts are replaced. */
const declared = (
  container: Partial<Pick<DeclaredContainer, "env" | "command" | "args" | "mounts">>
): DeclaredWorkload => ({
  ...bare,
  containers: [{ ...bare.containers[0], ...container }]
})
const nodeName: ValueSource = { _tag: "Field", field: "spec.nodeName" }
const from = (name: string): DeclaredVariable => ({ name, from: nodeName })
const template = (name: string, template: string): DeclaredVariable => ({ name, template })

const resolved = (workload: DeclaredWorkload, value?: ResolvedValue) => {
  const known: Resolved = () => value
  return resolveWorkload(workload, known).containers[0]
}

const hashOf = (workload: DeclaredWorkload, value: ResolvedValue) =>
  membersOf(
    resolveWorkload(workload, () => value),
    emptyVm,
    new Map()
  ).at(0)?.spec.labels[workloadLabel]

describe("resolving a workload", () => {
  it("expands variables in their order, and command and arguments with all of them", () => {
    const { env, command, args } = resolved(
      declared({
        env: [
          template("EARLY", "$(NODE)"),
          from("NODE"),
          template("URL", "http://$(NODE)/"),
          template("URL", "$(URL)$(URL)")
        ],
        command: ["serve", { template: "$(URL)" }],
        args: [{ template: "$$(NODE)" }, "$(NODE)"]
      }),
      { value: "vm-1" }
    )
    assert.deepStrictEqual(env, [
      { name: "EARLY", value: "$(NODE)" },
      { name: "NODE", value: "vm-1" },
      { name: "URL", value: "http://vm-1/" },
      { name: "URL", value: "http://vm-1/http://vm-1/" }
    ])
    assert.deepStrictEqual(command, ["serve", "http://vm-1/http://vm-1/"])
    assert.deepStrictEqual(args, ["$(NODE)", "$(NODE)"])
  })

  it("names the parts of volumes with what the VM tells, unless that is no path in the volume", () => {
    const partOf = (subPathExpr: string, value: string) => {
      const mount = { volume: "data", path: "/data", readOnly: false, subPathExpr }
      const [{ path: _, volume: __, readOnly: ___, ...part } = mount] = resolved(
        declared({ env: [from("NODE"), template("DIR", "of-$(NODE)")], mounts: [mount] }),
        { value }
      ).mounts
      return part
    }
    assert.deepStrictEqual(partOf("./logs//$(DIR)/$(NODE)/", "vm-1"), { subPath: "logs/of-vm-1/vm-1" })
    assert.deepStrictEqual(partOf("$(NODE)/a", "/etc"), { subPathFault: "absolute" })
    assert.deepStrictEqual(partOf("a/$(NODE)", "../.."), { subPathFault: "upwards" })
    assert.deepStrictEqual(partOf("./$(NODE)", ""), { subPathFault: "empty" })
    assert.deepStrictEqual(partOf("a/$(NODE)", podAddress), { subPathFault: "address" })
  })

  it("leaves out a variable that there is nothing for, and what refers to it as it is", () => {
    const { env } = resolved(declared({ env: [from("NODE"), template("URL", "http://$(NODE)/")] }))
    assert.deepStrictEqual(env, [{ name: "URL", value: "http://$(NODE)/" }])
  })

  const secretive = declared({
    env: [from("PASSWORD"), template("URL", "pg://$(PASSWORD)@db")],
    command: [{ template: "--url=$(URL)" }],
    args: ["--quiet"]
  })

  it("has the identity of a secret in the secret's place wherever the secret is", () => {
    const { env, command, args, identity } = resolved(secretive, { value: "hunter2", identity: "<versions/7>" })
    assert.deepStrictEqual(env, [
      { name: "PASSWORD", value: "hunter2", identity: "<versions/7>" },
      { name: "URL", value: "pg://hunter2@db", identity: "pg://<versions/7>@db" }
    ])
    assert.deepStrictEqual([command, args], [["--url=pg://hunter2@db"], ["--quiet"]])
    assert.deepStrictEqual(identity, { command: ["--url=pg://<versions/7>@db"], args: ["--quiet"] })
  })

  it("hashes the identity, not the value", () => {
    const seventh = hashOf(secretive, { value: "hunter2", identity: "versions/7" })
    assert.strictEqual(hashOf(secretive, { value: "hunter3", identity: "versions/7" }), seventh)
    assert.notStrictEqual(hashOf(secretive, { value: "hunter2", identity: "versions/8" }), seventh)
    assert.notStrictEqual(hashOf(secretive, { value: "hunter2" }), hashOf(secretive, { value: "hunter3" }))
  })

  it("hashes what was expanded like what was written", () => {
    const written = declared({ env: [{ name: "URL", value: "http://vm-1/" }], args: ["vm-1"] })
    const expanded = declared({ env: [template("URL", "http://vm-1/")], args: [{ template: "vm-1" }] })
    assert.strictEqual(hashOf(expanded, { value: "" }), hashOf(written, { value: "" }))
  })
})
