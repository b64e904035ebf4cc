import * as Layer from "effect/Layer"
import { runInVirtualTime } from "../../src/simulation/host/VirtualTime.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { ProbedPorts, proberContract } from "../vm/probes/ProberContract.ts"

const reference = "registry.example/server:1"
const vm = SimulatedVm.layer({
  images: [
    {
      reference,
      local: true,
      listensOn: [
        { port: 8080, serves: { http: { "/ok": 200, "/moved": 302, "/busy": 503 } } },
        { port: 9000, serves: { grpc: { "": "SERVING", db: "SERVING", queue: "NOT_SERVING" } } },
        { port: 5432 }
      ]
    }
  ],
  containers: [{ name: "server", image: reference }]
})
const at = (port: number) => ({ host: "127.0.0.1", port })
const ports = Layer.succeed(ProbedPorts, { http: at(8080), grpc: at(9000), silent: at(5432), closed: at(8081) })

proberContract("the simulated prober", Layer.merge(vm, ports), { run: runInVirtualTime })
