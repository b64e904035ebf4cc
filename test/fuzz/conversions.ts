import { readFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { renderError } from "../../src/cli/output/renderError.ts"
import { renderLists } from "../../src/cli/output/renderConversion.ts"
import { declare } from "../../src/convert/from/declare.ts"
import type { ForeignOrigin } from "../../src/convert/targets.ts"
import { decodeDeclaration } from "../../src/declaration/Declaration.ts"
import { fixtures } from "../declaration/Fixtures.ts"
import type { Input } from "./mutate.ts"
import type { Outcome, Target } from "./Target.ts"

const secret = "Zq7SECRETzq"

/** What other programs are told becomes a declaration that its own reader takes, or is refused. */
const outcomeOf = (from: ForeignOrigin, text: string | Uint8Array): Outcome => {
  const declared = declare({ file: "source", text }, from)
  if (Result.isFailure(declared)) return { accepted: false, shown: [renderError(declared.failure)] }
  const { files } = declared.success
  const made = files.map(({ text }) => Redacted.value(text)).join("")
  if (Result.isFailure(decodeDeclaration({ file: "made.yaml", text: made }))) throw new Error(`it is refused:\n${made}`)
  return { accepted: true, shown: renderLists({ ...declared.success, warnings: [] }) }
}

const conversion = (from: ForeignOrigin, samples: ReadonlyArray<string>, options: Partial<Target> = {}): Target => ({
  name: `conversion: ${from}${options.secret === undefined ? "" : " with secrets"}`,
  samples,
  limit: 4000,
  share: 10,
  run: ({ text, bytes }: Input) =>
    Effect.sync(() => {
      const [one, other] = [outcomeOf(from, text), outcomeOf(from, bytes)]
      return { accepted: one.accepted || other.accepted, shown: [...one.shown, ...other.shown] }
    }),
  ...options
})

const inspected = (name: string) =>
  readFileSync(new URL(`../fixtures/convert/inspect-${name}.json`, import.meta.url), "utf8")

const commands = [
  "docker run -d --name web -p 8080:80 -v data:/data -e A=b --memory 1g --restart=always nginx:1.29 serve 'a b'",
  "#!/bin/sh\ndocker run \\\n  --tmpfs /run:size=64m --mount 'type=bind,source=/a,target=/b,readonly' --gpus '\"device=0,1\"' \\\n  --health-cmd \"curl $URL\" --log-opt max-size=1m --add-host db:10.0.0.2 x\n"
]
const composed = [
  "services:\n  web:\n    image: nginx:${TAG:-1}\n    ports: ['80:80', {target: 443, published: '443'}]\n    depends_on:\n      db: {condition: service_healthy}\n    secrets: [s]\n    deploy: {resources: {limits: {cpus: '0.5', memory: 1g}}}\n  db:\n    extends: {service: base}\n    healthcheck: {test: [CMD, x], interval: 5s}\n    volumes: [data:/data, ./x:/y:ro]\n  base: {image: x, profiles: [p], environment: [A=b]}\nvolumes: {data: {}}\nsecrets: {s: {external: true}}\n"
]
const composedSecrets = [
  `services:\n  web:\n    image: nginx\n    environment:\n      A: ${secret}\n      B: 'x ${secret}'\n    command: run ${secret}\n    healthcheck: {test: "x ${secret}"}\n`
]
const manifests = [
  ...fixtures.map(({ text }) => text),
  "kind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{name: a, image: x}]}}}\n---\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: b}\n"
]
const manifestSecrets = [
  `kind: Pod\nspec:\n  containers:\n  - name: a\n    image: x\n    args: [${secret}]\n    env:\n    - {name: A, value: ${secret}}\n---\nkind: Secret\nmetadata: {name: s}\nstringData:\n  a: ${secret}\n`
]

export const conversions: ReadonlyArray<Target> = [
  conversion("docker-run", commands),
  conversion("compose", composed),
  conversion("compose", composedSecrets, { secret, slips: true }),
  conversion("inspect", ["web", "pub", "klt"].map(inspected)),
  conversion("kubernetes", manifests),
  conversion("kubernetes", manifestSecrets, { secret, slips: true })
]
