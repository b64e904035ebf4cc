import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import { problemsOf, saidOf, workloadOf } from "./Declared.ts"

const pod = { hostNetwork: false }
const host = {}
const web = (...ports: ReadonlyArray<object>) => ({ name: "web", image: "nginx", ports })
const log = (...ports: ReadonlyArray<object>) => ({ name: "log", image: "fluentd", ports })
const portsOf = (spec: object) => workloadOf(spec).containers.map(({ ports }) => ports)

describe("ports", () => {
  it("on the Pod's own network are published where hostPort says", () => {
    const ports = [
      { containerPort: 80, hostPort: 8080, hostIP: "127.0.0.1", name: "http" },
      { containerPort: 53, protocol: "UDP" },
      { containerPort: 9, hostPort: 0, protocol: "SCTP" }
    ]
    assert.deepStrictEqual(portsOf({ ...pod, containers: [web(...ports)] }), [
      [
        { containerPort: 80, hostPort: 8080, hostIp: "127.0.0.1", protocol: "tcp" },
        { containerPort: 53, hostPort: undefined, hostIp: undefined, protocol: "udp" },
        { containerPort: 9, hostPort: undefined, hostIp: undefined, protocol: "sctp" }
      ]
    ])
  })

  it("on the host's network are the host's", () => {
    const expected = [[{ containerPort: 80, hostPort: 80, hostIp: undefined, protocol: "tcp" as const }]]
    for (const hostPort of [undefined, 0, 80]) {
      assert.deepStrictEqual(portsOf({ ...host, containers: [web({ containerPort: 80, hostPort })] }), expected)
    }
    assert.deepStrictEqual(problemsOf({ ...host, containers: [web({ containerPort: 80, hostPort: 8080 })] }), [
      [
        "on the host's network hostPort 8080 must be the containerPort, 80",
        'Remove "hostPort", or give the Pod a network of its own by "hostNetwork: false" in "spec".'
      ]
    ])
    assert.deepStrictEqual(saidOf({ containers: [web({ containerPort: 80, hostIP: "10.0.0.1" })] }), [
      "(HostNetworkIgnores)"
    ])
  })

  it("have a number from 1 to 65535", () => {
    const said = (port: object) => saidOf({ ...pod, containers: [web(port)] })
    for (const containerPort of [1, 65535]) assert.deepStrictEqual(said({ containerPort }), [])
    for (const containerPort of [-1, 65536]) assert.deepStrictEqual(said({ containerPort }), ["PortNumberInvalid"])
    for (const hostPort of [-1, 65536]) {
      assert.deepStrictEqual(said({ containerPort: 80, hostPort }), ["PortNumberInvalid"])
    }
    assert.deepStrictEqual(said({}), ["ContainerPortMissing"])
    assert.deepStrictEqual(said({ containerPort: null }), ["ContainerPortMissing"])
    for (const containerPort of ["80", 80.5, true, []]) {
      assert.deepStrictEqual(said({ containerPort }), ["ValueTypeInvalid"], JSON.stringify(containerPort))
    }
  })

  it("have a protocol, an address and a name as in Kubernetes", () => {
    const said = (port: object) => saidOf({ ...pod, containers: [web({ containerPort: 80, ...port })] })
    assert.deepStrictEqual(problemsOf({ ...pod, containers: [web({ containerPort: 80, protocol: "tcp" })] }), [
      ['"tcp" is not a protocol of ports', 'Did you mean "TCP"?']
    ])
    assert.deepStrictEqual(said({ protocol: "HTTP" }), ["ProtocolInvalid"])
    for (const hostIP of ["localhost", "10.0.0", "10.0.0.256", "fe80::1%eth0"]) {
      assert.deepStrictEqual(said({ hostIP, hostPort: 80 }), ["IpAddressInvalid"], hostIP)
    }
    for (const name of ["http", "a", "http-2", "2b"]) assert.deepStrictEqual(said({ name }), [], name)
    for (const name of ["HTTP", "80", "a--b", "-a", "a-", "sixteen-letters-", "a_b"]) {
      assert.deepStrictEqual(said({ name }), ["PortNameInvalid"], name)
    }
    const twice = [
      { containerPort: 80, name: "http" },
      { containerPort: 81, name: "http" }
    ]
    assert.deepStrictEqual(saidOf({ ...pod, containers: [web(...twice)] }), ["PortNameDuplicate"])
    assert.deepStrictEqual(saidOf({ ...pod, containers: [web(twice[0]!), log(twice[1]!)] }), [])
  })

  it("of Docker Compose are told how to be written", () => {
    assert.deepStrictEqual(problemsOf({ containers: [{ image: "nginx", ports: ["80:80"] }] }), [
      [
        "spec.containers[0].ports[0] must be a mapping, not quoted text",
        'Write each port as "- containerPort: NUMBER", with "hostPort: NUMBER" below it where the host publishes it.'
      ]
    ])
  })

  it("of a container that konlet would have run are never a problem under its key, and count where they can", () => {
    const ports = [{ containerPort: 80 }, { containerPort: 0 }, { containerPort: 81, hostPort: 8081 }, "82", null]
    const spec = { containers: [{ image: "nginx", ports }] }
    assert.deepStrictEqual(saidOf(spec, "konlet"), ["(Tolerated)", "(Tolerated)", "(Tolerated)", "(Tolerated)"])
    assert.deepStrictEqual(
      workloadOf(spec, "konlet").containers[0].ports.map(({ containerPort }) => containerPort),
      [80, 81]
    )
    assert.deepStrictEqual(saidOf({ containers: [{ image: "nginx", ports: "80" }] }, "konlet"), ["(Tolerated)"])
    assert.include(saidOf({ containers: [web({ containerPort: 0 }), log()] }, "konlet"), "ContainerPortMissing")
  })
})

describe("ports that cannot be open at the same time", () => {
  it("are those of one host port on the host, whichever container has them", () => {
    assert.deepStrictEqual(problemsOf({ containers: [web({ containerPort: 80 }), log({ containerPort: 80 })] }), [
      [
        "the host's tcp port 80 is already taken by the port on line 1",
        "Give each a port of its own, or an address of its own by hostIP."
      ]
    ])
    assert.deepStrictEqual(
      saidOf({ containers: [web({ containerPort: 53 }), log({ containerPort: 53, protocol: "UDP" })] }),
      []
    )
  })

  it("are those of one host port and one address on the Pod's network", () => {
    const said = (one: string | undefined, other: string | undefined) =>
      saidOf({
        ...pod,
        containers: [
          web({ containerPort: 1, hostPort: 80, hostIP: one }, { containerPort: 2, hostPort: 80, hostIP: other })
        ]
      })
    for (const [one, other] of [
      [undefined, undefined],
      ["10.0.0.1", "10.0.0.1"],
      [undefined, "10.0.0.1"],
      ["10.0.0.1", undefined],
      ["0.0.0.0", "10.0.0.1"],
      ["::", "::1"],
      [undefined, "::1"]
    ]) {
      assert.deepStrictEqual(said(one, other), ["HostPortTaken"], `${one} ${other}`)
    }
    for (const [one, other] of [
      ["10.0.0.1", "10.0.0.2"],
      ["0.0.0.0", "::"],
      ["::1", "127.0.0.1"]
    ]) {
      assert.deepStrictEqual(said(one, other), [], `${one} ${other}`)
    }
  })

  it("are warned of where containers share the Pod's network", () => {
    assert.deepStrictEqual(saidOf({ ...pod, containers: [web({ containerPort: 80 }), log({ containerPort: 80 })] }), [
      "(ContainerPortShared)"
    ])
  })

  it("are not those of an init container, which has ended by then; a sidecar has not", () => {
    const containers = [web({ containerPort: 80 })]
    const init = { name: "init", image: "busybox", ports: [{ containerPort: 80 }] }
    assert.deepStrictEqual(saidOf({ containers, initContainers: [init, { ...init, name: "next" }] }), [])
    assert.deepStrictEqual(saidOf({ containers, initContainers: [{ ...init, restartPolicy: "Always" }] }), [
      "HostPortTaken"
    ])
  })

  const port = Arbitrary.all({
    hostPort: Arbitrary.schema(Schema.Literals([80, 81])),
    hostIP: Arbitrary.schema(Schema.Literals(["", "0.0.0.0", "10.0.0.1", "::", "::1"]))
  })
  it.prop(
    "are exactly those of which the second could not be bound",
    [Arbitrary.array(port, { maxLength: 6 })],
    ([ports]) => {
      const families = (hostIP: string) => (hostIP === "" ? ["v4", "v6"] : [hostIP.includes(":") ? "v6" : "v4"])
      const isAll = (hostIP: string) => ["", "0.0.0.0", "::"].includes(hostIP)
      const bound: Array<(typeof ports)[number]> = []
      let taken = 0
      for (const port of ports) {
        const isTaken = bound.some(
          (other) =>
            other.hostPort === port.hostPort &&
            families(other.hostIP).some((family) => families(port.hostIP).includes(family)) &&
            (other.hostIP === port.hostIP || isAll(other.hostIP) || isAll(port.hostIP))
        )
        if (isTaken) taken++
        else bound.push(port)
      }
      const declared = ports.map((port, index) => ({ containerPort: 1000 + index, ...port }))
      assert.lengthOf(saidOf({ ...pod, containers: [web(...declared)] }), taken)
    }
  )
})
