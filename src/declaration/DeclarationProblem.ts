import * as Schema from "effect/Schema"
import * as Container from "./check/ContainerProblem.ts"
import * as Format from "./format/FormatProblem.ts"
import * as Key from "./keys/KeyProblem.ts"
import { PlaceholderLeft } from "./check/PlaceholderProblem.ts"
import * as Policy from "./policy/PolicyViolation.ts"
import * as Text from "./yaml/TextProblem.ts"
import * as Volume from "./check/VolumeProblem.ts"

/** Everything that makes a declaration unusable, each with its place, a message and an advice. */
export const DeclarationProblem = Schema.Union([
  Text.DeclarationRefused,
  Text.SyntaxInvalid,
  Format.FormatForeign,
  Format.FormatEncoded,
  Text.ValueTypeInvalid,
  Text.CharacterNotAllowed,
  Key.KeyMisspelt,
  Key.KeyInWrongPlace,
  PlaceholderLeft,
  Container.ContainerCountInvalid,
  Container.ImageMissing,
  Container.ImageReferenceInvalid,
  Container.ContainerNameInvalid,
  Container.InvalidRestartPolicy,
  Container.EnvironmentNameInvalid,
  Container.VolumeBindingMissing,
  Container.MountPathNotAbsolute,
  Container.MountPathIsRoot,
  Container.MountPathDuplicate,
  Volume.VolumeSourceInvalid,
  Volume.VolumeNameDuplicate,
  Volume.VolumeNameInvalid,
  Volume.HostPathNotAbsolute,
  Volume.HostPathIsDisk,
  Volume.MediumUnsupported,
  Volume.FilesystemUnsupported,
  Volume.DiskNameInvalid,
  Volume.DiskPartitionInvalid,
  Volume.DiskDeclaredTwice,
  Policy.PrivilegedNotAllowed,
  Policy.HostPathNotAllowed,
  Policy.ImageNotAllowed
])
export type DeclarationProblem = typeof DeclarationProblem.Type
