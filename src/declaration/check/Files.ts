import * as Redacted from "effect/Redacted"
import type { Check } from "./Check.ts"
import { incomplete, lookUpEntry, lookUpNamed, type ReferenceProblem } from "./ConfigReference.ts"
import { checkDownwardItems, type DownwardProblem } from "./DownwardFiles.ts"
import { FilePaths } from "./FilePaths.ts"
import { type FileModeInvalid, type FilePathInvalid, type FilePathTaken, FileSourceInvalid } from "./FilesProblem.ts"
import { checkMode } from "./FileMode.ts"
import { checkManagedUnder, isManagedUnder, type ManagedSecretProblem, SecretVersionInvalid } from "./ManagedSecret.ts"
import type { EnvironmentScope } from "./ValueFrom.ts"
import type { DeclaredVolume } from "../DeclarationSchema.ts"
import type { ConfigKind } from "../documents/ConfigDocuments.ts"
import { hasFated } from "../keys/hasFated.ts"
import type { DeclaredItem, DeclaredProjectedSource } from "../schema/FilesSchema.ts"
import type { Place } from "../yaml/Places.ts"
import { isSecretVersionName, latestVersion } from "../../workload/SecretVersion.ts"
import type { DeclaredFilesVolume } from "../../workload/DeclaredWorkload.ts"
import type { FileContent } from "../../workload/VolumeFile.ts"

export type FilesVolumeProblem =
  | DownwardProblem
  | ManagedSecretProblem
  | ReferenceProblem
  | FileModeInvalid
  | FilePathInvalid
  | FilePathTaken
  | FileSourceInvalid

type FilesCheck = Check<FilesVolumeProblem, never>
type Sources = Pick<DeclaredVolume, "name" | "configMap" | "secret" | "downwardAPI" | "projected">

const usualMode = 0o644

/** Checks a volume whose files the declaration gives. */
export const checkFiles = (volume: Sources, scope: EnvironmentScope, check: FilesCheck): DeclaredFilesVolume => {
  const { configMap, secret, downwardAPI, projected } = volume
  const name = check.quote(volume, "name")
  const paths = new FilePaths(name, projected !== undefined, check)
  const given = configMap ?? secret ?? downwardAPI ?? projected
  const mode = given === undefined ? undefined : checkMode(given, "defaultMode", name, check)
  const of: Context = { paths, mode: mode ?? usualMode, volume: name, scope, check }
  if (configMap !== undefined) addConfig("ConfigMap", configMap, "name", of)
  if (secret !== undefined) addSecret(secret, "secretName", of)
  if (downwardAPI !== undefined) addDownward(downwardAPI, of)
  for (const [index, source] of (projected?.sources ?? []).entries()) {
    const place = check.at(projected!.sources, index)
    if (!place.invalid) addSource(source, place, of)
  }
  return { _tag: "Files", name: volume.name, files: paths.files }
}

interface Context {
  readonly paths: FilePaths
  /** Of files that have none of their own. */
  readonly mode: number
  /** Its name, as it is shown. */
  readonly volume: string
  readonly scope: EnvironmentScope
  readonly check: FilesCheck
}

const sourceKeys = ["configMap", "secret", "downwardAPI"] as const

const addSource = (source: DeclaredProjectedSource, place: Place, context: Context): void => {
  const { configMap, secret, downwardAPI } = source
  const found = sourceKeys.filter((key) => source[key] !== undefined)
  if (found.length !== 1) {
    const isSaid =
      hasFated(place, "a projected source") || sourceKeys.some((key) => context.check.at(source, key).invalid)
    if (found.length > 1 || !isSaid) {
      context.check.slip(place, FileSourceInvalid, { path: place.path, found, known: sourceKeys })
    }
    return
  }
  if (configMap !== undefined) addConfig("ConfigMap", configMap, "name", context)
  if (secret !== undefined) addSecret(secret, "name", context)
  if (downwardAPI !== undefined) addDownward(downwardAPI, context)
}

const addDownward = (
  { items }: NonNullable<DeclaredVolume["downwardAPI"]> | NonNullable<DeclaredProjectedSource["downwardAPI"]>,
  { paths, mode, volume, scope, check }: Context
): void => {
  for (const { item, place, content } of checkDownwardItems(items, scope, check)) {
    const own = checkMode(item, "mode", volume, check)
    paths.add({ path: item.path, mode: own ?? mode, ...content }, place, item)
  }
}

type ConfigFiles<K extends string> = Readonly<Record<K, string>> & {
  readonly items: ReadonlyArray<DeclaredItem>
  readonly optional: boolean
}

const addConfig = <K extends string>(kind: ConfigKind, source: ConfigFiles<K>, field: K, context: Context): void => {
  const { paths, mode, scope, check } = context
  const looked = lookUpNamed(kind, source, field, source.optional, scope, check)
  if (looked._tag !== "Found") return eachItem(source, context, () => undefined)
  if (source.items.length === 0 && !check.at(source, "items").invalid) {
    const place = check.at(source, field)
    for (const [path, { bytes }] of looked.found.entries) paths.add({ path, mode, ...contentOf(kind, bytes) }, place)
    return
  }
  eachItem(source, context, (item, mode, place) => {
    const entry = lookUpEntry(looked.found, item, "key", source.optional, check)
    if (entry._tag === "Found") paths.add({ path: item.path, mode, ...contentOf(kind, entry.found.bytes) }, place, item)
  })
}

const contentOf = (kind: ConfigKind, bytes: Uint8Array): FileContent => ({
  data: Redacted.make(bytes),
  ...(kind === "Secret" ? { isSecret: true } : {})
})

/** As for variables: a Secret that is not in the text is Secret Manager's, and a key is a version. */
const addSecret = <K extends string>(source: ConfigFiles<K>, field: K, context: Context): void => {
  const { paths, mode, scope, check } = context
  const keys = source.items.map(({ key }) => key)
  if (!isManagedUnder(source, field, keys, scope, check)) return addConfig("Secret", source, field, context)
  const secret = checkManagedUnder(source, field, scope, check)
  const from = (version: string) =>
    secret && ({ _tag: "Secret", secret: { ...secret, version }, isOptional: source.optional } as const)
  if (source.items.length === 0 && !check.at(source, "items").invalid) {
    const latest = from(latestVersion)
    if (latest !== undefined) paths.add({ path: latestVersion, mode, from: latest }, check.at(source, field))
    return
  }
  eachItem(source, context, (item, mode, place) => {
    if (!isSecretVersionName(item.key)) {
      const [name, key] = [check.quote(source, field), check.quote(item, "key")]
      return check.slip(check.at(item, "key"), SecretVersionInvalid, { name, key })
    }
    const version = from(item.key)
    if (version !== undefined) paths.add({ path: item.path, mode, from: version }, place, item)
  })
}

/** The items that are whole, each with its mode and the place of its path. */
const eachItem = (
  { items }: { readonly items: ReadonlyArray<DeclaredItem> },
  { mode, volume, check }: Context,
  use: (item: DeclaredItem, mode: number, place: Place) => void
): void => {
  for (const [index, item] of items.entries()) {
    if (check.at(items, index).invalid) continue
    const own = checkMode(item, "mode", volume, check)
    const [key, path] = [check.at(item, "key"), check.at(item, "path")]
    if (key.invalid || path.invalid) continue
    if (item.key === "") incomplete(key, "key", check)
    else if (item.path === "") incomplete(path, "path", check)
    else use(item, own ?? mode, path)
  }
}
