import * as Effect from "effect/Effect"
import { assert } from "vitest"
import { boot, Vm } from "./Vm.ts"

/** What is there of ours, by the name in the declaration. */
export const found = Effect.gen(function* () {
  const vm = yield* Vm
  const all = yield* Effect.forEach(yield* vm.containers, vm.inspect)
  return Object.fromEntries(all.map((one) => [one.Config.Labels["slipway.container"] ?? one.Name, one]))
})

/** Boots what must come up. Gives the report. */
export const started = Effect.fnUntraced(function* (spec: object) {
  const report = yield* boot(JSON.stringify({ spec }))
  return report._tag === "Running" ? report : assert.fail(`the run came to ${report._tag}`)
})

/** Runs a command in a container, by its name in the declaration. */
export const inside = Effect.fnUntraced(function* (name: string, command: string) {
  const vm = yield* Vm
  return yield* vm.docker("exec", (yield* found)[name]!.Id, "/bin/busybox", "sh", "-c", command)
})
