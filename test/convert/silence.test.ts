import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { parseAllDocuments, stringify } from "yaml"
import { targets } from "../../src/convert/targets.ts"
import { decodeDeclaration } from "../../src/declaration/Declaration.ts"
import { revealedJson } from "../../src/workload/revealedJson.ts"
import { complete } from "../declaration/keys/Complete.ts"
import { converted } from "./Converting.ts"

type Path = ReadonlyArray<string | number>

const documents = parseAllDocuments(complete.join("\n"), { version: "1.1" }).map(
  (document) => document.toJS() as unknown
)

/** Each leaf of a tree by its path. */
const leaves = (value: unknown, path: Path = []): ReadonlyArray<readonly [Path, unknown]> =>
  typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, entry]) =>
        leaves(entry, [...path, Array.isArray(value) ? Number(key) : key])
      )
    : [[path, value]]

/** The same tree with another leaf; without it where there is none. */
const replaced = (value: unknown, [key, ...rest]: Path, leaf: unknown): unknown => {
  if (key === undefined) return leaf
  if (Array.isArray(value)) {
    return value.flatMap((entry, index) => {
      if (index !== key) return [entry]
      const made = replaced(entry, rest, leaf)
      return made === undefined ? [] : [made]
    })
  }
  return { ...(value as object), [key]: replaced((value as Record<string, unknown>)[key], rest, leaf) }
}

/** What else may stand there, of fields that have few values. */
const others: Readonly<Record<string, ReadonlyArray<unknown>>> = {
  imagePullPolicy: ["Never"],
  pullPolicy: ["IfNotPresent"],
  restartPolicy: ["Never", "OnFailure"],
  protocol: ["UDP"],
  hostIP: ["127.0.0.2"],
  ip: ["10.0.0.2"],
  scheme: ["HTTPS"],
  host: ["127.0.0.2"],
  type: ["DirectoryOrCreate", "RuntimeDefault", "other_t"],
  medium: [""],
  fsType: ["xfs"],
  terminationMessagePolicy: ["FallbackToLogsOnError"],
  mountPropagation: ["HostToContainer"],
  procMount: ["Default"],
  divisor: ["1m"],
  resource: ["limits.cpu"],
  fsGroupChangePolicy: ["Always"],
  fieldPath: ["metadata.namespace"],
  stopSignal: ["SIGINT"],
  level: ["s1"],
  cpu: ["2", "600m"],
  memory: ["2Gi"],
  sizeLimit: ["2Mi"],
  image: ["alpine"],
  add: ["KILL"]
}

const candidates = ([...path]: Path, value: unknown): ReadonlyArray<unknown> => {
  const key = String(path.findLast((part) => typeof part === "string"))
  const changed =
    typeof value === "boolean" ? [!value] : typeof value === "number" ? [value + 1, value - 1] : [`${String(value)}x`]
  return [...(others[key] ?? []), ...changed, undefined]
}

const textOf = (tree: ReadonlyArray<unknown>) =>
  tree.map((document) => stringify(document, { version: "1.1" })).join("---\n")

const workloadOf = (text: string): string | undefined => {
  const decoded = decodeDeclaration({ file: "web.yaml", text })
  return Result.isSuccess(decoded) ? revealedJson(decoded.success.workload) : undefined
}

const dotted = (path: Path): string =>
  path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`))
    .join("")
    .slice(1)

const whole = textOf(documents)

/** Each field with a declaration in which it alone is another, and means another workload. */
const variants = documents.flatMap((document, index) =>
  leaves(document).map(([path, value]) => {
    const found = candidates(path, value)
      .map((leaf) => textOf(documents.with(index, replaced(document, path, leaf))))
      .find((text) => ![undefined, workloadOf(whole)].includes(workloadOf(text)))
    return { path: dotted(path), isPods: index === 0, text: found }
  })
)

describe("every field that means something is in what a declaration is converted to, or named as not carried", () => {
  it("the rest are names that others refer to, and what has no effect by itself beside what else is declared", () => {
    const rest = variants.flatMap(({ path, text }) =>
      text === undefined ? [/(\w+)(?:\[\d+\])?$/.exec(path)![1]!] : []
    )
    assert.deepEqual(
      [...new Set(rest)].toSorted(),
      (
        "apiVersion containerName dnsPolicy hostNetwork key kind name nameservers optional privileged recursiveReadOnly " +
        "resource restartPolicy secretName shareProcessNamespace supplementalGroupsPolicy type"
      ).split(" ")
    )
  })

  it("what is written and no workload has is there or named as well", () => {
    const text =
      "metadata: {name: web, labels: {app: web}}\n" +
      "spec: {os: {name: linux}, dnsPolicy: ClusterFirst, securityContext: {supplementalGroupsPolicy: Merge}, " +
      "containers: [{name: web, image: nginx, ports: [{name: http, containerPort: 80}]}]}"
    const fields = {
      "spec.os": /^ +os:/m,
      "spec.dnsPolicy": /dnsPolicy: ClusterFirst/,
      "spec.securityContext.supplementalGroupsPolicy": /supplementalGroupsPolicy: Merge/,
      "spec.containers[0].ports[0].name": /name: http/
    }
    for (const to of targets.filter((target) => target !== "declaration")) {
      const { text: files, losses } = converted(text, to)
      for (const [path, inFile] of Object.entries(fields)) {
        assert.strictEqual(losses[path] === undefined, inFile.test(files), `${to}: ${path}`)
      }
    }
  })

  for (const to of targets) {
    const base = converted(whole, to)
    const isNamed = (path: string) =>
      Object.keys(base.losses).some(
        (loss) => path === loss || path.startsWith(`${loss}.`) || path.startsWith(`${loss}[`)
      )
    for (const { path, isPods, text } of variants) {
      if (text === undefined) continue
      it(`${to}: ${path}`, () => {
        if (isPods && isNamed(path)) return
        // A user is written as well, who is not root.
        if (path.endsWith(".runAsNonRoot") && to !== "kubernetes" && to !== "cloud-run") return
        const { text: files, losses } = converted(text, to)
        assert.notDeepEqual([files, losses], [base.text, base.losses])
      })
    }
  }
})
