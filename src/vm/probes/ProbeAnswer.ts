/** Where a probe goes. */
export interface Target {
  /** A name or an address. */
  readonly host: string
  readonly port: number
}

/** What a probe found. */
export interface ProbeAnswer {
  readonly isSuccess: boolean
  /** In a few words, such as `HTTP 503`, without anything that the other side wrote, but the end of a command's output. */
  readonly detail: string
  /** Of a command: it names a program that the container does not have. */
  readonly hasNoProgram?: true
  /** Of a command that has failed and wrote something: its exit code, and the last lines of that. */
  readonly written?: { readonly exitCode: number; readonly lastLines: ReadonlyArray<string> }
  /** Of an HTTP answer, if there was one. */
  readonly status?: number
}
