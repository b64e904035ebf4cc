/** A container's name on its way into a sentence, as in `the container "web" has no image`; nothing where it has none. */
export const named = (name: string): string => (name === "" ? "" : `"${name}" `)

/** The same where it is the sentence's subject or object: `the container web`. */
export const theContainer = (name: string): string => (name === "" ? "the container" : `the container ${name}`)
