import * as Context from "effect/Context"
import { decodeDeclaration } from "../declaration/Declaration.ts"
import type { Policy } from "../declaration/policy/Policy.ts"
import type { DeclarationText } from "../workload/DeclarationText.ts"

type Decode = typeof decodeDeclaration

/** How a run decodes its declaration. */
export const Decoding = Context.Reference<Decode>("slipway/startup/Decoding", { defaultValue: () => decodeDeclaration })

/** Knows what the last declaration came to: whoever looks again and again finds the same one most often. */
export const rememberingLast = (): Decode => {
  let last: readonly [declared: DeclarationText, policy: Policy | undefined, came: ReturnType<Decode>] | undefined
  return (declared, policy) => {
    if (last === undefined || !isSame(last[0], declared) || last[1] !== policy) {
      last = [declared, policy, decodeDeclaration(declared, policy)]
    }
    return last[2]
  }
}

const isSame = (one: DeclarationText, other: DeclarationText): boolean =>
  one.file === other.file && one.dialect === other.dialect && isSameContent(one.text, other.text)

/** Bytes need not be a text. */
const isSameContent = (one: string | Uint8Array, other: string | Uint8Array): boolean =>
  typeof one === "string" || typeof other === "string"
    ? one === other
    : one.length === other.length && one.every((byte, index) => byte === other[index])
