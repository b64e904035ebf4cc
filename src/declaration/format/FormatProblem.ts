import * as Schema from "effect/Schema"
import { position } from "../yaml/Position.ts"

/** The text is not a declaration but something else, and belongs elsewhere. */
export class FormatForeign extends Schema.TaggedError<FormatForeign>()("FormatForeign", {
  ...position,
  /** What it is, as in "a Deployment of Kubernetes". */
  found: Schema.String,
  advice: Schema.String
}) {
  override get message(): string {
    return `this is ${this.found}, not a Pod`
  }
}

const encodings = {
  LineBreaksEscaped: [
    'its line breaks are written as "\\n"',
    'Pass the file as it is: with gcloud by --metadata-from-file, in Terraform by file(…), in a shell by "$(cat FILE)".'
  ],
  Quoted: [
    "it is one quoted text that holds a declaration: it was encoded twice",
    "Encode it once: jsonencode(…) or JSON.stringify(…) of the declaration itself, not of its text; or pass the YAML as it is."
  ],
  Base64: ["it is Base64 of a declaration", "Decode it first (base64 --decode): metadata takes text as it is."],
  PercentEncoded: ["it is encoded as a part of a URL", "Decode it first: metadata takes text as it is."]
} as const

/** A declaration that was encoded once too often. */
export class FormatEncoded extends Schema.TaggedError<FormatEncoded>()("FormatEncoded", {
  ...position,
  how: Schema.Literals(Object.keys(encodings) as ReadonlyArray<keyof typeof encodings>)
}) {
  override get message(): string {
    return `the declaration cannot be read: ${encodings[this.how][0]}`
  }
  get advice(): string {
    return encodings[this.how][1]
  }
}
