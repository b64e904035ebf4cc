import { assert, describe, it } from "@effect/vitest"
import * as Redacted from "effect/Redacted"
import { runtimeLabel } from "../../src/observation/Ownership.ts"
import { changedFields } from "../../src/plan/changedFields.ts"
import { type ImageConfig, mergedConfig } from "../../src/vm/engine/ContainerConfig.ts"
import type { ContainerSpec } from "../../src/vm/engine/ContainerSpec.ts"
import { withMessageFile } from "../../src/vm/engine/terminationMessageLabel.ts"
import { plainImage } from "../vm/engine/Configs.ts"

const secret = "s3cr3t-v4lue"
const env = (variables: Readonly<Record<string, string>>) =>
  Object.entries(variables).map(([name, value]) => ({ name, value: Redacted.make(value) }))

const base: ContainerSpec = {
  name: "klt-web-abcd",
  image: "nginx:1.29",
  entrypoint: undefined,
  cmd: undefined,
  env: env({ PASSWORD: secret, MODE: "production" }),
  openStdin: false,
  tty: false,
  binds: ["/srv/a:/a", "/srv/b:/b:ro"],
  mounts: [{ source: "/mnt/data", target: "/data", readOnly: false }],
  privileged: false,
  networkMode: "host",
  restartPolicy: { name: "always", maximumRetryCount: 0 },
  logConfig: { type: "json-file", config: { "max-size": "500m", "max-file": "3" } },
  labels: {}
}

const db = { name: "db", address: "192.0.2.1" }
const cache = { name: "cache", address: "192.0.2.2" }
const http = { containerPort: 80, protocol: "tcp", hostPort: 80, hostIp: undefined } as const
const dns = { containerPort: 53, protocol: "udp", hostPort: 53 } as const

const terminationMessage = { path: "/dev/termination-log", policy: "File" } as const

const image: ImageConfig = {
  entrypoint: ["/entry"],
  cmd: ["serve"],
  env: env({ PATH: "/usr/bin", MODE: "development", LEVEL: "info" })
}

/** What an engine has of a container that was created from a spec. */
const inspected = (declared: ContainerSpec, from: ImageConfig) => {
  const spec = withMessageFile(declared, "/var/lib/slipway/termination-messages/klt-web-abcd")
  return {
    image: spec.image,
    restartPolicy: spec.restartPolicy,
    config: mergedConfig(spec, from),
    labels: spec.labels
  }
}

/** In what a container differs that was created as `before`, where `after` is declared now. */
const changed = (
  before: Partial<ContainerSpec>,
  after: Partial<ContainerSpec>,
  from: ImageConfig = image,
  known: ImageConfig | undefined = from
) => changedFields(inspected({ ...base, ...before }, from), { ...base, ...after }, known)

const joined = (id: string) => ({ _tag: "Container", id }) as const

describe("in what a container differs from its declaration", () => {
  const cases: ReadonlyArray<
    readonly [title: string, before: Partial<ContainerSpec>, after: Partial<ContainerSpec>, fields: string]
  > = [
    ["nothing", {}, {}, ""],
    ["a runtime", {}, { runtime: "runsc" }, "runtimeClassName"],
    ["a runtime that is declared no longer", { labels: { [runtimeLabel]: "runc" } }, {}, "runtimeClassName"],
    ["a runtime that it has", { labels: { [runtimeLabel]: "runsc" } }, { runtime: "runsc" }, ""],
    ["the image", {}, { image: "nginx:1.30" }, "image"],
    ["the image, spelt out by the engine", { image: "docker.io/library/nginx:1.29" }, {}, ""],
    ["a command", {}, { entrypoint: ["/other"] }, "command"],
    ["a command that is declared no longer", { entrypoint: ["/other"] }, {}, "command"],
    ["a command that is the image's", {}, { entrypoint: ["/entry"], cmd: ["serve"] }, ""],
    ["args", {}, { cmd: ["--verbose"] }, "args"],
    ["a network of its own", {}, { networkMode: { _tag: "Network", name: "slipway" } }, "hostNetwork"],
    ["a network that is shared", {}, { networkMode: { _tag: "Container", id: "sandbox" } }, "hostNetwork"],
    [
      "another sandbox",
      { networkMode: { _tag: "Container", id: "one" } },
      { networkMode: { _tag: "Container", id: "other" } },
      ""
    ],
    ["a host name", {}, { hostname: "pod" }, "hostname"],
    ["hosts in another order", { extraHosts: [db, cache] }, { extraHosts: [cache, db] }, ""],
    ["one host more", { extraHosts: [db] }, { extraHosts: [cache, db] }, "hostAliases"],
    ["DNS settings", {}, { dns: { nameservers: ["192.0.2.53"], searches: [], options: [] } }, "dnsConfig"],
    ["ports in another order", { ports: [http, dns] }, { ports: [dns, http] }, ""],
    ["another host port", { ports: [http] }, { ports: [{ ...http, hostPort: 8080 }] }, "ports"],
    ["a port no longer", { ports: [http, dns] }, { ports: [http] }, "ports"],
    ["args that are declared no longer", { cmd: ["--verbose"] }, {}, "args"],
    [
      "args behind a command",
      { entrypoint: ["/other"], cmd: ["a"] },
      { entrypoint: ["/other"], cmd: ["a", "b"] },
      "args"
    ],
    [
      "args behind a command, declared no longer",
      { entrypoint: ["/other"], cmd: ["a"] },
      { entrypoint: ["/other"] },
      "args"
    ],
    ["command and args", { entrypoint: ["/one"], cmd: ["a"] }, { entrypoint: ["/other"], cmd: ["b"] }, "command, args"],
    ["a variable's value", {}, { env: env({ PASSWORD: `${secret}-2`, MODE: "production" }) }, "env PASSWORD"],
    ["a new variable", {}, { env: [...base.env, ...env({ NEW: "1" })] }, "env NEW"],
    ["a variable that is declared no longer", {}, { env: env({ MODE: "production" }) }, "env PASSWORD"],
    ["a variable that is the image's again", {}, { env: env({ PASSWORD: secret }) }, "env MODE"],
    ["a variable that the image has, with its value", {}, { env: [...base.env, ...env({ LEVEL: "info" })] }, ""],
    ["the order of variables", {}, { env: base.env.toReversed() }, ""],
    [
      "several variables",
      {},
      { env: env({ MODE: "staging", PASSWORD: `${secret}-2`, A: "" }) },
      "env MODE, env PASSWORD, env A"
    ],
    ["a bind", {}, { binds: ["/srv/a:/a", "/srv/b:/b"] }, "volume mounts"],
    ["a mount", {}, { mounts: [] }, "volume mounts"],
    ["the order of binds", {}, { binds: base.binds.toReversed() }, ""],
    ["how a path is bound", { mounts: [], binds: ["/mnt/data:/data"] }, { binds: [] }, "volume mounts"],
    ["privileged", {}, { privileged: true }, "privileged"],
    ["a user", {}, { security: { user: { uid: 1000 } } }, "runAsUser"],
    ["a user no longer", { security: { user: { uid: 1000 } } }, {}, "runAsUser"],
    ["a group", { security: { user: { uid: 1000 } } }, { security: { user: { uid: 1000, gid: 5 } } }, "runAsGroup"],
    ["a group alone, of root", {}, { security: { user: { gid: 5 } } }, "runAsUser, runAsGroup"],
    [
      "its namespaces",
      { namespaces: { pid: "host", sysctls: { "net.a": "1" } } },
      { namespaces: { ipc: "host", sysctls: { "net.a": "2" } } },
      "hostPID, hostIPC, sysctls"
    ],
    ["whose processes it shares", {}, { namespaces: { pid: joined("a") } }, "shareProcessNamespace"],
    ["whose IPC it shares", {}, { namespaces: { ipc: joined("a") } }, "the IPC of its Pod"],
    ["another sandbox's IPC", { namespaces: { ipc: joined("a") } }, { namespaces: { ipc: joined("b") } }, ""],
    [
      "the host's processes no longer, but others",
      { namespaces: { pid: "host" } },
      { namespaces: { pid: joined("a") } },
      "hostPID, shareProcessNamespace"
    ],
    ["another sandbox's processes", { namespaces: { pid: joined("a") } }, { namespaces: { pid: joined("b") } }, ""],
    ["an AppArmor profile", {}, { security: { appArmor: "unconfined" } }, "appArmorProfile"],
    ["more groups", {}, { security: { supplementalGroups: [5] } }, "supplementalGroups"],
    ["a capability", { security: { capAdd: ["CAP_KILL"] } }, { security: { capDrop: ["CAP_KILL"] } }, "capabilities"],
    [
      "all else of its security",
      {
        security: {
          readonlyRootfs: true,
          noNewPrivileges: true,
          seccomp: "unconfined",
          seLinux: { user: "", role: "", type: "spc_t", level: "" },
          unmasked: true
        }
      },
      {},
      "readOnlyRootFilesystem, allowPrivilegeEscalation, seccompProfile, seLinuxOptions, procMount"
    ],
    ["a termination message", {}, { terminationMessage }, "terminationMessagePath, terminationMessagePolicy"],
    ["no termination message any more", { terminationMessage }, {}, "terminationMessagePath, terminationMessagePolicy"],
    ["the same termination message", { terminationMessage }, { terminationMessage }, ""],
    [
      "another policy of it",
      { terminationMessage },
      { terminationMessage: { ...terminationMessage, policy: "FallbackToLogsOnError" } },
      "terminationMessagePolicy"
    ],
    ["stdin and tty", { openStdin: true, tty: true }, {}, "stdin, tty"],
    ["the restart policy", {}, { restartPolicy: { name: "no", maximumRetryCount: 0 } }, "restartPolicy"],
    [
      "the log's options",
      { logConfig: { type: "json-file", config: { "max-size": "10m", "max-file": "3" } } },
      {},
      "log options"
    ],
    [
      "many",
      {},
      { entrypoint: ["/other"], env: env({ PASSWORD: secret, MODE: "staging" }), mounts: [] },
      "command, env MODE, volume mounts"
    ]
  ]
  for (const [title, before, after, fields] of cases) {
    it(title, () => assert.strictEqual(changed(before, after).join(", "), fields))
  }

  it("without the image: names what is declared, and nothing that may be the image's own", () => {
    const unknown = (before: Partial<ContainerSpec>, after: Partial<ContainerSpec>) =>
      changedFields(inspected({ ...base, ...before }, image), { ...base, ...after }, undefined).join(", ")
    assert.strictEqual(unknown({}, {}), "")
    assert.strictEqual(unknown({}, { env: env({ MODE: "staging" }) }), "env MODE")
    assert.strictEqual(unknown({}, { env: env({ PASSWORD: secret }) }), "")
    assert.strictEqual(unknown({}, { entrypoint: ["/other"], cmd: ["a"] }), "command, args")
    assert.strictEqual(unknown({ entrypoint: ["/other"], cmd: ["a"] }, {}), "")
  })

  it("what an engine adds by itself is not taken for a variable that was declared", () => {
    const engine = { ...plainImage, env: env({ HOSTNAME: "vm", HOME: "/root", TERM: "xterm", container: "podman" }) }
    assert.deepStrictEqual(changed({}, {}, engine, plainImage), [])
  })

  it("what Podman tells of mounts and of the log is compared as far as that goes", () => {
    const podman: Partial<ContainerSpec> = { mounts: [], logConfig: { type: "json-file", config: {} } }
    const bound = ["/srv/a:/a:rw,rprivate,rbind", "/srv/b:/b:ro,rprivate,rbind", "/mnt/data:/data:rprivate,rbind"]
    assert.deepStrictEqual(changed({ ...podman, binds: bound }, {}), [])
    assert.deepStrictEqual(changed({ ...podman, binds: bound.slice(1) }, {}), ["volume mounts"])
    assert.deepStrictEqual(changed({ ...podman, binds: bound }, { mounts: [{ ...base.mounts[0]!, readOnly: true }] }), [
      "volume mounts"
    ])
  })

  it("tells no value", () => {
    const fields = changed({}, { env: env({ PASSWORD: "0ther-s3cret" }), cmd: [secret], entrypoint: [secret] })
    assert.notInclude(fields.join(), secret)
    assert.notInclude(fields.join(), "0ther-s3cret")
  })
})
