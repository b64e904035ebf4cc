/** What Linux takes as one component of a path, in bytes: NAME_MAX. */
export const maximumComponentLength = 255

/** Whether a directory or a link can have the name. */
export const isPathComponent = (name: string): boolean =>
  name !== "" &&
  name !== "." &&
  name !== ".." &&
  !name.includes("/") &&
  new TextEncoder().encode(name).length <= maximumComponentLength
