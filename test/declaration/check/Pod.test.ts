import { isIP } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Workload } from "../../../src/workload/Workload.ts"
import { decodeSpec, resolvedAlone } from "./Declared.ts"

const one = <const A extends string | number | boolean | undefined>(
  ...values: ReadonlyArray<A>
): Arbitrary.Arbitrary<A> =>
  Arbitrary.map(
    Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: values.length - 1 }))),
    (index) => values[index]!
  )
const some = <A>(item: Arbitrary.Arbitrary<A>, maxLength: number) => Arbitrary.array(item, { maxLength })

/** Mostly good values, and a few of each mistake. */
const port = Arbitrary.all({
  name: one(undefined, undefined, "http", "admin", "UPPER"),
  containerPort: one(80, 81, 443, 8080, 8081, 8082, 0),
  hostPort: one(undefined, undefined, undefined, 80, 81, 70_000),
  protocol: one(undefined, "TCP", "UDP", "tcp"),
  hostIP: one(undefined, undefined, "10.0.0.1", "::1", "localhost")
})
const container = Arbitrary.all({
  name: one("a", "b", "c", "d", "e", "f", undefined, "G"),
  image: one("nginx", "nginx", "nginx", "gcr.io/a/b:1", "UPPER"),
  restartPolicy: one(undefined, undefined, "Always", "Never", "never"),
  ports: some(port, 3),
  volumeMounts: some(
    Arbitrary.all({ name: one("v", "w", "x"), mountPath: one("/v", "/w", "/x", "x"), readOnly: one(true, false) }),
    2
  )
})
const spec = Arbitrary.all({
  hostNetwork: one(undefined, true, false, false),
  hostname: one(undefined, "web", "We"),
  restartPolicy: one(undefined, "OnFailure"),
  containers: some(container, 3),
  initContainers: some(container, 2),
  volumes: Arbitrary.map(one(0, 1, 2, 3), (count) =>
    ["v", "w", "x"].slice(0, count).map((name) => ({ name, hostPath: { path: `/${name}` } }))
  )
})

const duplicates = (values: ReadonlyArray<string>) => values.length - new Set(values).size

const assertValid = ({ containers, initContainers, volumes, network }: Workload): void => {
  const all = [...containers, ...initContainers]
  assert.isNotEmpty(containers)
  assert.strictEqual(duplicates(all.map(({ name }) => name)), 0)
  assert.isTrue(all.length === 1 || all.every(({ name }) => /^[a-z](?:[a-z0-9-]*[a-z0-9])?$/.test(name)))
  const mounted = all.flatMap(({ mounts }) => mounts.map(({ volume }) => volume))
  assert.sameMembers(
    volumes.map(({ name }) => name),
    [...new Set(mounted)]
  )
  for (const { mounts, ports } of all) {
    assert.strictEqual(duplicates(mounts.map(({ path }) => path)), 0)
    for (const { containerPort, hostPort, hostIp } of ports) {
      assert.isTrue(containerPort >= 1 && containerPort <= 65535)
      assert.isTrue(hostIp === undefined || (network._tag === "Pod" && isIP(hostIp) !== 0))
      if (network._tag === "Host") assert.strictEqual(hostPort, containerPort)
      else assert.isTrue(hostPort === undefined || (hostPort >= 1 && hostPort <= 65535))
    }
  }
  const sideBySide = [...containers, ...initContainers.filter(({ isSidecar }) => isSidecar)]
  const published = sideBySide.flatMap(({ ports }) =>
    ports.flatMap(({ hostPort, protocol, hostIp = "" }) =>
      hostPort === undefined ? [] : `${protocol} ${hostPort} ${hostIp}`
    )
  )
  assert.strictEqual(duplicates(published), 0)
  for (const { isSidecar, restartPolicy } of initContainers) {
    if (isSidecar) assert.strictEqual(restartPolicy, "Always")
  }
}

describe("a Pod", () => {
  it.prop(
    "that is accepted is valid, and one that is refused is so for the same reasons each time",
    [spec],
    ([spec]) => {
      const decoded = decodeSpec(spec)
      if (Result.isSuccess(decoded)) return assertValid(resolvedAlone(decoded.success.workload))
      assert.isNotEmpty(decoded.failure.problems)
      const again = decodeSpec(spec)
      assert.deepStrictEqual(Result.isFailure(again) && again.failure.message, decoded.failure.message)
    }
  )

  it.prop("without mistakes is accepted", [spec], ([{ containers, initContainers, hostNetwork, ...rest }]) => {
    const good = (prefix: string) => (container: (typeof containers)[number], index: number) => ({
      name: `${prefix}-${index}`,
      image: "nginx",
      ports: container.ports.map((_, port) => ({ containerPort: 1000 + index * 10 + port, name: `p-${port}` })),
      volumeMounts: rest.volumes.map(({ name }) => ({ name, mountPath: `/${name}` }))
    })
    const decoded = decodeSpec({
      ...rest,
      hostNetwork,
      hostname: "web",
      containers: [...containers.map(good("main")), { name: "last", image: "nginx" }],
      initContainers: initContainers.map(good("init"))
    })
    assertValid(resolvedAlone(Result.getOrThrow(decoded).workload))
  })
})
