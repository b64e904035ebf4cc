import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { fromInspect } from "../../../src/convert/from/fromInspect.ts"
import { configKeys, hostConfigKeys } from "../../../src/convert/from/inspectKeys.ts"
import { declaring, refusing, secret } from "./Declaring.ts"

/** What an engine printed. */
const fixture = (name: string) =>
  readFileSync(new URL(`../../fixtures/convert/inspect-${name}.json`, import.meta.url), "utf8")
const inspect = (text: string) => fromInspect({ file: "inspect.json", text })

/** A container with these beside what an engine writes if nothing is asked for. */
const container = (parts: { readonly config?: object; readonly host?: object; readonly more?: object } = {}) => ({
  Id: "0123456789abcdef",
  Name: "/web",
  Image: "sha256:1",
  Config: { Hostname: "0123456789ab", Image: "nginx:1.29", Cmd: ["serve"], Env: ["PATH=/bin"], ...parts.config },
  HostConfig: { NetworkMode: "default", RestartPolicy: { Name: "no", MaximumRetryCount: 0 }, ...parts.host },
  Mounts: [],
  ...parts.more
})
const image = {
  Id: "sha256:1",
  RepoTags: ["nginx:1.29"],
  RootFS: {},
  Config: { Cmd: ["serve"], Env: ["PATH=/bin"], ExposedPorts: { "80/tcp": {} } }
}
const of = (parts?: Parameters<typeof container>[0]) => declaring(inspect(JSON.stringify([container(parts), image])))

describe("what docker inspect printed", () => {
  it("of Podman: what it writes into each container is not taken for what was asked for", () => {
    const podman = {
      config: {
        Entrypoint: "/entry.sh -v",
        Env: ["A=1", "container=podman", "HOSTNAME=0123456789ab"],
        StopSignal: 3,
        Annotations: { "io.container.manager": "libpod", "org.opencontainers.image.stopSignal": "3" },
        CreateCommand: ["podman", "run", `-eA=${secret}`],
        HealthcheckOnFailureAction: "none",
        Umask: "0022",
        Passwd: true,
        sdNotifyMode: "container"
      },
      host: {
        CgroupManager: "systemd",
        CgroupMode: "private",
        Cgroups: "default",
        UTSMode: "private",
        PidMode: "private",
        IpcMode: "shareable",
        PidsLimit: 2048,
        ShmSize: 65536000,
        Runtime: "oci"
      }
    }
    const { container, spec, losses } = of(podman)
    assert.deepEqual(losses, {})
    assert.deepEqual(container.command, ["/entry.sh", "-v"])
    assert.deepEqual(
      container.env.map(({ name }) => name),
      ["A"]
    )
    assert.strictEqual(container.lifecycle?.stopSignal, "SIGQUIT")
    assert.isEmpty(spec.runtimeClassName)
    assert.isEmpty(spec.volumes)
    // What was asked for is listed all the same.
    const asked = of({ host: { PidsLimit: 2048, Annotations: { a: "b" } }, config: { Umask: "0077" } }).losses
    assert.hasAllKeys(asked, ["[0].HostConfig.PidsLimit", "[0].HostConfig.Annotations", "[0].Config.Umask"])
  })

  it("a signal may be a number, or a name in any case", () => {
    for (const [written, signal] of [
      ["15", "SIGTERM"],
      ["kill", "SIGKILL"],
      ["SigUsr1", "SIGUSR1"],
      ["RTMIN+3", "SIGRTMIN+3"]
    ]) {
      assert.strictEqual(of({ config: { StopSignal: written } }).container.lifecycle?.stopSignal, signal)
    }
    assert.property(of({ config: { StopSignal: "99" } }).losses, "[0].Config.StopSignal")
  })

  it("the mode of a tmpfs is 1777; another is listed", () => {
    const tmpfs = (options: object) =>
      of({ host: { Mounts: [{ Type: "tmpfs", Target: "/t", TmpfsOptions: options }] } }).losses
    assert.deepEqual(tmpfs({ SizeBytes: 65536, Mode: 0o1777 }), {})
    assert.lengthOf(Object.keys(tmpfs({ Mode: 0o700 })), 1)
    assert.lengthOf(Object.keys(tmpfs({ Options: [["noexec"]] })), 1)
  })

  it("links and volumes of another that is there too", () => {
    const named = (name: string, host: object, mounts: ReadonlyArray<object>) => ({
      ...container({ host, more: { Mounts: mounts } }),
      Name: `/${name}`,
      Id: name
    })
    const data = {
      Type: "volume",
      Name: "data",
      Source: "/docker/data",
      Destination: "/data",
      Driver: "local",
      RW: true
    }
    const { spec, losses } = declaring(
      inspect(
        JSON.stringify([
          named("db", {}, [data]),
          named("web", { Links: ["/db:/web/database"], VolumesFrom: ["db"], NetworkMode: "back" }, [data]),
          image
        ])
      )
    )
    assert.deepEqual(spec.hostAliases, [{ ip: "127.0.0.1", hostnames: ["database"] }])
    assert.lengthOf(spec.volumes, 1)
    assert.notMatch(JSON.stringify(losses), /together/)
  })

  it("of a container and its image: what it was given, and nothing of the image's", () => {
    const { spec, container, losses } = declaring(inspect(fixture("web")))
    assert.deepInclude(container, {
      name: "web",
      image: "registry.example/web:1.2",
      args: ["httpd", "-f", "-p", "8080"]
    })
    assert.isUndefined(container.command)
    assert.deepEqual(
      container.env.map(({ name }) => name),
      ["PASSWORD"]
    )
    assert.deepEqual(container.resources.limits, { cpu: "1500m", memory: "512Mi" })
    assert.deepInclude(container.securityContext, {
      runAsUser: 1000,
      runAsGroup: 1000,
      allowPrivilegeEscalation: false
    })
    assert.deepInclude(spec, { hostNetwork: true, restartPolicy: "Always", terminationGracePeriodSeconds: 30 })
    assert.strictEqual(
      spec.volumes.find(({ name }) => name === "data")?.hostPath?.path,
      "/var/lib/docker/volumes/data/_data"
    )
    assert.deepEqual(Object.keys(losses).toSorted(), [
      "[0].Config.Healthcheck",
      "[0].Config.Labels",
      "[0].HostConfig.Init",
      "[0].HostConfig.RestartPolicy",
      "[0].HostConfig.Ulimits",
      "[0].Mounts[0]",
      "[0].Mounts[2]"
    ])
    assert.notInclude(JSON.stringify(losses), "hunter2")
  })

  it("of a container on a bridge: ports, names, name servers, an entrypoint", () => {
    const { spec, container, losses } = declaring(inspect(fixture("pub")))
    assert.deepInclude(container, { command: ["/bin/sh"], args: ["-c", "echo $A"] })
    assert.deepEqual(
      container.ports.map(({ hostIP, hostPort, containerPort }) => [hostIP, hostPort, containerPort]),
      [
        ["127.0.0.1", 8443, 443],
        ["", 8080, 80]
      ]
    )
    assert.deepInclude(spec, { hostname: "named", hostNetwork: false, dnsPolicy: "None" })
    assert.deepEqual(losses, {})
  })

  it("of a container of konlet's: its disks and its name; without its image everything is carried over, and that is said", () => {
    const { spec, container, losses } = declaring(inspect(fixture("klt")))
    assert.strictEqual(container.name, "app")
    assert.deepEqual(
      spec.volumes.map(({ name, gcePersistentDisk, emptyDir }) => [name, gcePersistentDisk?.pdName, emptyDir?.medium]),
      [
        ["data", "data", undefined],
        ["scratch", undefined, "Memory"]
      ]
    )
    assert.isUndefined(container.logging)
    assert.deepEqual(container.command, ["/bin/busybox"])
    assert.include(losses["[0].Config"], "docker inspect CONTAINER IMAGE")
    assert.deepEqual(Object.keys(losses), ["[0].Config"])
  })

  it("one object, or several containers, which become one Pod", () => {
    assert.strictEqual(declaring(inspect(JSON.stringify(container()))).container.name, "web")
    const networks = { more: { NetworkSettings: { Networks: { back: { Aliases: ["www"] } } } } }
    const { spec } = declaring(
      inspect(JSON.stringify([container(networks), { ...container(), Name: "/db", Id: "ff" }, image]))
    )
    assert.deepEqual(
      spec.containers.map(({ name }) => name),
      ["web", "db"]
    )
    assert.deepEqual(spec.hostAliases, [{ ip: "127.0.0.1", hostnames: ["web", "www"] }])
  })

  it("what an engine writes of itself asks for nothing", () => {
    const defaults = {
      AutoRemove: false,
      BlkioWeight: 0,
      BlkioWeightDevice: [],
      CapAdd: null,
      CapDrop: null,
      Cgroup: "",
      CgroupParent: "",
      CgroupnsMode: "private",
      ConsoleSize: [0, 0],
      ContainerIDFile: "",
      CpuShares: 0,
      Devices: [],
      Dns: [],
      Init: null,
      IpcMode: "private",
      Isolation: "",
      Links: null,
      LogConfig: { Type: "json-file", Config: {} },
      Memory: 0,
      MemorySwap: 0,
      MemorySwappiness: null,
      OomKillDisable: false,
      OomScoreAdj: 0,
      PidMode: "",
      PidsLimit: null,
      PortBindings: {},
      PublishAllPorts: false,
      Runtime: "runc",
      SecurityOpt: null,
      ShmSize: 67108864,
      UTSMode: "",
      Ulimits: null,
      UsernsMode: "",
      MaskedPaths: ["/proc/kcore"],
      ReadonlyPaths: ["/proc/sys"]
    }
    assert.deepEqual(of({ host: defaults }).losses, {})
    assert.strictEqual(of({ host: defaults }).text, of().text)
  })

  it("what is nothing of the kind is refused", () => {
    assert.include(refusing(inspect("[]")).message, "no container")
    assert.include(refusing(inspect(JSON.stringify([image]))).message, "no container")
    assert.include(refusing(inspect("[{")).message, "inspect.json:1")
    const failure = refusing(inspect(JSON.stringify(container({ config: { Image: `sha256:${"ab".repeat(32)}` } }))))
    assert.include(failure.message, "Config.Image")
  })
})

const host: Readonly<Record<string, unknown>> = {
  Annotations: { a: "b" },
  AutoRemove: true,
  Binds: undefined,
  BlkioDeviceReadBps: [1],
  BlkioDeviceReadIOps: [1],
  BlkioDeviceWriteBps: [1],
  BlkioDeviceWriteIOps: [1],
  BlkioWeight: 1,
  BlkioWeightDevice: [1],
  CapAdd: ["NET_ADMIN"],
  CapDrop: ["ALL"],
  Cgroup: "x",
  CgroupParent: "x",
  CgroupnsMode: "x",
  ConsoleSize: [1, 2],
  ContainerIDFile: "x",
  CpuCount: 1,
  CpuPercent: 1,
  CpuPeriod: 1000,
  CpuQuota: 1000,
  CpuRealtimePeriod: 1,
  CpuRealtimeRuntime: 1,
  CpuShares: 512,
  CpusetCpus: "0",
  CpusetMems: "0",
  DeviceCgroupRules: ["x"],
  DeviceRequests: [{ Count: -1, Capabilities: [["gpu"]] }],
  Devices: [{}],
  Dns: ["1.1.1.1"],
  DnsOptions: ["edns0"],
  DnsSearch: ["a.example"],
  ExtraHosts: ["db:10.0.0.2"],
  GroupAdd: ["44"],
  IOMaximumBandwidth: 1,
  IOMaximumIOps: 1,
  Init: true,
  IpcMode: "host",
  Isolation: "hyperv",
  KernelMemory: 1,
  KernelMemoryTCP: 1,
  Links: ["/db:/web/database"],
  LogConfig: { Type: "journald", Config: {} },
  MaskedPaths: [],
  Memory: 2 ** 30,
  MemoryReservation: 2 ** 30,
  MemorySwap: -1,
  MemorySwappiness: 5,
  Mounts: [{ Type: "tmpfs", Target: "/x" }],
  NanoCpus: 1e9,
  NetworkMode: "host",
  OomKillDisable: true,
  OomScoreAdj: 1,
  PidMode: "host",
  PidsLimit: 5,
  PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "80" }] },
  Privileged: true,
  PublishAllPorts: true,
  ReadonlyRootfs: true,
  RestartPolicy: { Name: "always" },
  Runtime: "runsc",
  SecurityOpt: ["no-new-privileges"],
  ShmSize: 1,
  StorageOpt: { a: "b" },
  Sysctls: { "net.core.somaxconn": "5" },
  Tmpfs: { "/x": "" },
  UTSMode: "host",
  Ulimits: [{}],
  UsernsMode: "host",
  VolumeDriver: "x",
  // Mounts has them.
  VolumesFrom: undefined
}
const config: Readonly<Record<string, unknown>> = {
  ArgsEscaped: true,
  Cmd: ["x"],
  Domainname: "x",
  Entrypoint: ["x"],
  Env: ["A=b"],
  ExposedPorts: { "81/tcp": {} },
  Healthcheck: { Test: ["CMD", "x"] },
  Hostname: "x",
  Image: "x",
  Labels: { a: "b" },
  MacAddress: "x",
  NetworkDisabled: true,
  StopSignal: "SIGINT",
  StopTimeout: 5,
  Tty: true,
  User: "1",
  WorkingDir: "/x",
  OpenStdin: true
}
/**
 * Binds became Mounts, and limits of swap are only there with one of memory. What is the client's, and what stands
 * beside another.
 */
const elsewhere = [
  "Binds",
  "ReadonlyPaths",
  "AttachStderr",
  "AttachStdin",
  "AttachStdout",
  "OnBuild",
  "Shell",
  "StdinOnce",
  "Volumes"
]

describe("each key of a container's configuration", () => {
  it("is known", () => {
    assert.deepEqual(
      [...new Set([...Object.keys(host), ...Object.keys(config), ...elsewhere])].toSorted(),
      [...Object.keys(hostConfigKeys), ...Object.keys(configKeys)].toSorted()
    )
  })

  const plain = of().text
  it.each(Object.entries(host).filter(([, value]) => value !== undefined))(
    "HostConfig.%s is carried over, or listed",
    (key, value) => {
      const memory = key === "MemorySwap" ? { Memory: 2 ** 30 } : {}
      const { text, notCarried } = of({ host: { ...memory, [key]: value } })
      assert.isTrue(text !== plain || notCarried.length > 0)
    }
  )
  it.each(Object.entries(config))("Config.%s is carried over, or listed", (key, value) => {
    const { text, notCarried } = of({ config: { [key]: value } })
    assert.isTrue(text !== plain || notCarried.length > 0)
  })

  it("no value is in what is not carried", () => {
    const { notCarried } = of({
      config: {
        Labels: { a: secret },
        Env: [`A=${secret}`, secret],
        Healthcheck: { Test: ["CMD", secret] },
        User: secret
      },
      host: {
        Annotations: { a: secret },
        SecurityOpt: [secret],
        LogConfig: { Type: "journald", Config: { bad: secret } }
      }
    })
    assert.notInclude(JSON.stringify(notCarried), secret)
  })
})
