import * as Redacted from "effect/Redacted"
import type { FileContent } from "../../workload/VolumeFile.ts"

/** The content of a file as a text; undefined where it is none. */
export const fileText = ({ data }: Pick<FileContent, "data">): Redacted.Redacted | undefined => {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Redacted.value(data))
    return text.includes("\0") ? undefined : Redacted.make(text)
  } catch {
    return undefined
  }
}
