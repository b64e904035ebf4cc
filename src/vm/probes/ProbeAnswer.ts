/** Where a probe goes. */
export interface Target {
  /** A name or an address. */
  readonly host: string
  readonly port: number
}

/** What a probe found. */
export interface ProbeAnswer {
  readonly isSuccess: boolean
  /** In a few words, such as `HTTP 503`, without anything that the other side wrote. */
  readonly detail: string
  /** Of an HTTP answer, if there was one. */
  readonly status?: number
}
