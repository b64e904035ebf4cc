import * as Base64 from "effect/encoding/Base64"
import * as Result from "effect/Result"
import type { CharacterNotAllowed } from "../yaml/TextProblem.ts"
import type { Shape } from "./Shape.ts"
import type { YamlScalar } from "../yaml/YamlNode.ts"
import { binaryTag, isNull, stringTag, toBoolean, toNumber } from "../yaml/YamlScalarValue.ts"

type ScalarType = Exclude<Shape["_tag"], "List" | "Map" | "Record">

/** What stands for a scalar that is missing or null. */
export const zeroOf = { Text: "", Boolean: false, Integer: 0 } as const satisfies Record<ScalarType, unknown>

/**
 * A scalar as a type; undefined if it is of another. Strictly, a text that could be read as another type is none, but for a
 * number where one may stand.
 */
export const readScalar = (
  type: ScalarType,
  scalar: YamlScalar,
  { isStrict, orNumber = false }: { readonly isStrict: boolean; readonly orNumber?: boolean | undefined }
): string | boolean | number | undefined =>
  type === "Boolean"
    ? toBoolean(scalar)
    : type === "Integer"
      ? integer(scalar)
      : isStrict && !isPlainlyText(scalar) && !(orNumber && toNumber(scalar) !== undefined)
        ? undefined
        : text(scalar)

const text = (scalar: YamlScalar): string | undefined =>
  scalar.tag === binaryTag ? Result.getOrUndefined(Base64.decodeString(scalar.text)) : scalar.text

const integer = (scalar: YamlScalar): number | undefined => {
  const number = toNumber(scalar)
  return Number.isSafeInteger(number) ? number : undefined
}

/** By its quotes, its tag, or because it can be nothing else. */
const isPlainlyText = (scalar: YamlScalar): boolean =>
  scalar.tag === undefined
    ? !isNull(scalar) && toBoolean(scalar) === undefined && toNumber(scalar) === undefined
    : scalar.tag === stringTag

/** Only escapes in double quotes (`"\0"`) can produce these. */
export const forbiddenCharacter = (text: string): CharacterNotAllowed["character"] | undefined =>
  text.includes("\0") ? "NUL" : text.isWellFormed() ? undefined : "half of a surrogate pair"
