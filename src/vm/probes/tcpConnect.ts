import { createConnection } from "node:net"
import * as Effect from "effect/Effect"
import { connectionWords } from "./connectionWords.ts"
import type { ProbeAnswer, Target } from "./ProbeAnswer.ts"

/** Connects, and hangs up at once. */
export const tcpConnect = ({ host, port }: Target): Effect.Effect<ProbeAnswer> =>
  Effect.callback((resume) => {
    const socket = createConnection({ host, port })
    const answer = (isSuccess: boolean, detail: string) => {
      resume(Effect.succeed({ isSuccess, detail }))
      socket.destroy()
    }
    socket.once("connect", () => answer(true, "connected"))
    socket.on("error", (error: NodeJS.ErrnoException) => answer(false, connectionWords(error)))
    return Effect.sync(() => socket.destroy())
  })
