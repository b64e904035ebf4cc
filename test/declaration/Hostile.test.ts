import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { decodeDeclaration } from "../../src/declaration/Declaration.ts"
import {
  DeclarationInvalid,
  renderDeclarationInvalid,
  renderProblem
} from "../../src/declaration/DeclarationInvalid.ts"
import { maximumSize } from "../../src/declaration/yaml/readText.ts"
import { growth, linear } from "../Effort.ts"
import { fixtures } from "./Fixtures.ts"
import { mutate, randomOf } from "./Mutation.ts"

const decode = (text: string | Uint8Array) => decodeDeclaration({ file: "hostile", text })

const refusal = (text: string | Uint8Array): string => {
  const { problems } = Result.getOrThrow(Result.flip(decode(text)))
  assert.lengthOf(problems, 1)
  const [problem] = problems
  return problem._tag === "DeclarationRefused" ? problem.why : problem._tag
}

const fill = (piece: string, size = maximumSize) => piece.repeat(Math.floor(size / piece.length))

const utf16 = (text: string) =>
  Uint8Array.from(new Uint8Array(Uint16Array.from(text, (unit) => unit.charCodeAt(0)).buffer))

describe("hostile text", () => {
  it("is refused for what it is", () => {
    const cases: ReadonlyArray<readonly [text: string | Uint8Array, refused: string]> = [
      ["x".repeat(2 ** 20), "TooLarge"],
      [new Uint8Array(2 ** 20), "TooLarge"],
      [`a: ${"[".repeat(20_000)}${"]".repeat(20_000)}`, "TooDeep"],
      ["{a: ".repeat(20_000), "TooDeep"],
      ["- ".repeat(20_000), "TooDeep"],
      [Array.from({ length: 900 }, (_, depth) => `${" ".repeat(depth)}a:\n`).join(""), "TooDeep"],
      [fill("- a\n"), "TooManyParts"],
      ["spec:\n  containers: \0", "ControlCharacter"],
      ["spec: \u001b[31m", "ControlCharacter"],
      [utf16("spec: {}"), "Utf16"],
      [utf16("\uFEFFspec: {}"), "Utf16"],
      [Uint8Array.of(0xfe, 0xff, 0, 0x61), "Utf16"],
      [Uint8Array.of(0x61, 0x3a, 0x20, 0xe9), "NotUtf8"],
      ["spec: \ud800", "NotUtf8"]
    ]
    for (const [text, refused] of cases) assert.strictEqual(refusal(text), refused)
  })

  it("is placed where it is", () => {
    const { problems } = Result.getOrThrow(Result.flip(decode("spec:\n  containers: \0")))
    assert.deepInclude(problems[0], { line: 2, column: 15 })
    const bytes = Uint8Array.from([...new TextEncoder().encode("spec:\n  a: "), 0xff])
    assert.deepInclude(Result.getOrThrow(Result.flip(decode(bytes))).problems[0], { line: 2, column: 6 })
  })

  it("aliases cannot unfold without limit", () => {
    const lists = Array.from({ length: 40 }, (_, index) => `a${index + 1}: &a${index + 1} [*a${index}, *a${index}]`)
    const bomb = ["a0: &a0 [x, x]", ...lists].join("\n")
    assert.strictEqual(Result.isFailure(decode(`${bomb}\nspec: {containers: [{image: x, args: *a40}]}`)), true)

    const merges = Array.from(
      { length: 45 },
      (_, index) => `a${index + 1}: &a${index + 1} {<<: [*a${index}, *a${index}]}`
    )
    const mergeBomb = ["a0: &a0 {image: x}", ...merges].join("\n")
    assert.strictEqual(refusal(`${mergeBomb}\nspec: {containers: [*a45]}`), "TooManyAliases")

    const chain = Array.from({ length: 8000 }, (_, index) => `a${index + 1}: &a${index + 1} {<<: *a${index}}`)
    assert.strictEqual(refusal(["a0: &a0 {}", ...chain, "spec: *a8000"].join("\n")), "TooManyAliases")

    const variables = `e: &e [${fill("{name: a},", 20_000)}]\nc: &c {image: x, env: *e}`
    assert.strictEqual(refusal(`${variables}\nspec: {containers: [${fill("*c,", 6000)}]}`), "TooManyAliases")
  })

  it("nothing can contain itself", () => {
    assert.strictEqual(refusal("spec: &s {containers: [*s], <<: *s}"), "TooManyAliases")
    assert.strictEqual(refusal("spec: {containers: &c [*c]}"), "ValueTypeInvalid")
    assert.strictEqual(refusal("&d {spec: *d}"), "ContainerCountInvalid")
    assert.strictEqual(refusal("spec: {containers: *c}"), "SyntaxInvalid")
  })

  it("an anchor that is not used may hold anything", () => {
    const decoded = decode("x-a: &a [*a, {<<: *a}]\nspec: {containers: [{image: nginx}]}")
    assert.strictEqual(Result.isSuccess(decoded), true)
  })

  const random = randomOf(7)
  const pieces = [
    "]",
    '"',
    '"a" ',
    "[]",
    "&a ",
    "*a ",
    "* ",
    "!\n",
    "%\n",
    ":\n",
    "? a\n",
    "x: [\n",
    'a: "\n',
    "<<: {}\n"
  ]
  const letters = Array.from({ length: 20_000 }, () => String.fromCharCode(32 + random(96))).join("")
  const garbage = [...pieces, "\r\n", letters]

  it("garbage is refused", () => {
    // Below the limit of tokens, so that the parser's second stage sees it too.
    for (const size of [maximumSize, 100_000]) {
      for (const piece of garbage) assert.strictEqual(Result.isFailure(decode(fill(piece, size))), true)
    }
    for (let length = 1; length < 20_000; length *= 2) {
      const bytes = Uint8Array.from({ length }, () => random(256))
      assert.strictEqual(Result.isFailure(decode(bytes)), true)
    }
  })

  for (const piece of garbage) {
    const title = piece === letters ? "letters by chance" : JSON.stringify(piece)
    it.effect(`garbage takes time in proportion to its length: ${title}`, () =>
      Effect.gen(function* () {
        const decoding = (text: string) => Effect.sync(() => decode(text))
        assert.isAtMost(yield* growth((length) => fill(piece, length), decoding, 100_000), linear)
      })
    )
  }

  it("ten thousand variables, five thousand volumes are read", () => {
    const head = "spec:\n  containers:\n  - image: x\n"
    const lines = (count: number, line: (index: number) => string) =>
      Array.from({ length: count }, (_, i) => line(i)).join("")
    const env = lines(10_000, (i) => `    - name: V${i}\n      value: x${i}\n`)
    assert.strictEqual(Result.getOrThrow(decode(`${head}    env:\n${env}`)).workload.containers[0].env.length, 10_000)
    const mounts = lines(5000, (i) => `    - {name: v${i}, mountPath: /${i}}\n`)
    const volumes = lines(5000, (i) => `  - {name: v${i}, hostPath: {path: /x}}\n`)
    const text = `${head}    volumeMounts:\n${mounts}  volumes:\n${volumes}`
    assert.strictEqual(Result.getOrThrow(decode(text)).workload.volumes.length, 5000)
    const missing = decode(text.replaceAll("{name: v", "{name: w").replaceAll("w1, h", "v1, h"))
    assert.strictEqual(Result.isFailure(missing), true)
  })
})

const secretText = "Zq7SECRETzq"

/** Documents in which every secret stands where secrets may stand; in as many notations as there are. */
const secretive = [
  [
    "spec:",
    "  containers:",
    "  - name: app",
    "    image: gcr.io/acme/app:1",
    "    command: [sh, -c]",
    "    args:",
    "    - SECRET",
    "    - --token=SECRET",
    "    env:",
    "    - name: A",
    "      value: SECRET",
    "    - {name: B, value: 'x SECRET y'}",
    "    - name: C",
    "      value: |",
    "        first SECRET",
    "        SECRET: second",
    "    # SECRET",
    "    volumeMounts: [{name: data, mountPath: /data}]",
    "  volumes:",
    "  - name: data",
    "    hostPath: {path: /data}",
    "  restartPolicy: Sometimes"
  ].join("\n"),
  '{"spec":{"containers":[{"image":"x","env":[{"name":"A","value":"SECRET"},{"name":"B","value":"a SECRET"}],"args":["SECRET","-p SECRET"],"tty":"no"}],"restartPolicy":"No"}}',
  "x: &s SECRET\ny: &e [{name: A, value: *s}]\nspec: {containers: [{image: NGINX, env: *e, args: [*s], command: SECRET}]}"
].map((text) => text.replaceAll("SECRET", secretText))

const rendered = (text: string): string => {
  const decoded = decode(text)
  const { warnings } = Result.isFailure(decoded) ? decoded.failure : decoded.success
  const shown = [...warnings, ...(Result.isFailure(decoded) ? decoded.failure.problems : [])].map(renderProblem)
  const failure = Result.isFailure(decoded) ? [renderDeclarationInvalid(decoded.failure), String(decoded.failure)] : []
  const fields = JSON.stringify(Result.isFailure(decoded) ? decoded.failure : decoded.success.warnings)
  return [...shown, ...failure, fields].join("\n")
}

describe("mutated declarations", () => {
  it("are decoded or refused, and never anything else", () => {
    for (const [index, { text }] of fixtures.entries()) {
      for (let seed = 0; seed < 25; seed++) {
        const decoded = decode(mutate(text, index * 1000 + seed))
        if (Result.isFailure(decoded)) assert.instanceOf(decoded.failure, DeclarationInvalid)
      }
    }
  })

  it("never show a value of env, args or command", () => {
    for (const text of secretive) assert.notInclude(rendered(text), secretText)
    for (let seed = 0; seed < 4000; seed++) {
      const text = mutate(secretive[seed % secretive.length]!, seed)
      const shown = rendered(text)
      if (shown.includes(secretText)) assert.fail(`seed ${seed}:\n${text}\n\n${shown}`)
    }
  })
})

describe("what is shown of a declaration", () => {
  it("commands no terminal, neither as it was written nor by an escape", () => {
    const characters = ["\u0085", "\u2028", "\u202E", "\u2066"]
    const escapes = ["\\e[31m", "\\x07", "\\r", "\\n", "\\x9b2J", "\\u202e", "\\u2066"]
    for (const odd of [...characters, ...escapes]) {
      const text = [
        "spec:",
        "  containers:",
        `  - image: "ngi${odd}nx"`,
        `    "na${odd}me": web`,
        "    volumeMounts:",
        `    - {name: "da${odd}t", mountPath: "x${odd}y"}`,
        "    - {name: left, mountPath: /}",
        "  volumes:",
        `  - {name: "da${odd}ta", hostPath: {path: "x${odd}y"}}`,
        `  - {name: left, gcePersistentDisk: {pdName: "/${odd}"}}`,
        `  restartPolicy: "Al${odd}ways"`
      ].join("\n")
      const { problems, warnings } = Result.getOrThrow(Result.flip(decode(text)))
      const shown = [...problems, ...warnings].map(renderProblem).join("\n")
      assert.include(shown, "is not an image reference")
      assert.notMatch(shown, /[^\P{Cc}\n]|[\u2028-\u202E\u2066-\u2069]/u)
    }
  })
})
