/** The declaration of a run, described without anything that may be a secret. */
export interface DeclarationDescription {
  /** `settings`: it was given; `metadata`: the VM's own; `last good`: metadata did not answer. */
  readonly origin: "settings" | "metadata" | "last good"
  /** The name of its file, or of its key in the metadata. */
  readonly file: string
  /** Of its text, as `sha256sum` prints it. */
  readonly sha256: string
  /** What is to run, by the names in the declaration; none before it has been checked. */
  readonly containers: ReadonlyArray<{ readonly name: string; readonly image: string }>
}
