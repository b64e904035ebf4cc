import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import { Check } from "../check/Check.ts"
import type { Findings } from "../Findings.ts"
import { decodeTree } from "../keys/decodeTree.ts"
import { KeyHints } from "../keys/KeyHints.ts"
import type { Marks } from "../keys/Marks.ts"
import type { Shape } from "../keys/Shape.ts"
import { ConfigMapSchema, SecretSchema } from "../schema/ConfigSchema.ts"
import type { DeclarationProblem } from "../DeclarationProblem.ts"
import type { DeclarationWarning } from "../DeclarationWarning.ts"
import type { Finding, TextView } from "../yaml/Finding.ts"
import type { DeclarationRefused } from "../yaml/TextProblem.ts"
import type { YamlNode } from "../yaml/YamlNode.ts"
import { checkConfigMap, checkSecret } from "./checkConfig.ts"
import { type ConfigDocument, ConfigDocuments, type ConfigKind } from "./ConfigDocuments.ts"
import { ConfigNameDuplicate } from "./ConfigProblem.ts"
import { isList } from "./kinds.ts"
import type { SortedDocuments } from "./sortDocuments.ts"

const kinds: ReadonlyArray<ConfigKind> = ["ConfigMap", "Secret"]

/** What reading a text's trees shares. */
export interface TextReading {
  readonly findings: Findings<DeclarationProblem, DeclarationWarning>
  readonly marks: Marks
  readonly view: TextView
}

/**
 * Reads the ConfigMaps and Secrets of a text. `namespace` is the Pod's, which they are in as well if they name none. Fails
 * where aliases unfold to more than can be read.
 */
export const readConfig = (
  { configMaps, secrets, misspelt, otherPods }: SortedDocuments,
  namespace: string,
  reading: TextReading
): Result.Result<ConfigDocuments, Finding<DeclarationRefused>> =>
  Result.gen(function* () {
    const found: Array<ConfigDocument> = []
    const isUnread = (kind: ConfigKind) =>
      otherPods.some(({ values }) => values !== undefined) ||
      misspelt.some(({ meant }) => meant === kind || isList(meant))
    // To konlet's rules what is misspelt is not there.
    const nameless = new Set(reading.findings.toleratesSlips ? [] : kinds.filter(isUnread))
    const taken = new Set<string>()
    const add = (
      kind: ConfigKind,
      document: ConfigDocument | undefined,
      { metadata }: { readonly metadata: { readonly name: string } },
      check: Check<DeclarationProblem, never>
    ): void => {
      if (document === undefined) {
        nameless.add(kind)
        return
      }
      found.push(document)
      const { name } = document
      const id = JSON.stringify([kind, document.namespace, name])
      if (taken.has(id)) check.slip(check.at(metadata, "name"), ConfigNameDuplicate, { kind, name })
      taken.add(id)
    }
    for (const node of configMaps) {
      const { value, check } = yield* decoded(ConfigMapSchema, node, reading)
      add("ConfigMap", checkConfigMap(value, namespace, check), value, check)
    }
    for (const node of secrets) {
      const { value, check } = yield* decoded(SecretSchema, node, reading)
      add("Secret", checkSecret(value, namespace, check), value, check)
    }
    return new ConfigDocuments(found, nameless)
  })

const decoded = <S extends Schema.Constraint>(schema: S, node: YamlNode, { findings, marks, view }: TextReading) => {
  const keys = (shape: Shape) => new KeyHints(shape, findings)
  return Result.map(decodeTree(schema, node, { report: findings, keys, values: "go", marks }), ({ value, places }) => ({
    value,
    check: new Check<DeclarationProblem, DeclarationWarning>(places, view, findings)
  }))
}
