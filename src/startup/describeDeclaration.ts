import type { DeclarationDescription } from "../progress/DeclarationDescription.ts"
import { sha256 } from "../record/sha256.ts"
import type { DeclaredWorkload } from "../workload/DeclaredWorkload.ts"
import type { Declared } from "./readDeclaration.ts"

/** A declaration that has not been checked yet. */
export const describeDeclaration = ({ source, file, text }: Declared): DeclarationDescription => ({
  origin: source,
  file,
  sha256: sha256(text),
  containers: []
})

/** What is to run, in the order in which it is started. */
export const describeContainers = ({
  initContainers,
  containers
}: DeclaredWorkload): DeclarationDescription["containers"] =>
  [...initContainers, ...containers].map(({ name, image }) => ({ name, image: image.text }))
