import * as Schema from "effect/Schema"
import { ContainerNameInvalid } from "./check/Container.ts"
import { ContainerCountInvalid } from "./check/Containers.ts"
import { MediumUnsupported, VolumeNameInvalid } from "./check/EmptyDir.ts"
import { EnvironmentNameInvalid } from "./check/Environment.ts"
import { HostPathIsDisk, HostPathNotAbsolute } from "./check/HostPath.ts"
import { ImageMissing, ImageReferenceInvalid } from "./check/Image.ts"
import { MountPathDuplicate, MountPathIsRoot, MountPathNotAbsolute, VolumeBindingMissing } from "./check/Mounts.ts"
import { DiskNameInvalid, DiskPartitionInvalid, FilesystemUnsupported } from "./check/PersistentDisk.ts"
import { PlaceholderLeft } from "./check/Placeholder.ts"
import { InvalidRestartPolicy } from "./check/RestartPolicy.ts"
import { DiskDeclaredTwice, VolumeNameDuplicate } from "./check/Volumes.ts"
import { VolumeSourceInvalid } from "./check/VolumeSource.ts"
import { FormatEncoded, FormatForeign } from "./format/FormatProblem.ts"
import { KeyInWrongPlace, KeyMisspelt } from "./keys/KeyProblem.ts"
import { HostPathNotAllowed, ImageNotAllowed, PrivilegedNotAllowed } from "./policy/PolicyViolation.ts"
import { CharacterNotAllowed, DeclarationRefused, SyntaxInvalid, ValueTypeInvalid } from "./yaml/TextProblem.ts"

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
  PlaceholderLeft,
  ContainerCountInvalid,
  ContainerNameInvalid,
  ImageMissing,
  ImageReferenceInvalid,
  InvalidRestartPolicy,
  EnvironmentNameInvalid,
  VolumeBindingMissing,
  MountPathNotAbsolute,
  MountPathIsRoot,
  MountPathDuplicate,
  VolumeSourceInvalid,
  VolumeNameDuplicate,
  VolumeNameInvalid,
  HostPathNotAbsolute,
  HostPathIsDisk,
  MediumUnsupported,
  FilesystemUnsupported,
  DiskNameInvalid,
  DiskPartitionInvalid,
  DiskDeclaredTwice,
  PrivilegedNotAllowed,
  HostPathNotAllowed,
  ImageNotAllowed
])
export type DeclarationProblem = typeof DeclarationProblem.Type
