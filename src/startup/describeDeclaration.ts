import type { DeclarationDescription } from "../progress/DeclarationDescription.ts"
import { sha256 } from "../vm/host/sha256.ts"
import type { DeclaredContainer, DeclaredWorkload } from "../workload/DeclaredWorkload.ts"
import { allContainers } from "../workload/Workload.ts"
import type { Declared } from "./readDeclaration.ts"

/** A declaration that has not been checked yet. */
export const describeDeclaration = ({ source, file, text }: Declared): DeclarationDescription => ({
  origin: source,
  file,
  sha256: sha256(text),
  containers: []
})

/** What is to run, in the order in which it is started. */
export const describeContainers = (workload: DeclaredWorkload): DeclarationDescription["containers"] =>
  allContainers<DeclaredContainer>(workload).map(({ name, image }) => ({ name, image: image.text }))
