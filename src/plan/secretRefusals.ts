import type { Fate } from "./comparison.ts"
import { SecretUnread } from "./SecretUnread.ts"

/** The variables of new containers whose values could not be read. A container that is kept has them. */
export const secretRefusals = (created: ReadonlyArray<Fate>): ReadonlyArray<SecretUnread> =>
  created.flatMap(({ member: { container } }) =>
    container.env.flatMap(({ name, identity = "", unread }) =>
      unread === undefined
        ? []
        : [new SecretUnread({ container: container.name, variable: name, version: identity, why: unread })]
    )
  )
