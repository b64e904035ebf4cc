import { spawn, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { downloadScript, isSource } from "../../src/install/downloadScript.ts"

const token = "ya29.s3cr3t-t0ken_x"
const program = "the program"
const sha256 = createHash("sha256").update(program).digest("hex")
const curl = spawnSync("which", ["curl"], { encoding: "utf8" }).stdout.trim()
const isSkipped = curl === "" && process.env["SLIPWAY_REQUIRE_ENGINE"] !== "1"

type Answer = (request: IncomingMessage, response: ServerResponse) => void
const says =
  (status: number, body = "", headers: Readonly<Record<string, string>> = {}): Answer =>
  (_, response) =>
    void response.writeHead(status, headers).end(body)

const tokenPath = "/computeMetadata/v1/instance/service-accounts/default/token"
const account = says(200, `{"access_token":"${token}","expires_in":3599,"token_type":"Bearer"}`)

/**
 * Runs the script by sh, with the real curl, against one server on loopback in place of metadata and Cloud Storage. A
 * curl before the real one on the PATH writes down what can be seen of it: its words and its environment.
 */
const run = async (url: string, answers: Readonly<Record<string, Answer>>) => {
  const directory = mkdtempSync(join(tmpdir(), "slipway-download-"))
  const asked: Array<{ readonly path: string; readonly headers: IncomingMessage["headers"] }> = []
  const server = createServer((request, response) => {
    const path = request.url ?? ""
    asked.push({ path, headers: request.headers })
    const answer = answers[path]
    if (answer === undefined) response.writeHead(404).end("not found")
    else answer(request, response)
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  try {
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const script = downloadScript(`${directory}/bin`, url, sha256)
      // Where nothing listens.
      .replaceAll("169.254.169.254", "127.0.0.1:1")
      .replaceAll("metadata.google.internal", host)
      .replaceAll("https://storage.googleapis.com", `http://${host}`)
    writeFileSync(join(directory, "curl"), `#!/bin/sh\n{ echo "$@"; env; } >>${directory}/seen\nexec ${curl} "$@"\n`)
    chmodSync(join(directory, "curl"), 0o755)
    writeFileSync(join(directory, "script"), `${script}\necho went on\n`)
    const child = spawn("sh", [join(directory, "script")], {
      cwd: directory,
      env: { PATH: `${directory}:${process.env["PATH"]}`, HOME: directory }
    })
    let output = ""
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)))
    const [status] = await once(child, "close")
    const files = (readdirSync(directory, { recursive: true, withFileTypes: true }) ?? [])
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    for (const text of [...files, output]) assert.notInclude(text, token)
    const path = join(directory, "bin", "slipway")
    return { status, output, asked, slipway: existsSync(path) ? readFileSync(path, "utf8") : undefined }
  } finally {
    server.closeAllConnections()
    server.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

describe.skipIf(isSkipped)("the download from a bucket", () => {
  const url = "gs://my-bucket/bin/slipway"
  const path = "/storage/v1/b/my-bucket/o/bin%2Fslipway?alt=media"

  it("asks metadata for a token, which Cloud Storage alone sees", async () => {
    const { status, output, asked, slipway } = await run(url, { [tokenPath]: account, [path]: says(200, program) })
    assert.deepStrictEqual({ status, output, slipway }, { status: 0, output: "went on\n", slipway: program })
    assert.deepStrictEqual(
      asked.map(({ path }) => path),
      [tokenPath, path]
    )
    assert.strictEqual(asked[0]?.headers["metadata-flavor"], "Google")
    assert.isUndefined(asked[0]?.headers.authorization)
    assert.strictEqual(asked[1]?.headers.authorization, `Bearer ${token}`)
  })

  it("says what is wrong where the VM has no service account, or one that may not read it; nothing goes on", async () => {
    const none = await run(url, {})
    assert.notStrictEqual(none.status, 0)
    assert.match(none.output, /slipway: gs:\/\/my-bucket\/bin\/slipway .*does the VM have a service account\?/)
    assert.notInclude(none.output, "went on")
    const denied = await run(url, { [tokenPath]: account, [path]: says(403, "denied") })
    assert.notStrictEqual(denied.status, 0)
    assert.match(denied.output, /403[^]*slipway: gs:.*Storage Object Viewer/)
    assert.isUndefined(denied.slipway)
  })

  it("follows no redirect, and takes nothing that is not what it should be", async () => {
    const redirected = await run(url, { [tokenPath]: account, [path]: says(302, "", { Location: "/elsewhere" }) })
    assert.notStrictEqual(redirected.status, 0)
    assert.notInclude(
      redirected.asked.map(({ path }) => path),
      "/elsewhere"
    )
    const evil = await run(url, { [tokenPath]: account, [path]: says(200, "evil") })
    assert.include(evil.output, "not what its SHA-256 says")
    assert.isUndefined(evil.slipway)
  })
})

describe("where the program may come from", () => {
  it("is a server or a bucket, and no shell's word", () => {
    for (const url of ["https://a.example/slipway", "http://a.example:81/b?c=d", "gs://my-bucket/bin/slipway+1(x64)"]) {
      assert.isTrue(isSource(url), url)
    }
    for (const url of [
      "",
      "https://a",
      "ftp://a/b",
      "gs://b/x",
      "gs://my-bucket/",
      "gs://my-bucket/a'b",
      "gs://my-bucket/a b"
    ]) {
      assert.isFalse(isSource(url), url)
    }
  })

  it("an object's name is one part of the URL, whatever is in it", () => {
    const script = downloadScript("/d", "gs://my-bucket/bin/slipway%20(x64)!*", sha256)
    assert.include(
      script,
      "'https://storage.googleapis.com/storage/v1/b/my-bucket/o/bin%2Fslipway%2520%28x64%29%21%2A?alt=media'"
    )
  })
})
