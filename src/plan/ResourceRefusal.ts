import * as Schema from "effect/Schema"
import { named } from "../text/named.ts"

/** More cpu than the VM has, or than its kernel can deal out: the engine refuses the container. */
export class CpuLimitUnavailable extends Schema.TaggedError<CpuLimitUnavailable>()("CpuLimitUnavailable", {
  /** As it is declared. */
  container: Schema.String,
  /** In thousandths of a cpu. */
  cpuMillis: Schema.Int,
  /** 0 where the kernel cannot limit cpu at all. */
  cpus: Schema.Int
}) {
  override get message() {
    const { container, cpuMillis, cpus } = this
    return cpus === 0
      ? `the container ${named(container)}limits its cpu, which the VM's kernel cannot (it has no CFS quota). Remove the limit.`
      : `the container ${named(container)}may use ${cpuMillis / 1000} cpus, but the VM has ${cpus}. Lower the limit, or use a larger VM.`
  }
}

/** A container wants a GPU that the VM does not have, or that its engine cannot give. */
export class GpuUnavailable extends Schema.TaggedError<GpuUnavailable>()("GpuUnavailable", {
  /** How many the containers want that run side by side. */
  needed: Schema.Int,
  /** How many the VM's driver shows. */
  devices: Schema.Int,
  why: Schema.Literals(["too few", "engine"])
}) {
  override get message() {
    const { needed, devices } = this
    const wanted = `nvidia.com/gpu: ${needed} ${needed === 1 ? "GPU is" : "GPUs are"} wanted`
    if (this.why === "engine") {
      return (
        `${wanted}, but the engine cannot give any to a container. Install the NVIDIA Container Toolkit, then run ` +
        "`nvidia-ctk runtime configure --runtime=docker` and `systemctl restart docker`."
      )
    }
    return devices === 0
      ? `${wanted}, but the VM shows none: there is no /dev/nvidia0. Attach a GPU, and install NVIDIA's driver.`
      : `${wanted}, but the VM has ${devices}. Lower the limits, or attach more.`
  }
}
