import * as Schema from "effect/Schema"
import { ActiveDeadlineInvalid } from "./check/ActiveDeadline.ts"
import {
  ContainerCountInvalid,
  ContainerNameDuplicate,
  ContainerNameInvalid,
  ContainerNameMissing
} from "./check/Containers.ts"
import { DnsConfigInvalid, DnsPolicyInvalid } from "./check/Dns.ts"
import { MediumUnsupported, SizeLimitInvalid, VolumeNameInvalid } from "./check/EmptyDir.ts"
import { ConfigKeyMissing, ConfigMissing, ReferenceIncomplete } from "./check/ConfigReference.ts"
import { EnvFromInvalid, EnvFromNotText } from "./check/EnvFrom.ts"
import { EnvironmentNameInvalid } from "./check/Environment.ts"
import {
  HandlerCommandMissing,
  HandlerCountInvalid,
  HandlerPortInvalid,
  HandlerSchemeInvalid,
  HttpHeaderInvalid
} from "./check/Handler.ts"
import { FieldPathInvalid } from "./check/FieldPath.ts"
import {
  FileFieldInvalid,
  FileModeInvalid,
  FilePathInvalid,
  FilePathTaken,
  FileSourceInvalid
} from "./check/FilesProblem.ts"
import { ResourceFieldInvalid, ResourceFieldUnlimited } from "./check/ResourceField.ts"
import { ValueNotText, ValueSourceInvalid } from "./check/ValueFrom.ts"
import {
  ConfigKeyInvalid,
  ConfigNameDuplicate,
  ConfigNameMissing,
  ConfigValueNotBase64,
  LabelInvalid,
  ObjectNameInvalid,
  SecretTypeUnmet
} from "./documents/ConfigProblem.ts"
import { HostPathIsDisk, HostPathNotAbsolute, HostPathTypeInvalid } from "./check/HostPath.ts"
import { ImageMissing, ImageReferenceInvalid } from "./check/Image.ts"
import { ImageMountedTwice, ImageVolumeNameless } from "./check/ImageVolume.ts"
import { IpAddressInvalid } from "./check/IpAddress.ts"
import {
  MountOptionInvalid,
  PropagationNotPrivileged,
  RecursiveReadOnlyConflict,
  SubPathInvalid,
  SubPathMissing,
  SubPathUnreadable
} from "./check/MountOptions.ts"
import {
  SubPathConflict,
  SubPathExprInvalid,
  SubPathVariableSecret,
  SubPathVariableUnknown
} from "./check/SubPathExpr.ts"
import { InitContainerHooked, SleepInvalid, StopSignalInvalid } from "./check/Lifecycle.ts"
import {
  TerminationMessagePathInvalid,
  TerminationMessagePathTaken,
  TerminationMessagePolicyInvalid
} from "./check/TerminationMessage.ts"
import {
  MountPathDuplicate,
  MountPathHasColon,
  MountPathInProc,
  MountPathIsRoot,
  MountPathNotAbsolute,
  VolumeBindingMissing
} from "./check/Mounts.ts"
import { HostNameInvalid } from "./check/Network.ts"
import { SharedProcessesOfHost, SysctlDuplicate, SysctlNameInvalid, SysctlOfHost } from "./check/Namespaces.ts"
import { OperatingSystemInvalid } from "./check/OperatingSystem.ts"
import { DiskNameInvalid, DiskPartitionInvalid, FilesystemUnsupported } from "./check/PersistentDisk.ts"
import { PlaceholderLeft } from "./check/Placeholder.ts"
import { HostPortTaken } from "./check/PortConflicts.ts"
import {
  ContainerPortMissing,
  HostPortDiffers,
  PortNameDuplicate,
  PortNameInvalid,
  PortNumberInvalid,
  ProtocolInvalid
} from "./check/Ports.ts"
import { LogOptionInvalid } from "./check/Logging.ts"
import { SecretNameInvalid, SecretVersionInvalid } from "./check/ManagedSecret.ts"
import { PullSecretNameless, PullSecretUnfit } from "./check/PullSecrets.ts"
import { ImagePullPolicyInvalid } from "./check/PullPolicy.ts"
import { MemoryLimitTooSmall, QuantityInvalid, RequestInvalid, ResourceUnknown } from "./check/ResourceProblem.ts"
import { InitContainerProbed, ProbeGraceMisplaced, ProbeNumberInvalid } from "./check/Probes.ts"
import { InitRestartPolicyInvalid, InvalidRestartPolicy } from "./check/RestartPolicy.ts"
import {
  CapabilityUnknown,
  IdInvalid,
  PrivilegeEscalationForced,
  RunsAsRoot,
  StrictGroupsNeedGroup
} from "./check/SecurityProblem.ts"
import { SecurityChoiceInvalid } from "./check/SecurityChoice.ts"
import { LocalhostProfileInvalid } from "./check/SecurityProfiles.ts"
import { DiskDeclaredTwice, VolumeNameDuplicate } from "./check/Volumes.ts"
import { VolumeSourceInvalid } from "./check/VolumeSource.ts"
import { WorkingDirectoryNotAbsolute } from "./check/WorkingDirectory.ts"
import { FormatEncoded, FormatForeign } from "./format/FormatProblem.ts"
import { KeyInWrongPlace, KeyMisspelt, KeyRefused } from "./keys/KeyProblem.ts"
import {
  GpuNotAllowed,
  HostNetworkNotAllowed,
  HostPathNotAllowed,
  HostPortNotAllowed,
  ImageNotAllowed,
  LogDriverNotAllowed,
  RuntimeNotAllowed,
  VolumeNotAllowed
} from "./policy/PolicyViolation.ts"
import { SecretProjectNotAllowed } from "./policy/checkSecretProject.ts"
import {
  CapabilityNotAllowed,
  HostNamespaceNotAllowed,
  PrivilegedNotAllowed,
  RootNotAllowed,
  SysctlNotAllowed,
  UnconfinedNotAllowed
} from "./policy/SecurityViolation.ts"
import {
  CharacterNotAllowed,
  DeclarationRefused,
  DocumentNotRun,
  KindMissing,
  KindMisspelt,
  PodNotRun,
  SyntaxInvalid,
  ValueTypeInvalid
} from "./yaml/TextProblem.ts"

/** Everything that makes a declaration unusable, each with its place, a message and advice. */
export const DeclarationProblem = Schema.Union([
  DeclarationRefused,
  SyntaxInvalid,
  FormatForeign,
  FormatEncoded,
  ValueTypeInvalid,
  CharacterNotAllowed,
  KeyMisspelt,
  KeyInWrongPlace,
  KeyRefused,
  PlaceholderLeft,
  ContainerCountInvalid,
  ContainerNameMissing,
  ContainerNameDuplicate,
  ContainerNameInvalid,
  ImageMissing,
  ImageReferenceInvalid,
  ImagePullPolicyInvalid,
  InvalidRestartPolicy,
  InitRestartPolicyInvalid,
  ContainerPortMissing,
  PortNumberInvalid,
  HostPortDiffers,
  HostPortTaken,
  ProtocolInvalid,
  PortNameInvalid,
  PortNameDuplicate,
  IpAddressInvalid,
  HandlerCountInvalid,
  HandlerCommandMissing,
  HandlerPortInvalid,
  HandlerSchemeInvalid,
  HttpHeaderInvalid,
  ProbeNumberInvalid,
  ProbeGraceMisplaced,
  InitContainerProbed,
  InitContainerHooked,
  SleepInvalid,
  StopSignalInvalid,
  TerminationMessagePathInvalid,
  TerminationMessagePathTaken,
  TerminationMessagePolicyInvalid,
  HostNameInvalid,
  OperatingSystemInvalid,
  ActiveDeadlineInvalid,
  DnsPolicyInvalid,
  DnsConfigInvalid,
  EnvironmentNameInvalid,
  QuantityInvalid,
  MemoryLimitTooSmall,
  ResourceUnknown,
  RequestInvalid,
  LogOptionInvalid,
  ValueSourceInvalid,
  ValueNotText,
  FieldPathInvalid,
  ResourceFieldInvalid,
  ResourceFieldUnlimited,
  EnvFromInvalid,
  EnvFromNotText,
  ConfigMissing,
  ConfigKeyMissing,
  ReferenceIncomplete,
  SecretNameInvalid,
  SecretVersionInvalid,
  PullSecretNameless,
  PullSecretUnfit,
  ConfigNameMissing,
  ConfigNameDuplicate,
  ConfigKeyInvalid,
  ConfigValueNotBase64,
  SecretTypeUnmet,
  ObjectNameInvalid,
  LabelInvalid,
  DocumentNotRun,
  KindMissing,
  KindMisspelt,
  PodNotRun,
  WorkingDirectoryNotAbsolute,
  IdInvalid,
  SysctlNameInvalid,
  SysctlDuplicate,
  SharedProcessesOfHost,
  SysctlOfHost,
  RunsAsRoot,
  StrictGroupsNeedGroup,
  CapabilityUnknown,
  PrivilegeEscalationForced,
  SecurityChoiceInvalid,
  LocalhostProfileInvalid,
  VolumeBindingMissing,
  MountPathNotAbsolute,
  MountPathIsRoot,
  MountPathInProc,
  MountPathHasColon,
  MountPathDuplicate,
  MountOptionInvalid,
  PropagationNotPrivileged,
  RecursiveReadOnlyConflict,
  SubPathInvalid,
  SubPathMissing,
  SubPathUnreadable,
  SubPathConflict,
  SubPathExprInvalid,
  SubPathVariableSecret,
  SubPathVariableUnknown,
  ImageMountedTwice,
  ImageVolumeNameless,
  VolumeSourceInvalid,
  VolumeNameDuplicate,
  VolumeNameInvalid,
  HostPathNotAbsolute,
  HostPathIsDisk,
  HostPathTypeInvalid,
  MediumUnsupported,
  SizeLimitInvalid,
  FileFieldInvalid,
  FileModeInvalid,
  FilePathInvalid,
  FilePathTaken,
  FileSourceInvalid,
  FilesystemUnsupported,
  DiskNameInvalid,
  DiskPartitionInvalid,
  DiskDeclaredTwice,
  PrivilegedNotAllowed,
  RootNotAllowed,
  CapabilityNotAllowed,
  UnconfinedNotAllowed,
  HostNamespaceNotAllowed,
  SysctlNotAllowed,
  SecretProjectNotAllowed,
  GpuNotAllowed,
  HostNetworkNotAllowed,
  HostPortNotAllowed,
  HostPathNotAllowed,
  ImageNotAllowed,
  LogDriverNotAllowed,
  RuntimeNotAllowed,
  VolumeNotAllowed
])
export type DeclarationProblem = typeof DeclarationProblem.Type
