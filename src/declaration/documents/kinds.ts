import { nearest } from "../../text/nearest.ts"
import { templates } from "./templates.ts"

/** What can be the name of a kind, whoever defines it. Any other word may be something else that slipped here. */
export const kindWord = /^(?:[A-Z][A-Za-z0-9]{1,62}|[a-z][A-Za-z]{1,40})$/

/** As `kubectl get` prints several objects, and as the API lists Pods. */
export const lists: ReadonlyArray<string> = ["List", "PodList"]

export const isList = (kind: string): boolean => lists.includes(kind)

/** Those that are read, and those that would run a Pod. */
export const knownKinds: ReadonlyArray<string> = ["Pod", "ConfigMap", "Secret", ...lists, ...templates.keys()]

/** kubectl's short names. */
const short: ReadonlyMap<string, string> = new Map([
  ["po", "Pod"],
  ["cm", "ConfigMap"],
  ["deploy", "Deployment"],
  ["sts", "StatefulSet"],
  ["ds", "DaemonSet"],
  ["rs", "ReplicaSet"],
  ["rc", "ReplicationController"],
  ["cj", "CronJob"]
])

/**
 * The kind that a word is most likely to be meant as, of those that are read or that would run a Pod; undefined if it
 * is one of them, or none. Kubernetes' other kinds are further away: a test holds that.
 */
export const misspeltKind = (word: string): string | undefined => {
  const spelt = word.replaceAll(/[\s_-]/g, "")
  const meant =
    short.get(spelt) ??
    nearest(spelt, near, Math.min(2, Math.floor(Math.max(3, spelt.length) / 3))) ??
    nearest(spelt, ["PodList"], 1)
  return knownKinds.includes(word) ? undefined : meant
}

/** NodeList is two letters from PodList. */
const near = knownKinds.filter((kind) => kind !== "PodList")
