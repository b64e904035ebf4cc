/**
 * Slipway as a library: the startup flow as one Effect, the services of a VM that it needs, each with its live layer,
 * and the pure parts that decide.
 */

import type * as Effect from "effect/Effect"
import type { startup } from "./startup/startup.ts"

// The flow
export { startup, preview, type Preview } from "./startup/startup.ts"
/** Everything that a run can fail with. */
export type StartupError = Effect.Error<ReturnType<typeof startup>>
export { agent, agentUntil } from "./agent/agent.ts"
export type { AgentOptions } from "./agent/AgentOptions.ts"
export type { Looked, LookError } from "./agent/Looked.ts"
export type { NextLook } from "./agent/nextLook.ts"
export type { Occasion } from "./agent/Occasion.ts"
export type { Ended } from "./agent/untilVmEnds.ts"
export { attach } from "./startup/attach.ts"
export { defaultSettings, type Settings } from "./startup/Settings.ts"
export type { Report, ReportedContainer } from "./startup/Report.ts"
export type { StepRecord } from "./apply/apply.ts"
export type { StepError } from "./apply/Handler.ts"
export { Progress, type ProgressEvent } from "./progress/Progress.ts"
export type { PlanDescription, StepDescription } from "./progress/PlanDescription.ts"
export type { DeclarationDescription } from "./progress/DeclarationDescription.ts"
export { Deadlines, deadlineTable, type Operation, OperationTimeout } from "./timing/Deadlines.ts"
export type { DeclarationOrigin } from "./observation/DeclarationOrigin.ts"
export { DeclarationKeyMisspelt } from "./startup/DeclarationKeyMisspelt.ts"
export type { FormatProof } from "./plan/diskNeeds.ts"
export type { Growth } from "./plan/diskGrowth.ts"
export { ContainerFailed, JobFailed } from "./apply/confirm.ts"
export { ProbeFailed } from "./apply/ProbeFailed.ts"
export { EngineWentAway } from "./startup/EngineWentAway.ts"
export { StartHeldBack } from "./startup/FailedStart.ts"
export { DeadlineExceeded } from "./startup/DeadlineExceeded.ts"
export { DeadlineWatch } from "./startup/withinDeadline.ts"
export { DeclarationUnreadable } from "./startup/DeclarationUnreadable.ts"
export type { Aftermath, NextTry } from "./progress/Aftermath.ts"
export { RunningContainer } from "./progress/Aftermath.ts"

// Stopping everything
export { defaultDownSettings, down, type DownSettings, previewDown } from "./startup/down.ts"
export { DownIncomplete } from "./startup/DownIncomplete.ts"
export { DownTooLate } from "./startup/DownTooLate.ts"
export type { DownedContainer, DownReport } from "./startup/DownReport.ts"
export { type DownContainer, type DownDemand, type DownPlan, planDown } from "./plan/planDown.ts"
export { describeDown, downPlanJson } from "./plan/describeDown.ts"
export type { DownObservation } from "./observation/observeDown.ts"
export type { FailedStep } from "./apply/apply.ts"

// What is kept of runs
export { ProbeRestarts, RecordedContainer } from "./record/RecordedContainer.ts"
export { readStatus, StatusUnreadable } from "./record/readStatus.ts"
export {
  DeclaredStatus,
  NextTryStatus,
  RestartOf,
  RunError,
  RunRecord,
  type RunResult,
  StepStatus
} from "./record/RunRecord.ts"
export { type History, HistoryUnreadable, readHistory } from "./record/History.ts"
export { RunNotKept, runOf } from "./record/runOf.ts"
export { statusChanges } from "./record/statusChanges.ts"
export { GuestStatus, guestStatusOf } from "./record/GuestStatus.ts"
export { LastRun, Status } from "./record/Status.ts"
export { UnderWay } from "./record/UnderWay.ts"
export { type Bar, type Timeline, timelineOf } from "./record/timeline.ts"
export { runJson, RunJson, timelineJson, TimelineJson } from "./record/runJson.ts"
export { timelineSvg } from "./record/timelineSvg.ts"
export { ContainerNow, StatusNow } from "./record/StatusNow.ts"
export { statusNow } from "./record/readStatusNow.ts"
export { StatusFile } from "./vm/host/StatusFile.ts"

// The plan
export { plan, type Plan, type PlannedContainer } from "./plan/Plan.ts"
export type { EngineNames } from "./plan/Member.ts"
export type { PullError } from "./apply/ImagePull.ts"
export { SandboxUnsupported } from "./apply/SandboxUnsupported.ts"
export type { TakenPort } from "./observation/observePorts.ts"
export type { Role } from "./observation/Ownership.ts"
export type { OpenIptables, PlanSettings } from "./plan/PlanSettings.ts"
export type { Action, KeptContainer, Step } from "./plan/Step.ts"
export { AttachedDisksUnknown } from "./observation/observeDisks.ts"
export { type AccessError, PullSecretInvalid } from "./observation/RegistryAccess.ts"
export { PodAddressUnknown } from "./apply/podAddress.ts"
export { ContainerNameInUse, ContainerStuck } from "./apply/leftover.ts"
export type {
  ImageObservation,
  LeftContainer,
  LostContainer,
  NameHolder,
  Observation,
  ObservedDisk,
  OurContainer,
  UnusableName,
  WantedDigest
} from "./observation/Observation.ts"
export type {
  DanglingLink,
  EmptyDirObservation,
  FoundSubPath,
  Sharing,
  VolumeObservation
} from "./observation/observeVolumes.ts"
export type { FilesObservation } from "./observation/VolumeFiles.ts"
export * from "./plan/PlanRefused.ts"
export { LogDriverMissing } from "./plan/LogDriverRefusal.ts"
export { RuntimeUnavailable } from "./plan/RuntimeRefusal.ts"
export { ImageNotPresent } from "./plan/ImageRefusal.ts"
export { CpuLimitUnavailable, GpuUnavailable } from "./plan/ResourceRefusal.ts"
export { SeccompProfileUnusable, SecurityUnavailable } from "./plan/ProfileRefused.ts"
export type { ProfilesObservation } from "./observation/observeSecurity.ts"
export { type SeccompProfileFound, SecurityProfiles } from "./vm/host/SecurityProfiles.ts"
export { ImageUserRefused } from "./plan/ImageUserRefused.ts"
export { FileUnread, SecretUnread } from "./plan/SecretUnread.ts"
export * from "./plan/DiskRefusal.ts"
export { ImageVolumeNotPresent, ImageVolumeUnsupported } from "./plan/ImageVolumeRefusal.ts"
export {
  HostPathDiffers,
  HostPathParentMissing,
  MountNotShared,
  RecursiveReadOnlyUnsupported,
  SubPathExprUnusable,
  SubPathLeadsOut,
  SubPathUnusable
} from "./plan/VolumeRefusal.ts"

// The declaration
export { decodeDeclaration, type DecodedDeclaration } from "./declaration/Declaration.ts"
export { declarationJsonSchema, type JsonSchema } from "./declaration/jsonSchema.ts"
export type { Dialect } from "./workload/Dialect.ts"
export { DeclarationInvalid, renderDeclarationInvalid, renderProblem } from "./declaration/DeclarationInvalid.ts"
export { DeclarationProblem } from "./declaration/DeclarationProblem.ts"
export { DeclarationWarning } from "./declaration/DeclarationWarning.ts"
export { CommandContainsWhiteSpace } from "./declaration/check/Command.ts"
export { ValueCutByComment } from "./declaration/check/Comments.ts"
export {
  ContainerCountInvalid,
  ContainerNameDuplicate,
  ContainerNameInvalid,
  ContainerNameMissing
} from "./declaration/check/Containers.ts"
export { DnsConfigInvalid, DnsPolicyInvalid, NameServersReplaced } from "./declaration/check/Dns.ts"
export { LogOptionInvalid } from "./declaration/check/Logging.ts"
export { ImagePullPolicyInvalid } from "./declaration/check/PullPolicy.ts"
export * from "./declaration/check/ResourceProblem.ts"
export { WorkingDirectoryNotAbsolute } from "./declaration/check/WorkingDirectory.ts"
export {
  MediumUnsupported,
  SizeLimitInvalid,
  SizeLimitNotEnforced,
  VolumeNameInvalid
} from "./declaration/check/EmptyDir.ts"
export { ConfigKeyMissing, ConfigMissing, ReferenceIncomplete } from "./declaration/check/ConfigReference.ts"
export { EnvFromInvalid, EnvFromNotText } from "./declaration/check/EnvFrom.ts"
export { EnvironmentNameDuplicate, EnvironmentNameInvalid } from "./declaration/check/Environment.ts"
export { ResourceFieldInvalid, ResourceFieldUnlimited } from "./declaration/check/ResourceField.ts"
export {
  FileFieldInvalid,
  FileModeInvalid,
  FilePathInvalid,
  FilePathTaken,
  FileSourceInvalid
} from "./declaration/check/FilesProblem.ts"
export { FieldMissing, FieldPathInvalid } from "./declaration/check/FieldPath.ts"
export { ValueNotText, ValueSourceInvalid } from "./declaration/check/ValueFrom.ts"
export * from "./declaration/documents/ConfigProblem.ts"
export { PlaceholderInValue } from "./declaration/check/Expansion.ts"
export {
  HandlerCommandMissing,
  HandlerCountInvalid,
  HandlerNotExpanded,
  HandlerPortInvalid,
  HandlerSchemeInvalid,
  HttpHeaderInvalid
} from "./declaration/check/Handler.ts"
export { ImageMountedTwice, ImageVolumeNameless } from "./declaration/check/ImageVolume.ts"
export { HostPathIsDisk, HostPathNotAbsolute, HostPathTypeInvalid } from "./declaration/check/HostPath.ts"
export { ActiveDeadlineInvalid } from "./declaration/check/ActiveDeadline.ts"
export { OperatingSystemInvalid } from "./declaration/check/OperatingSystem.ts"
export { ProfileAnnotationIgnored } from "./declaration/check/ProfileAnnotations.ts"
export { SecretKeyIsVersion, SecretNameInvalid, SecretVersionInvalid } from "./declaration/check/ManagedSecret.ts"
export { PullSecretNameless, PullSecretUnfit } from "./declaration/check/PullSecrets.ts"
export { ImageMissing, ImageReferenceInvalid, ImageRegistryDoubtful } from "./declaration/check/Image.ts"
export {
  MountOptionInvalid,
  PropagationNotPrivileged,
  RecursiveReadOnlyConflict,
  SubPathInvalid,
  SubPathMissing,
  SubPathUnreadable
} from "./declaration/check/MountOptions.ts"
export {
  SubPathConflict,
  SubPathExprInvalid,
  SubPathVariableSecret,
  SubPathVariableUnknown
} from "./declaration/check/SubPathExpr.ts"
export {
  MountPathDuplicate,
  MountPathHasColon,
  MountPathInProc,
  MountPathIsRoot,
  MountPathNotAbsolute,
  VolumeBindingMissing
} from "./declaration/check/Mounts.ts"
export { IpAddressInvalid } from "./declaration/check/IpAddress.ts"
export { HostNameInvalid, HostNetworkIgnores } from "./declaration/check/Network.ts"
export { ContainerPortShared, HostPortTaken } from "./declaration/check/PortConflicts.ts"
export {
  ContainerPortMissing,
  HostPortDiffers,
  PortNameDuplicate,
  PortNameInvalid,
  PortNumberInvalid,
  ProtocolInvalid
} from "./declaration/check/Ports.ts"
export {
  TerminationMessagePathInvalid,
  TerminationMessagePathTaken,
  TerminationMessagePolicyInvalid
} from "./declaration/check/TerminationMessage.ts"
export { InitContainerHooked, SleepInvalid, StopSignalInvalid } from "./declaration/check/Lifecycle.ts"
export { InitContainerProbed, ProbeGraceMisplaced, ProbeNumberInvalid } from "./declaration/check/Probes.ts"
export {
  DiskNameInvalid,
  DiskPartitionInvalid,
  DiskReadOnlyIgnored,
  FilesystemUnsupported
} from "./declaration/check/PersistentDisk.ts"
export { PlaceholderLeft } from "./declaration/check/Placeholder.ts"
export {
  InitRestartPolicyInvalid,
  InvalidRestartPolicy,
  RestartPolicyIgnored
} from "./declaration/check/RestartPolicy.ts"
export {
  SharedProcessesOfHost,
  SysctlDuplicate,
  SysctlNameInvalid,
  SysctlOfHost
} from "./declaration/check/Namespaces.ts"
export { SecurityChoiceInvalid } from "./declaration/check/SecurityChoice.ts"
export * from "./declaration/check/SecurityProblem.ts"
export { LocalhostProfileInvalid } from "./declaration/check/SecurityProfiles.ts"
export { Tolerated } from "./declaration/check/Tolerated.ts"
export { DiskDeclaredTwice, VolumeNameDuplicate, VolumeUnused } from "./declaration/check/Volumes.ts"
export { VolumeSourceInvalid } from "./declaration/check/VolumeSource.ts"
export * from "./declaration/format/FormatProblem.ts"
export * from "./declaration/keys/KeyProblem.ts"
export * from "./declaration/policy/PolicyViolation.ts"
export * from "./declaration/policy/SecurityViolation.ts"
export { SecretProjectNotAllowed } from "./declaration/policy/checkSecretProject.ts"
export * from "./declaration/yaml/TextProblem.ts"
export { type Policy } from "./declaration/policy/Policy.ts"
export type { PortRange } from "./declaration/policy/PortRange.ts"
export { decodePolicy } from "./declaration/policy/decodePolicy.ts"
export { PolicyInvalid } from "./declaration/policy/PolicyInvalid.ts"
export * from "./declaration/policy/PolicyProblem.ts"
export {
  formatImageReference,
  type ImageReference,
  isGoogleHosted,
  parseImageReference,
  pullReference
} from "./workload/ImageReference.ts"
export type { ImagePullPolicy } from "./workload/ImagePullPolicy.ts"
export type { Logging } from "./workload/Logging.ts"
export * from "./workload/Quantity.ts"
export type { ResourceAmounts, Resources } from "./workload/Resources.ts"
export * from "./workload/Handler.ts"
export * from "./workload/Lifecycle.ts"
export * from "./workload/TerminationMessage.ts"
export * from "./workload/Probe.ts"
export * from "./workload/Workload.ts"
export type { SubPathFault } from "./workload/subPath.ts"
export type {
  DeclaredContainer,
  DeclaredFilesVolume,
  DeclaredInitContainer,
  DeclaredMount,
  DeclaredVariable,
  DeclaredVolume,
  DeclaredWorkload
} from "./workload/DeclaredWorkload.ts"
export type { Template, Word } from "./workload/expand.ts"
export type { PodMetadata } from "./workload/PodMetadata.ts"
export type { CapacitySource, FieldSource, SecretSource, ValueSource, VmField } from "./workload/ValueSource.ts"
export { resolve } from "./resolution/resolve.ts"
export type { VmFactError } from "./resolution/VmFacts.ts"
export { SecretsUnavailable, SecretUnusable, VmFactUnknown } from "./resolution/ResolutionError.ts"
export type { KnownVersions } from "./resolution/KnownVersions.ts"
export type { Filesystem } from "./workload/Filesystem.ts"
export type { Namespaces, Sysctl } from "./workload/Namespaces.ts"
export type {
  AppArmorProfile,
  Capabilities,
  SeccompProfile,
  SecurityContext,
  SeLinuxOptions
} from "./workload/SecurityContext.ts"
export type { DeclaredFile, FileContent, FileSource, VolumeFile } from "./workload/VolumeFile.ts"
export type { VolumeGroup } from "./workload/VolumeGroup.ts"
export type { VolumeOwner } from "./vm/storage/VolumeOwner.ts"

// The VM's services
export { CommandRunner } from "./vm/host/CommandRunner.ts"
export type { Command, CommandResult } from "./vm/host/Command.ts"
export * from "./vm/host/CommandError.ts"
export { DiskFailed, type DiskObservation, Disks, type MountedDisk } from "./vm/storage/Disks.ts"
export type { CheckOutcome } from "./vm/storage/Ext4.ts"
export type { BlankProof, DiskContent, FilesystemContent, FilesystemSize } from "./vm/storage/DiskContent.ts"
export { type RegistryCredentials, withToken } from "./workload/RegistryCredentials.ts"
export { DockerClient } from "./vm/engine/DockerClient.ts"
export type { EngineFacts } from "./vm/engine/EngineFacts.ts"
export type { LogConfig, LogOption } from "./vm/engine/LogConfig.ts"
export type { EngineResources } from "./vm/engine/EngineResources.ts"
export type {
  ContainerEvent,
  ContainerHappening,
  ContainerInspection,
  ContainerStatus,
  ContainerSummary,
  EngineEvent,
  ExecResult,
  ImageInspection,
  NetworkSummary
} from "./vm/engine/Inspection.ts"
export {
  detailOf,
  DockerError,
  DockerErrorReason,
  type FailureOrigin,
  hasAnswered,
  isEngineAway
} from "./vm/engine/DockerError.ts"
/**
 * Why the engine itself failed. Two of these have names that say nothing outside of the engine's context:
 * `EngineReason.NotFound`, `EngineReason.Conflict`.
 */
export * as EngineReason from "./vm/engine/EngineReason.ts"
export {
  AnswerInvalid,
  AnswerLost,
  EngineAccessDenied,
  EngineDiskFailed,
  EngineFailed,
  EngineUnreachable,
  NoSpace,
  RequestRefused
} from "./vm/engine/EngineReason.ts"
export * from "./vm/engine/ImageReason.ts"
export * from "./vm/engine/ProxyReason.ts"
export * from "./vm/engine/RegistryReason.ts"
export * from "./vm/engine/StartReason.ts"
export type {
  BindMount,
  ContainerSpec,
  EngineRestartPolicy,
  ImageMount,
  RedactedVariable
} from "./vm/engine/ContainerSpec.ts"
export type { ContainerConfig, ImageConfig } from "./vm/engine/ContainerConfig.ts"
export type { ContainerNamespaces, JoinedNamespace } from "./vm/engine/ContainerNamespaces.ts"
export type { ContainerSecurity, ProcessUser } from "./vm/engine/ContainerSecurity.ts"
export type { HostEntry, NetworkMode, NetworkSpec, PortProtocol, PublishedPort } from "./vm/engine/ContainerNetwork.ts"
export type { DnsSettings } from "./workload/Workload.ts"
export type { LogChunk } from "./vm/engine/LogFrames.ts"
export type { PullProgress } from "./vm/engine/PullStream.ts"
export { type Conversion, convert } from "./convert/convert.ts"
export type { Converted, ConvertedFile, NotCarried } from "./convert/Converted.ts"
export type { ConvertInput } from "./convert/from/declare.ts"
export { filesNamed } from "./convert/from/declare.ts"
export type { VariableFile } from "./convert/from/composeVariables.ts"
export type { ConvertOptions } from "./convert/targets.ts"
export { type ComposeSource, fromCompose } from "./convert/from/fromCompose.ts"
export { type DockerRunSource, fromDockerRun } from "./convert/from/fromDockerRun.ts"
export { fromInspect, type InspectSource } from "./convert/from/fromInspect.ts"
export { fromKubernetes, type KubernetesSource } from "./convert/from/fromKubernetes.ts"
export { SourceInvalid, SourceProblem } from "./convert/from/SourceInvalid.ts"
export type { EngineProduct } from "./vm/engine/EngineProduct.ts"
export { type EngineAddress, EngineAddressInvalid, parseEngineAddress } from "./vm/engine/EngineAddress.ts"
export { Firewall, FirewallFailed, type FirewallObservation } from "./vm/firewall/Firewall.ts"
export type { FirewallPort, FirewallState } from "./vm/firewall/FirewallRules.ts"
export { layerHost } from "./vm/host/Host.ts"
export { type FileKind, HostFileFailed, HostFiles, type WriteOptions } from "./vm/host/HostFiles.ts"
export { HostIdentity } from "./vm/host/HostIdentity.ts"
export { HostRandom, HostUnidentified } from "./vm/host/HostRandom.ts"
export { type GpuObservation, Gpus } from "./vm/host/Gpus.ts"
export { Processes } from "./vm/host/Processes.ts"
export { ListeningPorts } from "./vm/host/ListeningPorts.ts"
export type { ProbeAnswer, Target } from "./vm/probes/ProbeAnswer.ts"
export { Prober } from "./vm/probes/Prober.ts"
export type { HttpRequest } from "./vm/probes/httpGet.ts"
export type { ListeningPort } from "./vm/host/socketTable.ts"
export { Lock, LockBusy, LockFailed } from "./vm/host/Lock.ts"
export {
  type AttachedDisk,
  MetadataProvider,
  type WatchedDeclaration,
  type WatchedPreemption
} from "./vm/metadata/MetadataProvider.ts"
export { layerNotify, Notify, type Notifier, type StateChange } from "./vm/systemd/Notify.ts"
export type { DeclarationText } from "./workload/DeclarationText.ts"
export * from "./vm/metadata/MetadataError.ts"
export type { AccessedSecret } from "./vm/secrets/AccessedSecret.ts"
export { SecretManager } from "./vm/secrets/SecretManager.ts"
export * from "./vm/secrets/SecretManagerError.ts"
export type { DockerConfig, DockerConfigEntry } from "./workload/DockerConfig.ts"
export type { PullSecret } from "./workload/PullSecret.ts"
export { type DeclaredSecretVersion, formatSecretVersion, type SecretVersion } from "./workload/SecretVersion.ts"
export { MountFailed, Mounts } from "./vm/storage/Mounts.ts"
export type { MountInfo } from "./vm/storage/MountInfo.ts"
export type { Mount } from "./vm/storage/MountTable.ts"
export { type HostSettings, layerVm } from "./vm/Vm.ts"
export type { VmServices } from "./vm/VmServices.ts"
export { EmptyDirFolder } from "./vm/host/EmptyDirFolder.ts"
export { TerminationMessages } from "./vm/host/TerminationMessages.ts"
export type { MessageFile } from "./vm/engine/terminationMessageLabel.ts"
export { StateFolder } from "./vm/host/StateFolder.ts"
export { WelcomeScript } from "./vm/host/WelcomeScript.ts"
