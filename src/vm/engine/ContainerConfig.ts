import type { BindMount, ContainerSpec, RedactedVariable } from "./ContainerSpec.ts"

/** What an image brings into its containers. */
export interface ImageConfig {
  readonly entrypoint: ReadonlyArray<string>
  readonly cmd: ReadonlyArray<string>
  readonly env: ReadonlyArray<RedactedVariable>
}

/** What the engine has of a container's making, its image's own merged into it: names follow `ContainerSpec`. */
export interface ContainerConfig extends ImageConfig {
  readonly openStdin: boolean
  readonly tty: boolean
  readonly binds: ReadonlyArray<string>
  readonly mounts: ReadonlyArray<BindMount>
  readonly privileged: boolean
  readonly logConfig: { readonly type: string; readonly config: Readonly<Record<string, string>> }
}

/**
 * What the engine makes of a spec and its image. An image's command belongs to its entrypoint: another entrypoint goes
 * without it. Of the image's variables those are added that the spec does not have. Source: `merge` in moby's
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
