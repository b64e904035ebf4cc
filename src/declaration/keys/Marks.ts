import type { AliasBudget } from "../yaml/yamlFields.ts"
import type { YamlScalar, YamlTarget } from "../yaml/YamlNode.ts"

/** As many nodes as all aliases of a text together may unfold to: more than a text without aliases can hold. */
const maximumAliasedNodes = 100_000

/** What is known of a text's nodes once it has been read, by however many trees: aliases may share them. */
export class Marks {
  readonly budget: AliasBudget = { left: maximumAliasedNodes }
  /** A key or value that a schema has a place for. */
  readonly known = new Set<YamlScalar>()
  /** It stands below a key whose whole value may be a secret. */
  readonly hidden = new Set<YamlTarget>()
  /** It does so, but its own key says that it is none. */
  readonly revealed = new Set<YamlTarget>()
  /** It was read as the value of a key that may be a secret, whatever else it was read as. */
  readonly secret = new Set<YamlTarget>()

  /** Known keys, and known values that are no secrets, may be shown. */
  readonly isShown = (scalar: YamlScalar): boolean =>
    this.known.has(scalar) && !this.secret.has(scalar) && (!this.hidden.has(scalar) || this.revealed.has(scalar))
}
