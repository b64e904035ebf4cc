import { assert, describe, it } from "@effect/vitest"
import type { NetworkMode, PublishedPort } from "../../../src/vm/engine/ContainerNetwork.ts"
import {
  exposedPorts,
  extraHostText,
  networkModeText,
  parseExtraHost,
  parseNetworkMode,
  portBindings,
  publishedPorts
} from "../../../src/vm/engine/engineNetwork.ts"
import { addressOf, listedPorts } from "../../../src/vm/engine/networkAnswers.ts"

describe("a container's network, as the engine's API writes it", () => {
  it("is the host's, one by its name, or another container's", () => {
    const id = "f".repeat(64)
    const modes: ReadonlyArray<readonly [NetworkMode, string]> = [
      ["host", "host"],
      [{ _tag: "Network", name: "slipway" }, "slipway"],
      [{ _tag: "Container", id }, `container:${id}`]
    ]
    for (const [mode, text] of modes) {
      assert.strictEqual(networkModeText(mode), text)
      assert.deepStrictEqual(parseNetworkMode(text), mode)
    }
  })

  it("has ports, each on one address of the host or on all, in whatever order", () => {
    const ports: ReadonlyArray<PublishedPort> = [
      { containerPort: 53, protocol: "udp", hostPort: 53 },
      { containerPort: 80, protocol: "tcp", hostPort: 80 },
      { containerPort: 80, protocol: "tcp", hostPort: 8080, hostIp: "127.0.0.1" },
      { containerPort: 80, protocol: "udp", hostPort: 80 }
    ]
    assert.deepStrictEqual(exposedPorts(ports), { "53/udp": {}, "80/tcp": {}, "80/udp": {} })
    const bindings = portBindings(ports)
    assert.deepStrictEqual(bindings["80/tcp"], [
      { HostIp: "", HostPort: "80" },
      { HostIp: "127.0.0.1", HostPort: "8080" }
    ])
    assert.deepStrictEqual(publishedPorts(bindings), ports)
    assert.deepStrictEqual(publishedPorts(portBindings(ports.toReversed())), ports)
  })

  it("may have ports that nobody chose, and none", () => {
    assert.deepStrictEqual(publishedPorts({ "80/tcp": [{ HostIp: "", HostPort: "" }, { HostPort: "8000-8010" }] }), [])
    for (const none of [undefined, null, {}, { "80/tcp": null }, { other: [{ HostPort: "80" }] }]) {
      assert.deepStrictEqual(publishedPorts(none), [])
    }
  })

  it("is listed for IPv4 and IPv6, which is one port; what is only exposed is none", () => {
    assert.deepStrictEqual(
      listedPorts([
        { IP: "::", PrivatePort: 80, PublicPort: 8080, Type: "tcp" },
        { IP: "0.0.0.0", PrivatePort: 80, PublicPort: 8080, Type: "tcp" },
        { IP: "127.0.0.1", PrivatePort: 53, PublicPort: 53, Type: "udp" },
        { PrivatePort: 443, Type: "tcp" },
        { PrivatePort: 1, PublicPort: 1, Type: "other" }
      ]),
      [
        { containerPort: 53, protocol: "udp", hostPort: 53, hostIp: "127.0.0.1" },
        { containerPort: 80, protocol: "tcp", hostPort: 8080 }
      ]
    )
    assert.deepStrictEqual(listedPorts(null), [])
  })

  it("has hosts, whose addresses may have colons", () => {
    for (const host of [
      { name: "db", address: "192.0.2.1" },
      { name: "db6", address: "2001:db8::1" },
      { name: "gateway", address: "host-gateway" }
    ]) {
      assert.deepStrictEqual(parseExtraHost(extraHostText(host)), host)
    }
    assert.deepStrictEqual(parseExtraHost("db=192.0.2.1"), { name: "db", address: "192.0.2.1" })
  })

  it("has an address, or none", () => {
    assert.strictEqual(addressOf({ Networks: { slipway: { IPAddress: "172.18.0.2" } } }), "172.18.0.2")
    for (const none of [undefined, null, {}, { Networks: null }, { Networks: { host: { IPAddress: "" }, x: null } }]) {
      assert.isUndefined(addressOf(none))
    }
  })
})
