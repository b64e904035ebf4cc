import { describe } from "@effect/vitest"
import type * as Layer from "effect/Layer"
import { diskContract } from "../storage/DiskContract.ts"
import { emptyDirContract } from "./EmptyDirContract.ts"
import { firewallContract } from "../firewall/FirewallContract.ts"
import { type Host, type HostContractOptions, hostTest } from "./HostFixture.ts"
import { hostFilesContract } from "./HostFilesContract.ts"
import { identityContract } from "./IdentityContract.ts"
import { listeningContract } from "./ListeningContract.ts"
import { lockContract } from "./LockContract.ts"
import { mountContract } from "../storage/MountContract.ts"
import { stateContract } from "./StateContract.ts"
import { statusFileContract } from "./StatusFileContract.ts"
import { welcomeContract } from "./WelcomeContract.ts"

export { type DiskRole, type Host, type HostContractOptions, HostFixture } from "./HostFixture.ts"

/**
 * What the services that sit on commands do on any host, real or in memory. The layer is built afresh for each test.
 */
export const hostContract = (name: string, layer: Layer.Layer<Host, unknown>, options: HostContractOptions): void => {
  const test = hostTest(layer, options)
  describe(name, () => {
    describe("files", () => hostFilesContract(test))
    describe("disks", () => diskContract(test))
    describe("mounts", () => mountContract(test))
    describe("firewall", () => firewallContract(test))
    describe("listening ports", () => listeningContract(test))
    describe("identity", () => identityContract(test))
    describe("lock", () => lockContract(test))
    describe("directories of emptyDir volumes", () => emptyDirContract(test))
    describe("state folder", () => stateContract(test))
    describe("status file", () => statusFileContract(test))
    describe("welcome script", () => welcomeContract(test))
  })
}
