import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { assert, describe, inject } from "vitest"
import { CommandRunner } from "../../src/vm/host/CommandRunner.ts"
import { HostFixture } from "../vm/host/HostContract.ts"
import { bench, boot, inside, layerVm, onClearVm, onlyRunning, started, unmountAll, Vm } from "./Vm.ts"

const secret = "s3cr3t-of-a-file"
const managed = "s3cr3t-of-secret-manager"

const documents = (mode: string) => [
  {
    kind: "ConfigMap",
    metadata: { name: "config" },
    data: { "app.conf": `mode=${mode}\n`, unused: "x" },
    binaryData: { bytes: Buffer.from([0, 1, 255]).toString("base64") }
  },
  { kind: "Secret", metadata: { name: "passwords" }, stringData: { db: secret } }
]

/** A Pod whose one container has a volume of every kind of files at /of. */
const declare = (mode = "one", container: Record<string, unknown> = {}): string => {
  const volumes = [
    {
      name: "config",
      configMap: {
        name: "config",
        items: [
          { key: "app.conf", path: "etc/app.conf" },
          { key: "bytes", path: "bytes", mode: 0o400 }
        ]
      }
    },
    { name: "secret", secret: { secretName: "passwords", defaultMode: 0o400 } },
    { name: "managed", secret: { secretName: "db-password", items: [{ key: "latest", path: "db" }] } },
    {
      name: "pod",
      downwardAPI: {
        items: [
          { path: "labels", fieldRef: { fieldPath: "metadata.labels" } },
          { path: "memory", resourceFieldRef: { containerName: "web", resource: "limits.memory", divisor: "1Mi" } }
        ]
      }
    },
    {
      name: "all",
      projected: {
        sources: [
          { configMap: { name: "config", items: [{ key: "app.conf", path: "app.conf" }] } },
          { secret: { name: "passwords", items: [{ key: "db", path: "db" }] } },
          { configMap: { name: "absent", optional: true } },
          { downwardAPI: { items: [{ path: "name", fieldRef: { fieldPath: "metadata.name" } }] } }
        ]
      }
    }
  ]
  const pod = {
    metadata: { name: "shop", labels: { app: "shop", tier: 'the "front"' } },
    spec: {
      containers: [
        {
          name: "web",
          image: `${bench().registry}/app:1`,
          resources: { limits: { memory: "64Mi" } },
          volumeMounts: [
            ...volumes.map(({ name }) => ({ name, mountPath: `/of/${name}` })),
            { name: "config", mountPath: "/etc/app.conf", subPath: "etc/app.conf" }
          ],
          ...container
        }
      ],
      securityContext: { fsGroup: 4321 },
      volumes
    }
  }
  return [pod, ...documents(mode)].map((document) => JSON.stringify(document)).join("\n---\n")
}

/** Secret Manager, which has the secret, and a VM that may read it. */
const withSecret = Effect.gen(function* () {
  const { metadata, secretManager } = yield* Vm
  metadata.token = "ya29.of-the-vm"
  secretManager.token = metadata.token
  secretManager.secrets.add("db-password", managed)
  return secretManager
})

describe.skipIf(inject("bench") === undefined)("volumes of files on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    test("a container has the files of its declaration and of Secret Manager, and may only read them", () =>
      Effect.gen(function* () {
        yield* withSecret
        yield* started(declare())
        assert.strictEqual(yield* inside("cat /of/config/etc/app.conf"), "mode=one")
        assert.strictEqual(yield* inside("cat /etc/app.conf"), "mode=one")
        assert.strictEqual(yield* inside("busybox od -An -tx1 /of/config/bytes"), "00 01 ff")
        assert.strictEqual(yield* inside("busybox ls -A /of/config"), "bytes\netc")
        assert.strictEqual(yield* inside("cat /of/secret/db"), secret)
        assert.strictEqual(yield* inside("cat /of/managed/db"), managed)
        assert.strictEqual(yield* inside("cat /of/pod/labels"), 'app="shop"\ntier="the \\"front\\""')
        assert.strictEqual(yield* inside("cat /of/pod/memory"), "64")
        assert.strictEqual(
          yield* inside("cd /of/all; busybox ls -A; cat app.conf db name"),
          `app.conf\ndb\nname\nmode=one\n${secret}shop`
        )
        // The Pod's group may read what the owner may.
        const modes = "busybox stat -c '%a %u:%g' /of/config/bytes /of/config/etc/app.conf /of/secret/db"
        assert.strictEqual(yield* inside(modes), "440 0:4321\n644 0:4321\n440 0:4321")
        for (const path of ["/of/config/new", "/of/secret/db", "/etc/app.conf"]) {
          assert.match(yield* inside(`echo x 2>&1 > ${path} || true`), /Read-only file system/, path)
        }
        assert.match(yield* inside("busybox grep ' /of/secret ' /proc/mounts"), /^tmpfs /)
        assert.deepStrictEqual((yield* started(declare())).steps, [])
      }))

    test("what has changed replaces the container, with a cause; after a reboot all is there again", () =>
      Effect.gen(function* () {
        const secretManager = yield* withSecret
        yield* started(declare())
        const first = yield* onlyRunning
        const second = yield* started(declare("two"))
        assert.notStrictEqual((yield* onlyRunning).Id, first.Id)
        assert.include(
          second.steps.map(({ step }) => step.cause).join("\n"),
          'the files of the volume "config" have changed'
        )
        assert.strictEqual(yield* inside("cat /etc/app.conf /of/all/app.conf"), "mode=two\nmode=two")

        secretManager.secrets.add("db-password", `${managed}-2`)
        yield* started(declare("two"))
        assert.strictEqual(yield* inside("cat /of/managed/db"), `${managed}-2`)

        const { docker } = yield* Vm
        const { mountRoot } = yield* HostFixture
        yield* docker("stop", "--time", "1", (yield* onlyRunning).Id)
        yield* unmountAll(yield* CommandRunner, mountRoot)
        yield* started(declare("two"))
        assert.strictEqual(yield* inside("cat /etc/app.conf /of/managed/db"), `mode=two\n${managed}-2`)
      }))

    test("their values are nowhere but in memory, and hidden in what a container says", () =>
      Effect.gen(function* () {
        yield* withSecret
        const { docker } = yield* Vm
        const { statePath } = yield* HostFixture
        const before = yield* started(declare())
        const words = "busybox cat /of/secret/db /of/managed/db; exit 3"
        const failure = yield* Effect.flip(boot(declare("one", { command: ["/bin/busybox", "sh", "-c", words] })))
        assert.strictEqual(failure._tag, "ContainerFailed", failure.message)
        const found = yield* onlyRunning
        const told = failure.message + JSON.stringify([failure, before]) + (yield* docker("inspect", found.Id))
        // The last good declaration is kept as it was written, with a Secret that is a part of it.
        const kept = readdirSync(statePath, { withFileTypes: true, recursive: true })
          .filter((entry) => entry.isFile())
          .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
        for (const [value, where] of [
          [secret, told],
          [managed, told + kept.join("\n")]
        ] as const) {
          assert.notInclude(where, value)
          assert.notInclude(where, Buffer.from(value).toString("base64").slice(0, 16))
        }
        assert.match(JSON.stringify(failure), /\[value of db\]/)
        assert.strictEqual(yield* inside("cat /of/secret/db"), secret)
      }))

    test("without the right to read a secret nothing is stopped, and it is said what to grant", () =>
      Effect.gen(function* () {
        const secretManager = yield* withSecret
        yield* started(declare())
        const before = yield* onlyRunning
        secretManager.secrets.add("db-password", `${managed}-2`)
        secretManager.secrets.setAccessible("db-password", false)
        const failure = yield* Effect.flip(boot(declare("two")))
        assert.match(failure.message, /may not read projects\/project\/secrets\/db-password/)
        assert.strictEqual((yield* onlyRunning).Id, before.Id)
        assert.strictEqual(yield* inside("cat /of/managed/db /etc/app.conf"), `${managed}mode=one`)
      }))
  })
})
