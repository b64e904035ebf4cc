import * as Option from "effect/Option"
import { type DeclarationText, isEmptyText } from "../../workload/DeclarationText.ts"
import { nearest } from "../../text/nearest.ts"

/** The metadata keys that hold a declaration. Ours comes first. */
export const declarationKey = "slipway-declaration"
export const konletKey = "gce-container-declaration"

/** The declaration under our key, unless that is empty and konlet's key is not: an empty text declares nothing. */
export const chosenDeclaration = (
  own: Option.Option<string | Uint8Array>,
  konlets: Option.Option<string | Uint8Array>
): Option.Option<DeclarationText> => {
  const isOwnEmpty = Option.exists(own, isEmptyText)
  if (Option.isSome(own) && !(isOwnEmpty && Option.exists(konlets, (text) => !isEmptyText(text)))) {
    return Option.some({ file: `metadata:${declarationKey}`, text: own.value })
  }
  return Option.map(konlets, (text): DeclarationText => ({
    file: `metadata:${konletKey}`,
    text,
    dialect: "konlet",
    ...(isOwnEmpty
      ? {
          notice: `the metadata key "${declarationKey}" is empty, which declares nothing: the declaration under "${konletKey}" was taken`
        }
      : {})
  }))
}

/** The most edits at which a key still counts as a misspelling: `gce-software-declaration` is a key of Google's. */
const maximumEdits = 3

/** Keys that differ from ours in a word. */
const alike = /^(?:slipway|.*containerdeclaration|slipwaydeclaration.*|googlecontainermanifest)$/

/**
 * The key that was most likely meant as one of ours. One of ours itself has been added since the declaration was asked
 * for.
 */
export const misspeltDeclarationKey = (keys: ReadonlyArray<string>): string | undefined =>
  keys.find((key) => {
    if (key === declarationKey || key === konletKey) return false
    const letters = key.toLowerCase().replaceAll(/[^a-z0-9]/g, "")
    return (
      alike.test(letters) ||
      nearest(letters, ["slipwaydeclaration", "gcecontainerdeclaration"], maximumEdits) !== undefined
    )
  })
