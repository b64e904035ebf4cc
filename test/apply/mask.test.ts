import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { makeMask } from "../../src/apply/mask.ts"
import { growth, linear } from "../Effort.ts"

const masked = (env: Readonly<Record<string, string>>, text: string) =>
  makeMask(Object.entries(env).map(([name, value]) => ({ name, value })))(text)

const base64 = (text: string) => Buffer.from(text).toString("base64")

/** How programs print a text, by what does so. */
const encodings: Readonly<Record<string, (text: string) => string>> = {
  "as it is": (text) => text,
  JSON: (text) => JSON.stringify(text),
  "JSON in ASCII": (text) =>
    JSON.stringify(text).replace(
      /[\u0080-\uffff]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`
    ),
  "JSON with escaped slashes": (text) => JSON.stringify(text).replaceAll("/", "\\/"),
  "a URL": encodeURIComponent,
  "a URL, all of it, in lower case": (text) =>
    [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
  "a form": (text) => new URLSearchParams({ text }).toString(),
  base64,
  "base64 for URLs": (text) => Buffer.from(text).toString("base64url"),
  "base64 in lines": (text) => base64(text).replace(/.{20}/g, "$&\n"),
  "base64 behind one letter more": (text) => base64(`x${text}`),
  "base64 behind two letters more": (text) => base64(`xy${text}yz`),
  HTML: (text) =>
    text
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
      .replaceAll("'", "&#39;"),
  Python: (text) => `'${text.replace(/[\\']/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\t", "\\t")}'`,
  "a shell": (text) => `'${text.replaceAll("'", "'\\''")}'`,
  "C, by octal": (text) => [...Buffer.from(text)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join(""),
  "one line": (text) => text.replace(/\s+/g, " ")
}

const awkward = `p@ss wörd/"it's" <&> 100% + \\n\tünd 🚢\nzweite Zeile`

describe("the values of env in somebody else's words", () => {
  it("are named in their place, and all else stays as it is", () => {
    assert.strictEqual(
      masked({ PASSWORD: "correct horse" }, 'login "shop" with "correct horse" failed: grüße 🚢\nonce more'),
      'login "shop" with "[value of PASSWORD]" failed: grüße 🚢\nonce more'
    )
    const text = "nothing of it here"
    assert.strictEqual(masked({ PASSWORD: "correct horse" }, text), text)
    assert.strictEqual(masked({}, text), text)
    assert.strictEqual(masked({ EMPTY: "", BLANK: " \n " }, text), text)
    assert.strictEqual(masked({ PASSWORD: "correct horse" }, ""), "")
  })

  for (const [name, encode] of Object.entries(encodings)) {
    it(`as ${name} prints them, alone and in the midst of a text`, () => {
      for (const text of [encode(awkward), `{"a": ${encode(awkward)}, b}`, `/v1/${encode(awkward)} GET`]) {
        const said = masked({ PASSWORD: awkward }, text)
        assert.include(said, "[value of PASSWORD]", text)
        for (const part of ["wörd", "zweite", base64("zweite").slice(0, 6), "zweite".slice(1)])
          assert.notInclude(said, part, text)
      }
    })
  }

  it("in two encodings, one in the other", () => {
    for (const [outer, encode] of Object.entries(encodings)) {
      for (const [inner, first] of Object.entries(encodings)) {
        const said = masked({ PASSWORD: awkward }, `it was ${encode(first(awkward))}.`)
        assert.include(said, "[value of PASSWORD]", `${inner} in ${outer}: ${said}`)
        assert.notInclude(said, "zweite", `${inner} in ${outer}`)
      }
    }
  })

  it("in what a client sends to log in", () => {
    assert.strictEqual(
      masked({ PASSWORD: "s3cr3t-v4lue" }, `> Authorization: Basic ${base64("shop:s3cr3t-v4lue")}\n< 401`),
      // "shop:" is in the first six characters, but for its last bits.
      "> Authorization: Basic c2hvcD[value of PASSWORD]=\n< 401"
    )
  })

  it("of several lines, each of which may have something before it, and of which some may be cut off", () => {
    const key = ["-----BEGIN KEY-----", "MIIEvQIBADANBgkqhkiG", "9w0BAQEFAASCBKcwggSj", "-----END KEY-----"]
    const env = { KEY: `${key.join("\n")}\n` }
    assert.strictEqual(masked(env, `bad key:\n${key.join("\n")}\nbye`), "bad key:\n[value of KEY]\nbye")
    assert.strictEqual(masked(env, `bad key: ${key.join(" ")} bye`), "bad key: [value of KEY] bye")
    assert.strictEqual(masked(env, key.map((line) => `app | ${line}\r`).join("\n")).match(/MII|9w0|BEGIN|END/), null)
    assert.strictEqual(masked(env, `AASCBKcwggSj\n${key[3]}\nbye`), "[value of KEY]\nbye")
    assert.strictEqual(masked(env, `bad key: ${key[0]}\n${key[1]!.slice(0, 9)}`), "bad key: [value of KEY]")
  })

  it("that are cut off, with a mark or without", () => {
    const env = { TOKEN: "abcdefghijklmnopqrstuvwxyz" }
    assert.strictEqual(masked(env, "it was abcdefghijklm…"), "it was [value of TOKEN]…")
    assert.strictEqual(masked(env, "…mnopqrstuvwxyz was it"), "…[value of TOKEN] was it")
    assert.strictEqual(masked(env, "mnopqrstuvwxyz"), "[value of TOKEN]")
    // Too little of it to be told from other words.
    assert.strictEqual(masked(env, "it was abcdefg"), "it was abcdefg")
  })

  it("of four to seven characters where they are words", () => {
    const env = { PASSWORD: "cat-1", PORT: "8080" }
    assert.strictEqual(masked(env, "(cat-1) on :8080"), "([value of PASSWORD]) on :[value of PORT]")
    assert.strictEqual(masked(env, "concat-1, cat-12 and 180800"), "concat-1, cat-12 and 180800")
    assert.strictEqual(masked(env, base64("me:cat-1")).includes("[value of PASSWORD]"), true)
  })

  it("of one to three characters, and plain words, only beside their names", () => {
    const env = { PIN: "123", A: "a", LEVEL: "error", TLS: "true", MODE: "production", N: "0" }
    const text = "error: a connection in production failed after 123 ms (true, 0)"
    assert.strictEqual(masked(env, text), text)
    assert.strictEqual(
      masked(env, `PIN=123 LEVEL: error "TLS":"true" MODE => 'production' N=0`),
      `PIN=[value of PIN] LEVEL: [value of LEVEL] "TLS":"[value of TLS]" MODE => '[value of MODE]' N=[value of N]`
    )
    assert.strictEqual(masked(env, "PIN=1234 PIN 123 TLS=trueish"), "PIN=1234 PIN 123 TLS=trueish")
  })

  it("and the passwords in them", () => {
    const env = {
      DATABASE_URL: "postgres://shop:s%40cr3t@db.internal/shop",
      DSN: "Server=db;User=shop;Password=hunter2!;",
      CONFIG: '{"endpoint": "https://x", "apiToken": "t0ken-of-4pi"}'
    }
    assert.strictEqual(masked(env, "password s@cr3t refused"), "password [value of DATABASE_URL] refused")
    assert.strictEqual(masked(env, "password s%40cr3t refused"), "password [value of DATABASE_URL] refused")
    assert.strictEqual(masked(env, "password 'hunter2!' refused"), "password '[value of DSN]' refused")
    assert.strictEqual(masked(env, "Bearer t0ken-of-4pi"), "Bearer [value of CONFIG]")
    assert.strictEqual(masked(env, "no shop at db.internal"), "no shop at db.internal")
    assert.strictEqual(masked(env, env.DATABASE_URL), "[value of DATABASE_URL]")
  })

  it("of which one holds or touches the other, and that are the same", () => {
    assert.strictEqual(
      masked({ INNER: "in-the-middle", OUTER: "x-in-the-middle-y" }, "(x-in-the-middle-y) (in-the-middle)"),
      "([value of OUTER]) ([value of INNER])"
    )
    assert.strictEqual(
      masked({ ONE: "12345678-abcd", TWO: "abcd-87654321" }, "12345678-abcd-87654321"),
      "[value of ONE][value of TWO]"
    )
    assert.strictEqual(masked({ ONE: "same-value", TWO: "same-value" }, "same-value!"), "[value of ONE]!")
  })

  it("though they are words of what takes their place", () => {
    assert.strictEqual(
      masked({ A: "value-of-A", B: "[value of A]" }, "value-of-A [value of A]"),
      "[value of A] [value of B]"
    )
  })

  const text = Schema.String.check(Schema.isMaxLength(40))
  const long = Schema.String.check(Schema.isMinLength(8), Schema.isMaxLength(60))
  it.prop(
    "of any characters, in any text, are in none of its readings",
    [text, long, text, Schema.Literals(Object.keys(encodings)), Schema.Literals(Object.keys(encodings))],
    ([before, value, after, outer, inner]) => {
      const shown = value.replace(/[\0-\x20\x7f]+/g, " ").trim()
      // Unpaired surrogates are no text; of fewer than eight bytes is another rule.
      if (!value.isWellFormed() || Buffer.from(shown).length < 8) return
      const written = encodings[outer]!(encodings[inner]!(value))
      const said = masked({ SECRET: value }, `${before} ${written} ${after}`)
      assert.notInclude(said, written)
      assert.include(said, "[value of SECRET]")
    },
    { arbitrary: { runs: 1000, seed: 12 } }
  )

  it.effect("take time in proportion to the text, the values and their number", () =>
    Effect.gen(function* () {
      const line = 'level=info msg="it\\u0027s 100%25 aGVsbG8gd29ybGQgYW5kIGV2ZXJ5Ym9keQ== &amp; \\\\\\\\\\\\" a+b\n'
      const hide = (length: number, count: number, lines: number) =>
        Effect.sync(() =>
          makeMask(
            Array.from({ length: count }, (_, index) => ({ name: `N${index}`, value: `${index}`.repeat(length) }))
          )(line.repeat(lines))
        )
      assert.isAtMost(
        yield* growth(
          (size) => size,
          (lines) => hide(20, 5, lines),
          800
        ),
        linear
      )
      assert.isAtMost(
        yield* growth(
          (size) => size,
          (length) => hide(length, 1, 20),
          40_000
        ),
        linear
      )
      assert.isAtMost(
        yield* growth(
          (size) => size,
          (count) => hide(20, count, 20),
          800
        ),
        linear
      )
    })
  )
})
