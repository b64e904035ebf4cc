import {
  CertificateOutOfDate,
  CertificateUntrusted,
  CommandNotExecutable,
  CommandNotFound,
  Conflict,
  DeviceMissing,
  type DockerError,
  EngineDiskFailed,
  EngineFailed,
  ExecutableForeign,
  ImageAccessDenied,
  ImageNotFound,
  ImagePartMissing,
  ImageUnusable,
  LayerMissing,
  LogUnreadable,
  MountRefused,
  NotFound,
  NoSpace,
  PlatformMissing,
  PortTaken,
  ProxyFailed,
  ProxyRefused,
  RateLimited,
  RegistryFailed,
  RegistryRefused,
  RegistryUnreachable,
  RegistryWithoutTls,
  RightsMissing,
  type StartReason,
  TlsRefused,
  TransferBroken,
  UserUnknown
} from "./DockerError.ts"

/**
 * The messages of engines and registries, and what they mean: one table for Docker with its own image store, Docker
 * with containerd's, and Podman. Status codes tell little: most messages come with a 500, or within an answer of 200.
 * Each row is tested with a message as it was really given. The first matching row counts, so rarer messages come
 * first: a disk that is full while a layer is unpacked, a rate limit that is called "denied". Rows see the message
 * without names (`withoutNames`): `<name>` stands for a reference, a URL or anything in double quotes, `<path>` for a
 * path, `<status 404>` for a registry's status in any form.
 */
export interface Row<S extends Said, R extends Reason = Reason> {
  readonly words: RegExp
  readonly means: (said: S) => R
}

export type Reason = DockerError["reason"]

/** What was attempted, the full message, and the part of it that is shown. */
export interface Said {
  readonly operation: string
  readonly words: string
  readonly detail: string
}
export interface SaidOfImage extends Said {
  readonly image: string
}

/** A reason that needs nothing but the message. */
const as =
  <R extends Reason>(Reason: new (fields: Pick<Said, "operation" | "detail">) => R) =>
  ({ operation, detail }: Said): R =>
    new Reason({ operation, detail })
const ofImage =
  (Reason: new (fields: Pick<SaidOfImage, "operation" | "detail" | "image">) => Reason) =>
  ({ operation, detail, image }: SaidOfImage): Reason =>
    new Reason({ operation, detail, image })
const onDisk =
  (Reason: new (fields: Pick<Said, "operation" | "detail"> & { readonly directory: string | undefined }) => Reason) =>
  ({ operation, detail, words }: Said): Reason =>
    new Reason({ operation, detail, directory: engineDirectory(words) })

/** The directories in an engine's data root. */
const kept =
  /\s(\/\S*?)\/(?:io\.containerd\.|tmpmounts\/|overlay2?[/:]|(?:btrfs|vfs|zfs|rootfs)\/|image\/\w|containers\/[0-9a-f]{64}|tmp\/GetImageBlob|container_images_storage)/

/**
 * The engine's data root in which a write failed. A layer is unpacked with chroot, so a path within it tells nothing.
 */
const engineDirectory = (words: string): string | undefined =>
  /register layer/.test(words) ? undefined : kept.exec(` ${words.replace(/["']/g, " ")}`)?.[1]

/** For any filesystem that the engine writes to. */
const disk: ReadonlyArray<Row<Said>> = [
  { words: /no space left on device|disk quota exceeded|thin pool has/i, means: onDisk(NoSpace) },
  {
    words: /read-only file system|input\/output error|structure needs cleaning|stale (nfs )?file handle/i,
    means: onDisk(EngineDiskFailed)
  }
]

/**
 * Messages about an image: the registry's, the network's, or those of the engine that stores it. What matches no row
 * counts as a failure of the registry, which may pass.
 */
export const imageWords: ReadonlyArray<Row<SaidOfImage>> = [
  ...disk,
  // The engine itself: its containerd is away, or the process that unpacks a layer was killed.
  {
    words:
      /connection error: desc = <name>|dial unix|ttrpc: closed|transport is closing|processing tar file\((signal|exit status 13[79])/i,
    means: ({ operation, detail }) => new EngineFailed({ operation, detail, statusCode: 500 })
  },

  // A proxy. Its answer to CONNECT is the status text, after the request or alone.
  { words: /proxy authentication required|<status 407>/i, means: ofImage(ProxyRefused) },
  { words: /proxyconnect|socks connect/i, means: ofImage(ProxyFailed) },
  {
    words:
      /(^|(Get|Head) <name>: )(Too Many Requests|Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out)$/,
    means: ofImage(ProxyFailed)
  },
  {
    words: /(^|(Get|Head) <name>: )(Bad Request|Unauthorized|Forbidden|Not Found|Method Not Allowed)$/,
    means: ofImage(ProxyRefused)
  },

  // 429 in all its forms: Docker Hub's, Google's quota, and mirrors that call it "denied".
  {
    words:
      /toomanyrequests|too many (requests|failed login)|rate.?limit|quota exceeded|exceeded .{0,40}\bquota|resource.?exhausted|<status 429>/i,
    means: ofImage(RateLimited)
  },

  // The image's content.
  {
    words:
      /no matching manifest for|no supported platform|no match for platform|no image found in (image index|manifest list)|operating system .* cannot be used|does not (provide|match) the specified platform/i,
    means: ofImage(PlatformMissing)
  },
  {
    words:
      /tar header|archive\/tar: |gzip: invalid|flate: corrupt|decoding error|magic number mismatch|frame header|((processing tar file|register layer|extract layer|unpacking).*|storing blob to file <name>: )unexpected EOF/i,
    means: ofImage(ImageUnusable)
  },
  {
    words:
      /no longer supported|schema 1 support|missing signature key|unmarshalling public key|unsupported (media ?type|schema|manifest|image-specific)|media ?type in manifest should be|encountered remote/i,
    means: ofImage(ImageUnusable)
  },
  {
    words:
      /don't match image configuration|diffids don't match|wrong diff id|does not match config's diffid|mismatched image rootfs|invalid rootfs|unmarshal image config|max depth exceeded/i,
    means: ofImage(ImageUnusable)
  },
  // containerd requests a manifest of an unknown type as if it were a layer.
  { words: /content descriptor <digest> \(text\/html\)/i, means: ofImage(RegistryFailed) },
  {
    words:
      /content descriptor <digest> \((?!\S*(layer|rootfs|container\.image|image\.config))\S+\) from remote: not found/i,
    means: ofImage(ImageUnusable)
  },
  {
    words: /unknown blob|blob unknown|content descriptor .* from remote: not found/i,
    means: ofImage(LayerMissing)
  },
  {
    words: /failed to (register|extract|unpack)/i,
    means: ({ operation, detail }) => new EngineFailed({ operation, detail, statusCode: 500 })
  },

  // The connection.
  {
    words: /certificate has expired|certificate is not yet valid/i,
    means: ({ operation, detail, image, words }) =>
      new CertificateOutOfDate({ operation, detail, image, clock: /current time (\S+Z)/.exec(words)?.[1] })
  },
  { words: /\bx509: |failed to verify certificate/i, means: ofImage(CertificateUntrusted) },
  {
    words: /server gave HTTP response to HTTPS client|first record does not look like a TLS handshake/i,
    means: ofImage(RegistryWithoutTls)
  },
  { words: /\btls: (?!.*(bad record MAC|timeout))/, means: ofImage(TlsRefused) },
  {
    words:
      /unexpected commit digest|failed size validation|verification failed for digest|digest did not match|short read|expected number of bytes|byte range request/i,
    means: ofImage(TransferBroken)
  },
  {
    words:
      /no such host|server misbehaving|name resolution|connection refused|no route to host|network is unreachable|i\/o timeout|handshake timeout|awaiting headers|deadline exceeded|request canceled|connection timed out/i,
    means: ofImage(RegistryUnreachable)
  },
  {
    words: /\bEOF\b|connection reset|broken pipe|closed network connection|bad record MAC|http2: |stream error/,
    means: ofImage(TransferBroken)
  },

  // The registry refuses. Without a token server there is no image.
  {
    words: /(fetch \w+ token|Head <name>: error|received unexpected HTTP status).*<status (404|5\d\d)>/i,
    means: ofImage(RegistryFailed)
  },
  { words: /<status (401|403|451)>/, means: ofImage(ImageAccessDenied) },
  { words: /<status (404|410)>/, means: ofImage(ImageNotFound) },
  { words: /<status (408|425|5\d\d)>/, means: ofImage(RegistryFailed) },
  { words: /<status 4\d\d>/, means: ofImage(RegistryRefused) },
  // Docker Hub and the engine do not tell which of the two it is: "may require 'docker login'".
  {
    words:
      /unauthori[sz]ed|unauthenticated|no basic auth credentials|authentication required|authorization failed|\bdenied\b|forbidden|not have permission|invalid username/i,
    means: ofImage(ImageAccessDenied)
  },
  {
    words: /manifest unknown|name unknown|not found|no such (image|manifest)|does not exist|not known to registry/i,
    means: ofImage(ImageNotFound)
  }
]

/** Messages about a container, of the engine and of its runtime. If no row matches, the status decides. */
export const containerWords: ReadonlyArray<Row<Said>> = [
  // First: a host path on a read-only root is not on the engine's disk.
  {
    words:
      /(creating|for) (mount source|volume) path|mount config for type|making volume mountpoint|error mounting|fulfil mount request|bind source path does not exist|duplicate mount|trying to mount a directory onto a file/i,
    means: as(MountRefused)
  },
  {
    words: /^cannot access path .* no such file|escapes the base directory|resolving symlinks in combined path/i,
    means: as(ImagePartMissing)
  },
  ...disk,
  { words: /exec format error/i, means: as(ExecutableForeign) },
  {
    words: /exec: <name>: (executable file not found|stat \S+ no such file)|a command that was not found/i,
    means: as(CommandNotFound)
  },
  { words: /exec: <name>: (permission denied|is a directory)/i, means: as(CommandNotExecutable) },
  { words: /no matching entries in (passwd|group) file|unable to find (user|group)/i, means: as(UserUnknown) },
  {
    words: /gathering device information|could not select device driver|no such device|container create: stat <path>/i,
    means: as(DeviceMissing)
  },
  { words: /port is already allocated|address already in use|failed to bind host port/i, means: as(PortTaken) },
  {
    words: /unable to apply caps|setting rlimit|operation not permitted|user namespaces|apparmor profile/i,
    means: as(RightsMissing)
  },
  { words: /does not (provide|match) the specified platform/i, means: as(PlatformMissing) },
  { words: /logging driver does not support reading/i, means: as(LogUnreadable) },
  // A container whose network is to be joined is gone: Docker 28's 500, where others answer 404.
  { words: /joining network namespace of container: No such container/i, means: as(NotFound) },
  // A network that containers are on: Docker's 403, Podman's 409.
  { words: /has active endpoints|network is being used/i, means: as(Conflict) },
  // Podman's 500, for creating and for renaming.
  { words: /that name is already in use|UNIQUE constraint failed: ContainerConfig\.Name/i, means: as(Conflict) }
]

/** The log of a container whose program the kernel rejected: the runtime's message in place of the program's. */
export const logWords: ReadonlyArray<Row<Said, StartReason>> = [
  { words: /^(exec \S+|.*exec user process caused):? "?exec format error"?$/, means: as(ExecutableForeign) },
  { words: /^(exec \S+|.*exec user process caused):? "?no such file or directory"?$/, means: as(CommandNotFound) },
  { words: /^(exec \S+|.*exec user process caused):? "?permission denied"?$/, means: as(CommandNotExecutable) }
]
