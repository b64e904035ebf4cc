import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { inject } from "vitest"
import { defaultSettings } from "../../src/startup/Settings.ts"
import { preview } from "../../src/startup/startup.ts"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"
import { DockerError, RegistryFailed } from "../../src/vm/engine/DockerError.ts"
import { withHastenedClock } from "./HastenedClock.ts"
import { bench, boot, layerVm, onClearVm, onlyRunning, Vm } from "./Vm.ts"

const declare = (image: string): string =>
  JSON.stringify({ spec: { containers: [{ name: "web", image }], restartPolicy: "Always" } })

/** What a registry is asked with and answers: a manifest as Docker's own images have it. */
const manifestType = "application/vnd.docker.distribution.manifest.v2+json"
const manifestUrl = (tag: string) => `http://${bench().registry}/v2/app/manifests/${tag}`

/** Makes a tag of the repository `app` stand for what another stands for; gives its digest. */
const point = (tag: string, at: string) =>
  Effect.promise(async () => {
    const found = await fetch(manifestUrl(at), { headers: { accept: manifestType } })
    const body = await found.text()
    const put = await fetch(manifestUrl(tag), { method: "PUT", headers: { "content-type": manifestType }, body })
    assert.strictEqual(put.status, 201)
    return found.headers.get("docker-content-digest") ?? ""
  })

const moving = () => `${bench().registry}/app:moving`
const digestLabel = "slipway.image-digest"

/** Which of the images `app:1` and `app:2` the VM's one container is of, and what its label says. */
const running = Effect.map(onlyRunning, ({ Config, Id, State }) => ({
  version: Config.Labels["version"],
  label: Config.Labels[digestLabel],
  reference: Config["Image"],
  id: Id,
  startedAt: State.StartedAt
}))

/** Boots with an engine client of which some calls are others. */
const bootWith = (
  changed: (client: DockerClient["Service"]) => Partial<DockerClient["Service"]>,
  declaration = declare(moving())
) =>
  Effect.gen(function* () {
    const client = yield* DockerClient
    const report = yield* boot(declaration).pipe(Effect.provideService(DockerClient, { ...client, ...changed(client) }))
    return report._tag === "Running"
      ? { ...report, ...report.containers[0] }
      : assert.fail(`the run came to ${report._tag}`)
  })
const unchanged = () => ({})

const away = new DockerError({
  reason: new RegistryFailed({ operation: "ask the registry", detail: "connection refused", image: "app:moving" })
})
const cannotAsk = () => ({ resolveDigest: () => Effect.succeedNone })

/** The registry's images that the engine holds: `sha256:… host:port/app:1`. */
const images = Effect.gen(function* () {
  const { docker } = yield* Vm
  const lines = yield* docker("images", "--no-trunc", "--format", "{{.ID}} {{.Repository}}:{{.Tag}}")
  return lines.split("\n").filter((line) => line.includes(bench().registry))
})

/** No image is left. Podman has no `prune`. */
const pruned = Effect.gen(function* () {
  const { docker } = yield* Vm
  const ids = new Set((yield* docker("images", "--quiet", "--no-trunc")).split("\n").filter((id) => id !== ""))
  if (ids.size > 0) yield* docker("rmi", "--force", ...ids)
})

describe.skipIf(inject("bench") === undefined)("which image a container is of, by a real engine", () => {
  layer(layerVm, { timeout: 120_000, excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    test("a token that has expired is asked for again, once", () =>
      Effect.gen(function* () {
        const { metadata } = yield* Vm
        yield* pruned
        metadata.token = bench().token
        metadata.expiredTokens = 1
        yield* boot(declare("us-docker.pkg.dev/project/repository/app:1"))
        yield* onlyRunning
        assert.lengthOf(
          metadata.asked.filter((path) => path.includes("token")),
          2
        )
      }))

    test("a tag that moves between the question and the pull: the label says what the image is", () =>
      Effect.gen(function* () {
        yield* pruned
        const first = yield* point("moving", "1")
        const second = yield* point("other", "2")
        const report = yield* bootWith(({ pull }) => ({
          pull: (...args) => Stream.unwrap(Effect.as(point("moving", "2"), pull(...args)))
        }))
        const before = yield* running
        const { version, label, reference } = before
        assert.strictEqual(reference, moving())
        // An engine that could not be asked got the new image, and no label.
        if (Option.isSome(report.digest)) assert.deepStrictEqual([version, label], ["1", first])
        else assert.deepStrictEqual([version, label], ["2", undefined])
        yield* bootWith(unchanged)
        const after = yield* running
        assert.strictEqual(after.version, "2")
        if (label !== undefined) assert.strictEqual(after.label, second)
        assert.isTrue((yield* bootWith(unchanged)).kept)
        assert.deepStrictEqual(yield* running, after)
      }))

    test("a digest that cannot be asked: a container is left alone until its tag moves, and after", () =>
      Effect.gen(function* () {
        yield* pruned
        yield* point("moving", "1")
        yield* bootWith(cannotAsk)
        const first = yield* running
        for (const _ of [2, 3]) {
          const report = yield* bootWith(cannotAsk)
          assert.deepStrictEqual([report.kept, report.steps.map(({ step }) => step.id)], [true, [`pull ${moving()}`]])
          assert.deepStrictEqual(yield* running, first)
        }
        yield* point("moving", "2")
        assert.isFalse((yield* bootWith(cannotAsk)).kept)
        const second = yield* running
        assert.strictEqual(second.version, "2")
        assert.isTrue((yield* bootWith(cannotAsk)).kept)
        // Where it can be asked for again, that is no other image either.
        assert.isTrue((yield* bootWith(unchanged)).kept)
        assert.deepStrictEqual(yield* running, second)
      }))

    test("a plan without the digest pulls nothing, and says what it depends on", () =>
      Effect.gen(function* () {
        yield* pruned
        yield* point("moving", "1")
        yield* bootWith(cannotAsk)
        yield* point("moving", "2")
        const held = yield* images
        const client = yield* DockerClient
        const plan = yield* preview({ ...defaultSettings, showWelcome: false }).pipe(
          Effect.provideService(DockerClient, { ...client, ...cannotAsk() }),
          Effect.map(Option.getOrThrow)
        )
        assert.isTrue(plan.provisional && Option.isSome(plan.containers[0]!.kept))
        assert.deepStrictEqual(yield* images, held)
      }))

    test("no registry: the container stays, and the image's age is known", () =>
      Effect.gen(function* () {
        yield* pruned
        yield* point("moving", "1")
        yield* bootWith(cannotAsk)
        const before = yield* running
        const report = yield* bootWith(() => ({
          resolveDigest: () => Effect.fail(away),
          pull: () => Stream.fail(away)
        })).pipe(withHastenedClock({ isHolding: () => false }))
        assert.isTrue(report.kept)
        assert.match(report.degraded.join(), /\(pulled \d{4}-.*Z, .*\)/)
        assert.deepStrictEqual(yield* running, before)
      }))

    test("images: the last good one is kept when a tag moves, older ones and what never came up are not", () =>
      Effect.gen(function* () {
        yield* pruned
        const idOf = (reference: string) =>
          Effect.flatMap(DockerClient, (client) =>
            Effect.map(client.inspectImage(reference), (found) => Option.getOrUndefined(found)?.id)
          )
        yield* point("moving", "1")
        yield* bootWith(unchanged)
        const first = yield* idOf(moving())
        yield* point("moving", "2")
        yield* bootWith(unchanged)
        const second = yield* idOf(moving())
        assert.notStrictEqual(second, first)
        assert.isDefined(yield* idOf(first ?? ""))

        const failing = `${bench().registry}/job:fails`
        yield* Effect.flip(boot(declare(failing)))
        const failed = yield* idOf(failing)
        assert.isDefined(failed)
        assert.isTrue((yield* bootWith(unchanged)).kept)
        assert.isUndefined(yield* idOf(failed ?? ""))
        assert.isDefined(yield* idOf(first ?? ""))

        yield* bootWith(unchanged, declare(`${bench().registry}/big:1`))
        assert.isUndefined(yield* idOf(first ?? ""))
        assert.isDefined(yield* idOf(second ?? ""))
      }))

    test("a container reads as declared, and so do images", () =>
      Effect.gen(function* () {
        const { docker } = yield* Vm
        yield* pruned
        yield* point("moving", "1")
        yield* bootWith(unchanged)
        assert.strictEqual((yield* docker("ps", "--format", "{{.Image}}")).trim(), moving())
        const [held, ...others] = yield* images
        assert.lengthOf(others, 0)
        assert.strictEqual(held?.split(" ")[1], moving())
      }))
  })
})
