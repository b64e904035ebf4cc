import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { ConvertInput } from "../../convert/from/declare.ts"
import type { Conversion } from "../../convert/convert.ts"
import { type ConvertOptions, kinds, origins, targets } from "../../convert/targets.ts"
import { readDeclaration } from "../../startup/readDeclaration.ts"
import { printable } from "../../text/printable.ts"
import { Deadlines } from "../../timing/Deadlines.ts"
import type { Failure } from "../output/Failure.ts"
import { ConversionIncomplete } from "../output/ConversionIncomplete.ts"
import { conversionJson, failureJson, renderFiles, renderLists } from "../output/renderConversion.ts"
import { reportFailure } from "../output/reportFailure.ts"
import { writeFiles } from "../output/writeFiles.ts"
import type { Platform } from "../Platform.ts"
import { checkChoice, chooseSource, chooseTarget } from "../settings/convertArguments.ts"
import { formatFlag } from "../settings/flags.ts"
import { readInput } from "../settings/readInput.ts"
import { readSettings } from "../settings/readSettings.ts"
import { withNamedFiles } from "../settings/withNamedFiles.ts"

/** `slipway convert`: with a file no VM, no engine, no network. */
export const makeConvert = <E extends Failure, R>(platform: Platform<E, R>) =>
  Command.make(
    "convert",
    {
      from: Flag.Literals("from", origins).pipe(
        Flag.withDescription("What FILE is written for (default: declaration)"),
        Flag.withDefault("declaration" as const)
      ),
      to: Flag.Literals("to", targets).pipe(
        Flag.withDescription("What to write (default with --from: declaration)"),
        Flag.optional
      ),
      kind: Flag.Literals("kind", kinds).pipe(
        Flag.withDescription("With --to kubernetes: what runs the containers (default: Pod)"),
        Flag.optional
      ),
      only: Flag.String("only").pipe(
        Flag.withMetavar("NAME"),
        Flag.withDescription(
          "With --from compose: only this service and what it depends on; may be repeated. With --from kubernetes: which " +
            "object, as in Deployment/web"
        ),
        Flag.atLeast(0)
      ),
      profiles: Flag.String("profile").pipe(
        Flag.withMetavar("NAME"),
        Flag.withDescription("With --from compose: a profile that is active; may be repeated; * stands for all"),
        Flag.atLeast(0)
      ),
      // Not --env-file: Node takes it for its own, wherever it stands, and reads the file into the program's environment.
      envFiles: Flag.String("dotenv").pipe(
        Flag.withMetavar("FILE"),
        Flag.withDescription(
          "With --from compose: variables for ${NAME}, in place of the .env beside the Compose file; may be repeated. The " +
            "shell's own variables are not read"
        ),
        Flag.atLeast(0)
      ),
      strict: Flag.Boolean("strict").pipe(
        Flag.withDescription(
          "Fail with exit code 78, and write nothing, where anything is not carried over; notes do not count"
        ),
        Flag.withDefault(false)
      ),
      output: Flag.String("output").pipe(
        Flag.withMetavar("DIR"),
        Flag.withDescription(
          "Write the files into this folder; those with values of env are readable only to their owner"
        ),
        Flag.optional
      ),
      format: formatFlag,
      given: Argument.String("FILE").pipe(
        Argument.withDescription(
          "What to convert; - is standard input; without it the VM's declaration; with --from docker-run also a whole " +
            "command after --"
        ),
        Argument.variadic()
      )
    },
    Effect.fnUntraced(function* ({ from, to: chosen, kind, output, format, given, strict, ...choice }) {
      const to = yield* Effect.fromResult(chooseTarget(from, Option.getOrUndefined(chosen)))
      yield* Effect.fromResult(checkChoice(from, choice))
      const source = yield* Effect.fromResult(chooseSource(from, given))
      const input: Option.Option<ConvertInput> =
        source._tag === "Vm"
          ? yield* declaredOnVm(platform)
          : Option.some(
              yield* withNamedFiles(source._tag === "Words" ? source : yield* readConverted(source.file), {
                from,
                file: source.file,
                envFiles: choice.envFiles
              })
            )
      if (Option.isNone(input)) {
        return yield* Console.log(
          format === "json" ? "null" : "The VM declares no container: there is nothing to convert."
        )
      }
      const options: ConvertOptions = {
        from,
        to,
        ...(Option.isSome(kind) && { kind: kind.value }),
        ...(choice.only.length > 0 && { only: choice.only }),
        profiles: choice.profiles
      }
      // No other command needs it.
      const { convert } = yield* Effect.promise(() => import("../../convert/convert.ts"))
      const conversion = yield* Effect.fromResult(convert(input.value, options)).pipe(
        Effect.tapError((error) => (format === "json" ? Console.log(failureJson(error, options)) : Effect.void))
      )
      if (strict) yield* refuseLosses(input.value.file, conversion, format === "json" ? options : undefined)
      const written = Option.isSome(output) ? yield* writeFiles(output.value, conversion.files) : undefined
      if (format === "json") return yield* Console.log(conversionJson(conversion, options, written))
      for (const line of renderLists(conversion)) yield* Console.error(line)
      yield* Console.log(written === undefined ? renderFiles(conversion) : written.map(printable).join("\n"))
    }, reportFailure)
  ).pipe(
    Command.withDescription(
      "Write a declaration as another program's files, or those as a declaration, and list field by field what the result " +
        "cannot say; changes nothing"
    ),
    Command.withExamples([
      { command: "slipway convert --to kubernetes web.yaml", description: "A manifest for kubectl apply" },
      { command: "slipway convert --to docker-run web.yaml", description: "A shell script of docker commands" },
      { command: "slipway convert --to docker-run --output out", description: "The VM's own declaration, as files" },
      { command: "slipway convert --from compose compose.yaml", description: "A declaration of a Compose file" },
      {
        command: "slipway convert --from compose --dotenv prod.env --only web compose.yaml",
        description: "Of one of its services, and what that depends on"
      },
      {
        command: "slipway convert --from docker-run -- docker run -d -p 80:80 nginx",
        description: "A declaration of a docker run command"
      },
      {
        command: "docker inspect web nginx | slipway convert --from inspect -",
        description: "A declaration of a container that is there, and its image"
      }
    ])
  )

/** Fails where something is not in the result: nothing has been written yet. */
const refuseLosses = (file: string, conversion: Conversion, json: ConvertOptions | undefined) =>
  Effect.gen(function* () {
    const { notCarried, warnings } = conversion
    const count = notCarried.length + warnings.length
    if (count === 0) return
    if (json !== undefined) yield* Console.log(conversionJson({ ...conversion, files: [] }, json))
    else for (const line of renderLists(conversion)) yield* Console.error(line)
    return yield* new ConversionIncomplete({ file, count })
  })

/** Compose names a project by the folder of its file. */
const readConverted = Effect.fnUntraced(function* (name: string) {
  const input = yield* readInput(name)
  if (name === "-") return input
  const path = yield* Path.Path
  return { ...input, folder: path.basename(path.dirname(path.resolve(name))) }
})

/** The declaration that `plan` would read. */
const declaredOnVm = <E extends Failure, R>(platform: Platform<E, R>) =>
  Effect.gen(function* () {
    const { settings, host, deadlines } = yield* readSettings()
    return yield* readDeclaration(settings).pipe(
      Effect.provideService(Deadlines, deadlines),
      Effect.provide(platform.layerVm(host))
    )
  })
