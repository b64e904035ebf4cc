/** How a file is written. */
export interface WriteOptions {
  /** Octal: `0644`. */
  readonly mode: string
  /** The mode of its directory, if that has to be created; the host's default otherwise. */
  readonly directoryMode?: string
  /** Durable once it succeeds. */
  readonly isSynced?: boolean
}
