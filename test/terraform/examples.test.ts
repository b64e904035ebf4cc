import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { decodeDeclaration, type DecodedDeclaration } from "../../src/declaration/Declaration.ts"
import { type DeclarationInvalid, renderDeclarationInvalid } from "../../src/declaration/DeclarationInvalid.ts"
import { slipway } from "../cli/CommandLine.ts"
import { evaluate, hasTerraform } from "./evaluate.ts"
import { blockOf, exampleNames, type Folder, namesOf, readFolder, root } from "./Hcl.ts"

const module = await readFolder(root)
const folders = new Map<string, Folder>()
for (const name of exampleNames) folders.set(name, await readFolder(new URL(`examples/${name}/`, root)))
const examples = [...folders]

describe("the Terraform examples", () => {
  it.each(examples)("%s uses the module with inputs and outputs that it has", (_, example) => {
    const { source, ...inputs } = blockOf(example, "module", "container")
    assert.strictEqual(source, "../..")
    assert.includeMembers([...namesOf(module, "variable")], Object.keys(inputs))
    const outputs = example.references.flatMap((name) => /^module\.container\.(\w+)/.exec(name)?.[1] ?? [])
    assert.includeMembers([...namesOf(module, "output")], outputs)
    assert.includeMembers(outputs, ["metadata", "source_image"])
  })

  it.each(examples)("%s declares what it uses, and uses what it declares", (_, example) => {
    const { blocks } = example
    const used = [...new Set(example.references.map((name) => name.split("[")[0]!.split(".")))]
    const variables = used.filter(([kind]) => kind === "var").map(([, name]) => name!)
    assert.sameMembers([...new Set(variables)], [...namesOf(example, "variable")])
    const resources = Object(blocks["resource"])
    for (const [type = "", name = ""] of used.filter(([kind = ""]) => kind.startsWith("google_"))) {
      assert.property(Object(resources[type]), name, type)
    }
    for (const name of namesOf(example, "variable")) {
      assert.isNotEmpty(blockOf(example, "variable", name)["description"], name)
    }
  })

  it("a group makes the new template before the old one goes, and rolls it out without taking VMs away first", () => {
    const group = folders.get("managed-group")!
    const template = blockOf(group, "resource", "google_compute_instance_template", "web")
    assert.deepStrictEqual(template["lifecycle"], [{ create_before_destroy: true }])
    // A name of its own would be taken.
    assert.notProperty(template, "name")
    const manager = blockOf(group, "resource", "google_compute_region_instance_group_manager", "web")
    const [policy] = manager["update_policy"] as ReadonlyArray<Readonly<Record<string, unknown>>>
    assert.deepInclude(policy, { type: "PROACTIVE", max_unavailable_fixed: 0 })
    assert.isAbove(Number(policy?.["max_surge_fixed"]), 0)
  })

  it("a disk's device name is the one that is declared", () => {
    const disks = folders.get("disks")!
    const [attached] = blockOf(disks, "resource", "google_compute_instance", "database")["attached_disk"] as [
      Readonly<Record<string, unknown>>
    ]
    assert.include(
      JSON.stringify(blockOf(disks, "module", "container")["volumes"]),
      `"pdName":"${attached["device_name"]}"`
    )
  })
})

/** The example's call of the module, evaluated as it is there. */
const declared = (example: Folder) => {
  const { source: _, ...inputs } = blockOf(example, "module", "container")
  const { locals = [] } = example.blocks
  const values: Readonly<Record<string, string>> = {
    slipway_url: "gs://my-bucket/slipway",
    slipway_sha256: "0".repeat(64),
    project: "my-project",
    service_account: "vm@my-project.iam.gserviceaccount.com"
  }
  const variable = Object.fromEntries(
    namesOf(example, "variable").map((name) => [
      name,
      name in values
        ? { type: "string", default: values[name] }
        : // A type is a word in JSON, not an expression.
          {
            ...blockOf(example, "variable", name),
            type: String(blockOf(example, "variable", name)["type"]).replace(/^\$\{(.*)\}$/, "$1")
          }
    ])
  )
  const { outputs, said } = evaluate({ call: inputs }, { locals, variable })
  const metadata: unknown = outputs["call"]?.["metadata"]
  assert.sameMembers(Object.keys(Object(metadata)), ["slipway-declaration", "user-data"], said)
  return (metadata as Readonly<Record<string, string>>)["slipway-declaration"]!
}

describe.skipIf(!hasTerraform)("the Terraform examples, evaluated", () => {
  it.effect.each(examples)("%s declares what starts on a simulated VM, without a warning", ([name, example]) =>
    Effect.gen(function* () {
      const text = declared(example)
      const shown = Result.match(decodeDeclaration({ file: name, text }), {
        onSuccess: ({ warnings }: DecodedDeclaration) => warnings.map(({ message }) => message),
        onFailure: (invalid: DeclarationInvalid) => [renderDeclarationInvalid(invalid)]
      })
      assert.deepStrictEqual(shown, [], text)
      const run = yield* slipway(["rehearse", "declaration"], { files: { declaration: text } })
      assert.strictEqual(run.exitCode, 0, run.stderr)
    })
  )
})
