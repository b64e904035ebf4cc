import { assert, describe, it } from "@effect/vitest"
import { problemsOf, saidOf, workloadOf } from "./Declared.ts"

const pod = (sysctls: ReadonlyArray<object>, more: object = {}) => ({
  hostNetwork: false,
  securityContext: { sysctls },
  containers: [{ image: "nginx" }],
  ...more
})
const said = (name: string, more: object = {}) => saidOf(pod([{ name, value: "1" }], more))

describe("namespaces", () => {
  it("are absent where nothing is declared", () => {
    const none = { hostPID: false, hostIPC: null, shareProcessNamespace: false }
    assert.isFalse("namespaces" in workloadOf(pod([], none)))
  })

  it("are the host's where it is declared, and have settings of their own", () => {
    const sysctls = [
      { name: "net.core.somaxconn", value: 1024 },
      { name: "kernel/shm_rmid_forced", value: "1" },
      { name: "net/ipv4/conf/eth0.1/forwarding", value: "0" }
    ]
    assert.deepStrictEqual(workloadOf(pod(sysctls, { hostPID: true })).namespaces, {
      hostPid: true,
      sysctls: [
        { name: "net.core.somaxconn", value: "1024" },
        { name: "kernel.shm_rmid_forced", value: "1" },
        { name: "net.ipv4.conf.eth0/1.forwarding", value: "0" }
      ]
    })
    assert.deepStrictEqual(workloadOf({ hostIPC: true, containers: [{ image: "nginx" }] }).namespaces, {
      hostIpc: true
    })
  })

  it("are shared where it is declared, or the host's", () => {
    assert.deepStrictEqual(workloadOf(pod([], { shareProcessNamespace: true, hostPID: false })).namespaces, {
      sharesProcesses: true
    })
    const both = { shareProcessNamespace: true, hostPID: true }
    assert.deepStrictEqual(problemsOf(pod([], both)), [
      [
        '"shareProcessNamespace" and "hostPID" cannot both be true',
        'Keep one of them: by "hostPID" containers see each other\'s processes too.'
      ]
    ])
    assert.deepStrictEqual(saidOf(pod([], both), "konlet"), ["(Tolerated)"])
  })

  it("have settings by names as in Kubernetes, each once", () => {
    for (const name of ["net.ipv4.tcp_syncookies", "fs.mqueue.msg_max", "kernel.sem", "kernel.msgmax", "net/core/a"]) {
      assert.deepStrictEqual(said(name), [], name)
    }
    for (const name of ["", "net..a", "Net.a", "net.a_", ".net", "net.ä", `net.${"a".repeat(250)}`]) {
      assert.deepStrictEqual(said(name), ["SysctlNameInvalid"], name)
    }
    assert.deepStrictEqual(
      saidOf(
        pod([
          { name: "net.a", value: "1" },
          { name: "net/a", value: "2" }
        ])
      ),
      ["SysctlDuplicate"]
    )
  })

  it("have none of the settings that are the host's", () => {
    for (const name of ["vm.max_map_count", "kernel.pid_max", "kernel.shm_next_id", "fs.file-max", "kernel.hostname"]) {
      assert.deepStrictEqual(said(name), ["SysctlOfHost"], name)
    }
    assert.deepStrictEqual(said("kernel.sem", { hostNetwork: true }), [])
    assert.deepStrictEqual(said("kernel.sem", { hostIPC: true }), ["SysctlOfHost"])
    assert.deepStrictEqual(problemsOf(pod([{ name: "net.a", value: "1" }], { hostNetwork: undefined })), [
      [
        "the sysctl \"net.a\" would be the host's, as the Pod is on the host's network",
        'Remove it and set it on the host, or give the Pod a network of its own by "hostNetwork: false" in "spec".'
      ]
    ])
    assert.deepStrictEqual(saidOf(pod([{ name: "vm.a", value: "1" }]), "konlet"), ["(Tolerated)"])
  })
})
