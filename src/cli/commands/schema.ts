import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import { declarationJsonSchema } from "../../declaration/jsonSchema.ts"

/** `slipway schema` */
export const schema = Command.make("schema", {}, () =>
  Effect.suspend(() => Console.log(JSON.stringify(declarationJsonSchema(), null, 2)))
).pipe(
  Command.withDescription("Print the JSON Schema of declarations, for editors"),
  Command.withExamples([
    {
      command: "slipway schema > declaration.schema.json",
      description: "For a line in a declaration: # yaml-language-server: $schema=declaration.schema.json"
    }
  ])
)
