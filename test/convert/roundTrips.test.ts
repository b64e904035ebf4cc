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
 * What matters of a workload: a volume has the name that its reader gave it, ten seconds are what none is, and to Docker, but
 * for its first word, a command goes before the arguments.
 */
const meaning = ({ volumes, containers, initContainers, ...workload }: DeclaredWorkload): unknown => {
  const named = (name: string) => ({ ...volumes.find((volume) => volume.name === name), name: "" })
  const container = ({ gracePeriod, mounts, command, args, ...container }: DeclaredWorkload["containers"][number]) => ({
    ...container,
    ...(command === undefined ? { args } : { program: [...command, ...(args ?? [])] }),
    gracePeriod: gracePeriod ?? 10,
    mounts: mounts
      .map((mount) => ({ ...mount, volume: named(mount.volume) }))
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

const security = some({
  privileged: oneOf(true),
  runAsUser: oneOf(0, 1000),
  capabilities: some({ add: oneOf(["NET_ADMIN"], ["ALL"]), drop: oneOf(["MKNOD"], ["ALL"]) }),
  readOnlyRootFilesystem: oneOf(true),
  seccompProfile: oneOf({ type: "Unconfined" }),
  appArmorProfile: oneOf({ type: "Unconfined" }, { type: "Localhost", localhostProfile: "web" }),
  seLinuxOptions: oneOf({ type: "web_t" }),
  procMount: oneOf("Unmasked")
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
  securityContext: security,
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

describe("a declaration that is converted, and converted back, is the same workload", () => {
  it.prop("as a docker run command", [declaration], ([text]) => {
    assert.deepEqual(meaning(back(text, "docker-run")), meaning(decoded(text)))
  })
})
