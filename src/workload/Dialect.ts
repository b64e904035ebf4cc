/**
 * Whose rules a declaration is read by. konlet ignored keys that it did not know and passed paths and names on as written.
 * VMs may rely on that, so under konlet's metadata key such slips are warnings. In a file and under Slipway's own key they
 * are problems: ignoring a misspelt key drops what it declares without anyone having decided so. konlet refused several
 * containers, so no VM relies on its rules for them: Slipway's hold.
 */
export type Dialect = "slipway" | "konlet"
