/**
 * Slipway as a library: the startup flow as one Effect, the services of a VM that it needs, each with its live layer,
 * and the pure parts that decide.
 */

import type * as Effect from "effect/Effect"
import type { startup } from "./startup/startup.ts"

// The flow
export { startup, preview } from "./startup/startup.ts"
/** Everything that a run can fail with. */
export type StartupError = Effect.Error<ReturnType<typeof startup>>
export { attach } from "./startup/attach.ts"
export { defaultSettings, type Settings } from "./startup/Settings.ts"
export type { Report } from "./startup/Report.ts"
export type { StepRecord } from "./startup/apply.ts"
export type { StepError } from "./startup/perform.ts"
export { Progress, type ProgressEvent } from "./startup/Progress.ts"
export { Deadlines, deadlineTable, type Operation, OperationTimeout } from "./startup/Deadlines.ts"
export type { DeclarationOrigin } from "./startup/readDeclaration.ts"
export { DeclarationKeyMisspelt } from "./startup/DeclarationKeyMisspelt.ts"
export type { FormatProof } from "./startup/diskNeeds.ts"
export { ContainerFailed, JobFailed } from "./startup/confirm.ts"
export { StartHeldBack } from "./startup/FailedStart.ts"
export { DeclarationUnreadable } from "./startup/readDeclaration.ts"
export type { Aftermath, NextTry } from "./startup/Aftermath.ts"
export { RunningContainer } from "./startup/RunningContainer.ts"

// The plan
export { plan, type Plan, type PlanSettings } from "./startup/Plan.ts"
export type { Action, Step } from "./startup/Step.ts"
export { AttachedDisksUnknown } from "./startup/observeDisks.ts"
export { ContainerNameInUse, ContainerStuck } from "./startup/leftover.ts"
export type {
  ImageObservation,
  LostContainer,
  Observation,
  ObservedDisk,
  OurContainer,
  WantedDigest
} from "./startup/Observation.ts"
export * from "./startup/PlanRefused.ts"

// The declaration
export { decodeDeclaration, type DecodedDeclaration, type DeclarationSource } from "./declaration/Declaration.ts"
export type { Dialect } from "./declaration/Dialect.ts"
export { DeclarationInvalid, renderDeclarationInvalid, renderProblem } from "./declaration/DeclarationInvalid.ts"
export { DeclarationProblem } from "./declaration/DeclarationProblem.ts"
export * from "./declaration/ContainerProblem.ts"
export * from "./declaration/FormatProblem.ts"
export { KeyInWrongPlace, KeyMisspelt } from "./declaration/KeyProblem.ts"
export { PlaceholderInValue, PlaceholderLeft } from "./declaration/PlaceholderProblem.ts"
export * from "./declaration/PolicyViolation.ts"
export * from "./declaration/TextProblem.ts"
export * from "./declaration/VolumeProblem.ts"
export * from "./declaration/DeclarationWarning.ts"
export { Tolerated } from "./declaration/Tolerated.ts"
export { decodePolicy, type Policy } from "./declaration/Policy.ts"
export { PolicyInvalid } from "./declaration/PolicyInvalid.ts"
export * from "./declaration/PolicyProblem.ts"
export {
  formatImageReference,
  type ImageReference,
  isGoogleHosted,
  parseImageReference,
  pullReference
} from "./declaration/ImageReference.ts"
export type * from "./declaration/Workload.ts"

// The VM's services
export { type Command, CommandRunner, type CommandResult } from "./vm/CommandRunner.ts"
export * from "./vm/CommandError.ts"
export {
  type BlankProof,
  type CheckOutcome,
  type DiskContent,
  DiskFailed,
  type DiskObservation,
  Disks
} from "./vm/Disks.ts"
export { DockerClient } from "./vm/DockerClient.ts"
export type {
  ContainerEvent,
  ContainerInspection,
  ContainerStatus,
  ContainerSummary,
  ImageInspection
} from "./vm/Inspection.ts"
export * from "./vm/DockerError.ts"
export type { BindMount, ContainerSpec, EngineRestartPolicy, RedactedVariable } from "./vm/ContainerSpec.ts"
export type { ContainerConfig, ImageConfig } from "./vm/ContainerConfig.ts"
export type { LogChunk } from "./vm/LogFrames.ts"
export type { PullProgress } from "./vm/PullStream.ts"
export type { EngineProduct } from "./vm/EngineProduct.ts"
export { type EngineAddress, EngineAddressInvalid, parseEngineAddress } from "./vm/EngineAddress.ts"
export { Firewall, FirewallFailed, type FirewallObservation, type FirewallState } from "./vm/Firewall.ts"
export { layerHost } from "./vm/Host.ts"
export { HostFileFailed, HostFiles, type WriteOptions } from "./vm/HostFiles.ts"
export { HostRandom, HostUnidentified } from "./vm/HostRandom.ts"
export { Lock, LockBusy, LockFailed } from "./vm/Lock.ts"
export { type AttachedDisk, MetadataProvider } from "./vm/MetadataProvider.ts"
export type { DeclarationText } from "./vm/DeclarationKeys.ts"
export * from "./vm/MetadataError.ts"
export { type Mount, MountFailed, Mounts } from "./vm/Mounts.ts"
export { type HostSettings, layerVm } from "./vm/Vm.ts"
export { StateFolder } from "./vm/StateFolder.ts"
export { WelcomeScript } from "./vm/WelcomeScript.ts"
