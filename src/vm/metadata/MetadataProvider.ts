import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { isProject } from "../../workload/SecretVersion.ts"
import { type DeclarationText, isEmptyText } from "../../workload/DeclarationText.ts"
import { chosenDeclaration, declarationKey, konletKey } from "./DeclarationKeys.ts"
import { invalid, makeMetadataConnection } from "./MetadataConnection.ts"
import { type MetadataError, MetadataHostInvalid } from "./MetadataError.ts"
import { isIpV4 } from "../../workload/ipAddress.ts"
import { oneLine } from "../../text/printable.ts"

/** A disk attached to the VM. */
export interface AttachedDisk {
  readonly deviceName: string
  readonly mode: "READ_WRITE" | "READ_ONLY"
}

/** The declaration as the VM's own keys had it at one time. */
export interface WatchedDeclaration {
  readonly declaration: Option.Option<DeclarationText>
  /** Names that state of the keys; `none` if the server does not name any. */
  readonly tag: Option.Option<string>
}

/** Whether the cloud takes the VM back, at one time. */
export interface WatchedPreemption {
  readonly isPreempted: boolean
  /** Names that state of the key; `none` if the server does not name any. */
  readonly tag: Option.Option<string>
}

/** The VM's metadata server. */
export class MetadataProvider extends Context.Service<
  MetadataProvider,
  {
    /**
     * The key `slipway-declaration`, else (or if that is empty) `gce-container-declaration`; `none` if the VM has
     * neither.
     */
    readonly declaration: Effect.Effect<Option.Option<DeclarationText>, MetadataError>
    /**
     * The declaration as soon as the VM's own keys are not in the state of this tag, and after a minute all the same; at
     * once without a tag. A key other than ours may have changed.
     */
    readonly declarationAfter: (tag: Option.Option<string>) => Effect.Effect<WatchedDeclaration, MetadataError>
    /** The names of the VM's own metadata keys; empty if the server does not list them. */
    readonly keys: Effect.Effect<ReadonlyArray<string>, MetadataError>
    readonly disks: Effect.Effect<ReadonlyArray<AttachedDisk>, MetadataError>
    /** An access token of the VM's default service account; `none` if the VM has no service account. */
    readonly token: Effect.Effect<Option.Option<Redacted.Redacted>, MetadataError>
    /**
     * Whether the cloud may take the VM back whenever it likes: a Spot or preemptible VM. False if the server does not
     * say.
     */
    readonly isPreemptible: Effect.Effect<boolean, MetadataError>
    /**
     * Whether it takes the VM back now, as soon as that is not in the state of this tag, and after a minute all the
     * same; at once without a tag.
     */
    readonly preemptionAfter: (tag: Option.Option<string>) => Effect.Effect<WatchedPreemption, MetadataError>
    /** The instance's name; `none` if the server does not have it, as for the next two. */
    readonly instanceName: Effect.Effect<Option.Option<string>, MetadataError>
    /** The internal IPv4 address of its first network interface. */
    readonly address: Effect.Effect<Option.Option<string>, MetadataError>
    /** The id of the VM's project; `none` if the server does not have it, as a stand-in for Google's may not. */
    readonly project: Effect.Effect<Option.Option<string>, MetadataError>
    /**
     * Writes a guest attribute in the namespace `slipway`: whoever may see the VM in its project can read it. False where
     * the VM has none enabled.
     */
    readonly setGuestAttribute: (key: string, value: string) => Effect.Effect<boolean, MetadataError>
  }
>()("slipway/vm/MetadataProvider") {
  /**
   * Reads `http://<host>/computeMetadata/v1/…`. `host` may have a port. It defaults to the setting
   * `GCE_METADATA_HOST`, then to `metadata.google.internal`; if that does not resolve, `address` is used, where every
   * VM of Google's has the server.
   */
  static readonly layer = (host?: string, address = "169.254.169.254") =>
    Layer.effect(
      MetadataProvider,
      Effect.gen(function* () {
        const client = yield* HttpClient.HttpClient
        const given = host || (yield* Config.String("GCE_METADATA_HOST").pipe(Config.withDefault("")))
        if (given !== "" && !isMetadataHost(given)) return yield* new MetadataHostInvalid({ host: oneLine(given) })
        const hosts = given === "" ? { host: defaultHost, address } : { host: given }
        const { read, readTagged, write, urlOf } = makeMetadataConnection(client, hosts)

        const readJson = Effect.fnUntraced(function* <A>(path: string, decode: (json: string) => Option.Option<A>) {
          const bytes = yield* read(path)
          if (Option.isNone(bytes)) return Option.none<A>()
          const decoded = decode(new TextDecoder().decode(bytes.value))
          // An answer that does not decode is not quoted: it may hold a token.
          if (Option.isNone(decoded)) return yield* invalid(urlOf(path), "its JSON is not of the documented shape")
          return decoded
        })

        /** A value of one line. Anything else is not of the documented shape, and is not quoted. */
        const readLine = (path: string, isValid: (line: string) => boolean) =>
          Effect.flatMap(read(path), (bytes) => {
            const line = Option.map(bytes, (found) => new TextDecoder().decode(found).trim())
            return Option.exists(line, (text) => !isValid(text))
              ? Effect.fail(invalid(urlOf(path), "it is not of the documented shape"))
              : Effect.succeed(line)
          })

        return MetadataProvider.of({
          // In parallel: most VMs have only the second.
          declaration: Effect.gen(function* () {
            const konlets = yield* Effect.forkScoped(read(`instance/attributes/${konletKey}`))
            const own = yield* read(`instance/attributes/${declarationKey}`)
            const isDecided = Option.exists(own, (text) => !isEmptyText(text))
            return chosenDeclaration(own, isDecided ? Option.none() : yield* Fiber.join(konlets))
          }).pipe(Effect.scoped, Effect.withSpan("MetadataProvider.declaration")),
          declarationAfter: Effect.fn("MetadataProvider.declarationAfter")(function* (tag) {
            // A key that is absent answers 404 at once: the directory is always there.
            const path = `instance/attributes/?recursive=true&${watching}&last_etag=${etagOf(tag)}`
            const found = yield* readTagged(path)
            const keys = Option.flatMap(found, ({ body }) => decodeKeys(new TextDecoder().decode(body)))
            if (Option.isNone(keys)) return yield* invalid(urlOf(path), "the VM's keys are not listed there in JSON")
            const { [declarationKey]: own, [konletKey]: konlets } = keys.value
            const textIn = (value: unknown) => Option.filter(Option.fromUndefinedOr(value), Predicate.isString)
            const watched: WatchedDeclaration = {
              declaration: chosenDeclaration(textIn(own), textIn(konlets)),
              tag: Option.flatMap(found, ({ etag }) => etag)
            }
            return watched
          }),
          keys: read("instance/attributes/").pipe(
            Effect.map(
              Option.match({
                onNone: () => [],
                onSome: (bytes) =>
                  new TextDecoder()
                    .decode(bytes)
                    .split("\n")
                    .filter((key) => key !== "")
              })
            ),
            // Stand-ins for Google's server have the keys, but may not list them.
            Effect.catchIf(
              ({ isRetryable }) => !isRetryable,
              () => Effect.succeed([])
            ),
            Effect.withSpan("MetadataProvider.keys")
          ),
          disks: readJson("instance/disks/?recursive=true", decodeDisks).pipe(
            Effect.map(Option.getOrElse(() => [])),
            Effect.withSpan("MetadataProvider.disks")
          ),
          token: readJson("instance/service-accounts/default/token", decodeToken).pipe(
            Effect.map(Option.map(({ access_token }) => Redacted.make(access_token))),
            Effect.withSpan("MetadataProvider.token")
          ),
          isPreemptible: Effect.map(
            readLine("instance/scheduling/preemptible", isTrueOrFalse),
            Option.contains("TRUE")
          ),
          preemptionAfter: Effect.fn("MetadataProvider.preemptionAfter")(function* (tag) {
            const found = yield* readTagged(`instance/preempted?${watching}&last_etag=${etagOf(tag)}`)
            const watched: WatchedPreemption = {
              isPreempted: Option.exists(found, ({ body }) => new TextDecoder().decode(body).trim() === "TRUE"),
              tag: Option.flatMap(found, ({ etag }) => etag)
            }
            return watched
          }),
          instanceName: readLine("instance/name", isName),
          address: readLine("instance/network-interfaces/0/ip", isIpV4),
          project: readLine(projectKey, isProject),
          setGuestAttribute: Effect.fn("MetadataProvider.setGuestAttribute")(function* (key, value) {
            // Where they are not enabled, the server answers 403 or 404.
            return yield* write(`instance/guest-attributes/slipway/${key}`, value).pipe(
              Effect.catchIf(isForbidden, () => Effect.succeed(false))
            )
          })
        })
      })
    )
}

/** How a key, or a directory, is asked to answer once it, or something in it, has changed, after a minute at the latest. */
const watching = "wait_for_change=true&timeout_sec=60"

/** No state of a key is named so. */
const etagOf = (tag: Option.Option<string>): string => encodeURIComponent(Option.getOrElse(tag, () => "0"))

const isForbidden = ({ reason }: MetadataError): boolean =>
  reason._tag === "MetadataRefused" && reason.statusCode === 403

const projectKey = "project/project-id"
const defaultHost = "metadata.google.internal"

/** A host name or address, optionally with a port. */
export const isMetadataHost = (text: string): boolean => /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/.test(text)

/** How the server writes it. Source: cloud.google.com/compute/docs/instances/create-use-preemptible. */
const isTrueOrFalse = (text: string): boolean => /^(TRUE|FALSE)$/.test(text)

/** The name of an instance. */
const isName = (text: string): boolean => /^[A-Za-z0-9._-]{1,253}$/.test(text)

const decodeDisks = Schema.decodeUnknownOption(
  Schema.fromJsonString(
    Schema.Array(Schema.Struct({ deviceName: Schema.String, mode: Schema.Literals(["READ_WRITE", "READ_ONLY"]) }))
  )
)

const decodeKeys = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown)))

const decodeToken = Schema.decodeUnknownOption(
  Schema.fromJsonString(Schema.Struct({ access_token: Schema.NonEmptyString }))
)
