/** The value below which this part of the ascending values lies; undefined if there are none. */
export const percentile = (ascending: ReadonlyArray<number>, part: number): number | undefined =>
  ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * part))]

/** `4.8 s` */
export const inSeconds = (millis: number): string => `${(millis / 1000).toFixed(1)} s`
