import { hasReference, type Word } from "../../../workload/expand.ts"

/** A text that Kubernetes expands, so that it is what it is here. */
export const expandable = (word: Word): string => (typeof word === "string" ? literal(word) : word.template)

/** Nothing of it is expanded. */
export const literal = (text: string): string => (hasReference(text) ? text.replaceAll("$", "$$$$") : text)

/** Undefined where there is nothing in it. */
export const given = <A>(list: ReadonlyArray<A>): ReadonlyArray<A> | undefined => (list.length === 0 ? undefined : list)

/** Undefined for the value that stands for nothing. */
export const text = (value: string): string | undefined => (value === "" ? undefined : value)

/** Undefined for false. */
export const flag = (value: boolean | undefined): true | undefined => (value === true ? true : undefined)

/** Undefined where all is undefined. */
export const object = <A extends object>(value: A): A | undefined =>
  Object.values(value).every((entry) => entry === undefined) ? undefined : value
