/** Marks a key whose whole value may be a secret: nothing of it is shown. */
export const secret = { secret: true }

/** Marks a key that konlet did not know: under its rules, a value of a wrong type is a slip. */
export const newer = { newer: true }
