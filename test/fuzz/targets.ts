import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as PlatformError from "effect/PlatformError"
import * as Result from "effect/Result"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import { parseDuration } from "../../src/cli/settings/parseDuration.ts"
import type { Failure } from "../../src/cli/output/Failure.ts"
import { normalizeFlags } from "../../src/cli/settings/normalizeFlags.ts"
import { PullMeter } from "../../src/cli/output/PullMeter.ts"
import { renderError } from "../../src/cli/output/renderError.ts"
import { readSettings } from "../../src/cli/settings/readSettings.ts"
import { decodeDeclaration } from "../../src/declaration/Declaration.ts"
import { decodePolicy } from "../../src/declaration/policy/decodePolicy.ts"
import { renderProblem } from "../../src/declaration/DeclarationInvalid.ts"
import {
  formatImageReference,
  parseImageReference,
  parseRepositoryPrefix,
  pullReference,
  suggestImageReference
} from "../../src/workload/ImageReference.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { runInVirtualTime } from "../../src/simulation/host/VirtualTime.ts"
import { ContainerFailed } from "../../src/apply/confirm.ts"
import { deadlineTable } from "../../src/timing/Deadlines.ts"
import { DiskNotBlank } from "../../src/plan/DiskRefusal.ts"
import { PlanRefused } from "../../src/plan/PlanRefused.ts"
import { DiskFailed } from "../../src/vm/storage/Disks.ts"
import { diskContent, listedDevice, probed, proofRanges, rangeRead } from "../../src/vm/storage/DiskProbe.ts"
import { formatEngineAddress, parseEngineAddress } from "../../src/vm/engine/EngineAddress.ts"
import * as EngineAnswer from "../../src/vm/engine/EngineAnswer.ts"
import { engineFailure, registryFailure, thrown } from "../../src/vm/engine/EngineFailure.ts"
import { checkOutcome } from "../../src/vm/storage/Ext4.ts"
import { closeScript, firewallState, openScript } from "../../src/vm/firewall/FirewallRules.ts"
import { type LogChunk, LogFrames } from "../../src/vm/engine/LogFrames.ts"
import { MetadataProvider } from "../../src/vm/metadata/MetadataProvider.ts"
import { crc32c } from "../../src/vm/secrets/crc32c.ts"
import { decodeSecret, refusedSecret } from "../../src/vm/secrets/secretAnswer.ts"
import { parseSecretManagerUrl } from "../../src/vm/secrets/secretManagerUrl.ts"
import { formatMount, mountsBelow, parseMountTable } from "../../src/vm/storage/MountTable.ts"
import { decodePullLine, isPullEnd } from "../../src/vm/engine/PullStream.ts"
import { slipway } from "../cli/CommandLine.ts"
import { declared } from "../cli/declared.ts"
import { fixtures } from "../declaration/Fixtures.ts"
import { conversions } from "./conversions.ts"
import type { Input } from "./mutate.ts"
import type { Outcome, Target } from "./Target.ts"

const secret = "Zq7SECRETzq"

const accepted: Outcome = { accepted: true, shown: [] }
const refused = (...errors: ReadonlyArray<Failure>): Outcome => ({ accepted: false, shown: errors.map(renderError) })

const target = (
  name: string,
  samples: ReadonlyArray<string>,
  run: (input: Input) => Outcome,
  options: Partial<Target> = {}
): Target => ({ name, samples, limit: 1500, run: (input) => Effect.sync(() => run(input)), ...options })

/** A law of the decoder that holds for every input: a break is reported like a throw. */
const law = (holds: boolean, words: string): void => {
  if (!holds) throw new Error(words)
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

// Declarations

const declarationOutcome = (text: string | Uint8Array): Outcome => {
  const decoded = decodeDeclaration({ file: "declaration.yaml", text })
  if (Result.isSuccess(decoded)) return { accepted: true, shown: decoded.success.warnings.map(renderProblem) }
  const { problems, warnings } = decoded.failure
  return { accepted: false, shown: [...problems, ...warnings].map(renderProblem) }
}

const ofBoth = (decode: (text: string | Uint8Array) => Outcome, { text, bytes }: Input): Outcome => {
  const [one, other] = [decode(text), decode(bytes)]
  return { accepted: one.accepted || other.accepted, shown: [...one.shown, ...other.shown] }
}

const secretDeclarations = [
  [
    "spec:",
    "  containers:",
    "  - name: app",
    "    image: gcr.io/acme/app:1",
    "    command: [sh, -c]",
    "    args:",
    `    - ${secret}`,
    `    - --token=${secret}`,
    "    env:",
    "    - name: A",
    `      value: ${secret}`,
    `    - {name: B, value: 'x ${secret} y'}`,
    "    - name: C",
    '      value: "\\x41',
    `        ${secret}"`,
    "    volumeMounts: [{name: data, mountPath: /data}]",
    "  volumes:",
    "  - name: data",
    "    hostPath: {path: /data}"
  ].join("\n"),
  `{"spec":{"containers":[{"image":"x","env":[{"name":"A","value":"${secret}"}],"args":["${secret}"],"tty":"no"}]}}`
]

const imageReferences = [
  "nginx",
  "gcr.io/my-project/my-image:1.0",
  "localhost:5000/a/b_c-d.e:latest",
  "[2001:db8::1]:5000/x",
  `us-docker.pkg.dev/p/r/i@sha256:${"0123456789abcdef".repeat(4)}`
]

const policies = [
  "default: deny\nhostPorts: [80, 8000-8100]\nvolumes: [emptyDir]\ngpus: true\n",
  "privileged: false\nhostPaths:\n- /var/lib/app\n- /etc/ssl\nregistries: [gcr.io, docker.io/library, 'localhost:5000']\n",
  '{"privileged": true, "hostPaths": [], "registries": ["europe-docker.pkg.dev/project"]}'
]

const policyOutcome = (text: string | Uint8Array): Outcome => {
  const decoded = decodePolicy({ file: "host.yaml", text })
  if (Result.isFailure(decoded)) return { accepted: false, shown: decoded.failure.problems.map(renderProblem) }
  const { hostPaths = [], registries = [] } = decoded.success
  law(
    hostPaths.every((path) => path.startsWith("/")),
    "host paths are absolute"
  )
  law(
    registries.every((prefix) => Result.isSuccess(parseRepositoryPrefix(prefix))),
    "registries are prefixes"
  )
  return accepted
}

const imageOutcome = ({ text }: Input): Outcome => {
  const parsed = parseImageReference(text)
  const suggestion = suggestImageReference(text)
  law(suggestion === undefined || Result.isSuccess(parseImageReference(suggestion)), "a suggestion must parse")
  if (Result.isFailure(parsed)) return { accepted: false, shown: [parsed.failure] }
  const again = parseImageReference(formatImageReference(parsed.success))
  law(Result.isSuccess(again) && pullReference(again.success) === pullReference(parsed.success), "formatted differs")
  return { accepted: true, shown: [pullReference(parsed.success)] }
}

// Metadata

const metadataOutcome =
  <A, E extends Failure>(read: (metadata: MetadataProvider["Service"]) => Effect.Effect<A, E>) =>
  ({ bytes }: Input): Effect.Effect<Outcome> => {
    const client = HttpClient.make((request) =>
      Effect.sync(() =>
        HttpClientResponse.fromWeb(request, new Response(bytes, { headers: { "Metadata-Flavor": "Google" } }))
      )
    )
    return Effect.flatMap(MetadataProvider, read).pipe(
      Effect.match({ onSuccess: () => accepted, onFailure: refused }),
      Effect.provide(
        MetadataProvider.layer("metadata").pipe(Layer.provide(Layer.succeed(HttpClient.HttpClient, client)))
      ),
      Effect.catchTags({ MetadataHostInvalid: Effect.die, ConfigError: Effect.die })
    )
  }

const metadataHost = ({ text }: Input): Effect.Effect<Outcome> =>
  Effect.void.pipe(
    Effect.provide(MetadataProvider.layer(text === "" ? "metadata" : text)),
    Effect.provideService(
      HttpClient.HttpClient,
      HttpClient.make(() => Effect.die("nothing is asked for"))
    ),
    Effect.match({ onSuccess: () => accepted, onFailure: refused })
  )

// Secret Manager

const askedVersion = { project: "project", secret: "db", version: "latest" }
const secretOutcome = ({ bytes }: Input): Outcome => {
  const decoded = decodeSecret(askedVersion, "https://secrets", bytes)
  const refusals = [400, 403, 404, 500].map((status) => refusedSecret(askedVersion, status, bytes))
  const errors = [...(Result.isFailure(decoded) ? [decoded.failure] : []), ...refusals]
  return { accepted: Result.isSuccess(decoded), shown: errors.map(renderError) }
}
const urlOutcome = ({ text }: Input): Outcome => {
  const parsed = parseSecretManagerUrl(text)
  if (Result.isFailure(parsed)) return { accepted: false, shown: [parsed.failure] }
  law(URL.canParse(`${parsed.success}/v1`), "an accepted address is a URL")
  law(Result.getOrUndefined(parseSecretManagerUrl(parsed.success)) === parsed.success, "read again it is another")
  return accepted
}
const secretAnswers = [
  JSON.stringify({
    name: "projects/1/secrets/db/versions/7",
    payload: { data: Buffer.from(secret).toString("base64"), dataCrc32c: `${crc32c(Buffer.from(secret))}` }
  }),
  JSON.stringify({
    error: { code: 403, message: secret, status: "PERMISSION_DENIED", details: [{ reason: "SERVICE_DISABLED" }] }
  })
]

const token = { access_token: secret, expires_in: 3599, token_type: "Bearer" }
const disks = [
  { deviceName: "boot", index: 0, interface: "SCSI", mode: "READ_WRITE", type: "PERSISTENT" },
  { deviceName: secret, index: 1, interface: "NVME", mode: "READ_ONLY", type: "PERSISTENT" }
]

// The engine

const pullLines = [
  { status: "Pulling from library/nginx", id: "latest" },
  { status: "Pulling fs layer", progressDetail: {}, id: "a2abf6c4d29d" },
  {
    status: "Downloading",
    progressDetail: { current: 1_000_000, total: 31_000_000 },
    progress: "[=>      ]  1MB/31MB",
    id: "a2abf6c4d29d"
  },
  { status: "Pull complete", progressDetail: null, id: "a2abf6c4d29d" },
  { status: "Digest: sha256:0d17b565c37bcbd895e9d92315a05c1c3c9a29f762b011a10c54a66cd53c9b31" },
  { status: "Status: Downloaded newer image for nginx:latest" },
  { errorDetail: { message: "manifest for nginx:nope not found" }, error: "manifest for nginx:nope not found" },
  { error: "unauthorized: authentication required" }
].map((line) => JSON.stringify(line))

const pullOutcome = ({ text }: Input): Outcome => {
  const meter = new PullMeter()
  const errors: Array<Failure> = []
  let ended = false
  for (const line of text.split("\n")) {
    const decoded = decodePullLine(line)
    if (Result.isSuccess(decoded)) {
      ended ||= isPullEnd(decoded.success)
      meter.add(decoded.success)
    } else if (decoded.failure._tag === "Error") {
      errors.push(registryFailure("pull nginx", "nginx", decoded.failure.message))
    }
  }
  return { accepted: ended, shown: [...errors.map(renderError), meter.line(1000), meter.total] }
}

const frames = (() => {
  const framed = (channel: number, text: string) =>
    `${String.fromCharCode(channel)}\0\0\0\0\0\0${String.fromCharCode(text.length)}${text}`
  return [
    framed(1, "one line\n"),
    framed(2, "an error\n") + framed(1, "") + framed(1, "x".repeat(100)),
    "\x01\0\0\0\x7F"
  ]
})()

/** Each part by itself and all at once come to the same. */
const framesOutcome = ({ bytes }: Input): Outcome => {
  for (const tty of [false, true]) {
    const [whole, parts] = [new LogFrames(tty), new LogFrames(tty)]
    const first = whole.push(bytes)
    const step = 1 + (bytes.length >> 5)
    const other = Array.from({ length: Math.ceil(bytes.length / step) }, (_, index) =>
      parts.push(bytes.subarray(index * step, (index + 1) * step))
    ).flat()
    law(joined(first) === joined(other), "frames depend on how the bytes were cut")
  }
  return accepted
}

const joined = (chunks: ReadonlyArray<LogChunk>): string =>
  ["stdout", "stderr"]
    .map((name) =>
      Buffer.concat(chunks.flatMap(({ channel, bytes }) => (channel === name ? [bytes] : []))).toString("base64")
    )
    .join()

const id = "4bcc5b6dbd9f1e9ec5bd5e1f3f0e3b16c6d0b4ab3f1d5b0e2c6b9e6a7d7c1a2b"

const engineAnswers = [
  [
    {
      Id: id,
      Names: ["/klt-web-abcd", "/other/link"],
      Image: "nginx",
      Labels: { "slipway.run": "1" },
      State: "running"
    }
  ],
  {
    Id: id,
    Name: "/klt-web-abcd",
    Image: `sha256:${id}`,
    RestartCount: 0,
    State: {
      Status: "running",
      Running: true,
      ExitCode: 0,
      Error: "",
      Health: { Status: "healthy", FailingStreak: 0 }
    },
    Config: { Labels: { "slipway.run": "1" }, Tty: false, Env: [`PASSWORD=${secret}`], Cmd: [secret] },
    HostConfig: { RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 } }
  },
  { Id: `sha256:${id}`, RepoDigests: [`nginx@sha256:${id}`], RepoTags: null, Size: 142_000_000 },
  { Descriptor: { mediaType: "application/vnd.oci.image.index.v1+json", digest: `sha256:${id}`, size: 1862 } },
  { Id: id, Warnings: [] },
  { Action: "die", Actor: { ID: id, Attributes: { exitCode: "137", image: "nginx", name: "klt-web-abcd" } } },
  { Action: "health_status: unhealthy", Actor: { ID: id, Attributes: null } }
].map((answer) => JSON.stringify(answer))

const failedWith = (exitCode: number): Outcome => ({
  accepted: true,
  shown: [
    renderError(
      new ContainerFailed({ container: "web", detail: "ended", exitCode: Option.some(exitCode), lastLogLines: [] })
    )
  ]
})

const answerOutcome = ({ text }: Input): Outcome => {
  const answer = jsonOf(text)
  const inspected = EngineAnswer.inspection(answer)
  if (Option.isSome(inspected)) return failedWith(inspected.value.exitCode)
  const event = EngineAnswer.event(text)
  if (Option.isSome(event)) return event.value._tag === "Died" ? failedWith(event.value.exitCode) : accepted
  const { summaries, image, distribution, created } = EngineAnswer
  const others = [summaries(answer), image(answer), distribution(answer), created(answer)]
  return { accepted: others.some((decoded) => decoded._tag === "Some"), shown: [] }
}

const engineErrors = [
  { statusCode: 404, json: { message: "No such container: web" }, reason: "no such container" },
  { statusCode: 409, json: { message: 'Conflict. The container name "/web" is already in use' } },
  { statusCode: 500, message: "(HTTP code 500) server error - Get https://registry-1.docker.io/v2/: EOF " },
  { code: "ECONNREFUSED", message: "connect ECONNREFUSED /var/run/docker.sock" },
  { code: "ECONNRESET", message: "socket hang up" },
  { statusCode: 500, json: { message: "write /var/lib/docker/tmp/x: no space left on device" } }
].map((cause) => JSON.stringify(cause))

const failureOutcome = ({ text }: Input): Outcome => {
  const cause = thrown(jsonOf(text))
  const failures = refused(
    engineFailure("start container web", "unix:///var/run/docker.sock", cause),
    registryFailure("pull nginx", "docker.io/library/nginx:latest", cause.message)
  )
  return { ...failures, accepted: cause.statusCode !== undefined || cause.code !== undefined }
}

const addresses = [
  "unix:///var/run/docker.sock",
  "tcp://127.0.0.1:2375",
  "http://[::1]:80/",
  "ssh://me@host",
  "tcp://h"
]

const addressOutcome = ({ text }: Input): Outcome => {
  const parsed = parseEngineAddress(text)
  if (Result.isFailure(parsed)) return { accepted: false, shown: [`DOCKER_HOST ${parsed.failure}`] }
  const formatted = formatEngineAddress(parsed.success)
  const again = parseEngineAddress(formatted)
  law(Result.isSuccess(again) && formatEngineAddress(again.success) === formatted, "formatted differs")
  return { accepted: true, shown: [formatted] }
}

// The host's programs

const mountTables = [
  [
    "sysfs /sys sysfs rw,nosuid,nodev,noexec,relatime 0 0",
    "/dev/sda1 / ext4 rw,relatime,discard,errors=remount-ro 0 0",
    "tmpfs /mnt/disks/gce-containers-mounts tmpfs rw,nosuid,nodev,noexec,mode=755 0 0",
    "/dev/sdb /mnt/disks/gce-containers-mounts/with\\040space\\011and\\012more\\134\\043 ext4 ro,relatime 0 0",
    "overlay /var/lib/docker/overlay2/x/merged overlay rw,lowerdir=/l:/m,upperdir=/u,workdir=/w 0 0",
    ""
  ].join("\n")
]

const mountsOutcome = ({ text }: Input): Outcome => {
  const table = parseMountTable(text)
  law(
    JSON.stringify(parseMountTable(table.map(formatMount).join("\n"))) === JSON.stringify(table),
    "formatted mounts differ"
  )
  mountsBelow(table, "/mnt/disks/gce-containers-mounts")
  return { accepted: table.length > 0, shown: [] }
}

const exitCodes = [0, 1, 2, 4, 8, 32, 139]

/** What a program of which this was printed, on either channel, may have ended with. */
const results = (text: string) =>
  exitCodes.flatMap((exitCode) => [
    { exitCode, stdout: text, stderr: "" },
    { exitCode, stdout: "", stderr: text }
  ])

const programOutcome =
  <A>(
    decode: (result: ReturnType<typeof results>[number]) => Result.Result<A, string>,
    show: (read: A) => Array<string>
  ) =>
  ({ text }: Input): Outcome => {
    const shown: Array<string> = []
    let accepted = false
    for (const result of results(text)) {
      const read = decode(result)
      if (Result.isSuccess(read)) shown.push(...show(read.success))
      else shown.push(renderError(new DiskFailed({ operation: "inspect", device: "/dev/sdb", detail: read.failure })))
      accepted ||= Result.isSuccess(read) && result.exitCode === 0 && result.stdout !== ""
    }
    return { accepted, shown }
  }

const notBlank = (found: string): string => {
  const reason = new DiskNotBlank({ device: "/dev/sdb", found })
  return renderError(new PlanRefused({ reasons: [reason] }))
}

const listing = JSON.stringify({
  blockdevices: [
    { name: "/dev/sdb", size: 10_737_418_240 },
    { name: "/dev/sdb1", size: "10736369664" }
  ]
})

const probes = [
  "DEVNAME=/dev/sdb\nUUID=0f3c\nVERSION=1.0\nBLOCK_SIZE=4096\nTYPE=ext4\nUSAGE=filesystem\n",
  "DEVNAME=/dev/sdb\nPTUUID=6c0c\nPTTYPE=gpt\n",
  "DEVNAME=/dev/sdb\nUUID=x\nLABEL=a\\ b\nTYPE=LVM2_member\nUSAGE=raid\n",
  "DEVNAME=/dev/sdb1\nPART_ENTRY_SCHEME=gpt\nPART_ENTRY_NUMBER=1\n",
  "blkid: error: /dev/sdb: Input/output error\n"
]

const firewallTables = ["icmp", "ipv6-icmp"].map((icmp) =>
  [
    "# Generated by iptables-save v1.8.9 (nf_tables) on Tue Nov 24 03:11:57 2026",
    "*filter",
    ":INPUT ACCEPT [0:0]",
    ":FORWARD DROP [12:720]",
    ":OUTPUT ACCEPT [0:0]",
    ":SLIPWAY - [0:0]",
    "-A INPUT -j SLIPWAY",
    '[3:180] -A INPUT -m comment --comment "a \\"quoted\\" comment -j SLIPWAY" -j DROP',
    "-A FORWARD -s 10.0.0.0/8 -j SLIPWAY",
    "-A FORWARD -j SLIPWAY",
    "-A SLIPWAY -p tcp -j ACCEPT",
    "-A SLIPWAY -p udp -j ACCEPT",
    `-A SLIPWAY -p ${icmp} -j ACCEPT`,
    "COMMIT",
    "*nat",
    "-A POSTROUTING -o eth0 -j MASQUERADE",
    "COMMIT",
    ""
  ].join("\n")
)

const firewallOutcome = ({ text }: Input): Outcome => {
  let accepted = false
  for (const family of ["ipv4", "ipv6"] as const) {
    const state = firewallState(text, family)
    openScript(text, family)
    const close = closeScript(text)
    law((close === undefined) === (state === "Absent"), "what is there, and only that, is removed")
    accepted ||= state !== "Absent"
  }
  return { accepted, shown: [] }
}

// Settings and flags

const environments = [
  [
    "SLIPWAY_SHOW_WELCOME=false",
    "SLIPWAY_OPEN_IPTABLES=0",
    "SLIPWAY_DETACHED=no",
    "SLIPWAY_MOUNTED_VOLUMES_PATH_PREFIX=/mnt//x/",
    "SLIPWAY_HOST_PROC_PATH=/host_proc",
    "SLIPWAY_CONFIRM=1 minute",
    "SLIPWAY_LOCK=/run/lock",
    "SLIPWAY_WELCOME_SCRIPT=/etc/profile.d/w.sh",
    "SLIPWAY_LOG_FORMAT=json",
    "DOCKER_HOST=tcp://10.0.0.1:2375"
  ].join("\n"),
  Object.keys(deadlineTable)
    .map((name, index) => `SLIPWAY_${name}_TIMEOUT=${["10m", "1.5s", "500ms", "3 seconds"][index % 4]}`)
    .join("\n"),
  "SLIPWAY_DECLARATION=/etc/web.yaml\nSLIPWAY_CONFIRM=3s\nDOCKER_HOST=unix:///run/docker.sock"
]

const files = FileSystem.layerNoop({
  stream: (path) =>
    Stream.fail(
      PlatformError.systemError({ _tag: "NotFound", module: "FileSystem", method: "stream", pathOrDescriptor: path })
    )
})

/** Of lines of NAME=value. */
const environmentOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    text.split("\n").flatMap((line) => {
      const equals = line.indexOf("=")
      return equals < 1 ? [] : [[line.slice(0, equals), line.slice(equals + 1)] as const]
    })
  )

const settingsOutcome = ({ text }: Input): Effect.Effect<Outcome> =>
  readSettings().pipe(
    Effect.match({ onSuccess: () => accepted, onFailure: refused }),
    Effect.provide(
      Layer.mergeAll(
        files,
        Stdio.layerTest({}),
        ConfigProvider.layer(
          ConfigProvider.fromEnvRecord(
            { ...environmentOf(text), SLIPWAY_TOKEN: secret },
            { preserveEmptyStrings: true }
          )
        )
      )
    )
  )

const durationOutcome = ({ text }: Input): Outcome => {
  const parsed = parseDuration(text)
  if (Option.isNone(parsed)) return { accepted: false, shown: [] }
  const millis = Duration.toMillis(parsed.value)
  law(Number.isFinite(millis) && millis >= 0, "a length of time must be one")
  return { accepted: true, shown: [Duration.format(parsed.value)] }
}

const konletFlags = [
  "-show-welcome=true\n-open-iptables=T\n--detached=0\n-token=ya29\n-mounted-volumes-path-prefix=/mnt/x",
  "--host-proc-path=/host_proc\n-detached\n-unknown=1\n--\nrest",
  "--open-iptables\ndeclared\n-open-iptables=all\n--no-open-iptables"
]

const commandLines = [
  "--no-open-iptables\n--mounted-volumes-path-prefix\n/mnt/x\n--confirm\n5s\n--format\njson",
  "--declaration=web.yaml\n--open-iptables=declared\n--log-format\njournal\n--log-level\nall",
  "--declaration\n-\n--host-proc-path=/host_proc"
]

const commandLineOutcome = ({ text }: Input): Effect.Effect<Outcome> =>
  Effect.suspend(() => {
    const surroundings = {
      files: { "web.yaml": declared },
      stdin: declared,
      layerVm: () => SimulatedVm.layer({ declaration: declared, images: [{ reference: "registry.example/web:1" }] })
    }
    // Effect's own parser makes an error of each letter of a word that begins with one dash, and takes its time.
    const words = text.split("\n").map((word) => word.slice(0, 10_000))
    // The token comes first, so that no flag before it can take it for a value of its own.
    return Effect.map(slipway(["plan", `--token=${secret}`, ...words], surroundings), (run): Outcome => {
      law(!run.stderr.includes("a bug in Slipway"), run.stderr)
      return { accepted: run.exitCode === 0, shown: [run.stderr] }
    })
  }).pipe(runInVirtualTime)

/** Everything that reads what comes from outside. */
export const targets: ReadonlyArray<Target> = [
  target(
    "declaration",
    fixtures.map(({ text }) => text),
    (input) => ofBoth(declarationOutcome, input)
  ),
  target("declaration with secrets", secretDeclarations, (input) => ofBoth(declarationOutcome, input), {
    secret,
    slips: true
  }),
  ...conversions,
  target("policy", policies, (input) => ofBoth(policyOutcome, input)),
  target("image reference", imageReferences, imageOutcome),
  target("metadata: disks", [JSON.stringify(disks), "[]"], () => accepted, {
    secret,
    run: metadataOutcome((metadata) => metadata.disks)
  }),
  target("metadata: token", [JSON.stringify(token)], () => accepted, {
    secret,
    run: metadataOutcome((metadata) => metadata.token)
  }),
  target("metadata: host", ["metadata.google.internal", "169.254.169.254:80", "[fd20:ce::254]:8080"], () => accepted, {
    run: metadataHost
  }),
  target("secret manager", secretAnswers, secretOutcome, { secret }),
  target(
    "secret manager: address",
    ["https://secretmanager.googleapis.com", "http://127.0.0.1:80/x/", "https://[::1]:8443"],
    urlOutcome
  ),
  target("pull stream", [...pullLines, pullLines.slice(0, 6).join("\n")], pullOutcome),
  target("log frames", frames, framesOutcome),
  target("engine answers", engineAnswers, answerOutcome, { secret }),
  target("engine failures", engineErrors, failureOutcome),
  target("DOCKER_HOST", addresses, addressOutcome),
  target("mount table", mountTables, mountsOutcome),
  target(
    "lsblk",
    [listing],
    programOutcome(listedDevice, (device) => {
      if (Option.isSome(device)) {
        const { sizeBytes } = device.value
        const content = diskContent({ _tag: "Nothing" }, sizeBytes, [])
        law(content._tag !== "Blank", "nothing was read, so nothing proves that it is blank")
        law(
          proofRanges(sizeBytes).every(([from, to]) => from >= 0 && to > from && to <= sizeBytes),
          "ranges lie on the device"
        )
      }
      return []
    })
  ),
  target(
    "blkid",
    probes,
    programOutcome(probed, (probe) => {
      if (probe._tag === "Filesystem") return [notBlank(`a filesystem of type ${probe.type}`)]
      return probe._tag === "Signature" ? [notBlank(probe.description)] : []
    })
  ),
  target(
    "dd",
    ["\0".repeat(64), `\0\0${secret}\0`, secret],
    ({ text }) =>
      programOutcome(
        // The disk's content comes on stdout alone.
        (result) => rangeRead([0, 64], { ...result, stderr: "" }),
        () => []
      )({ text, bytes: new Uint8Array() }),
    { secret }
  ),
  target(
    "fsck",
    ["/dev/sdb: clean, 11/655360 files, 66753/2621440 blocks\n", "fsck.ext4: Bad magic number in super-block\n"],
    programOutcome(
      (result) => Result.mapError(checkOutcome("/dev/sdb", result), ({ detail }) => detail),
      (outcome) => (typeof outcome === "string" ? [] : [outcome.detail])
    )
  ),
  target("iptables-save", firewallTables, firewallOutcome),
  target("settings", environments, () => accepted, { secret, run: settingsOutcome, limit: 4000 }),
  target("duration", ["500ms", "30s", "1.5m", "1h", "3 seconds", "2 weeks", "100 nanos"], durationOutcome),
  target("konlet's flags", konletFlags, ({ text }) => {
    const args = text.split("\n")
    law(normalizeFlags(args).length <= args.length, "no argument becomes two")
    return accepted
  }),
  target("command line", commandLines, () => accepted, { secret, run: commandLineOutcome, share: 20, limit: 6000 })
]
