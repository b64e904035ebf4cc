import * as Layer from "effect/Layer"
import { layerHost } from "../vm/host/Host.ts"
import { type HostSettings, layerVm } from "../vm/Vm.ts"
import { layerHttp } from "./layerHttp.ts"

/** The live layers of a `Platform`: the VM and the host that this process runs on, over Node's HTTP client. */
export const live = {
  layerVm: (host: HostSettings) => layerVm(host).pipe(Layer.provide(layerHttp)),
  layerHost: layerHost(),
  layerHttp
}
