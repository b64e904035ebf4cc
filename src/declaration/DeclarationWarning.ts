import * as Schema from "effect/Schema"
import { CommandContainsWhiteSpace } from "./check/Command.ts"
import { ValueCutByComment } from "./check/Comments.ts"
import { NameServersReplaced } from "./check/Dns.ts"
import { SizeLimitNotEnforced } from "./check/EmptyDir.ts"
import { EnvironmentNameDuplicate } from "./check/Environment.ts"
import { PlaceholderInValue } from "./check/Expansion.ts"
import { ImageRegistryDoubtful } from "./check/Image.ts"
import { ContainerPortShared } from "./check/PortConflicts.ts"
import { HostNetworkIgnores } from "./check/Network.ts"
import { CpuRequestOutweighed, MemoryInThousandths, ResourceNotEnforced } from "./check/ResourceProblem.ts"
import { FieldMissing } from "./check/FieldPath.ts"
import { HandlerNotExpanded } from "./check/Handler.ts"
import { SecretKeyIsVersion } from "./check/ManagedSecret.ts"
import { ProfileAnnotationIgnored } from "./check/ProfileAnnotations.ts"
import { DiskReadOnlyIgnored } from "./check/PersistentDisk.ts"
import { RestartPolicyIgnored } from "./check/RestartPolicy.ts"
import { PrivilegedIgnores } from "./check/SecurityProblem.ts"
import { Tolerated } from "./check/Tolerated.ts"
import { VolumeUnused } from "./check/Volumes.ts"
import { KeyDuplicate, KeyMeaningless, KeyMisplaced, KeyUnknown, KeyUnsupported } from "./keys/KeyProblem.ts"
import { DocumentIgnored, DocumentMeaningless, DocumentUnreadable } from "./yaml/TextProblem.ts"

/** What an operator should know about a declaration that can be used all the same. */
export const DeclarationWarning = Schema.Union([
  KeyUnknown,
  KeyMisplaced,
  KeyMeaningless,
  KeyUnsupported,
  KeyDuplicate,
  VolumeUnused,
  SizeLimitNotEnforced,
  ContainerPortShared,
  HostNetworkIgnores,
  NameServersReplaced,
  RestartPolicyIgnored,
  MemoryInThousandths,
  ResourceNotEnforced,
  CpuRequestOutweighed,
  PrivilegedIgnores,
  HandlerNotExpanded,
  ProfileAnnotationIgnored,
  FieldMissing,
  SecretKeyIsVersion,
  DiskReadOnlyIgnored,
  CommandContainsWhiteSpace,
  EnvironmentNameDuplicate,
  ValueCutByComment,
  PlaceholderInValue,
  ImageRegistryDoubtful,
  Tolerated,
  DocumentIgnored,
  DocumentMeaningless,
  DocumentUnreadable
])
export type DeclarationWarning = typeof DeclarationWarning.Type
