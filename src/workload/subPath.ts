import { namesPodAddress } from "./podAddress.ts"

/** What keeps a path from being that of a part of a volume. */
export type SubPathFault = (typeof subPathFaults)[number]

export const subPathFaults = ["absolute", "upwards", "empty", "address"] as const

/** As Kubernetes judges: a name such as `..data` is none that leads upwards. */
export const subPathFault = (path: string): SubPathFault | undefined => {
  if (namesPodAddress(path)) return "address"
  if (path.startsWith("/")) return "absolute"
  if (path.split("/").includes("..")) return "upwards"
  return cleanSubPath(path) === "" ? "empty" : undefined
}

/** Names joined by single slashes, none of them `.`; empty for the whole volume. */
export const cleanSubPath = (path: string): string =>
  path
    .split("/")
    .filter((name) => name !== "" && name !== ".")
    .join("/")

/** What is wrong with it, in words that follow "a path that". */
export const subPathFaultText: Readonly<Record<SubPathFault, string>> = {
  absolute: "is absolute",
  upwards: 'has ".." in it',
  empty: "is empty, which would be the whole volume",
  address: "has the address of the Pod's own network in it, which is not known before its volumes are mounted"
}
