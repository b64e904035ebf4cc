/** The directory of an absolute path. */
export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf("/")) || "/"
