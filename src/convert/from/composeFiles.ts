import type { Losses } from "../Losses.ts"
import type { ComposeService } from "./ComposeService.ts"
import type { DockerMount } from "./DockerContainer.ts"
import { reportOthers } from "./composeLists.ts"
import { labelOf } from "./labelOf.ts"
import type { SourceNode } from "./SourceNode.ts"
import { From, type Fields, type Told, type Value } from "./Value.ts"

/** What of a file's `configs` or `secrets` services may mount. */
export interface ComposeFiles {
  readonly kind: "ConfigMap" | "Secret"
  readonly byName: ReadonlyMap<string, ComposeFile>
}

type ComposeFile =
  /** A document of the declaration has the content, under the key `content`. */
  | { readonly _tag: "Document"; readonly name: string; readonly document: Value }
  /** A secret of Secret Manager. */
  | { readonly _tag: "Managed"; readonly name: string }
  | { readonly _tag: "Host"; readonly path: string }
  | { readonly _tag: "Lost" }

const key = "content"

/** Reads the top-level `configs` or `secrets`. */
export const readFiles = (
  node: SourceNode | undefined,
  kind: ComposeFiles["kind"],
  {
    variables,
    files,
    losses
  }: {
    readonly variables: ReadonlyMap<string, string>
    readonly files: ReadonlyMap<string, string>
    readonly losses: Losses
  }
): ComposeFiles => {
  const read = ([name, file]: readonly [string, SourceNode]): readonly [string, ComposeFile] => {
    reportOthers(file, ["file", "content", "environment", "external", "name"], losses)
    const path = file.get("file")
    const variable = file.get("environment")
    // A secret that is in a file is not put into the VM's metadata.
    const ofFile = kind === "Secret" ? undefined : files.get(path?.text ?? "")
    if (ofFile !== undefined) losses.note(file.path, "The content of the file is in a ConfigMap.")
    const content =
      file.get("content")?.text ?? (variable?.text === undefined ? undefined : variables.get(variable.text)) ?? ofFile
    const label = labelOf(name, "file")
    if (content !== undefined) {
      const data: Fields = { [key]: content }
      const document = new From(file.at, {
        apiVersion: "v1",
        kind,
        metadata: { name: label },
        ...(kind === "Secret" ? { stringData: data } : { data })
      })
      return [name, { _tag: "Document", name: label, document }]
    }
    if (path?.text !== undefined && path.text.startsWith("/")) return [name, { _tag: "Host", path: path.text }]
    if (file.get("external")?.boolean === true && kind === "Secret") {
      losses.note(file.path, "It is read as a secret of this name from Secret Manager, with the VM's service account.")
      return [name, { _tag: "Managed", name: file.get("name")?.text ?? name }]
    }
    losses.add(
      file.path,
      variable !== undefined
        ? "The variable that it is in is in no file that is read: write it as a Secret, or keep it in Secret Manager."
        : path !== undefined
          ? `The file was not read: write its content as a ${kind} of the declaration${kind === "Secret" ? ", or keep it in Secret Manager" : ""}.`
          : `Its content is kept elsewhere: write it as a ${kind} of the declaration.`
    )
    return [name, { _tag: "Lost" }]
  }
  return { kind, byName: new Map(node?.entries.map(read)) }
}

/** The files that a service mounts. */
export const filesOf = (
  service: ComposeService,
  { kind, byName }: ComposeFiles,
  losses: Losses
): ReadonlyArray<Told<DockerMount>> =>
  service.all(kind === "Secret" ? "secrets" : "configs").flatMap(({ items }) =>
    items.flatMap((node): ReadonlyArray<Told<DockerMount>> => {
      const source = node.kind === "mapping" ? node.get("source")?.text : node.text
      if (node.kind === "mapping") reportOthers(node, ["source", "target", "mode"], losses)
      const target = node.get("target")?.text ?? source ?? ""
      const path = target.startsWith("/") ? target : kind === "Secret" ? `/run/secrets/${target}` : `/${target}`
      const file = byName.get(source ?? "") ?? { _tag: "Lost" }
      const mode = node.get("mode")
      switch (file._tag) {
        case "Lost":
          losses.add(node.path, "Its content is not carried over.")
          return []
        case "Host": {
          if (mode !== undefined) losses.add(mode.path, "The file has the permissions that it has on the host.")
          return [{ value: { kind: "bind", source: file.path, target: path, readOnly: true }, at: node.at }]
        }
        default: {
          const item = { key: file._tag === "Managed" ? "latest" : key, path: "content", mode: mode?.number }
          const from = new From(
            node.at,
            kind === "Secret"
              ? { secret: { secretName: file.name, items: [item] } }
              : { configMap: { name: file.name, items: [item] } }
          )
          const name = mode === undefined ? file.name : `${file.name}-${mode.text}`
          return [
            {
              value: { kind: "other", name, source: from, target: path, readOnly: true, subPath: "content" },
              at: node.at
            }
          ]
        }
      }
    })
  )

/** The documents that hold content which is in the file. */
export const documentsOf = ({ byName }: ComposeFiles): ReadonlyArray<Value> =>
  [...byName.values()].flatMap((file) => (file._tag === "Document" ? [file.document] : []))
