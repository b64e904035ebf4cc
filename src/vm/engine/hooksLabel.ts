import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { Hook, Hooks } from "../../workload/Lifecycle.ts"
import { revealedJson } from "../../workload/revealedJson.ts"

/**
 * A container is stopped by a later run, which may have another declaration: its hooks are those that it was made with, and
 * stand on this label, by the engine alone. They may hold secrets, as its command and env may, so that no other label of an
 * inspection has them.
 */
export const hooksLabel = "slipway.hooks"

const Text = Schema.String
const Exec = Schema.TaggedStruct("Exec", { command: Schema.NonEmptyArray(Text) })
const HttpGet = Schema.TaggedStruct("HttpGet", {
  scheme: Schema.Literals(["HTTP", "HTTPS"]),
  host: Schema.optionalKey(Text),
  port: Schema.Int,
  path: Text,
  query: Schema.optionalKey(Text),
  headers: Schema.Array(Schema.Struct({ name: Text, value: Text }))
})
const Sleep = Schema.TaggedStruct("Sleep", { seconds: Schema.Finite })
const Plain = Schema.Union([Exec, HttpGet, Sleep])
const decode = Schema.decodeUnknownOption(
  Schema.fromJsonString(Schema.Struct({ postStart: Schema.optionalKey(Plain), preStop: Schema.optionalKey(Plain) }))
)

/** A label's text. What is redacted in the hooks is not in it. */
export const hooksText = (hooks: Hooks): string => revealedJson(hooks)

/** Undefined where there is no such label, or one that says nothing. */
export const hooksIn = (labels: Readonly<Record<string, string>>): Hooks | undefined =>
  Option.match(decode(labels[hooksLabel]), {
    onNone: () => undefined,
    onSome: ({ postStart, preStop }) => ({
      ...(postStart === undefined ? {} : { postStart: hookOf(postStart) }),
      ...(preStop === undefined ? {} : { preStop: hookOf(preStop) })
    })
  })

export const withoutHooks = (labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
  const { [hooksLabel]: _, ...others } = labels
  return others
}

const hookOf = (plain: typeof Plain.Type): Hook => {
  switch (plain._tag) {
    case "Exec":
      return { _tag: "Exec", command: Redacted.make(plain.command) }
    case "HttpGet":
      return {
        ...plain,
        host: plain.host,
        query: plain.query === undefined ? undefined : Redacted.make(plain.query),
        headers: plain.headers.map(({ name, value }) => ({ name, value: Redacted.make(value) }))
      }
    case "Sleep":
      return plain
  }
}
