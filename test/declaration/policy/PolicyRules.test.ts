import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decodeDeclaration } from "../../../src/declaration/Declaration.ts"
import type { Policy } from "../../../src/declaration/policy/Policy.ts"
import { decodePolicy } from "../../../src/declaration/policy/decodePolicy.ts"
import { isInRange, parsePortRange, renderPortRange } from "../../../src/declaration/policy/PortRange.ts"
import { policyKeys } from "../../../src/declaration/policy/PolicySchema.ts"

const policyOf = (text: string): Policy => Result.getOrThrow(decodePolicy({ file: "host.yaml", text }))

/** What a policy says of a declaration. */
const said = (text: string, policy: Policy) =>
  Result.match(decodeDeclaration({ file: "web.yaml", text }, policy), {
    onSuccess: () => [],
    onFailure: ({ problems }) =>
      problems.map(({ _tag, line, column, message, advice }) => [`${_tag} ${line}:${column}`, message, advice] as const)
  })
const tags = (text: string, policy: Policy) => said(text, policy).map(([place]) => place.split(" ")[0])

/** What each rule is about: a container and a Pod that need it, what it forbids them with, and what allows them. */
interface Rule {
  readonly container?: string
  readonly spec?: string
  readonly violation: string
  readonly allow: string
  /** A kind of volume that it comes with. */
  readonly volume?: string
}

const rules: Readonly<Record<Exclude<(typeof policyKeys)[number], "default">, Rule>> = {
  privileged: {
    container: "securityContext: {privileged: true}",
    violation: "PrivilegedNotAllowed",
    allow: "privileged: true"
  },
  runAsRoot: {
    container: "securityContext: {runAsUser: 0}",
    violation: "RootNotAllowed",
    allow: "runAsRoot: true"
  },
  unconfined: {
    container: "securityContext: {procMount: Unmasked}",
    violation: "UnconfinedNotAllowed",
    allow: "unconfined: true"
  },
  capabilities: {
    container: "securityContext: {capabilities: {add: [NET_ADMIN]}}",
    violation: "CapabilityNotAllowed",
    allow: "capabilities: [cap_net_admin]"
  },
  gpus: {
    container: "resources: {limits: {nvidia.com/gpu: 1}}",
    violation: "GpuNotAllowed",
    allow: "gpus: true"
  },
  hostNetwork: { spec: "hostNetwork: true", violation: "HostNetworkNotAllowed", allow: "hostNetwork: true" },
  hostPID: { spec: "hostPID: true", violation: "HostNamespaceNotAllowed", allow: "hostPID: true" },
  hostIPC: { spec: "hostIPC: true", violation: "HostNamespaceNotAllowed", allow: "hostIPC: true" },
  secretProjects: {
    container: "env: [{name: A, valueFrom: {secretKeyRef: {name: a}}}]",
    violation: "SecretProjectNotAllowed",
    allow: "secretProjects: [own]"
  },
  sysctls: {
    spec: "securityContext: {sysctls: [{name: net.core.somaxconn, value: '1'}]}",
    violation: "SysctlNotAllowed",
    allow: "sysctls: [net.core.*]"
  },
  hostPaths: {
    container: "volumeMounts: [{name: v, mountPath: /v}]",
    spec: "volumes: [{name: v, hostPath: {path: /srv/a}}]",
    violation: "HostPathNotAllowed",
    allow: "hostPaths: [/srv]",
    volume: "hostPath"
  },
  hostPorts: {
    container: "ports: [{containerPort: 80, hostPort: 8080}]",
    violation: "HostPortNotAllowed",
    allow: "hostPorts: [8000-8100]"
  },
  logDrivers: {
    container: "logging: {driver: journald}",
    violation: "LogDriverNotAllowed",
    allow: "logDrivers: [journald]"
  },
  runtimes: { spec: "runtimeClassName: runc", violation: "RuntimeNotAllowed", allow: "runtimes: [runc]" },
  registries: { violation: "ImageNotAllowed", allow: "registries: [docker.io/library]" },
  volumes: {
    container: "volumeMounts: [{name: v, mountPath: /v}]",
    spec: "volumes: [{name: v, emptyDir: {medium: Memory}}]",
    violation: "VolumeNotAllowed",
    allow: "volumes: [emptyDir]"
  }
}

const declaring = ({ container, spec = "" }: Rule): string => {
  const network = spec.includes("hostNetwork") ? "" : "hostNetwork: false, "
  const ofContainer = container === undefined ? "" : `, ${container}`
  return `spec: {${network}${spec === "" ? "" : `${spec}, `}containers: [{image: nginx${ofContainer}}]}`
}

describe("a rule of a policy", () => {
  it.each(Object.entries(rules))("%s: is broken or kept; left out it is as default says", (key, rule) => {
    const text = declaring(rule)
    const others = Object.entries(rules).flatMap(([other, { allow }]) => (other === key ? [] : allow))
    const volumes = rule.volume === undefined ? [] : [`volumes: [${rule.volume}]`]
    const rest = [...others.filter((line) => volumes.length === 0 || !line.startsWith("volumes")), ...volumes]
    // What is left out is allowed,
    assert.deepEqual(tags(text, policyOf("{}")), [])
    assert.deepEqual(tags(text, policyOf(`default: allow`)), [])
    // or not, and is one violation, whatever else is allowed.
    assert.deepEqual(tags(text, policyOf(["default: deny", ...rest].join("\n"))), [rule.violation])
    assert.deepEqual(tags(text, policyOf(["default: deny", ...rest, rule.allow].join("\n"))), [])
    const shut = rule.allow.includes("true") ? `${key}: false` : `${key}: []`
    assert.deepEqual(tags(text, policyOf(shut)), [rule.violation])
    // Under konlet's key a violation is one too.
    const konlet = decodeDeclaration({ file: "web.yaml", text, dialect: "konlet" }, policyOf(shut))
    assert.deepEqual(Result.getOrThrow(Result.flip(konlet)).reason._tag, rule.violation)
  })

  it("a Pod that asks for nothing but an image needs no other rule under default: deny", () => {
    const text = "spec: {hostNetwork: false, containers: [{image: gcr.io/team/app}]}"
    assert.deepEqual(tags(text, policyOf("default: deny\nregistries: [gcr.io/team]")), [])
    assert.deepEqual(tags(text, policyOf("default: deny")), ["ImageNotAllowed"])
  })

  it("is told in its place, with what is allowed", () => {
    const text = [
      "spec:",
      "  initContainers:",
      "  - {name: init, image: nginx, ports: [{containerPort: 53}]}",
      "  containers:",
      "  - name: web",
      "    image: nginx",
      "    resources:",
      "      limits: {nvidia.com/gpu: 2}",
      "    ports:",
      "    - containerPort: 8080",
      "    volumeMounts: [{name: v, mountPath: /v}]",
      "  volumes:",
      "  - name: v",
      "    emptyDir: {medium: Memory}"
    ].join("\n")
    const policy = policyOf("hostNetwork: false\ngpus: false\nhostPorts: [80, 443]\nvolumes: [gcePersistentDisk]")
    assert.deepEqual(said(text, policy), [
      [
        "HostNetworkNotAllowed 2:3",
        "the host's policy host.yaml does not allow a Pod on the host's network",
        'Write "hostNetwork: false" into "spec": the Pod gets a network of its own, on which ports are published.'
      ],
      ["HostPortNotAllowed 3:56", "the host's policy host.yaml does not allow port 53 of the host", "Use 80 or 443."],
      [
        "GpuNotAllowed 8:32",
        "the host's policy host.yaml does not allow a container to have GPUs",
        'Remove "nvidia.com/gpu".'
      ],
      [
        "HostPortNotAllowed 10:22",
        "the host's policy host.yaml does not allow port 8080 of the host",
        "Use 80 or 443."
      ],
      [
        "VolumeNotAllowed 14:15",
        'the host\'s policy host.yaml does not allow the emptyDir of the volume "v"',
        "Use gcePersistentDisk."
      ]
    ])
  })

  it("about host ports: published ones on the Pod's own network, all on the host's", () => {
    const policy = { file: "host.yaml", hostPorts: [{ from: 8000, to: 8100 }] }
    const on = (network: string, ports: string) =>
      tags(`spec: {hostNetwork: ${network}, containers: [{image: nginx, ports: [${ports}]}]}`, policy)
    assert.deepEqual(on("false", "{containerPort: 80}"), [])
    assert.deepEqual(on("true", "{containerPort: 80}"), ["HostPortNotAllowed"])
    assert.deepEqual(on("false", "{containerPort: 80, hostPort: 8101}"), ["HostPortNotAllowed"])
    assert.deepEqual(on("false", "{containerPort: 8101, hostPort: 8100}"), [])
    assert.deepEqual(on("true", "{containerPort: 8000}"), [])
  })

  it("runtimes: the engine's default needs no word", () => {
    const naming = (name: string, policy: string) =>
      said(`spec: {containers: [{image: nginx}], runtimeClassName: ${name}}`, policyOf(policy)).map((all) =>
        all.slice(1)
      )
    assert.deepEqual(naming("''", "runtimes: []"), [])
    assert.deepEqual(naming("null", "runtimes: []"), [])
    assert.deepEqual(naming("runsc", "runtimes: [kata, runsc]"), [])
    const message = 'the host\'s policy host.yaml does not allow the runtime "runc"'
    assert.deepEqual(naming("runc", "runtimes: [kata, runsc]"), [
      [message, 'Use kata or runsc, or remove "runtimeClassName".']
    ])
    assert.deepEqual(naming("runc", "runtimes: []"), [
      [message, 'Remove "runtimeClassName": it allows the engine\'s default alone.']
    ])
  })

  it("about log drivers does not mind the default, by whichever word", () => {
    const logging = (text: string) =>
      tags(`spec: {containers: [{image: nginx, logging: ${text}}]}`, policyOf("logDrivers: []"))
    for (const text of ["~", "{}", "{driver: json-file}", "{options: {max-size: 1m}}"])
      assert.deepEqual(logging(text), [])
    for (const text of ["{driver: default}", "{driver: none}"]) assert.deepEqual(logging(text), ["LogDriverNotAllowed"])
  })

  it("about GPUs does not mind none", () => {
    const wanting = (amount: string) =>
      tags(
        `spec: {containers: [{image: nginx, resources: {limits: {nvidia.com/gpu: ${amount}}}}]}`,
        policyOf("gpus: no")
      )
    assert.deepEqual(wanting("0"), [])
    assert.deepEqual(wanting("1e0"), ["GpuNotAllowed"])
  })
})

describe("a rule about what a container may do", () => {
  const context = (own: string, pod = "{}") =>
    `spec: {securityContext: ${pod}, containers: [{image: nginx, securityContext: ${own}}, {name: b, image: nginx}]}`.replace(
      "[{image",
      "[{name: a, image"
    )

  it("root: the user of the container goes before the Pod's, which is told once", () => {
    const policy = policyOf("runAsRoot: false")
    assert.deepEqual(tags(context("{}", "{runAsUser: 0}"), policy), ["RootNotAllowed"])
    assert.deepEqual(tags(context("{runAsUser: 1}", "{runAsUser: 0}"), policy), ["RootNotAllowed"])
    assert.deepEqual(tags(context("{runAsUser: 0}", "{runAsUser: 1}"), policy), ["RootNotAllowed"])
    assert.deepEqual(tags(context("{runAsUser: 1}", "{runAsUser: 2}"), policy), [])
    assert.deepEqual(tags(context("{}"), policy), [])
  })

  it("root: where nothing is declared, the image is judged on the VM", () => {
    const decoded = decodeDeclaration(
      { file: "web.yaml", text: context("{runAsUser: 1}") },
      policyOf("runAsRoot: false")
    )
    const { containers } = Result.getOrThrow(decoded).workload
    assert.deepEqual(
      containers.map(({ security }) => security),
      [{ runAsUser: 1 }, { rootForbiddenBy: "host.yaml" }]
    )
  })

  it("capabilities: each that is added, in any spelling; ALL allows all, and only ALL allows ALL", () => {
    const adding = (names: string, allowed: string) =>
      tags(context(`{capabilities: {add: [${names}]}}`), policyOf(`capabilities: [${allowed}]`))
    assert.deepEqual(adding("NET_ADMIN, cap_sys_time, chown", "NET_ADMIN, CHOWN"), ["CapabilityNotAllowed"])
    assert.deepEqual(adding("ALL", "NET_ADMIN"), ["CapabilityNotAllowed"])
    assert.deepEqual(adding("ALL, SYS_TIME", "all"), [])
    assert.deepEqual(tags(context("{capabilities: {drop: [ALL]}}"), policyOf("capabilities: []")), [])
  })

  it("sysctls: by name, in either spelling, or by how it begins", () => {
    const setting = (name: string, allowed: string) =>
      tags(
        `spec: {hostNetwork: false, securityContext: {sysctls: [{name: ${name}, value: 1}]}, containers: [{image: nginx}]}`,
        policyOf(`sysctls: [${allowed}]`)
      )
    assert.deepEqual(setting("net.ipv4.tcp_syncookies", "net.ipv4.tcp_syncookies"), [])
    assert.deepEqual(setting("net/ipv4/tcp_syncookies", "net.ipv4.tcp_syncookies"), [])
    assert.deepEqual(setting("net.ipv4.tcp_syncookies", "net/ipv4/*"), [])
    assert.deepEqual(setting("net.ipv4.tcp_syncookies", "net.ipv4.tcp_syn"), ["SysctlNotAllowed"])
    assert.deepEqual(setting("kernel.msgmax", "net.*, kernel.shm*"), ["SysctlNotAllowed"])
  })

  it("volumes of files: each kind by its key, and a projected one as that, whatever its sources are", () => {
    const config = "---\nkind: ConfigMap\nmetadata: {name: c}\ndata: {k: v}"
    const sources = {
      configMap: "configMap: {name: c}",
      secret: "secret: {secretName: s}",
      downwardAPI: "downwardAPI: {items: [{path: p, fieldRef: {fieldPath: metadata.name}}]}",
      projected: "projected: {sources: [{configMap: {name: c}}, {secret: {name: s}}]}"
    }
    for (const [type, source] of Object.entries(sources)) {
      const text =
        "spec: {containers: [{image: nginx, volumeMounts: [{name: v, mountPath: /v}]}], " +
        `volumes: [{name: v, ${source}}]}\n${config}`
      const others = Object.keys(sources).filter((other) => other !== type)
      assert.deepEqual(tags(text, policyOf("{}")), [], type)
      assert.deepEqual(tags(text, policyOf(`volumes: [${type}]`)), [], type)
      assert.deepEqual(tags(text, policyOf(`volumes: [${others.join(", ")}]`)), ["VolumeNotAllowed"], type)
      assert.deepEqual(
        tags(text, policyOf("default: deny\nregistries: [docker.io]\nhostNetwork: true")),
        ["VolumeNotAllowed", ...(type === "secret" || type === "projected" ? ["SecretProjectNotAllowed"] : [])],
        type
      )
    }
  })

  it("secrets of files: of Secret Manager's projects too, in a volume and in a projected one", () => {
    const reading = (name: string, policy: string) =>
      [`secret: {secretName: ${name}}`, `projected: {sources: [{secret: {name: ${name}}}]}`].map((source) => {
        const text = `spec: {containers: [{image: nginx}], volumes: [{name: v, ${source}}]}`
        return [text, `${text}\n---\nkind: Secret\nmetadata: {name: db}\nstringData: {k: v}`].map((one) =>
          tags(one, policyOf(policy))
        )
      })
    const not = ["SecretProjectNotAllowed"]
    assert.deepEqual(reading("db", "secretProjects: [own]"), [
      [[], []],
      [[], []]
    ])
    assert.deepEqual(reading("db", "secretProjects: [shop-prod]"), [
      [not, []],
      [not, []]
    ])
    assert.deepEqual(reading("projects/shop-prod/secrets/db", "secretProjects: [own]"), [
      [not, not],
      [not, not]
    ])
    assert.deepEqual(reading("projects/shop-prod/secrets/db", "secretProjects: [shop-prod]"), [
      [[], []],
      [[], []]
    ])
  })

  it("secrets: of other projects as they are written, of the VM's as own; those of the text are no matter of it", () => {
    const reading = (name: string, allowed: string) => {
      const policy = policyOf(`secretProjects: [${allowed}]`)
      return [
        ...tags(
          `spec: {containers: [{image: nginx, env: [{name: A, valueFrom: {secretKeyRef: {name: ${name}}}}]}]}`,
          policy
        ),
        ...tags(`spec: {imagePullSecrets: [{name: ${name}}], containers: [{image: nginx}]}`, policy)
      ]
    }
    const both = ["SecretProjectNotAllowed", "SecretProjectNotAllowed"]
    assert.deepEqual(reading("db", "own"), [])
    assert.deepEqual(reading("db", "shop-prod"), both)
    assert.deepEqual(reading("projects/shop-prod/secrets/db", "own"), both)
    assert.deepEqual(reading("projects/shop-prod/secrets/db", "shop-prod, 123456"), [])
    assert.deepEqual(reading("projects/123456/secrets/db", "'123456'"), [])
    const text = "spec: {containers: [{image: nginx, env: [{name: A, valueFrom: {secretKeyRef: {name: db, key: k}}}]}]}"
    const secret = "---\nkind: Secret\nmetadata: {name: db}\nstringData: {k: v}"
    assert.deepEqual(tags(`${text}\n${secret}`, policyOf("secretProjects: []")), [])
  })

  it("confinement: seccomp of Pod and container, and what is hidden of /proc", () => {
    const policy = policyOf("unconfined: false")
    const text = context(
      "{seccompProfile: {type: Unconfined}, procMount: Unmasked}",
      "{appArmorProfile: {type: Unconfined}}"
    )
    assert.deepEqual(tags(text, policy), ["UnconfinedNotAllowed", "UnconfinedNotAllowed", "UnconfinedNotAllowed"])
    assert.deepEqual(tags(context("{seccompProfile: {type: RuntimeDefault}, procMount: Default}"), policy), [])
  })
})

describe("a policy's text", () => {
  const problems = (text: string) =>
    Result.match(decodePolicy({ file: "host.yaml", text }), {
      onSuccess: () => [],
      onFailure: ({ problems }) => problems.map(({ _tag, line, column }) => `${_tag} ${line}:${column}`)
    })

  it("denies what it leaves out with default: deny, and only then", () => {
    assert.deepEqual(policyOf("default: allow\ngpus: false"), { file: "host.yaml", gpus: false })
    const denied = policyOf("default: deny\nhostPorts: [80, 8000-8100]\nhostNetwork: true")
    const { file, hostPorts, hostNetwork, ...others } = denied
    assert.deepEqual([file, hostNetwork], ["host.yaml", true])
    assert.deepEqual(hostPorts, [
      { from: 80, to: 80 },
      { from: 8000, to: 8100 }
    ])
    assert.lengthOf(Object.keys(others), policyKeys.length - 3)
    for (const rule of Object.values(others))
      assert.isTrue(rule === false || (Array.isArray(rule) && rule.length === 0))
  })

  it("has no rule that cannot match", () => {
    const cases: ReadonlyArray<readonly [text: string, ...places: ReadonlyArray<string>]> = [
      ["default: forbid", "PolicyDefaultInvalid 1:10"],
      ["default: false", "ValueTypeInvalid 1:10"],
      ["default:", "ValueTypeInvalid 1:9"],
      ["default: deny\ndefault: allow", "PolicyKeyDuplicate 2:1"],
      ["hostPorts: [0, 65536, 90-80, 1-, '80', 0x50, -1, 80.0]", ...[13, 16, 23, 30, 40, 46, 50].map(portInvalid)],
      ["hostPorts: [yes, ~]", "ValueTypeInvalid 1:13", "ValueTypeInvalid 1:18"],
      ["volumes: [hostpath, name, emptyDir]", "PolicyVolumeInvalid 1:11", "PolicyVolumeInvalid 1:21"],
      ["logDrivers: ['', -x, a b]", ...[14, 18, 22].map((column) => `PolicyLogDriverInvalid 1:${column}`)],
      ["secretProjects: [projects/x, OWN, a]", ...[18, 30, 35].map((column) => `PolicyProjectInvalid 1:${column}`)],
      ["sysctls: ['', 'net.*.x', Net.x, '**']", ...[11, 15, 26, 33].map((column) => `PolicySysctlInvalid 1:${column}`)],
      ["runtimes: ['', -x, a b]", ...[12, 16, 20].map((column) => `PolicyRuntimeInvalid 1:${column}`)],
      ["gpus: 1", "ValueTypeInvalid 1:7"],
      ["capabilities: [NET_ADMN, '*']", "PolicyCapabilityInvalid 1:16", "PolicyCapabilityInvalid 1:26"]
    ]
    for (const [text, ...places] of cases) assert.deepEqual(problems(text), places, text)
  })

  const portInvalid = (column: number) => `PolicyPortInvalid 1:${column}`
})

describe("a range of ports", () => {
  const Port = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 65535 }))

  it.prop(
    "has what is between its ends, and is read as it is written",
    [Arbitrary.schema(Port), Arbitrary.schema(Port), Arbitrary.schema(Port)],
    ([a, b, port]) => {
      const range = { from: Math.min(a, b), to: Math.max(a, b) }
      assert.deepEqual(parsePortRange(renderPortRange(range)), range)
      assert.strictEqual(isInRange(port, range), range.from <= port && port <= range.to)
      if (a < b) assert.isUndefined(parsePortRange(`${b}-${a}`))
    }
  )
})
