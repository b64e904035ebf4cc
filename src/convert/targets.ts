/** The forms that something is converted from. */
export const origins = ["declaration", "docker-run", "compose", "inspect", "kubernetes"] as const
export type Origin = (typeof origins)[number]

/** The forms that something is converted to. */
export const targets = ["declaration", "kubernetes", "compose", "quadlet", "docker-run", "cloud-run"] as const
export type Target = (typeof targets)[number]

/** What is not a declaration yet. */
export type ForeignOrigin = Exclude<Origin, "declaration">

/** What a Kubernetes manifest runs the containers by. */
export const kinds = ["Pod", "Deployment", "StatefulSet"] as const
export type Kind = (typeof kinds)[number]

/**
 * From what (`declaration`, `docker-run`, `compose`, `inspect`, `kubernetes`) to what (`declaration`, `kubernetes`,
 * `compose`, `quadlet`, `docker-run`, `cloud-run`).
 */
export interface ConvertOptions {
  readonly from: (typeof origins)[number]
  readonly to: (typeof targets)[number]
  /** What runs the containers in Kubernetes. Absent: a Pod. */
  readonly kind?: (typeof kinds)[number]
  /**
   * Which services of a Compose file, with what they depend on, or which object of Kubernetes. Absent: all, or the
   * first.
   */
  readonly only?: ReadonlyArray<string>
  /** The profiles of a Compose file that are active. */
  readonly profiles?: ReadonlyArray<string>
}
