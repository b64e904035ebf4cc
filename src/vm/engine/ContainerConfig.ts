import type { BindMount, ContainerSpec, RedactedVariable } from "./ContainerSpec.ts"

/** The part of an image that its containers inherit. */
export interface ImageConfig {
  readonly entrypoint: ReadonlyArray<string>
  readonly cmd: ReadonlyArray<string>
  readonly env: ReadonlyArray<RedactedVariable>
}

/** How the engine says that a container was created, with its image's part merged in. Names follow `ContainerSpec`. */
export interface ContainerConfig extends ImageConfig {
  readonly openStdin: boolean
  readonly tty: boolean
  readonly binds: ReadonlyArray<string>
  readonly mounts: ReadonlyArray<BindMount>
  readonly privileged: boolean
  readonly logConfig: { readonly type: string; readonly config: Readonly<Record<string, string>> }
}

/**
 * What the engine merges from a spec and its image. An image's command belongs to its entrypoint: a spec with an
 * entrypoint does not inherit it. Variables of the image are added unless the spec has them. Source: `merge` in moby's
 * daemon/commit.go.
 */
export const mergedConfig = (spec: ContainerSpec, image: ImageConfig): ContainerConfig => {
  const { entrypoint, cmd = [], env, openStdin, tty, binds, mounts, privileged, logConfig } = spec
  const declared = new Set(env.map(({ name }) => name))
  return {
    entrypoint: entrypoint ?? image.entrypoint,
    cmd: cmd.length === 0 && (entrypoint ?? []).length === 0 ? image.cmd : cmd,
    env: [...env, ...image.env.filter(({ name }) => !declared.has(name))],
    openStdin,
    tty,
    binds,
    mounts,
    privileged,
    logConfig
  }
}
