/** What a declaration says of its Pod in `metadata`. What is absent is not declared. */
export interface PodMetadata {
  /** The instance's name if absent. */
  readonly name?: string
  /** `default` if absent. */
  readonly namespace?: string
  /** Made of namespace, name and machine if absent. */
  readonly uid?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

/** The namespace of a Pod that names none. */
export const defaultNamespace = "default"
