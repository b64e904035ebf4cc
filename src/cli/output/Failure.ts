/** What an operator can be told of. */
export interface Failure {
  readonly _tag: string
  readonly message: string
}
