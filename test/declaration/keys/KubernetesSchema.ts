import { readFileSync } from "node:fs"

/**
 * Kubernetes' own schema, as far as a Pod goes. The package `kubernetes-models` has the OpenAPI definitions as type
 * declarations: every field, the values of enums, and the types that fields refer to.
 */
export interface KubernetesType {
  readonly name: string
  readonly fields: ReadonlyMap<string, KubernetesField>
}

export interface KubernetesField {
  /** The type as it is written, such as `boolean`, `Array<string>` or `"TCP" | "UDP"`. */
  readonly written: string
  /** The mapping that it is, or that it is a list of. */
  readonly type: () => KubernetesType | undefined
}

const packages = new URL("../../../node_modules/", import.meta.url)
const known = new Map<string, KubernetesType>()

const readType = (file: URL): KubernetesType => {
  const found = known.get(file.href)
  if (found !== undefined) return found
  const name = /(\w+)\.d\.ts$/.exec(file.pathname)![1]!
  const text = readFileSync(file, "utf8")
  const body = new RegExp(`^export interface I${name}\\b[^{]*\\{\\n([^]*?)^\\}`, "m").exec(text)?.[1] ?? ""
  const imports = new Map(
    [...text.matchAll(/^import \{ (\w+) \} from "([^"]+)";$/gm)].map(([, alias, from]) => [alias!, from!])
  )
  const fields = [...body.matchAll(/^ {4}"(\w+)"\??: ([^]*?);$/gm)].map(([, key, written]) => {
    const from = imports.get(/^(?:Array<)?(\w+)>?$/.exec(written!)?.[1] ?? "")
    return [key!, { written: written!, type: () => (from === undefined ? undefined : mappingAt(file, from)) }] as const
  })
  const type = { name, fields: new Map(fields) }
  known.set(file.href, type)
  return type
}

/** A quantity, a time, and a number that may be a text are types too, but no mappings. */
const mappingAt = (file: URL, from: string): KubernetesType | undefined => {
  const path = `${from.replace(/\.js$/, "")}.d.ts`
  const type = readType(from.startsWith(".") ? new URL(path, file) : new URL(path, packages))
  return type.fields.size === 0 ? undefined : type
}

/** A type by its place in the package: `apps/v1/Deployment`. */
export const kubernetesType = (place: string): KubernetesType =>
  readType(new URL(`kubernetes-models/${place}.d.ts`, packages))

export const kubernetesPod = (): KubernetesType => kubernetesType("v1/Pod")
