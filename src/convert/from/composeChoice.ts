import * as Result from "effect/Result"
import type { Losses } from "../Losses.ts"
import { dependedOn } from "./composeOrder.ts"
import type { ComposeService } from "./ComposeService.ts"
import { checkNames, notChosen } from "./checkNames.ts"
import type { SourceInvalid } from "./SourceInvalid.ts"
import type { SourceNode } from "./SourceNode.ts"

/** Which of a file's services are converted, as `docker compose --profile … up NAME…` chooses them. */
export interface ComposeChoice {
  /** These, and what they depend on, whatever their profiles are. Empty: all that the profiles leave. */
  readonly only: ReadonlyArray<string>
  /** `*` stands for all. */
  readonly profiles: ReadonlyArray<string>
}

export const chooseServices = (
  services: ReadonlyArray<ComposeService>,
  { only, profiles }: ComposeChoice,
  { at, losses }: { readonly at: SourceNode; readonly losses: Losses }
): Result.Result<ReadonlyArray<ComposeService>, SourceInvalid> =>
  Result.gen(function* () {
    const known = new Map(services.map((service) => [service.name, service]))
    yield* checkNames(only, [...known.keys()], { at, what: "service" })
    const wanted = new Set<string>()
    const want = (name: string): void => {
      const service = known.get(name)
      if (service === undefined || wanted.has(name)) return
      wanted.add(name)
      for (const other of sharedWith(service)) want(other)
    }
    for (const name of only) want(name)
    return services.filter((service) => {
      const own = service.all("profiles").flatMap(({ items }) => items.flatMap(({ text }) => text ?? []))
      const isActive = own.length === 0 || profiles.includes("*") || own.some((name) => profiles.includes(name))
      const isChosen = only.length === 0 ? isActive : wanted.has(service.name)
      if (!isChosen)
        losses.note(
          service.own.path,
          only.length === 0
            ? "None of its profiles is active, so it is left out: --profile NAME activates one, --only names the service."
            : notChosen
        )
      return isChosen
    })
  })

/** What it cannot be without: what it waits for, and whose network, volumes or processes it has. */
const sharedWith = (service: ComposeService): ReadonlyArray<string> => [
  ...dependedOn(service),
  ...service.texts("volumes_from").flatMap(({ value }) => value.split(":")[0] ?? []),
  ...["network_mode", "ipc", "pid"].flatMap((key) => /^service:(.+)$/.exec(service.text(key)?.value ?? "")?.[1] ?? [])
]
