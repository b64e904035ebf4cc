import { type ExecHandler, handlerText, type HttpGetHandler } from "./Handler.ts"

/** What is done at a container's beginning and end. */
export interface Lifecycle extends Hooks {
  /** In place of the image's, else of SIGTERM: `SIGQUIT`. */
  readonly stopSignal?: string
}

/** What is done in a container beside its own process. Source: `lifecycle` of Kubernetes. */
export interface Hooks {
  /** Right after the start: the container is not up before. */
  readonly postStart?: Hook
  /** Before the stop signal, within the grace period. */
  readonly preStop?: Hook
}

/** What a hook does; connections are no hooks. */
export type Hook = ExecHandler | HttpGetHandler | SleepHandler

/** Waits. */
export interface SleepHandler {
  readonly _tag: "Sleep"
  readonly seconds: number
}

/** A hook in a few words without secrets. */
export const hookText = (hook: Hook): string => (hook._tag === "Sleep" ? `sleep ${hook.seconds} s` : handlerText(hook))
