import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { ConfigFields, containerConfig, HostConfigFields, imageConfig, ImageFields } from "./EngineConfig.ts"
import { addressOf, ListedPorts, listedPorts, NetworkSettings } from "./networkAnswers.ts"
import { withoutHooks } from "./hooksLabel.ts"
import type {
  ContainerEvent,
  ContainerHappening,
  ContainerInspection,
  ContainerStatus,
  ContainerSummary,
  ImageInspection
} from "./Inspection.ts"

/**
 * The answers of the Docker Engine API (v1.41 and later) that are used here. Each decoder returns `none` for anything
 * else.
 */

const Labels = Schema.NullOr(Schema.Record(Schema.String, Schema.String))

const withoutSlash = (name: string): string => (name.startsWith("/") ? name.slice(1) : name)

const decodeSummaries = Schema.decodeUnknownOption(
  Schema.Array(
    Schema.Struct({
      Id: Schema.String,
      Names: Schema.NullOr(Schema.Array(Schema.String)),
      Labels: Schema.optional(Labels),
      ImageID: Schema.optional(Schema.String),
      State: Schema.optional(Schema.String),
      Status: Schema.optional(Schema.String),
      Ports: ListedPorts
    })
  )
)

const statuses = ["created", "running", "paused", "restarting", "removing", "exited", "dead"] as const

/** Podman's names for Docker's states. A container that is being stopped still runs. */
const podmanStatuses: Readonly<Record<string, ContainerStatus | undefined>> = {
  configured: "created",
  initialized: "created",
  stopping: "running",
  stopped: "exited"
}

const statusOf = (word: string | undefined): ContainerStatus | undefined =>
  statuses.find((status) => status === word) ??
  (word !== undefined && Object.hasOwn(podmanStatuses, word) ? podmanStatuses[word] : undefined)

export const summaries = (answer: unknown): Option.Option<ReadonlyArray<ContainerSummary>> =>
  Option.map(decodeSummaries(answer), (list) =>
    list.map(({ Id, Names, Labels, ImageID, State, Status, Ports }) => ({
      id: Id,
      names: (Names ?? []).map(withoutSlash),
      labels: withoutHooks(Labels ?? {}),
      imageId: ImageID ?? "",
      status: statusOf(State) ?? "unknown",
      exitCode: exitCodeOf(Status ?? ""),
      ports: listedPorts(Ports)
    }))
  )

/** A list has the exit code only in its text for people: `Exited (0) 5 minutes ago`. */
const exitCodeOf = (status: string): number | undefined => {
  const [, code] = /^Exited \((\d{1,3})\)/.exec(status) ?? []
  return code === undefined ? undefined : Number(code)
}

const decodeInspection = Schema.decodeUnknownOption(
  Schema.Struct({
    Id: Schema.String,
    Name: Schema.String,
    Image: Schema.String,
    RestartCount: Schema.optional(Schema.Int),
    State: Schema.Struct({
      Status: Schema.String,
      ExitCode: Schema.Int,
      OOMKilled: Schema.optional(Schema.Boolean),
      Error: Schema.optional(Schema.String),
      StartedAt: Schema.optional(Schema.String),
      Health: Schema.optional(Schema.NullOr(Schema.Struct({ Status: Schema.String })))
    }),
    Config: Schema.Struct({
      ...ConfigFields.fields,
      Image: Schema.optional(Schema.String),
      Labels: Schema.optional(Labels)
    }),
    HostConfig: Schema.Struct({
      ...HostConfigFields.fields,
      RestartPolicy: Schema.optional(
        Schema.Struct({ Name: Schema.String, MaximumRetryCount: Schema.optional(Schema.Int) })
      )
    }),
    NetworkSettings,
    Mounts: Schema.optional(
      Schema.NullOr(
        Schema.Array(Schema.Struct({ Type: Schema.optional(Schema.String), Source: Schema.optional(Schema.String) }))
      )
    )
  })
)

const restartPolicyNames = ["always", "on-failure", "unless-stopped"] as const
const healths = ["starting", "healthy", "unhealthy"] as const

export const inspection = (answer: unknown): Option.Option<ContainerInspection> =>
  Option.flatMap(
    decodeInspection(answer),
    ({ Id, Name, Image, RestartCount, State, Config, HostConfig, NetworkSettings, Mounts }) => {
      const images = (Mounts ?? []).flatMap(({ Type, Source = "" }) => (Type === "image" ? [Source] : []))
      const status = statusOf(State.Status)
      if (status === undefined) return Option.none()
      return Option.some({
        id: Id,
        name: withoutSlash(Name),
        imageId: Image,
        image: Config.Image ?? Image,
        labels: withoutHooks(Config.Labels ?? {}),
        status,
        exitCode: State.ExitCode,
        ...(State.OOMKilled === true ? { hasRunOutOfMemory: true } : {}),
        error: State.Error ?? "",
        startedAt: Option.fromUndefinedOr(timeOf(State.StartedAt)),
        restartCount: RestartCount ?? 0,
        restartPolicy: {
          // The engine's default is the empty name.
          name: restartPolicyNames.find((name) => name === HostConfig.RestartPolicy?.Name) ?? "no",
          maximumRetryCount: HostConfig.RestartPolicy?.MaximumRetryCount ?? 0
        },
        health: Option.fromNullishOr(healths.find((health) => health === State.Health?.Status)),
        address: addressOf(NetworkSettings),
        ...(images.length === 0 ? {} : { imageMountPoints: images }),
        config: containerConfig(Config, HostConfig)
      })
    }
  )

const decodeImage = Schema.decodeUnknownOption(
  Schema.Struct({
    Id: Schema.String,
    RepoDigests: Schema.optional(Schema.NullOr(Schema.Array(Schema.String))),
    Size: Schema.Finite,
    Config: Schema.optional(Schema.NullOr(ImageFields)),
    Metadata: Schema.optional(Schema.NullOr(Schema.Struct({ LastTagTime: Schema.optional(Schema.String) })))
  })
)

export const image = (answer: unknown): Option.Option<ImageInspection> =>
  Option.map(decodeImage(answer), ({ Id, RepoDigests, Size, Config, Metadata }) => ({
    id: Id,
    digests: (RepoDigests ?? []).map((entry) => entry.slice(entry.indexOf("@") + 1)),
    sizeBytes: Size,
    taggedAt: timeOf(Metadata?.LastTagTime),
    config: imageConfig(Config)
  }))

const decodeImageNames = Schema.decodeUnknownOption(
  Schema.Struct({
    RepoTags: Schema.optional(Schema.NullOr(Schema.Array(Schema.String))),
    RepoDigests: Schema.optional(Schema.NullOr(Schema.Array(Schema.String)))
  })
)

/** Whether an image has more names than one tag and the digests of one repository. */
export const hasSeveralNames = (answer: unknown): Option.Option<boolean> =>
  Option.map(decodeImageNames(answer), ({ RepoTags, RepoDigests }) => {
    // With containerd's image store, Engine 28.5 lists digests among the tags too.
    const tags = (RepoTags ?? []).filter((name) => !name.includes("@"))
    const digests = (RepoDigests ?? []).map((name) => name.slice(0, name.indexOf("@")))
    const repositories = new Set([...tags.map((name) => name.slice(0, name.lastIndexOf(":"))), ...digests])
    return tags.length > 1 || repositories.size > 1
  })

/** The engine dates what never happened to the year 1. */
const timeOf = (text: string | undefined): number | undefined => {
  const millis = Date.parse(text ?? "")
  return millis > 0 ? millis : undefined
}

const decodeInfo = Schema.decodeUnknownOption(
  Schema.Struct({
    DockerRootDir: Schema.String,
    DriverStatus: Schema.optional(Schema.NullOr(Schema.Array(Schema.Array(Schema.String))))
  })
)

/**
 * `GET /info`: the engine's data root. With containerd's image store the images are in containerd's root, which the
 * engine does not tell: a containerd of its own has /var/lib/containerd.
 */
export const dataRoots = (answer: unknown): Option.Option<ReadonlyArray<string>> =>
  Option.map(decodeInfo(answer), ({ DockerRootDir, DriverStatus }) => {
    const store = DriverStatus?.find(([name]) => name === "driver-type")?.[1]
    return store?.startsWith("io.containerd.") === true ? ["/var/lib/containerd", DockerRootDir] : [DockerRootDir]
  })

const decodeDistribution = Schema.decodeUnknownOption(
  Schema.Struct({ Descriptor: Schema.Struct({ digest: Schema.NonEmptyString }) })
)

/** The manifest digest. */
export const distribution = (answer: unknown): Option.Option<string> =>
  Option.map(decodeDistribution(answer), ({ Descriptor }) => Descriptor.digest)

const decodeVersion = Schema.decodeUnknownOption(Schema.Struct({ Arch: Schema.NonEmptyString }))

/** `GET /version`: the engine's architecture, in Go's names. */
export const architecture = (answer: unknown): Option.Option<string> =>
  Option.map(decodeVersion(answer), ({ Arch }) => Arch)

const decodeCreated = Schema.decodeUnknownOption(Schema.Struct({ Id: Schema.NonEmptyString }))

/** The new container's or network's id. */
export const created = (answer: unknown): Option.Option<string> => Option.map(decodeCreated(answer), ({ Id }) => Id)

const decodeEvent = Schema.decodeUnknownOption(
  Schema.fromJsonString(
    Schema.Struct({
      Action: Schema.String,
      Actor: Schema.optional(
        Schema.Struct({
          ID: Schema.optional(Schema.String),
          Attributes: Schema.optional(Schema.NullOr(Schema.Record(Schema.String, Schema.String)))
        })
      )
    })
  )
)

/** One line of the event stream; `none` for events that do not matter here. */
export const event = (line: string): Option.Option<ContainerEvent> =>
  Option.flatMap(decodeEvent(line), ({ Action, Actor }): Option.Option<ContainerEvent> => {
    return Action === "kill" ? Option.some({ _tag: "Signalled" }) : eventOf(Action, Actor?.Attributes ?? {})
  })

const eventOf = (
  action: string,
  attributes: Readonly<Record<string, string>>
): Option.Option<Exclude<ContainerEvent, { readonly _tag: "Signalled" }>> => {
  if (action === "die") {
    const exitCode = attributes["exitCode"] ?? "0"
    return /^-?\d{1,10}$/.test(exitCode) ? Option.some({ _tag: "Died", exitCode: Number(exitCode) }) : Option.none()
  }
  if (action === "update") return Option.some({ _tag: "Updated" })
  if (action === "oom") return Option.some({ _tag: "OutOfMemory" })
  const health = /^health_status: (healthy|unhealthy)$/.exec(action)?.[1]
  return health === "healthy" || health === "unhealthy" ? Option.some({ _tag: "Health", health }) : Option.none()
}

/**
 * The same of the stream of all containers. The attributes of an event are the container's labels, and a few of its
 * own.
 */
export const happening = (line: string): Option.Option<ContainerHappening> =>
  Option.flatMap(decodeEvent(line), ({ Action, Actor }): Option.Option<ContainerHappening> => {
    const { name = "", ...attributes } = Actor?.Attributes ?? {}
    const plain = plainHappenings.get(Action)
    const event: Option.Option<ContainerHappening["event"]> =
      plain === undefined ? eventOf(Action, attributes) : Option.some({ _tag: plain })
    return Option.map(event, (event) => ({
      _tag: "Happened",
      id: Actor?.ID ?? "",
      name: withoutSlash(name),
      labels: withoutHooks(attributes),
      event
    }))
  })

/** Those that say nothing but their name. Podman has `remove` for what Docker calls `destroy`. */
const plainHappenings = new Map([
  ["start", "Started"],
  ["rename", "Renamed"],
  ["pause", "Paused"],
  ["unpause", "Unpaused"],
  ["destroy", "Destroyed"],
  ["remove", "Destroyed"]
] as const satisfies ReadonlyArray<readonly [string, ContainerHappening["event"]["_tag"]]>) as ReadonlyMap<
  string,
  "Started" | "Renamed" | "Paused" | "Unpaused" | "Destroyed"
>

/** The names of the events that `happening` reads, by which an engine filters; others are not even sent. */
export const happeningNames = [...plainHappenings.keys(), "die", "died", "oom", "health_status", "update"]
