/**
 * What a key carries besides its type, given to `annotateKey`. `description`, in one or two short sentences: what the
 * key does here, its default, and where it differs from Kubernetes or konlet. `values`, where a text has few: those
 * that it may have. `limits`: what else a JSON Schema can say of it. `required`, where nothing can be done without it.
 * The documentation and the JSON Schema are made of them.
 */

/** Marks a key whose whole value may be a secret: nothing of it is shown. */
export const secret = { secret: true }

/** Marks a key whose value is no secret although it stands below one whose value may be. */
export const open = { open: true }

/** Marks a key that konlet did not know: under its rules, a value of a wrong type is a slip. */
export const newer = { newer: true }

/** Marks keys of a mapping that are alternatives: exactly one of them is written. */
export const alternative = { alternative: true }
