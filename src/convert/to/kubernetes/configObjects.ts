import * as Base64 from "effect/encoding/Base64"
import type { ConfigDocument } from "../../../declaration/documents/ConfigDocuments.ts"
import type { Source } from "../../Source.ts"
import { object, text } from "./words.ts"

/** The ConfigMaps and Secrets of the text. */
export const configObjects = ({ documents, written }: Source): ReadonlyArray<object> =>
  documents.all.map((document) => {
    // Those of the Pod's namespace have it from whoever applies them, as the Pod has, where none is written.
    const isPods = document.namespace === "default" && written.metadata.namespace === ""
    const metadata = { name: document.name, namespace: isPods ? undefined : document.namespace }
    const texts = entriesOf(document, ({ text }) => text)
    const bytes = entriesOf(document, ({ bytes, text }) => (text === undefined ? Base64.encode(bytes) : undefined))
    return document.kind === "ConfigMap"
      ? { apiVersion: "v1", kind: "ConfigMap", metadata, data: texts, binaryData: bytes }
      : { apiVersion: "v1", kind: "Secret", metadata, type: text(document.type), stringData: texts, data: bytes }
  })

const entriesOf = (
  { entries }: ConfigDocument,
  of: (entry: { readonly bytes: Uint8Array; readonly text: string | undefined }) => string | undefined
) =>
  object(
    Object.fromEntries([...entries].flatMap(([key, entry]) => (of(entry) === undefined ? [] : [[key, of(entry)]])))
  )
