import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { decodeDeclaration } from "../../../src/declaration/Declaration.ts"
import { decodeSpec, problemsOf, saidOf, workloadOf } from "./Declared.ts"

const web = (subPathExpr: unknown, env: ReadonlyArray<object> = [], more: object = {}) => ({
  containers: [{ image: "nginx", env, volumeMounts: [{ name: "data", mountPath: "/data", subPathExpr, ...more }] }],
  volumes: [{ name: "data", hostPath: { path: "/srv" } }]
})
const mountOf = (...args: Parameters<typeof web>) => workloadOf(web(...args)).containers[0].mounts[0]!

const site = { name: "SITE", value: "shop" }

describe("subPathExpr", () => {
  it("is a path with the container's variables in it", () => {
    for (const [written, meant] of [
      ["$(SITE)", "shop"],
      ["sites/$(SITE)/logs", "sites/shop/logs"],
      ["./$(SITE)//a/", "shop/a"],
      ["$(SITE)$(SITE)", "shopshop"],
      ["$$(SITE)", "$(SITE)"],
      ["plain", "plain"],
      ["$SITE", "$SITE"]
    ]) {
      assert.deepStrictEqual(mountOf(written, [site]), {
        volume: "data",
        path: "/data",
        readOnly: false,
        subPath: meant!
      })
    }
  })

  it("has a variable's last value, and what it refers to", () => {
    const env = [site, { name: "DIR", value: "of-$(SITE)" }, { name: "SITE", value: "blog" }]
    assert.strictEqual(mountOf("$(DIR)/$(SITE)", env).subPath, "of-shop/blog")
    const konlets = workloadOf(web("$(DIR)/$(SITE)", env), "konlet").containers[0].mounts[0]!
    assert.strictEqual(konlets.subPath, "of-$(SITE)/blog")
  })

  it("takes what the VM tells once it is known", () => {
    const name = { name: "NODE", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }
    const decoded = Result.getOrThrow(decodeSpec(web("$(NODE)/logs", [name])))
    assert.deepStrictEqual(decoded.workload.containers[0].mounts[0], {
      volume: "data",
      path: "/data",
      readOnly: false,
      subPathExpr: "$(NODE)/logs"
    })
  })

  it("refers to the container's variables only", () => {
    assert.deepStrictEqual(problemsOf(web("$(STIE)", [site])), [
      [
        'the subPathExpr of the mount of "data" refers to "STIE", which is no variable of the container',
        'Did you mean "SITE"?'
      ]
    ])
    assert.deepStrictEqual(problemsOf(web("a/$(POD_NAME)")), [
      [
        'the subPathExpr of the mount of "data" refers to "POD_NAME", which is no variable of the container',
        'Declare it in "env", or write "$$(POD_NAME)" if it is no reference.'
      ]
    ])
  })

  it("does not leave the volume, nor become all of it", () => {
    const become = (fault: string, written: string): ReturnType<typeof problemsOf> => [
      [
        `the subPathExpr "${written}" of the mount of "data" becomes a path that ${fault}`,
        "Write it and its variables so that it becomes a path inside the volume, beginning at its root."
      ]
    ]
    const value = (text: string) => [{ name: "SITE", value: text }]
    assert.deepStrictEqual(problemsOf(web("$(SITE)/a", value("/etc"))), become("is absolute", "$(SITE)/a"))
    assert.deepStrictEqual(problemsOf(web("a/$(SITE)", value("b/../.."))), become('has ".." in it', "a/$(SITE)"))
    assert.deepStrictEqual(
      problemsOf(web("$(SITE)", value("."))),
      become("is empty, which would be the whole volume", "$(SITE)")
    )
    assert.deepStrictEqual(problemsOf(web("/a", [])), become("is absolute", "/a"))
    // Half of it is known: that is enough.
    const node = { name: "NODE", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }
    assert.deepStrictEqual(saidOf(web("/$(NODE)", [node])), ["SubPathExprInvalid"])
    assert.deepStrictEqual(saidOf(web("../$(NODE)", [node])), ["SubPathExprInvalid"])
  })

  it("is in the place of a subPath", () => {
    assert.deepStrictEqual(problemsOf(web("$(SITE)", [site], { subPath: "a" })), [
      ['the mount of "data" has a subPath and a subPathExpr', "Keep one of the two."]
    ])
  })

  it("is never taken for the whole volume, not under konlet's rules either", () => {
    assert.deepStrictEqual(saidOf(web("$(NONE)"), "konlet"), ["SubPathVariableUnknown"])
    assert.include(
      saidOf({ containers: [{ ...web("$(A)").containers[0], env: "A" }], volumes: web("").volumes }, "konlet"),
      "SubPathVariableUnknown"
    )
    assert.deepStrictEqual(saidOf(web(["a"]), "konlet"), ["SubPathUnreadable", "(Tolerated)"])
  })

  it("shows no secret", () => {
    const secret = [
      "apiVersion: v1",
      "kind: Secret",
      "metadata: {name: db}",
      "stringData: {password: hunter2}",
      "---",
      "apiVersion: v1",
      "kind: ConfigMap",
      "metadata: {name: sites}",
      "data: {DIR: blog}",
      "---"
    ]
    const said = (expr: string, rest: ReadonlyArray<string>) =>
      decodeDeclaration({
        file: "pod.yaml",
        text: [
          ...secret,
          "apiVersion: v1",
          "kind: Pod",
          "spec:",
          "  containers:",
          "    - image: nginx",
          ...rest.map((line) => `      ${line}`),
          `      volumeMounts: [{name: data, mountPath: /data, subPathExpr: ${expr}}]`,
          "  volumes: [{name: data, emptyDir: {}}]"
        ].join("\n"),
        dialect: "slipway"
      })
    const problems = (...args: Parameters<typeof said>) =>
      Result.getOrThrow(Result.flip(said(...args))).problems.map(({ message }) => message)
    const refused = (name: string) => [
      `the subPathExpr of the mount of "data" refers to "${name}", whose value is of a secret: paths are in plans and logs`
    ]
    const password = "- {name: PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}"
    assert.deepStrictEqual(problems("$(PASSWORD)", ["env:", password]), refused("PASSWORD"))
    assert.deepStrictEqual(
      problems("a/$(URL)", ["env:", password, "- {name: URL, value: $(PASSWORD)}"]),
      refused("URL")
    )
    assert.deepStrictEqual(problems("$(password)", ["envFrom:", "- {secretRef: {name: db}}"]), refused("password"))
    const managed = "- {name: KEY, valueFrom: {secretKeyRef: {name: api-key, key: latest}}}"
    assert.deepStrictEqual(problems("$(KEY)", ["env:", managed]), refused("KEY"))

    const { workload } = Result.getOrThrow(said("$(DIR)", ["envFrom:", "- {configMapRef: {name: sites}}"]))
    assert.propertyVal(workload.containers[0].mounts[0], "subPath", "blog")
  })
})
