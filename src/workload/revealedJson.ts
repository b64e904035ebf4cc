import * as Redacted from "effect/Redacted"

/** JSON with what is redacted in it as plain text: for hashes, and for what goes to the engine alone. */
export const revealedJson = (value: unknown): string =>
  JSON.stringify(value, function (this: Readonly<Record<string, unknown>>, key, shown) {
    // What is given as the value has been redacted by its `toJSON` already.
    const held = this[key]
    return Redacted.isRedacted(held) ? Redacted.value(held) : shown
  })
