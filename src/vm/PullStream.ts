/** One line of the engine's pull stream that is not an error. */
export type PullProgress =
  /** A layer's state, as the engine words it ("Downloading", "Pull complete"). Bytes where the engine counts them. */
  | {
      readonly _tag: "Layer"
      readonly id: string
      readonly status: string
      readonly currentBytes: number | undefined
      readonly totalBytes: number | undefined
    }
  /** Anything else that it says ("Digest: sha256:…", "Status: Downloaded newer image for …"). */
  | { readonly _tag: "Message"; readonly text: string }
