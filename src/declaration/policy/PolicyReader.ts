import * as Result from "effect/Result"
import { describeNode, forbiddenCharacter } from "../keys/decodeTree.ts"
import type { Finding } from "../yaml/Finding.ts"
import { parseRepositoryPrefix } from "../../workload/ImageReference.ts"
import { nearest } from "../../text/nearest.ts"
import type { ParsedYaml } from "../yaml/parseYaml.ts"
import type { Policy } from "./Policy.ts"
import type { Position } from "../yaml/Position.ts"
import {
  PolicyDocumentSecond,
  PolicyKeyDuplicate,
  policyKeys,
  PolicyKeyUnknown,
  PolicyPathInvalid,
  type PolicyProblem,
  PolicyRefused,
  PolicyRegistryInvalid
} from "./PolicyProblem.ts"
import { ValueTypeInvalid } from "../yaml/TextProblem.ts"
import { dereference, type Span, type YamlEntry, type YamlNode, type YamlScalar } from "../yaml/YamlNode.ts"
import { isNull, stringTag, toBoolean, toNumber } from "../yaml/YamlScalarValue.ts"

type PolicyKey = (typeof policyKeys)[number]

/** An entry and where it begins. */
interface Field {
  readonly span: Span
  readonly value: YamlNode
}

/** What a key may look like that is shown; anything else may be a secret of a file that is no policy. */
const keyLike = /^(?:<<|[a-z][a-zA-Z_-]{0,39})$/

/**
 * Reads a policy's tree. Not as a declaration is read: there, what is null, unknown or written twice is taken as Go took
 * it, and here nothing of the sort may pass.
 */
export class PolicyReader {
  readonly problems: Array<Finding<PolicyProblem>> = []
  readonly #shown = new Set<YamlScalar>()

  /** Whether a scalar may be shown: it is, or was probably meant to be, a part of a policy. */
  readonly isShown = (scalar: YamlScalar): boolean => this.#shown.has(scalar)

  /** The policy is only good if there are no problems. */
  read(file: string, { root, ignored }: ParsedYaml): Policy {
    if (ignored !== undefined) {
      this.#problem({ start: ignored, end: ignored }, (position) => new PolicyDocumentSecond(position))
    }
    const fields = this.#fields(root)
    const privileged = fields.get("privileged")
    const hostPaths = fields.get("hostPaths")
    const registries = fields.get("registries")
    return {
      file,
      privileged: privileged === undefined || this.#boolean("privileged", privileged.value),
      hostPaths: hostPaths && this.#list("hostPaths", hostPaths.value, (text) => this.#path(text)),
      registries: registries && this.#list("registries", registries.value, (text) => this.#registry(text))
    }
  }

  #fields(root: YamlNode | undefined): ReadonlyMap<string, Field> {
    const fields = new Map<string, Field>()
    const node = root && dereference(root)
    if (node === undefined || (node._tag === "Scalar" && isNull(node))) {
      const { start, end } = node ?? { start: 0, end: 0 }
      this.#problem({ start, end }, (position) => new PolicyRefused({ ...position, why: "Empty" }))
    } else if (node._tag === "Mapping") for (const entry of node.entries) this.#field(entry, fields)
    else this.#misfit("the policy", "a mapping", node)
    return fields
  }

  #field({ key: written, value }: YamlEntry, fields: Map<string, Field>): void {
    const key = dereference(written)
    if (key._tag !== "Scalar") return this.#misfit("the policy", "a key", written)
    const name = key.text
    const isKnown = policyKeys.some((known) => known === name)
    if (isKnown || keyLike.test(name)) this.#shown.add(key)
    if (!isKnown) {
      const suggestion = nearest(name, policyKeys)
      const place = { node: key, span: written, path: name, invalid: false }
      return this.#problem(written, (position, { quote }) => {
        return new PolicyKeyUnknown({ ...position, key: quote(name, place), suggestion })
      })
    }
    const first = fields.get(name)
    if (first === undefined) fields.set(name, { span: written, value })
    else {
      this.#problem(written, (position, { lineOf }) => {
        return new PolicyKeyDuplicate({ ...position, key: name, firstLine: lineOf(first.span) })
      })
    }
  }

  #boolean(path: PolicyKey, written: YamlNode): boolean {
    const node = dereference(written)
    const value = node._tag === "Scalar" ? toBoolean(node) : undefined
    if (node._tag === "Scalar") this.#shown.add(node)
    if (value === undefined) this.#misfit(path, "a boolean", written)
    return value === true
  }

  /** Its items, checked by `check`, which says what is wrong with one. */
  #list(
    path: PolicyKey,
    written: YamlNode,
    check: (text: string) => ((at: ItemPosition) => PolicyProblem) | undefined
  ): ReadonlyArray<string> {
    const node = dereference(written)
    if (node._tag !== "Sequence") {
      this.#misfit(path, "a list", written)
      return []
    }
    return node.items.flatMap((item, index) => {
      const itemPath = `${path}[${index}]`
      const scalar = dereference(item)
      if (scalar._tag !== "Scalar" || !isText(scalar)) {
        this.#misfit(itemPath, "text", item)
        return []
      }
      this.#shown.add(scalar)
      const make = check(scalar.text)
      if (make === undefined) return [scalar.text]
      this.#problem(item, (position) => make({ ...position, path: itemPath }))
      return []
    })
  }

  #path(text: string): ((at: ItemPosition) => PolicyProblem) | undefined {
    const isUsable =
      text.startsWith("/") &&
      !text.split("/").includes("..") &&
      !/[*?]/.test(text) &&
      forbiddenCharacter(text) === undefined
    return isUsable ? undefined : (at) => new PolicyPathInvalid(at)
  }

  #registry(text: string): ((at: ItemPosition) => PolicyProblem) | undefined {
    const parsed = parseRepositoryPrefix(text)
    return Result.isSuccess(parsed) ? undefined : (at) => new PolicyRegistryInvalid({ ...at, detail: parsed.failure })
  }

  #misfit(path: string, expected: ValueTypeInvalid["expected"], written: YamlNode): void {
    const node = dereference(written)
    const found = expected === "text" && node._tag === "Scalar" && node.tag !== undefined ? "a tag" : describeNode(node)
    this.#problem(written, (position) => new ValueTypeInvalid({ ...position, path, expected, found }))
  }

  #problem(span: Span, make: Finding<PolicyProblem>["make"]): void {
    this.problems.push({ span, make })
  }
}

/** Of an item of a list, as in `hostPaths[0]`. */
interface ItemPosition extends Position {
  readonly path: string
}

/** Unlike a declaration's, text that looks like another type must be quoted. */
const isText = (scalar: YamlScalar): boolean =>
  scalar.tag === undefined
    ? !isNull(scalar) && toBoolean(scalar) === undefined && toNumber(scalar) === undefined
    : scalar.tag === stringTag
