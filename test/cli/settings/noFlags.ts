import * as Option from "effect/Option"
import type { UpValues } from "../../../src/cli/settings/settings.ts"

/** `up` as it is called without a flag. */
export const noFlags: UpValues = {
  declaration: Option.none(),
  policy: Option.none(),
  token: Option.none(),
  openIptables: Option.none(),
  mountedVolumesPathPrefix: Option.none(),
  hostProcPath: Option.none(),
  confirm: Option.none(),
  showWelcome: Option.none(),
  detached: Option.none(),
  retry: Option.none(),
  pullFallback: Option.none(),
  lastGood: Option.none()
}
