import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"

/** What shells, YAML, units and others may take for something else. */
export const anyText = Arbitrary.map(
  Arbitrary.array(
    Arbitrary.schema(
      Schema.Literals([
        ..."'\"\\$`(){}[]!#%&*-~=:;,<>|? \t\n\rä🌍a0\u0001\u0085\u2028".split(""),
        ..."$(id) ${HOME} $$ \\n --- yes null 0x1f 1e3 %h .nan 12:30 {} []".split(" ")
      ])
    ),
    { maxLength: 12 }
  ),
  (pieces) => pieces.join("").replaceAll(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, "")
)

/** As it is written where `$(` and `$$` have a meaning. */
export const escaped = (text: string): string => text.replaceAll("$", "$$$$")
