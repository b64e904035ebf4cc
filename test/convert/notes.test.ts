import { assert, describe, it } from "@effect/vitest"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { convert } from "../../src/convert/convert.ts"
import type { ConvertOptions } from "../../src/convert/targets.ts"

/** Texts, each with a part that is noted, and the path of the note. */
const cases: ReadonlyArray<readonly [options: ConvertOptions, head: string, part: string, tail: string, path: string]> =
  [
    ...(
      [
        ["restart: unless-stopped", "restart"],
        ["volumes: ['data:/data']", "volumes[0]"],
        ["ports: [{target: 80, published: 8080, mode: ingress}]", "ports[0].mode"],
        ["command: '${WORDS:-a b}'", "command"],
        ["healthcheck: {test: [CMD, 'true']}", "healthcheck"],
        ["logging: {driver: json-file}", "logging"]
      ] as const
    ).map(
      ([part, path]) =>
        [
          { from: "compose", to: "declaration" },
          "services: {web: {image: x, ",
          part,
          "}}\nvolumes: {data: {name: data}}",
          `services.web.${path}`
        ] as const
    ),
    [
      { from: "declaration", to: "compose" },
      "spec: {containers: [{name: web, image: x, volumeMounts: [{name: a, mountPath: /a}]",
      ", env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: latest}}}]",
      "}], volumes: [{name: a, hostPath: {path: /a}}]}",
      "spec.containers[0].env[0]"
    ],
    [
      { from: "declaration", to: "kubernetes" },
      "spec: {containers: [{name: web, image: x",
      ", volumeMounts: [{name: a, mountPath: /a}]}], volumes: [{name: a, gcePersistentDisk: {pdName: d}}]}",
      "}]}",
      "spec.volumes[0].gcePersistentDisk"
    ]
  ]

const of = (options: ConvertOptions, text: string) => {
  const { files, notes, notCarried } = Result.getOrThrow(convert({ file: "web.yaml", text }, options))
  return { text: files.map(({ text }) => Redacted.value(text)).join(), notes, notCarried }
}

describe("a note", () => {
  it.each(cases)("is about what has its effect: $2 $3", (options, head, part, tail, path) => {
    const isWhole = part.includes("volumeMounts")
    const noted = of(options, `${head}${part}${isWhole ? "" : tail}`)
    assert.deepEqual(noted.notCarried, [])
    assert.include(
      noted.notes.map((note) => note.path),
      path
    )
    assert.notStrictEqual(of(options, `${head}${tail}`).text, noted.text)
  })
})
