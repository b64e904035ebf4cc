import { assert, describe, it } from "@effect/vitest"
import { problemsOf, saidOf, workloadOf } from "./Declared.ts"

const containers = [{ image: "nginx" }]
const networkOf = (spec: object) => workloadOf({ containers, ...spec }).network
const said = (spec: object) => saidOf({ containers, ...spec })
const plain = { hostname: undefined, hostAliases: [], dns: { nameservers: [], searches: [], options: [] } }

describe("the network", () => {
  it("is the host's unless the declaration asks for one of its own", () => {
    assert.deepStrictEqual(networkOf({}), { _tag: "Host" })
    assert.deepStrictEqual(networkOf({ hostNetwork: null }), { _tag: "Host" })
    assert.deepStrictEqual(networkOf({ hostNetwork: true }), { _tag: "Host" })
    assert.deepStrictEqual(networkOf({ hostNetwork: false }), { _tag: "Pod", ...plain })
    assert.deepStrictEqual(workloadOf({ containers, hostNetwork: false }, "konlet").network, { _tag: "Pod", ...plain })
    // Of what konlet did not look at, only what is good counts.
    assert.deepStrictEqual(workloadOf({ containers, hostNetwork: "no" }, "konlet").network, { _tag: "Host" })
    const dnsConfig = { nameservers: ["x", "10.0.0.1"], searches: ["-"], options: [{}, { name: "rotate" }, 5] }
    const hostAliases = [{ ip: "x", hostnames: ["a"] }, { ip: "10.0.0.1", hostnames: ["_", "b"] }, "c", { ip: "::1" }]
    assert.deepStrictEqual(
      workloadOf({ containers, hostNetwork: false, hostname: "A", hostAliases, dnsConfig }, "konlet").network,
      {
        _tag: "Pod",
        hostname: undefined,
        hostAliases: [{ ip: "10.0.0.1", hostnames: ["b"] }],
        dns: { nameservers: ["10.0.0.1"], searches: [], options: ["rotate"] }
      }
    )
  })

  it("of the Pod's own has a host name, aliases and name servers", () => {
    const spec = {
      hostNetwork: false,
      hostname: "web-1",
      hostAliases: [
        { ip: "10.0.0.1", hostnames: ["db", "db.example.com"] },
        { ip: "fd00::1", hostnames: ["cache"] }
      ],
      dnsPolicy: "None",
      dnsConfig: {
        nameservers: ["1.1.1.1", "2606:4700:4700::1111"],
        searches: ["example.com", "corp.example.com.", "."],
        options: [{ name: "ndots", value: "2" }, { name: "edns0" }]
      }
    }
    assert.deepStrictEqual(networkOf(spec), {
      _tag: "Pod",
      hostname: "web-1",
      hostAliases: spec.hostAliases,
      dns: {
        nameservers: ["1.1.1.1", "2606:4700:4700::1111"],
        searches: ["example.com", "corp.example.com.", "."],
        options: ["ndots:2", "edns0"]
      }
    })
    assert.deepStrictEqual(said(spec), [])
  })

  it("of the host takes no notice of them, and says so", () => {
    const hostAliases = [{ ip: "10.0.0.1", hostnames: ["db"] }]
    const dnsConfig = { searches: ["example.com"] }
    assert.deepStrictEqual(said({ hostname: "web", hostAliases, dnsConfig }), [
      "(HostNetworkIgnores)",
      "(HostNetworkIgnores)",
      "(HostNetworkIgnores)"
    ])
    assert.deepStrictEqual(said({ hostname: "", hostAliases: [], dnsConfig: {}, dnsPolicy: "ClusterFirst" }), [])
  })

  it("has names and addresses that a resolver can use", () => {
    const own = { hostNetwork: false }
    for (const hostname of ["Web", "web.example", "web_1", "w".repeat(64)]) {
      assert.deepStrictEqual(said({ ...own, hostname }), ["HostNameInvalid"], hostname)
    }
    assert.deepStrictEqual(said({ ...own, hostAliases: [{ ip: "db", hostnames: ["db"] }] }), ["IpAddressInvalid"])
    assert.deepStrictEqual(said({ ...own, hostAliases: [{ hostnames: ["db"] }] }), ["IpAddressInvalid"])
    assert.deepStrictEqual(problemsOf({ containers, ...own, hostAliases: [{ ip: "10.0.0.1", hostnames: ["a b"] }] }), [
      [
        // What follows white space in a value is never shown.
        'spec.hostAliases[0].hostnames[0] is not a host name: "a…"',
        "Use lower-case letters, digits and dashes, joined by single dots."
      ]
    ])
  })

  it("has a DNS policy and settings as in Kubernetes", () => {
    const dns = (dnsConfig: object, dnsPolicy = "None") => said({ hostNetwork: false, dnsPolicy, dnsConfig })
    const nameservers = ["10.0.0.1"]
    for (const policy of ["Default", "ClusterFirst", "ClusterFirstWithHostNet"]) {
      assert.deepStrictEqual(dns({}, policy), [], policy)
      // In Kubernetes they are asked beside the node's.
      assert.deepStrictEqual(dns({ nameservers }, policy), ["(NameServersReplaced)"], policy)
    }
    assert.deepStrictEqual(dns({}), ["DnsConfigInvalid"])
    assert.deepStrictEqual(dns({ nameservers }, "clusterFirst"), ["DnsPolicyInvalid", "(NameServersReplaced)"])
    assert.deepStrictEqual(dns({ nameservers: ["ns1.example.com"] }), ["IpAddressInvalid"])
    assert.deepStrictEqual(dns({ nameservers: ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"] }), ["DnsConfigInvalid"])
    assert.deepStrictEqual(dns({ nameservers, searches: ["-", "ok", "a b"] }), ["DnsConfigInvalid", "DnsConfigInvalid"])
    assert.deepStrictEqual(dns({ nameservers, searches: Array.from({ length: 33 }, (_, index) => `s${index}`) }), [
      "DnsConfigInvalid"
    ])
    assert.deepStrictEqual(dns({ nameservers, searches: ["_tcp.example.com", "a_b"] }), [])
    const long = Array.from({ length: 9 }, () => "d".repeat(250))
    assert.deepStrictEqual(dns({ nameservers, searches: long }), ["DnsConfigInvalid"])
    assert.deepStrictEqual(dns({ nameservers, options: [{ value: "2" }, { name: "a b" }, { name: "rotate" }] }), [
      "DnsConfigInvalid",
      "DnsConfigInvalid"
    ])
  })
})
