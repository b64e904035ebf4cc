import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { convert } from "../../src/convert/convert.ts"
import { literal } from "../../src/convert/from/literal.ts"
import type { ForeignOrigin, Target } from "../../src/convert/targets.ts"
import { decodeDeclaration } from "../../src/declaration/Declaration.ts"
import type { DeclaredWorkload } from "../../src/workload/DeclaredWorkload.ts"
import { revealedJson } from "../../src/workload/revealedJson.ts"

/** There and back: what both forms can say comes back as it was. */
const back = (text: string, form: ForeignOrigin & Target): DeclaredWorkload => {
  const there = convert({ file: "web.yaml", text }, { from: "declaration", to: form })
  if (Result.isFailure(there)) throw there.failure
  const written = there.success.files.map(({ text }) => Redacted.value(text)).join("\n")
  const back = convert({ file: "there", text: written }, { from: form, to: "declaration" })
  if (Result.isFailure(back)) throw new Error(`${back.failure.message}\n${written}`)
  return decoded(back.success.files.map(({ text }) => Redacted.value(text)).join(""))
}

const decoded = (text: string): DeclaredWorkload => {
  const decoded = decodeDeclaration({ file: "web.yaml", text })
  if (Result.isFailure(decoded)) throw new Error(`${decoded.failure.message}\n${text}`)
  return decoded.success.workload
}

/**
 * What matters of a workload: a volume has the name that its reader gave it, ten seconds are what none is, and to
 * Docker, but for its first word, a command goes before the arguments.
 */
const meaning = ({ volumes, containers, initContainers, ...workload }: DeclaredWorkload): unknown => {
  const named = (name: string) => ({ ...volumes.find((volume) => volume.name === name), name: "" })
  const container = ({ gracePeriod, mounts, command, args, ...container }: DeclaredWorkload["containers"][number]) => ({
    ...container,
    ...(command === undefined ? { args } : { program: [...command, ...(args ?? [])] }),
    gracePeriod: gracePeriod ?? 10,
    mounts: mounts
      // Nothing writes to files of a ConfigMap, whatever is said.
      .map((mount) => ({
        ...mount,
        volume: named(mount.volume),
        ...("files" in named(mount.volume) ? { readOnly: true } : {})
      }))
      .toSorted((a, b) => a.path.localeCompare(b.path))
  })
  const plain = { ...workload, containers: containers.map(container), initContainers: initContainers.map(container) }
  return JSON.parse(revealedJson(plain)) as unknown
}

const oneOf = <A>(...values: ReadonlyArray<A>): Arbitrary.Arbitrary<A> =>
  Arbitrary.map(
    Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: values.length - 1 }))),
    (index) => values[index]!
  )

const word = Arbitrary.map(
  Arbitrary.array(
    oneOf("a", "Z", "0", " ", "'", '"', "$", "(", ")", "\\", "`", "#", ";", "&", "\n", "é", "=", "-", "{", "${x}", "%"),
    {
      maxLength: 8
    }
  ),
  (parts) => literal(parts.join(""))
)
const words = Arbitrary.array(word, { maxLength: 3 })
const maybe = <A>(arbitrary: Arbitrary.Arbitrary<A>): Arbitrary.Arbitrary<A | undefined> =>
  Arbitrary.flatMap(oneOf(true, false), (is): Arbitrary.Arbitrary<A | undefined> => (is ? arbitrary : oneOf(undefined)))
/** Some of these keys. */
const some = <A extends Record<string, unknown>>(fields: { readonly [K in keyof A]: Arbitrary.Arbitrary<A[K]> }) =>
  Arbitrary.map(
    Arbitrary.all(
      Object.fromEntries(
        Object.entries(fields).map(([key, value]) => [key, maybe(value as Arbitrary.Arbitrary<unknown>)])
      )
    ),
    (values) => values as Partial<A>
  )

const securityOf = (form: "kubernetes" | "docker") =>
  some({
    privileged: oneOf(true),
    runAsUser: oneOf(0, 1000),
    capabilities: some({ add: oneOf(["NET_ADMIN"], ["ALL"]), drop: oneOf(["MKNOD"], ["ALL"]) }),
    readOnlyRootFilesystem: oneOf(true),
    seccompProfile: oneOf({ type: "Unconfined" }),
    appArmorProfile: oneOf({ type: "Unconfined" }, { type: "Localhost", localhostProfile: "web" }),
    seLinuxOptions: oneOf({ type: "web_t" }),
    // A cluster has it in user namespaces alone, which is listed.
    ...(form === "kubernetes" ? {} : { procMount: oneOf("Unmasked") })
  })
const container = some({
  imagePullPolicy: oneOf("IfNotPresent", "Never"),
  command: Arbitrary.map(words, (rest) => ["/bin/run", ...rest]),
  args: Arbitrary.filter(words, (words) => words.length > 0),
  env: Arbitrary.map(words, (values) => values.map((value, index) => ({ name: `V${index}`, value }))),
  workingDir: oneOf("/srv", "/a b"),
  resources: some({
    limits: some({
      cpu: oneOf("500m", "2", "123m"),
      memory: oneOf("64Mi", "1Gi", "100M"),
      "nvidia.com/gpu": oneOf(1, 2)
    })
  }),
  securityContext: securityOf("docker"),
  logging: oneOf<object>({ driver: "journald", options: { tag: "a=b" } }, { options: { "max-size": "1m" } }),
  stdin: oneOf(true),
  tty: oneOf(true),
  lifecycle: oneOf({ stopSignal: "SIGINT" })
})
const mounts = some({
  conf: oneOf<object>({ mountPath: "/etc/conf", readOnly: true }, { mountPath: "/conf" }),
  data: oneOf<object>({ mountPath: "/data", mountPropagation: "HostToContainer" }, { mountPath: "/d,a" })
})
const ports = oneOf<
  ReadonlyArray<{
    readonly containerPort: number
    readonly hostPort?: number
    readonly hostIP?: string
    readonly protocol?: string
  }>
>(
  [],
  [{ containerPort: 80, hostPort: 8080 }],
  [{ containerPort: 53, hostPort: 53, protocol: "UDP", hostIP: "127.0.0.1" }, { containerPort: 81 }],
  [{ containerPort: 443, hostPort: 443, hostIP: "::1" }]
)
const spec = some({
  restartPolicy: oneOf("OnFailure", "Never"),
  terminationGracePeriodSeconds: oneOf(0, 30),
  hostPID: oneOf(true),
  runtimeClassName: oneOf("runsc")
})
const own = some({
  hostname: oneOf("web"),
  hostAliases: oneOf([{ ip: "10.0.0.2", hostnames: ["db"] }]),
  dnsConfig: oneOf({
    nameservers: ["1.1.1.1"],
    searches: ["a.example"],
    options: [{ name: "ndots", value: "2" }, { name: "edns0" }]
  })
})

/** A declaration of one container. */
const declaration = Arbitrary.map(
  Arbitrary.all({ container, mounts, ports, spec, own, isOwn: oneOf(true, false) }),
  ({ container, mounts, ports, spec, own, isOwn }) => {
    const used = Object.entries(mounts).filter(([, mount]) => mount !== undefined)
    return JSON.stringify({
      kind: "Pod",
      spec: {
        ...spec,
        ...(isOwn ? { hostNetwork: false, ...own, dnsPolicy: own.dnsConfig === undefined ? undefined : "None" } : {}),
        containers: [
          {
            name: "web",
            image: "registry.example/web:1.2",
            ...container,
            ports: isOwn ? ports : ports.map(({ containerPort, protocol }) => ({ containerPort, protocol })),
            volumeMounts: used.map(([name, mount]) => ({ name, ...mount }))
          }
        ],
        volumes: used.map(([name]) => ({ name, hostPath: { path: `/srv/${name}` } }))
      }
    })
  }
)

const probe = oneOf<object>(
  { exec: { command: ["check", "$(X)"] } },
  { httpGet: { host: "127.0.0.1", port: 80, path: "/a?b" }, periodSeconds: 3 },
  { tcpSocket: { host: "127.0.0.1", port: 80 }, failureThreshold: 9, timeoutSeconds: 2 },
  { grpc: { port: 90, service: "x" }, initialDelaySeconds: 4 }
)
const sources = {
  disk: oneOf<object>(
    { gcePersistentDisk: { pdName: "disk-a", fsType: "ext4" } },
    { gcePersistentDisk: { pdName: "disk-a", fsType: "xfs", partition: 2 } }
  ),
  memory: oneOf<object>({ emptyDir: { medium: "Memory" } }, { emptyDir: { medium: "Memory", sizeLimit: "64Mi" } }),
  path: oneOf<object>({ hostPath: { path: "/srv/a b" } }),
  scratch: oneOf<object>({ emptyDir: {} }),
  files: oneOf<object>({ configMap: { name: "app", defaultMode: 256 } }, { secret: { secretName: "token" } }),
  kept: oneOf<object>({ secret: { secretName: "kept", items: [{ key: "3", path: "a" }] } })
}

/** A declaration of several containers, with what comes before them, and volumes of all kinds. */
const pod = (form: "kubernetes" | "compose") => {
  const shown = form === "kubernetes" ? Object.keys(sources) : ["disk", "memory", "path"]
  const several = some({
    ...(form === "kubernetes"
      ? { readinessProbe: probe, livenessProbe: probe, lifecycle: oneOf({ stopSignal: "SIGINT" }) }
      : {}),
    imagePullPolicy: oneOf("IfNotPresent", "Never"),
    command: Arbitrary.map(words, (rest) => ["/bin/run", ...rest]),
    args: Arbitrary.filter(words, (words) => words.length > 0),
    env: Arbitrary.map(words, (values) => values.map((value, index) => ({ name: `V${index}`, value }))),
    workingDir: oneOf("/srv"),
    resources: some({ limits: some({ cpu: oneOf("500m", "2"), memory: oneOf("64Mi", "1Gi") }) }),
    securityContext: securityOf(form === "kubernetes" ? form : "docker"),
    stdin: oneOf(true),
    tty: oneOf(true),
    mounts: oneOf<ReadonlyArray<string>>([], shown, shown.slice(0, 2))
  })
  const around = some({
    restartPolicy: oneOf("OnFailure", "Never"),
    terminationGracePeriodSeconds: oneOf(30, 45),
    hostPID: oneOf(true)
  })
  return Arbitrary.map(
    Arbitrary.all({
      web: several,
      worker: maybe(several),
      setup: maybe(several),
      isOwn: oneOf(true, false),
      ports,
      around,
      volumes: Arbitrary.all(sources)
    }),
    ({ web, worker, setup, isOwn, ports, around, volumes }) => {
      const container = (name: string, { mounts = [], ...fields }: typeof web, left: ReadonlyArray<string> = []) => ({
        name,
        image: "registry.example/web:1.2",
        ...Object.fromEntries(Object.entries(fields).filter(([key]) => !left.includes(key))),
        volumeMounts: mounts.map((name, index) => ({
          name,
          mountPath: `/m/${name}`,
          readOnly: index === 1 || undefined
        }))
      })
      // What runs to its end has none of these.
      const ofRunning = ["readinessProbe", "livenessProbe", "lifecycle"]
      const main = container("web", web)
      const declared = {
        kind: "Pod",
        metadata: { name: "shop" },
        spec: {
          ...around,
          ...(isOwn ? { hostNetwork: false } : {}),
          initContainers: setup === undefined ? [] : [container("setup", setup, ofRunning)],
          containers: [
            {
              ...main,
              ports: isOwn ? ports : ports.map(({ containerPort, protocol }) => ({ containerPort, protocol }))
            },
            ...(worker === undefined ? [] : [container("worker", worker)])
          ],
          volumes: Object.entries(volumes).map(([name, source]) => ({ name, ...source }))
        }
      }
      const config = { kind: "ConfigMap", metadata: { name: "app" }, data: { "a.txt": "x\n" } }
      const secret = { kind: "Secret", metadata: { name: "token" }, stringData: { t: "y" } }
      return [declared, config, secret].map((document) => JSON.stringify(document)).join("\n---\n")
    }
  )
}

describe("a declaration that is converted, and converted back, is the same workload", () => {
  it.prop("as a docker run command", [declaration], ([text]) => {
    assert.deepEqual(meaning(back(text, "docker-run")), meaning(decoded(text)))
  })

  it.prop("as objects of Kubernetes", [pod("kubernetes")], ([text]) => {
    assert.deepEqual(meaning(back(text, "kubernetes")), meaning(decoded(text)))
  })

  it.prop("as a Compose file", [pod("compose")], ([text]) => {
    assert.deepEqual(meaning(back(text, "compose")), meaning(decoded(text)))
  })
})
