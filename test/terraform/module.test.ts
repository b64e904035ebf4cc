import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { moduleFile, moduleFiles } from "../../scripts/terraform.ts"
import { decodeDeclaration } from "../../src/declaration/Declaration.ts"
import { type CloudInitOptions, renderCloudInit, systems } from "../../src/install/cloudInit.ts"
import { declarationKey, konletKey } from "../../src/vm/metadata/DeclarationKeys.ts"
import { evaluate, hasTerraform, isFormatted, literal, readModuleFile } from "./evaluate.ts"
import { blockOf, namesOf, readFolder, root } from "./Hcl.ts"

/** Inputs, and the declaration that the retired module (3.3.0) makes of them. */
const retired = JSON.parse(
  readFileSync(new URL("../fixtures/terraform/retired-module.json", import.meta.url), "utf8")
) as Readonly<Record<string, { readonly inputs: Readonly<Record<string, unknown>>; readonly metadata_value: string }>>

const module = await readFolder(root)
const sha256 = "0123456789abcdef".repeat(4)

describe("the Terraform module", () => {
  it("has the retired module's inputs, with their defaults", () => {
    const defaults = {
      volumes: [],
      restart_policy: "OnFailure",
      cos_image_family: "stable",
      cos_image_name: null,
      cos_project: "cos-cloud"
    }
    for (const [name, value] of Object.entries(defaults)) {
      assert.deepStrictEqual(blockOf(module, "variable", name)["default"], value, name)
    }
    // The retired one has a default with a command that no VM could run.
    assert.notProperty(blockOf(module, "variable", "container"), "default")
  })

  it("asks for nothing that the retired module did not ask for", () => {
    for (const name of namesOf(module, "variable")) {
      if (name !== "container") assert.property(blockOf(module, "variable", name), "default", name)
    }
  })

  it("has the retired module's outputs", () => {
    assert.includeMembers(
      [...namesOf(module, "output")],
      ["metadata_key", "metadata_value", "source_image", "vm_container_label_key", "vm_container_label"]
    )
    assert.includeMembers([...namesOf(module, "output")], ["container_vm", "container", "volumes", "restart_policy"])
    assert.strictEqual(blockOf(module, "output", "vm_container_label_key")["value"], "container-vm")
    assert.isNull(blockOf(module, "variable", "metadata_key")["default"])
  })

  it("declares each variable and local value that it uses, uses each that it declares, and describes them", () => {
    const locals = (module.blocks["locals"] as ReadonlyArray<object>).flatMap((block) => Object.keys(block))
    const used = (kind: string) => [
      ...new Set(module.references.filter((name) => name.startsWith(`${kind}.`)).map((name) => name.split(/[.[]/)[1]!))
    ]
    assert.sameMembers(used("var"), [...namesOf(module, "variable")])
    assert.sameMembers(used("local"), locals)
    for (const type of ["variable", "output"]) {
      for (const name of namesOf(module, type)) assert.isNotEmpty(blockOf(module, type, name)["description"], name)
    }
  })

  it("has each variable and output in its README", () => {
    const readme = readModuleFile("README.md")
    for (const name of [...namesOf(module, "variable"), ...namesOf(module, "output")]) {
      assert.include(readme, `| \`${name}\` |`)
    }
  })

  it.each(Object.keys(moduleFiles))("%s is as the code makes it (npm run docs writes it)", (name) => {
    assert.strictEqual(readFileSync(moduleFile(name), "utf8"), moduleFiles[name]!())
  })

  it("was evaluated as it is: its declaration is the retired module's", () => {
    const digest = createHash("sha256")
    for (const name of ["main.tf", "variables.tf", "outputs.tf"]) digest.update(readModuleFile(name))
    const known = readFileSync(new URL("../fixtures/terraform/evaluated", import.meta.url), "utf8").trim()
    // Where Terraform is, all that follows is evaluated; its success is recorded so for where it is not.
    assert.strictEqual(known, digest.digest("hex"), "run this test where terraform is, then write this digest there")
  })

  it.each(Object.entries(retired))("%s: what the retired module declares can be used here", (_, { metadata_value }) => {
    const decoded = decodeDeclaration({ file: `metadata:${konletKey}`, text: metadata_value, dialect: "konlet" })
    assert.isTrue(Result.isSuccess(decoded))
  })
})

describe.skipIf(!hasTerraform)("the Terraform module, evaluated", () => {
  it("is formatted", () => {
    assert.isTrue(isFormatted())
  })

  it("gives the retired module's declaration, letter by letter", () => {
    const calls = Object.fromEntries(Object.entries(retired).map(([name, { inputs }]) => [name, literal(inputs)]))
    const { said, outputs } = evaluate(calls)
    for (const [name, { inputs, metadata_value: expected }] of Object.entries(retired)) {
      const given = outputs[name]
      assert.strictEqual(given?.["metadata_value"], expected, said)
      assert.strictEqual(given?.["metadata_key"], konletKey)
      assert.deepStrictEqual(given?.["metadata"], { [konletKey]: expected })
      assert.isUndefined(given?.["user_data"] ?? undefined)
      assert.deepStrictEqual(given?.["container"], inputs["container"])
      assert.deepStrictEqual(given?.["volumes"] ?? null, "volumes" in inputs ? inputs["volumes"] : [])
      assert.strictEqual(given?.["restart_policy"], inputs["restart_policy"] ?? "OnFailure")
    }
    // What it cannot do, and what it does otherwise than it is written, is said.
    assert.include(said, "Nothing installs Slipway")
    assert.include(said, 'restart_policy "no" is none of')
  })

  it("gives the user data that `slipway install --print cloud-init --takeover` prints", () => {
    const policy = "# ours\nregistries: [gcr.io]\n\nprivileged: false\n\n"
    const urls = [
      "https://downloads.example/slipway?a=1&b=%20c",
      "gs://my-bucket/slipway",
      "gs://my-bucket/a/b(c)~d:e,f@g!h*i&j=k"
    ]
    const options: ReadonlyArray<CloudInitOptions> = systems.flatMap((system) =>
      urls.flatMap((url) =>
        (["agent", "up"] as const).flatMap((runs) =>
          [{}, { settings: "SLIPWAY_CONFIRM=10s\nSLIPWAY_OPEN_IPTABLES=declared\n" }].flatMap((settings) =>
            [{}, { policy }].map((file) => ({ system, url, sha256, runs, takeover: true, ...settings, ...file }))
          )
        )
      )
    )
    const calls = Object.fromEntries(
      options.map(({ system, url, runs, settings, policy }, index) => [
        `call${index}`,
        literal({
          container: { image: "busybox" },
          system,
          slipway_url: url,
          slipway_sha256: sha256.toUpperCase(),
          once: runs === "up",
          ...(policy === undefined ? {} : { policy }),
          ...(settings === undefined ? {} : { settings: { SLIPWAY_OPEN_IPTABLES: "declared", SLIPWAY_CONFIRM: "10s" } })
        })
      ])
    )
    const { said, outputs } = evaluate(calls)
    for (const [index, option] of options.entries()) {
      const given = outputs[`call${index}`]
      assert.strictEqual(given?.["user_data"], renderCloudInit(option), said)
      assert.strictEqual(Object(given?.["metadata"])["user-data"], given?.["user_data"])
    }
    assert.notInclude(said, "Nothing installs Slipway")
  })

  it("uses Slipway's own key once Slipway is installed, konlet's until then, and the one that is asked for", () => {
    const installed = { slipway_url: "gs://my-bucket/slipway", slipway_sha256: sha256 }
    const calls = {
      installed,
      none: {},
      incomplete: { slipway_url: installed.slipway_url },
      asked: { ...installed, metadata_key: konletKey }
    }
    const container = { image: "busybox" }
    const { outputs, said } = evaluate(
      Object.fromEntries(Object.entries(calls).map(([name, inputs]) => [name, { ...inputs, container }]))
    )
    const keys = Object.entries(outputs).map(([name, { metadata_key: key, metadata }]) => {
      assert.property(metadata, String(key), said)
      return [name, key]
    })
    assert.deepStrictEqual(Object.fromEntries(keys), {
      installed: declarationKey,
      none: konletKey,
      incomplete: konletKey,
      asked: konletKey
    })
  })

  it("adds to the Pod what the retired module could not say", () => {
    const inputs = {
      container: { name: "web", image: "busybox" },
      metadata_key: "slipway-declaration",
      pod_spec: { terminationGracePeriodSeconds: 45, initContainers: [{ name: "prepare", image: "busybox" }] }
    }
    const { outputs, said } = evaluate({ call: inputs })
    const metadata = Object(outputs["call"]?.["metadata"])
    assert.deepStrictEqual(Object.keys(metadata), ["slipway-declaration"], said)
    const decoded = decodeDeclaration({ file: "declaration", text: metadata["slipway-declaration"] })
    const workload = Result.getOrThrow(decoded).workload
    assert.deepStrictEqual(
      workload.initContainers.map(({ name }) => name),
      ["prepare"]
    )
  })

  const container = { image: "busybox" }
  const refused: ReadonlyArray<readonly [what: string, inputs: object, words: string]> = [
    ["a restart policy that no VM starts with", { restart_policy: "UnlessStopped" }, "Write Always"],
    ["a key that Slipway does not read", { metadata_key: "gce-container" }, "slipway-declaration, and no other"],
    ["a URL that a shell would take apart", { slipway_url: "https://a.example/b'; reboot '" }, "slipway_url must name"],
    ["a digest that is none", { slipway_sha256: "abc" }, "64 hexadecimal digits"],
    ["another system", { system: "windows" }, "cos or debian"],
    ["a setting that there is not", { settings: { SLIPWAY_CONFRIM: "1s" } }, "none of Slipway's variables"],
    ["a token", { settings: { SLIPWAY_TOKEN: "ya29" } }, "none of Slipway's variables"],
    ["a setting of two lines", { settings: { SLIPWAY_CONFIRM: "1s\nSLIPWAY_TOKEN=x" } }, "A setting is one line"],
    ["a policy of nothing", { policy: "" }, "must not be empty"],
    ["a policy with other line breaks", { policy: "a: 1\r\nb: 2" }, "must not be empty"],
    ["a policy twice", { policy: "{}", settings: { SLIPWAY_POLICY: "/etc/p" } }, "leave it out of settings"]
  ]
  it.each(refused)("refuses %s", (_, inputs, words) => {
    const { status, said } = evaluate({ call: { container, ...(literal(inputs) as object) } })
    assert.strictEqual(status, 1)
    assert.include(said, words)
    assert.notInclude(said, "ya29")
  })
})
