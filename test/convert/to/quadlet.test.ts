import { assert, describe, it } from "@effect/vitest"
import { anyText, escaped } from "../AnyText.ts"
import { converted } from "../Converting.ts"
import { quadlet, runOn } from "../Programs.ts"
import { samples } from "../Samples.ts"

const of = (text: string) => converted(text, "quadlet")

/** The units that Podman's generator makes, with what it says of them. */
const generated = (files: Readonly<Record<string, string>>) => {
  const { status, stdout, stderr } = runOn([...(quadlet ?? []), "-dryrun"], files, { QUADLET_UNIT_DIRS: "{}" })
  assert.strictEqual(status, 0, stderr)
  assert.notMatch(stderr, /error|unsupported|unknown/i)
  return stdout
}

/** The words of a line as systemd runs it. */
const wordsOf = (unit: string, key: string): ReadonlyArray<string> => {
  const line =
    unit
      .split("\n")
      .find((line) => line.startsWith(`${key}=`))
      ?.slice(key.length + 1) ?? ""
  const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|([^ "]+)/g)].map(([, quoted, bare = ""]) => quoted ?? bare)
  return words.map((word) =>
    word
      .replaceAll(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex?: string, letter = "") =>
        hex === undefined ? ({ n: "\n", r: "\r", t: "\t" }[letter as string] ?? letter) : `\\x${hex}`
      )
      // The bytes of a character, each by its number.
      .replaceAll(/(?:\\x[0-9a-f]{2})+/g, (bytes) => Buffer.from(bytes.replaceAll("\\x", ""), "hex").toString())
      .replaceAll(/\$\{EMPTY\}|\$\$|%%/g, (found) => (found === "${EMPTY}" ? "" : found[0]!))
  )
}

describe("units for Podman", () => {
  it("a container is one unit, that is restarted however often it fails", () => {
    const { files, losses } = of("spec: {containers: [{name: web, image: 'docker.io/library/nginx:1.27'}]}")
    assert.deepEqual(files, {
      "web.container": [
        "# web.yaml, as units of Podman. Made by slipway convert.",
        "",
        "[Unit]",
        "Description=web of web",
        "StartLimitIntervalSec=0",
        "",
        "[Container]",
        "Image=docker.io/library/nginx:1.27",
        "ContainerName=web",
        "Pull=always",
        "LogDriver=k8s-file",
        "LogOpt=max-size=500m",
        "Network=host",
        "",
        "[Service]",
        "Restart=always",
        "RestartSec=1",
        "TimeoutStartSec=900",
        "",
        "[Install]",
        "WantedBy=multi-user.target default.target",
        ""
      ].join("\n")
    })
    assert.deepEqual(losses, {})
  })

  it("several share a pod, and start in their order", () => {
    const { files } = of(
      "metadata: {name: shop}\nspec: {hostNetwork: false, initContainers: [{name: migrate, image: shop}, {name: proxy, image: proxy, restartPolicy: Always}], " +
        "containers: [{name: web, image: shop, ports: [{containerPort: 80, hostPort: 8080}]}]}"
    )
    assert.sameMembers(Object.keys(files), [
      "shop.pod",
      "shop-migrate.container",
      "shop-proxy.container",
      "shop-web.container"
    ])
    assert.include(files["shop.pod"], "PublishPort=8080:80\n")
    assert.match(files["shop-migrate.container"]!, /^Type=oneshot\nRemainAfterExit=yes\nRestart=on-failure$/m)
    for (const before of ["migrate", "proxy"]) {
      assert.include(files["shop-web.container"], `Requires=shop-${before}.service\nAfter=shop-${before}.service\n`)
    }
    assert.include(files["shop-web.container"], "\nPod=shop.pod\n")
  })

  it("a livenessProbe kills what fails it, and systemd starts it again", () => {
    const { files, losses } = of(
      "spec: {containers: [{name: web, image: x, livenessProbe: {exec: {command: [test, -e, /up]}, periodSeconds: 5}}]}"
    )
    assert.include(files["web.container"], 'HealthCmd=["test","-e","/up"]\nHealthInterval=5s\n')
    assert.include(files["web.container"], "HealthOnFailure=kill\n")
    assert.deepEqual(Object.keys(losses), ["spec.containers[0].livenessProbe"])
  })

  it("what only the VM knows systemd takes from a file", () => {
    const { files, losses } = of(
      "spec: {containers: [{name: web, image: x, args: [--password=$(P)], env: [{name: P, valueFrom: {secretKeyRef: {name: db-password}}}]}]}"
    )
    assert.include(files["web.container"], "Exec=--password=${DB_PASSWORD}\nEnvironment=P=${DB_PASSWORD}\n")
    assert.include(files["web.container"], "EnvironmentFile=/etc/containers/systemd/web.env\n")
    assert.include(losses["spec.containers[0]"], "gcloud secrets versions access latest --secret=db-password")
  })

  it("files of volumes are written by systemd-tmpfiles, whatever they hold", () => {
    const { files, all } = of(
      "{spec: {containers: [{name: web, image: x, volumeMounts: [{name: f, mountPath: /f}]}], volumes: [{name: f, configMap: {name: c}}]}}\n" +
        "---\n{kind: ConfigMap, metadata: {name: c}, data: {a: 'x y'}, binaryData: {b: AAE=}}"
    )
    assert.isTrue(all.find(({ name }) => name === "web.conf")?.isSecret)
    assert.include(files["web.conf"], "f+~ /run/slipway-converted/web/f/a 0644 root root - eCB5\n")
    assert.include(files["web.conf"], "f+~ /run/slipway-converted/web/f/b 0644 root root - AAE=\n")
    // Its parents are systemd-tmpfiles's own otherwise, and open to all.
    assert.match(
      files["web.conf"]!,
      /^d \/run\/slipway-converted\/web 0700 root root -\nd \/run\/slipway-converted\/web\/f 0755 root root -\n/m
    )
  })

  it("a volume whose optional source is missing is an empty directory", () => {
    const { files } = of(
      "{spec: {containers: [{name: web, image: x, volumeMounts: [{name: f, mountPath: /f}]}], volumes: [{name: f, configMap: {name: gone, optional: true}}]}}"
    )
    assert.include(files["web.conf"], "d /run/slipway-converted/web/f 0755 root root -\n")
    assert.include(files["web.container"], "Volume=/run/slipway-converted/web/f:/f")
  })

  describe.skipIf(quadlet === undefined)("as Podman's generator reads them", () => {
    it.each(samples)("make units: $file", ({ text, dialect }) => {
      const { files } = converted(text, "quadlet", { dialect })
      const units = generated(files)
      for (const name of Object.keys(files)) if (name.endsWith(".container")) assert.include(units, `Source`)
    })

    it.prop(
      "any text arrives as it is declared",
      [anyText, anyText],
      ([value, arg]) => {
        const { files } = of(
          JSON.stringify({
            spec: {
              containers: [
                {
                  name: "web",
                  image: "docker.io/library/nginx",
                  command: ["/bin/x", escaped(arg), "-"],
                  args: [escaped(value), escaped(arg)],
                  env: [{ name: "X", value: escaped(value) }],
                  livenessProbe: { exec: { command: ["test", escaped(arg)] } }
                }
              ]
            }
          })
        )
        const words = wordsOf(generated(files), "ExecStart")
        assert.strictEqual(words[words.indexOf("--env") + 1], `X=${value}`)
        assert.deepEqual(words.slice(words.indexOf("docker.io/library/nginx") + 1), [arg, "-", value, arg])
        assert.strictEqual(words[words.indexOf("--health-cmd") + 1], JSON.stringify(["test", arg]))
      },
      { arbitrary: { runs: 25 } }
    )
  })
})
