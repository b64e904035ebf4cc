import { theContainer } from "../text/named.ts"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { oneLine } from "../text/printable.ts"
import { userPart } from "../vm/engine/ContainerSecurity.ts"

/** A container is not to run as root, and its image does not show that it will not. */
export class ImageUserRefused extends Schema.TaggedError<ImageUserRefused>()("ImageUserRefused", {
  /** As it is declared. */
  container: Schema.String,
  image: Schema.String,
  /** The host's policy, if the declaration itself does not ask for it. */
  policy: Schema.optionalKey(Schema.String),
  /** As the image names it; empty where it names none. */
  user: Schema.String,
  /** Of a name nobody outside of the image can say which number it has. */
  why: Schema.Literals(["root", "not a number"])
}) {
  override get message() {
    const { container, image, user, why } = this
    const found = why === "root" ? "runs as root" : `has the user "${oneLine(user)}", which may be root`
    const by = this.policy === undefined ? "runAsNonRoot" : `the host's policy ${this.policy}`
    return (
      `the image ${image} ${found}, and ${theContainer(container)} is not to ` +
      `(${by}). Declare runAsUser with the number of another user, or set such a number in the image (USER 1000).`
    )
  }
}

/** As the kubelet judges it: a number other than 0 passes. */
export const judgeUser = (user: string): ImageUserRefused["why"] | undefined => {
  const part = userPart(user)
  if (part === "") return "root"
  if (!/^[+-]?\d+$/.test(part)) return "not a number"
  return Number(part) === 0 ? "root" : undefined
}

/** Why a container with this image's user cannot be created or stay; `none` if it can. */
export const refusalOf = (
  of: { readonly container: string; readonly image: string; readonly policy?: string },
  user: string
): Option.Option<ImageUserRefused> =>
  Option.map(Option.fromUndefinedOr(judgeUser(user)), (why) => new ImageUserRefused({ ...of, user, why }))
