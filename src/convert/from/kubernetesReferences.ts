import { From, type Value } from "./Value.ts"

/** The ConfigMaps and Secrets that a value refers to, as in `Secret/db`. */
export const referencesOf = (value: Value): ReadonlySet<string> => {
  const found = new Set<string>()
  const textOf = (value: Value | undefined): string | undefined =>
    value instanceof From ? textOf(value.value) : typeof value === "string" ? value : undefined
  const walk = (value: Value | undefined, key: string): void => {
    if (value instanceof From) walk(value.value, key)
    else if (typeof value !== "object") return
    else if (Array.isArray(value)) for (const item of value as ReadonlyArray<Value>) walk(item, key)
    else {
      const fields = value as Readonly<Record<string, Value | undefined>>
      const kind = kinds[key]
      const name = textOf(fields["secretName"]) ?? textOf(fields["name"])
      if (kind !== undefined && name !== undefined) found.add(`${kind}/${name}`)
      for (const [key, child] of Object.entries(fields)) walk(child, key)
    }
  }
  walk(value, "")
  return found
}

/** The keys below which one is named. */
const kinds: Readonly<Record<string, "ConfigMap" | "Secret">> = {
  configMap: "ConfigMap",
  configMapKeyRef: "ConfigMap",
  configMapRef: "ConfigMap",
  imagePullSecrets: "Secret",
  secret: "Secret",
  secretKeyRef: "Secret",
  secretRef: "Secret"
}
