import type { Component } from "./components.ts"

export interface BillOptions {
  readonly version: string
  readonly description: string
  /** Seconds since 1970. */
  readonly seconds: number
  readonly components: ReadonlyArray<Component>
}

const licenses = (license: string | undefined) =>
  license === undefined
    ? {}
    : { licenses: [/ |\(/.test(license) ? { expression: license } : { license: { id: license } }] }

/** The bill of materials of the executables. Source: CycloneDX 1.5, cyclonedx.org/docs/1.5/json. */
export const bill = ({ version, description, seconds, components }: BillOptions): string => {
  const ours = `pkg:npm/slipway@${version}`
  const document = {
    $schema: "http://cyclonedx.org/schema/bom-1.5.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: {
      timestamp: new Date(seconds * 1000).toISOString(),
      component: {
        type: "application",
        "bom-ref": ours,
        name: "slipway",
        version,
        description,
        ...licenses("Apache-2.0"),
        purl: ours
      }
    },
    components: components.map(({ name, version, license, purl, sha512 }) => ({
      type: name === "node" ? "platform" : "library",
      "bom-ref": purl,
      name,
      version,
      ...(sha512 === undefined ? {} : { hashes: [{ alg: "SHA-512", content: sha512 }] }),
      ...licenses(license),
      purl
    })),
    dependencies: [
      { ref: ours, dependsOn: components.filter(({ purl }) => isDirect(purl)).map(({ purl }) => purl) },
      {
        ref: components.find(({ name }) => name === "node")?.purl ?? ours,
        dependsOn: components.filter(({ purl }) => !isDirect(purl)).map(({ purl }) => purl)
      }
    ]
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

/** Bundled, or Node: the others are in Node. */
const isDirect = (purl: string): boolean => purl.startsWith("pkg:npm/") || purl.startsWith("pkg:generic/node@")

/** The licences of what is in the executables, each with its text. */
export const copyrightOf = (own: string, components: ReadonlyArray<Component>): string =>
  [
    "Slipway is under the Apache License 2.0. The executable holds the packages below, each under its own.\n\n",
    own.trimEnd(),
    ...components
      .filter(({ text }) => text !== undefined)
      .map(
        ({ name, version, license, text }) =>
          `\n\n${"=".repeat(78)}\n${name} ${version} (${license})\n\n${text!.trimEnd()}`
      ),
    "\n"
  ].join("")
