/**
 * By whose rules a declaration is read. konlet passed over keys that it did not know, and took paths and names as they were
 * written; VMs whose declarations rely on that must go on, so under its own metadata key such slips are warnings. In a file,
 * and under ours, they are problems: what a misspelt key declares would be missing without anyone having decided so.
 */
export type Dialect = "slipway" | "konlet"
