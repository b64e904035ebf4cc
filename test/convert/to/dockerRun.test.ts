import { assert, describe, it } from "@effect/vitest"
import { complete } from "../../declaration/keys/Complete.ts"
import { anyText, escaped } from "../AnyText.ts"
import { converted } from "../Converting.ts"
import { runScript } from "../Shell.ts"

const script = (...lines: ReadonlyArray<string>) => converted(lines.join("\n"), "docker-run")

/** The words of each `docker run`. */
const runsOf = (text: string) =>
  runScript(text).filter(([program, command]) => program === "docker" && command === "run")

/** What follows each time that a flag is there. */
const valuesOf = (words: ReadonlyArray<string> = [], flag: string) =>
  words.flatMap((word, index) => (word === flag ? [words[index + 1]!] : []))

const root = "/var/lib/slipway-converted"

describe("a script of docker commands", () => {
  it("runs a container as konlet did: on the host's network, its logs limited, restarted always", () => {
    const { files, losses } = script("spec:", "  containers: [{name: web, image: 'nginx:1.27'}]")
    assert.deepEqual(runScript(files["web.sh"]!), [
      (
        "docker run --detach --name web --network host --pull always --restart always --log-driver json-file " +
        "--log-opt max-size=500m --log-opt max-file=3 nginx:1.27"
      ).split(" ")
    ])
    assert.deepEqual(losses, {})
  })

  it("each policy is the engine's", () => {
    for (const [policy, restart] of [
      ["Always", "always"],
      ["OnFailure", "on-failure"],
      ["Never", "no"]
    ]) {
      const { text } = script("spec:", `  restartPolicy: ${policy}`, "  containers: [{image: nginx}]")
      assert.deepEqual(valuesOf(runsOf(text)[0], "--restart"), [restart])
    }
  })

  it.prop(
    "any text arrives as it is declared: variables, the command, arguments, files",
    [anyText, anyText, anyText, anyText],
    ([value, program, arg, content]) => {
      const { text } = script(
        JSON.stringify({
          metadata: { name: "web" },
          spec: {
            containers: [
              {
                image: "nginx",
                env: [{ name: "X", value: escaped(value) }],
                command: [escaped(`/${program}`), escaped(arg)],
                args: [escaped(arg)],
                volumeMounts: [{ name: "files", mountPath: "/files" }]
              }
            ],
            volumes: [{ name: "files", configMap: { name: "files" } }]
          }
        }),
        "---",
        JSON.stringify({ kind: "ConfigMap", metadata: { name: "files" }, data: { f: content } })
      )
      // What the file holds is told to one more command.
      const calls = runScript(`${text}told=$(cat ${root}/web/files/f; echo .)\ndocker told "$told"`)
      assert.deepEqual(calls.at(-1), ["docker", "told", `${content}.\n`.slice(0, -1)])
      const words = calls.find(([program, command]) => program === "docker" && command === "run")
      assert.deepEqual(valuesOf(words, "--env"), [`X=${value}`])
      assert.deepEqual(valuesOf(words, "--entrypoint"), [`/${program}`])
      assert.deepEqual(words?.slice(words.indexOf("nginx")), ["nginx", arg, arg])
    },
    { arbitrary: { runs: 25 } }
  )

  it("several share a network, queues and shared memory through a container that holds them", () => {
    const { text } = script(
      "spec:",
      "  hostNetwork: false",
      "  hostname: shop",
      "  initContainers: [{name: migrate, image: shop, restartPolicy: Never}, {name: proxy, image: proxy, restartPolicy: Always}]".replace(
        ", restartPolicy: Never",
        ""
      ),
      "  containers: [{name: web, image: shop, ports: [{containerPort: 80, hostPort: 8080}]}]"
    )
    const [pod, migrate, proxy, web] = runsOf(text)
    assert.includeMembers([...pod!], ["registry.k8s.io/pause:3.10", "--publish", "8080:80", "--hostname", "shop"])
    for (const words of [migrate, proxy, web]) {
      assert.deepEqual(valuesOf(words, "--network"), ["container:web-pod"])
      assert.deepEqual(valuesOf(words, "--ipc"), ["container:web-pod"])
      assert.notInclude([...words!], "--publish")
    }
    assert.include([...migrate!], "--rm")
    assert.deepEqual(valuesOf(proxy, "--restart"), ["always"])
  })

  it("what only the VM can tell is read by the script, once, before anything runs", () => {
    const { text, losses } = script(
      "spec:",
      "  containers:",
      "  - name: web",
      "    image: nginx",
      "    args: ['--at=$(HOST):80', $(SECRET)]",
      "    env:",
      "    - {name: HOST, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}",
      "    - {name: POD, valueFrom: {fieldRef: {fieldPath: status.podIP}}}",
      "    - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}",
      "    - {name: SECRET, valueFrom: {secretKeyRef: {name: db-password, key: '7'}}}",
      "    - {name: CPUS, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}",
      "    - {name: MEMORY, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}"
    )
    const calls = runScript(text)
    const [words] = runsOf(text)
    assert.deepEqual(valuesOf(words, "--env"), [
      "HOST=10.0.0.2",
      "POD=10.0.0.2",
      "NODE=vm-1",
      "SECRET=of a secret",
      "CPUS=4",
      "MEMORY=1"
    ])
    assert.deepEqual(words?.slice(-2), ["--at=10.0.0.2:80", "of a secret"])
    assert.deepInclude(calls, ["gcloud", "secrets", "versions", "access", "7", "--secret=db-password"])
    assert.strictEqual(
      calls.findIndex(([program]) => program === "docker"),
      calls.length - 1
    )
    assert.deepEqual(losses, {})
  })

  const optional =
    "{spec: {containers: [{name: web, image: x, volumeMounts: [{name: f, mountPath: /f}]}], volumes: [{name: f, configMap: {name: gone, optional: true}}]}}"

  it("a volume whose optional source is missing is an empty directory", () => {
    const { text } = script(optional)
    const calls = runScript(`${text}docker told "$(ls -A ${root}/web/f; echo made)"`)
    assert.deepEqual(calls.at(-1), ["docker", "told", "made"])
    const [words] = runsOf(text)
    assert.match(valuesOf(words, "--mount")[0]!, /^type=bind,source=.*\/web\/f,target=\/f(?:,readonly)?$/)
  })

  it("nobody but root can read a file before it has its mode, nor what is in the Pod's folder", () => {
    const { text } = script(
      "{spec: {containers: [{name: web, image: x, volumeMounts: [{name: f, mountPath: /f}]}], volumes: [{name: f, secret: {secretName: s, items: [{key: a, path: d/a}]}}]}}\n" +
        "---\n{kind: Secret, metadata: {name: s}, stringData: {a: hunter2}}"
    )
    // The script's own chmod does nothing here.
    const told = `docker told "$(stat -c %a ${root}/web/f/d/a ${root}/web ${root}/web/f | tr '\\n' ' ')$(umask)"`
    const calls = runScript(`umask 022\n${text}${told}`)
    assert.deepEqual(calls.at(-1), ["docker", "told", "600 700 700 0022"])
    const modes = calls.flatMap(([program, mode, ...paths]) => (program === "chmod" ? [[mode, paths.length]] : []))
    assert.deepEqual(modes, [
      ["0700", 1],
      ["0755", 2],
      ["0644", 1]
    ])
  })

  it("everything that can be declared makes a script that the shell reads", () => {
    const { text } = converted(complete.join("\n").replace("path: /host", "path: /tmp"), "docker-run")
    const runs = runsOf(text)
    assert.lengthOf(runs, 4)
  })
})
