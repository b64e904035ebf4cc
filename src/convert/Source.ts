import type { WrittenDeclaration } from "../declaration/Declaration.ts"

/** A declaration that is converted. */
export interface Source extends Omit<WrittenDeclaration, "warnings"> {
  /** Names it, for a comment in what is made of it. */
  readonly file: string
}

/** Where a volume is declared, as in `spec.volumes[0]`. */
export const volumePath = ({ written }: Source, name: string): string => {
  const { volumes } = written.spec
  return `spec.volumes[${volumes.findIndex((volume) => volume.name === name)}]`
}
