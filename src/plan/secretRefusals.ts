import type { Fate } from "./comparison.ts"
import { SecretUnread } from "./SecretUnread.ts"

/** The variables of new containers whose values could not be read. A container that is kept has them. */
export const secretRefusals = (fates: ReadonlyArray<Fate>): ReadonlyArray<SecretUnread> =>
  fates.flatMap(({ fate, member: { container } }) =>
    fate === "new" || fate === "replaced"
      ? container.env.flatMap(({ name, identity = "", unread }) =>
          unread === undefined
            ? []
            : [new SecretUnread({ container: container.name, variable: name, version: identity, why: unread })]
        )
      : []
  )
