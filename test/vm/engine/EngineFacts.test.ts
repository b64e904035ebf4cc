import { assert, describe, it } from "@effect/vitest"
import * as Option from "effect/Option"
import { engineFacts, logPlugins } from "../../../src/vm/engine/EngineFacts.ts"

describe("the facts of an engine", () => {
  it("are those of a Docker engine with a GPU, by its own words", () => {
    const info = {
      NCPU: 4,
      MemTotal: 16_768_913_408,
      CgroupDriver: "systemd",
      CgroupVersion: "2",
      MemoryLimit: true,
      SwapLimit: true,
      CpuCfsQuota: true,
      KernelVersion: "6.1.0-28-cloud-amd64",
      OperatingSystem: "Debian GNU/Linux 12 (bookworm)",
      SecurityOptions: ["name=apparmor", "name=seccomp,profile=builtin", "name=cgroupns"],
      Runtimes: { nvidia: { path: "nvidia-container-runtime" }, runc: { path: "runc" } },
      DiscoveredDevices: [{ Source: "cdi", ID: "nvidia.com/gpu=0" }],
      Plugins: { Volume: ["local"], Log: ["journald", "json-file"] }
    }
    assert.deepStrictEqual(
      engineFacts(info),
      Option.some({
        cpus: 4,
        memoryBytes: 16_768_913_408,
        cgroupVersion: 2,
        unlimited: [],
        kernelVersion: "6.1.0-28-cloud-amd64",
        operatingSystem: "Debian GNU/Linux 12 (bookworm)",
        securityOptions: ["name=apparmor", "name=seccomp,profile=builtin", "name=cgroupns"],
        runtimes: ["nvidia", "runc"],
        cdiDevices: ["nvidia.com/gpu=0"],
        logDrivers: ["journald", "json-file"]
      })
    )
  })

  it("leave open what the engine does not tell, and name what its kernel cannot limit", () => {
    const bare = { NCPU: 1, MemTotal: 1024 }
    assert.deepStrictEqual(
      engineFacts({ ...bare, MemoryLimit: false, SwapLimit: false, CpuCfsQuota: false, Plugins: null }),
      Option.some({
        cpus: 1,
        memoryBytes: 1024,
        cgroupVersion: undefined,
        unlimited: ["memory", "swap", "cpu"],
        kernelVersion: "",
        operatingSystem: "",
        securityOptions: [],
        runtimes: [],
        cdiDevices: [],
        logDrivers: []
      })
    )
    assert.deepStrictEqual(Option.getOrUndefined(engineFacts(bare))?.unlimited, [])
  })

  it("are none where the answer has neither cpus nor memory", () => {
    for (const answer of [{}, { NCPU: 1 }, { MemTotal: 1 }, "info", null]) {
      assert.deepStrictEqual(engineFacts(answer), Option.none())
    }
  })
})

describe("log plugins", () => {
  it("are those that are enabled and log, by both their names", () => {
    const plugin = (Name: string, Enabled: boolean, ...types: ReadonlyArray<string>) => ({
      Name,
      Enabled,
      Config: { Interface: { Types: types.map((Capability) => ({ Prefix: "docker", Capability, Version: "1.0" })) } }
    })
    const plugins = [
      plugin("loki:latest", true, "logdriver"),
      plugin("grafana/loki-docker-driver:3.0", true, "logdriver"),
      plugin("off:latest", false, "logdriver"),
      plugin("vieux/sshfs:latest", true, "volumedriver")
    ]
    assert.deepStrictEqual(logPlugins(plugins), Option.some(["loki:latest", "loki", "grafana/loki-docker-driver:3.0"]))
    assert.deepStrictEqual(logPlugins(null), Option.some([]))
    assert.deepStrictEqual(logPlugins([]), Option.some([]))
  })
})
