import * as Duration from "effect/Duration"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { type EngineAddress, parseEngineAddress } from "../../vm/engine/EngineAddress.ts"
import { isMetadataHost } from "../../vm/metadata/MetadataProvider.ts"
import { parseSecretManagerUrl } from "../../vm/secrets/secretManagerUrl.ts"
import { isPrintable } from "../../text/printable.ts"
import { parseDuration } from "./parseDuration.ts"
import type { Kind } from "./Setting.ts"

/** What Linux takes for a path. */
const maximumPathLength = 4095

export const yesOrNo: Kind<boolean> = {
  placeholder: undefined,
  makeFlag: (name) => Flag.map(Flag.Boolean(name), String),
  parse: (text) => {
    if (/^(true|1|yes|on)$/i.test(text)) return Result.succeed(true)
    return /^(false|0|no|off)$/i.test(text) ? Result.succeed(false) : Result.fail("must be true or false")
  }
}

export const duration: Kind<Duration.Duration> = {
  placeholder: "DURATION",
  makeFlag: Flag.String,
  parse: (text) =>
    Result.fromOption(parseDuration(text), () => 'must be a length of time, as in 500ms, 30s, 5m, 1h or "3 seconds"')
}

/** The same, longer than nothing, where nothing is the default. */
export const optionalDuration: Kind<Option.Option<Duration.Duration>> = {
  ...duration,
  parse: (text) =>
    Result.flatMap(duration.parse(text), (value) =>
      Duration.isPositive(value) ? Result.succeed(Option.some(value)) : Result.fail("must be longer than 0s")
    )
}

/** One of a few words. */
export const oneOf = <const Choices extends ReadonlyArray<string>>(choices: Choices): Kind<Choices[number]> => ({
  placeholder: choices,
  makeFlag: (name) => Flag.Literals(name, choices),
  parse: (text) =>
    Result.fromNullishOr(
      choices.find((choice): choice is Choices[number] => choice === text),
      () => `must be ${choices.length > 2 ? "one of " : ""}${choices.join(choices.length > 2 ? ", " : " or ")}`
    )
})

const openChoices = ["all", "declared", "no"] as const

/** A choice that was yes or no: those still are its first and its last. A flag without a value is yes. */
export const openIptables: Kind<(typeof openChoices)[number]> & { readonly choices: typeof openChoices } = {
  choices: openChoices,
  placeholder: openChoices,
  makeFlag: (name) => Flag.withOptionalValue(Flag.Literals(name, openChoices), openChoices[0]),
  parse: (text) => {
    const choice = openChoices.find((choice) => choice === text)
    if (choice !== undefined) return Result.succeed(choice)
    return Result.mapBoth(yesOrNo.parse(text), {
      onSuccess: (isYes) => (isYes ? "all" : "no"),
      onFailure: () => "must be all, declared or no"
    })
  }
}

/** The name of a file. Whether it is there is seen when it is read. */
export const fileName: Kind<Option.Option<string>> = {
  placeholder: "FILE",
  makeFlag: Flag.String,
  parse: (text) =>
    text === "" || text.length > maximumPathLength ? Result.fail("must name a file") : Result.succeed(Option.some(text))
}

/**
 * A directory or file of the host, without a slash at its end. Control characters, `..` and the root itself are
 * refused.
 */
export const absolutePath: Kind<string> = {
  placeholder: "PATH",
  makeFlag: Flag.String,
  parse: (text) => {
    const path = text.replace(/\/+/g, "/").replace(/\/$/, "")
    return path.startsWith("/") &&
      path.length <= maximumPathLength &&
      !path.split("/").includes("..") &&
      isPrintable(path)
      ? Result.succeed(path)
      : Result.fail("must be an absolute path, without ..")
  }
}

export const secret: Kind<Option.Option<Redacted.Redacted>> = {
  placeholder: "TOKEN",
  makeFlag: Flag.Redacted,
  // konlet's units pass on what they have, which may be nothing.
  parse: (text) => Result.succeed(text === "" ? Option.none() : Option.some(Redacted.make(text)))
}

export const engineAddress: Kind<EngineAddress> = {
  placeholder: "ADDRESS",
  makeFlag: Flag.String,
  parse: parseEngineAddress
}

export const metadataHost: Kind<string> = {
  placeholder: "HOST",
  makeFlag: Flag.String,
  parse: (text) => (isMetadataHost(text) ? Result.succeed(text) : Result.fail("must be a host name or address"))
}

export const secretManagerUrl: Kind<string> = {
  placeholder: "URL",
  makeFlag: Flag.String,
  parse: parseSecretManagerUrl
}
