import type { From, Origin, Told } from "./Value.ts"

/**
 * A container as Docker is told of it, by whichever of its programs: what of that a declaration may have. What it cannot
 * have, whoever reads the source lists.
 */
export interface DockerContainer {
  /** Where it is as a whole. */
  readonly at: Origin
  /** Empty if it has none. */
  readonly name: Told<string>
  /** The engine's, by which others name it too. */
  readonly id?: string
  readonly image: Told<string>
  /** A sandbox only holds what the others share. */
  readonly role: "main" | "init" | "sidecar" | "sandbox"
  /** What others call it on a network. */
  readonly hosts: ReadonlyArray<string>
  /** Others wait until it is healthy. */
  readonly isAwaited: boolean
  /** Empty: the image's is cleared. */
  readonly entrypoint?: Told<ReadonlyArray<string>>
  readonly command?: Told<ReadonlyArray<string>>
  readonly workingDir?: Told<string>
  readonly env: ReadonlyArray<Told<{ readonly name: string; readonly value: string }>>
  readonly ports: ReadonlyArray<Told<DockerPort>>
  readonly mounts: ReadonlyArray<Told<DockerMount>>
  /** Whose volumes it has too: `db`, `db:ro`, `container:db` */
  readonly volumesFrom: ReadonlyArray<Told<string>>
  /** What it calls other containers. */
  readonly links: ReadonlyArray<Told<{ readonly container: string; readonly alias: string }>>
  readonly pullPolicy?: Told<string>
  /** `no`, `always`, `unless-stopped`, `on-failure`, `on-failure:3` */
  readonly restart: Told<string>
  readonly cpuMillis?: Told<number>
  readonly cpuShares?: Told<number>
  readonly memory?: Told<number>
  readonly memoryReservation?: Told<number>
  /** The CPUs that are reserved for it, where the source gives CPUs and not shares. */
  readonly cpuRequestMillis?: Told<number>
  readonly gpus?: Told<number>
  readonly shmSize?: Told<number>
  readonly user?: Told<string>
  readonly groups: ReadonlyArray<Told<string>>
  readonly capAdd: ReadonlyArray<Told<string>>
  readonly capDrop: ReadonlyArray<Told<string>>
  readonly privileged?: Told<boolean>
  readonly readOnly?: Told<boolean>
  readonly securityOptions: ReadonlyArray<Told<string>>
  readonly sysctls: ReadonlyArray<Told<{ readonly name: string; readonly value: string }>>
  readonly stdin?: Told<boolean>
  readonly stdinOnce?: Told<boolean>
  readonly tty?: Told<boolean>
  readonly stopSignal?: Told<string>
  /** In seconds. */
  readonly stopTimeout?: Told<number>
  readonly postStart?: Told<ReadonlyArray<string>>
  readonly preStop?: Told<ReadonlyArray<string>>
  readonly health?: Told<DockerHealth>
  readonly logging?: Told<{ readonly driver: string; readonly options: Readonly<Record<string, string>> }>
  readonly hostname?: Told<string>
  readonly dns: ReadonlyArray<Told<string>>
  readonly dnsSearch: ReadonlyArray<Told<string>>
  readonly dnsOptions: ReadonlyArray<Told<string>>
  readonly extraHosts: ReadonlyArray<Told<{ readonly name: string; readonly ip: string }>>
  /** Docker's word: `bridge`, `host`, `none`, `container:…`, a network's name. */
  readonly network?: Told<string>
  readonly pid?: Told<string>
  readonly ipc?: Told<string>
  readonly runtime?: Told<string>
}

export interface DockerPort {
  readonly containerPort: number
  readonly hostPort?: number | undefined
  readonly hostIp?: string | undefined
  readonly protocol: string
}

interface AnyMount {
  readonly target: string
  readonly readOnly: boolean
  readonly subPath?: string | undefined
  /** Whose it is, of what each container has for itself: others may have the same. */
  readonly of?: string | undefined
  /** It is another container's, whose losses are listed with that. */
  readonly isListed?: true | undefined
}

export type DockerMount =
  | (AnyMount & {
      readonly kind: "bind"
      readonly source: string
      readonly propagation?: string | undefined
      readonly recursive?: "readonly" | "writable" | undefined
    })
  /** Without a name it is the container's own. */
  | (AnyMount & {
      readonly kind: "volume"
      readonly name: string | undefined
      /** Where its files are on the host, if that is known. */
      readonly directory?: string | undefined
      /** A sentence on where the name is from, or what is missing for it. */
      readonly why?: string | undefined
    })
  | (AnyMount & { readonly kind: "tmpfs"; readonly size?: number | undefined })
  | (AnyMount & { readonly kind: "image"; readonly image: string })
  /** What a Pod's volume may be and Docker's is not. Of one name it is the same. */
  | (AnyMount & {
      readonly kind: "other"
      readonly name: string
      /** The source of the volume. */
      readonly source: From
    })

export interface DockerHealth {
  /** As in the API: `CMD` or `CMD-SHELL` and what follows. */
  readonly test: ReadonlyArray<string>
  /** In seconds. */
  readonly interval?: number | undefined
  readonly timeout?: number | undefined
  readonly retries?: number | undefined
  readonly startPeriod?: number | undefined
}

/** A container of which nothing is known but its image. */
export const dockerContainer = (
  at: Origin,
  image: Told<string>,
  known: Partial<DockerContainer> = {}
): DockerContainer => ({
  at,
  image,
  name: { value: "", at },
  role: "main",
  hosts: [],
  isAwaited: false,
  env: [],
  ports: [],
  mounts: [],
  volumesFrom: [],
  links: [],
  restart: { value: "no", at },
  groups: [],
  capAdd: [],
  capDrop: [],
  securityOptions: [],
  sysctls: [],
  dns: [],
  dnsSearch: [],
  dnsOptions: [],
  extraHosts: [],
  ...known
})
